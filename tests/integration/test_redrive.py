"""Dead letters of the pump, in Lambda's format and in a real queue, are sent to their functions again."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.config import Config

from chalicelib import events
from fstream_app.feed import edges, views
from ops.event_sources import ALL
from ops.operations import redrive
from ops.operations.redrive import Invoke, Queue, Redrive, Summary, failure
from tests.support.people import Api, Person

_HANDLERS = {source.function: getattr(events, source.function) for source in ALL}


class Cloud:
    """A dead-letter queue, and the functions, called as by Lambda."""

    def __init__(self, letters: list[dict[str, Any]], name: str) -> None:
        self._sqs = boto3.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self._name = name
        self.letters = letters
        self.calls: list[tuple[str, int]] = []
        self.said: list[str] = []
        self.invoke: Invoke = self._invoke

    def send(self) -> None:
        """Move the pump's dead letters into the queue."""
        while self.letters:
            self.put(json.dumps(self.letters.pop(0)))

    def put(self, body: str) -> None:
        self._sqs.send_message(QueueUrl=self._url, MessageBody=body)

    @property
    def waiting(self) -> int:
        """Number of visible letters; asserts that no letter is hidden."""
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["All"])["Attributes"]
        assert attributes["ApproximateNumberOfMessagesNotVisible"] == "0"
        return int(attributes["ApproximateNumberOfMessages"])

    def _invoke(self, function_arn: str, event: dict[str, Any]) -> str:
        name = function_arn.rpartition(":")[2]
        self.calls.append((name, len(event["Records"])))
        answer = _HANDLERS[name](json.loads(json.dumps(event)), None)
        return failure(None, json.dumps(answer).encode())

    def redrive(self, *, discard_old: bool = False) -> Summary:
        queue = Queue(self._sqs, self._name)
        return Redrive(queue, boto3.client("dynamodbstreams"), self.invoke, self.said.append, discard_old).run()


@pytest.fixture
def cloud(
    real_api: Api,
    dead_letters: list[dict[str, Any]],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Cloud:
    monkeypatch.setattr(redrive, "WAIT", 0)
    return Cloud(dead_letters, f"dead-letters-{abs(hash(request.node.nodeid))}")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A function that repairs `views`, which fails until it is called."""
    deliver = views.deliver
    monkeypatch.setattr(views, "deliver", lambda changes, _: {change.sequence for change in changes})
    return lambda: monkeypatch.setattr(views, "deliver", deliver)


def test_what_was_given_up_arrives_and_the_queue_is_empty(
    real_api: Api, people: tuple[Person, Person], cloud: Cloud, broken: Callable[[], None]
) -> None:
    ada, bob = people
    posted = [real_api.post(ada, f"number {number} #news")["id"] for number in range(3)]
    real_api.deliver()
    assert real_api.read("/api/v1/timelines/tag/news", bob) == []
    cloud.send()
    broken()
    summary = cloud.redrive()
    assert (summary.records, summary.left, cloud.waiting) == (3, 0, 0)
    assert summary.redriven == len(cloud.calls) == len(cloud.said)
    real_api.clock.advance(1.5)
    assert sorted(real_api.read("/api/v1/timelines/tag/news", bob)) == sorted(posted)


def test_what_fails_again_stays_in_the_queue_and_is_seen_there_at_once(
    real_api: Api, people: tuple[Person, Person], cloud: Cloud, broken: Callable[[], None]
) -> None:
    real_api.post(people[0], "stubborn")
    real_api.deliver()
    cloud.send()
    summary = cloud.redrive()
    assert (summary.redriven, summary.failed, summary.left, cloud.waiting) == (0, 1, 1, 1)
    assert "reports 1 records as failed" in cloud.said[0]
    broken()
    assert cloud.redrive().redriven == 1
    assert cloud.waiting == 0


def test_a_letter_brings_nothing_but_its_own_records(
    real_api: Api, people: tuple[Person, Person], cloud: Cloud, broken: Callable[[], None]
) -> None:
    ada, _ = people
    real_api.post(ada, "before")
    real_api.deliver()
    cloud.letters.clear()
    status = real_api.post(ada, "this one")
    real_api.deliver()
    cloud.send()
    real_api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", ada)
    real_api.post(ada, "after")
    broken()
    assert cloud.redrive().records == 1
    assert cloud.calls == [("views", 1)]


def test_letters_of_either_function_find_their_way(
    real_api: Api, people: tuple[Person, Person], cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = people
    deliver = edges.deliver
    monkeypatch.setattr(edges, "deliver", lambda changes, _: {change.sequence for change in changes})
    real_api.act(ada, "follow", bob)
    real_api.deliver()
    cloud.send()
    monkeypatch.setattr(edges, "deliver", deliver)
    assert cloud.redrive().left == 0
    assert cloud.calls == [("on_relationship", 1)]


@pytest.fixture
def letter(real_api: Api, people: tuple[Person, Person], cloud: Cloud, broken: Callable[[], None]) -> dict[str, Any]:
    """The dead letter of a message that was not delivered."""
    real_api.post(people[0], "late")
    real_api.deliver()
    (found,) = cloud.letters
    cloud.letters.clear()
    broken()
    return found


def test_what_the_stream_has_no_more_stays_until_it_is_discarded(cloud: Cloud, letter: dict[str, Any]) -> None:
    batch = letter["DDBStreamBatchInfo"]
    gone = batch["streamArn"].rpartition("/")[0] + "/2020-01-01T00:00:00.000"
    cloud.put(json.dumps(letter | {"DDBStreamBatchInfo": batch | {"streamArn": gone}}))
    kept = cloud.redrive()
    assert (kept.too_old, kept.discarded, cloud.waiting) == (1, 0, 1)
    assert "the stream no longer has the records" in cloud.said[0]
    discarded = cloud.redrive(discard_old=True)
    assert (discarded.too_old, discarded.discarded, cloud.waiting) == (0, 1, 0)


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"DDBStreamBatchInfo": null}'])
def test_what_is_no_letter_stays_and_keeps_nothing_up(cloud: Cloud, letter: dict[str, Any], body: str) -> None:
    cloud.put(body)
    cloud.put(json.dumps(letter))
    summary = cloud.redrive(discard_old=True)
    assert (summary.unreadable, summary.redriven, cloud.waiting) == (1, 1, 1)


def test_a_letter_to_somebody_elses_function_stays(cloud: Cloud, letter: dict[str, Any]) -> None:
    context = letter["requestContext"] | {"functionArn": "arn:aws:lambda:us-east-1:000000000000:function:other"}
    cloud.put(json.dumps(letter | {"requestContext": context}))
    assert cloud.redrive().unreadable == 1
    assert "FSTREAM has no function other" in cloud.said[0]


@pytest.mark.parametrize("suffix", ["", ":$LATEST"])
def test_a_function_is_known_by_its_deployed_name(cloud: Cloud, letter: dict[str, Any], suffix: str) -> None:
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:fstream-prod-fan_out{suffix}"
    context = letter["requestContext"] | {"functionArn": arn}
    cloud.put(json.dumps(letter | {"requestContext": context}))
    called = []

    def invoke(function_arn: str, _: dict[str, Any]) -> str:
        called.append(function_arn)
        return ""

    cloud.invoke = invoke
    assert cloud.redrive().redriven == 1
    assert called == [arn]


def test_a_redrive_that_is_interrupted_leaves_the_letters_in_sight(cloud: Cloud, letter: dict[str, Any]) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    cloud.put(json.dumps(letter))
    cloud.put(json.dumps(letter))
    cloud.invoke = interrupted
    with pytest.raises(KeyboardInterrupt):
        cloud.redrive()
    assert cloud.waiting == 2


@pytest.mark.parametrize(
    ("error", "payload", "words"),
    [
        (None, b"null", ""),
        (None, b"", ""),
        (None, b'{"batchItemFailures": []}', ""),
        (None, b'{"batchItemFailures": null}', ""),
        (None, b'{"batchItemFailures": [{"itemIdentifier": "1"}]}', "reports 1 records as failed"),
        (None, b'"odd"', "reports 1 records as failed"),
        ("Unhandled", b'{"errorType": "Runtime.ExitError", "errorMessage": "x"}', "failed (Runtime.ExitError)"),
        ("Unhandled", b"null", "failed (Unhandled)"),
    ],
)
def test_an_answer_is_read_as_success_or_failure(error: str | None, payload: bytes, words: str) -> None:
    reason = failure(error, payload)
    assert words in reason
    assert bool(reason) is bool(words)


class Lambda:
    """A session whose Lambda client returns or raises the same for every call."""

    class exceptions:  # noqa: N801
        class TooManyRequestsException(Exception):
            pass

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self._answer = answer
        self.called: list[dict[str, Any]] = []

    def client(self, service: str, config: Config) -> "Lambda":
        assert service == "lambda"
        assert config.retries == {"max_attempts": 0}  # each event is sent once
        return self

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.called.append(request)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"Payload": BytesIO(b'{"batchItemFailures": []}')}, ""),
        ({"Payload": BytesIO(b'{"errorType": "OSError"}'), "FunctionError": "Unhandled"}, "failed (OSError)"),
        (Lambda.exceptions.TooManyRequestsException(), "Lambda throttled the call"),
    ],
)
def test_a_function_is_called_on_lambda(answer: dict[str, Any] | Exception, words: str) -> None:
    session: Any = Lambda(answer)
    reason = redrive.lambda_invoke(session)("arn", {"Records": []})
    assert words in reason
    assert bool(reason) is bool(words)
    assert session.called == [{"FunctionName": "arn", "Payload": '{"Records": []}'}]
