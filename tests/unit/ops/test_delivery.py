"""A batch is retried, split and given up as by Lambda."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fstream_app import tables
from ops.delivery import Delivery
from ops.event_sources import EventSource
from ops.streams import Record

ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/fstream-dev-messages/stream/2026-01-01T00:00:00.000"
START = 1_767_225_600
NO_RETRIES: dict[str, Any] = {"maximum_retry_attempts": 0}

Answer = Callable[[str], Any]


def record(name: str, at: int) -> Record:
    """Return a record with the sequence number `s-<name>`."""
    keys = {"author_id": {"S": "author"}, "id": {"S": name}}
    return {"dynamodb": {"ApproximateCreationDateTime": at, "Keys": keys, "SequenceNumber": f"s-{name}"}}


def reporting(bad: str) -> Answer:
    """Return a function that reports the bad records of a batch, the last one first."""
    return lambda batch: {
        "batchItemFailures": [{"itemIdentifier": f"s-{name}"} for name in reversed(batch) if name in bad]
    }


def raising(bad: str) -> Answer:
    def answer(batch: str) -> None:
        if set(batch) & set(bad):
            raise RuntimeError("no")

    return answer


def in_turn(*answers: Answer) -> Answer:
    following = iter(answers)

    def answer(batch: str) -> Any:
        return next(following)(batch)

    return answer


class Scene:
    """The delivery of records to a function, with a clock that moves only in pauses."""

    def __init__(self) -> None:
        self.answer: Answer = lambda _: None
        self.batches: list[str] = []
        self.letters: list[dict[str, Any]] = []
        self.queue_is_down = False
        self.slept: list[float] = []
        self.woken_to_stop = False
        self.records: list[Record] = []

    def put(self, *names: str, at: int = START) -> None:
        self.records += [record(name, at) for name in names]

    def deliver(self, **settings: Any) -> None:
        source = EventSource("fan_out", tables.MessageItem, **settings)
        shard = (ARN, "shard-1")
        self.delivery = Delivery(source, self.function, shard, self.send, self.now, self.sleep)
        self.delivery.add(self.records)
        self.records = []
        self.delivery.run()

    def function(self, event: dict[str, Any], context: Any) -> Any:
        self.batches.append("".join(record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]))
        return self.answer(self.batches[-1])

    def send(self, letter: dict[str, Any]) -> None:
        if self.queue_is_down:
            raise ConnectionError
        self.letters.append(letter)

    def now(self) -> float:
        return START + sum(self.slept)

    def sleep(self, seconds: float) -> bool:
        self.slept.append(seconds)
        return self.woken_to_stop

    @property
    def letter(self) -> dict[str, Any]:
        (letter,) = self.letters
        return letter


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_is_success(scene: Scene, answer: Any) -> None:
    scene.put(*"ab")
    scene.answer = lambda _: answer
    scene.deliver()
    assert scene.batches == ["ab"]


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"itemIdentifier": "s-b"}, {"itemIdentifier": "s-unknown"}]},
        {"batchItemFailures": [{"id": "s-b"}]},
        {"batchItemFailures": "s-b"},
        ["s-b"],
        {"not": "JSON", "batchItemFailures": {1, 2}},
    ],
)
def test_an_answer_that_names_no_record_fails_the_whole_batch(scene: Scene, answer: Any) -> None:
    answers = [answer, None]
    scene.put(*"ab")
    scene.answer = lambda _: answers.pop(0)
    scene.deliver(bisect_batch_on_function_error=False)
    assert scene.batches == ["ab", "ab"]


def test_a_partial_failure_is_retried_from_the_lowest_reported_record(scene: Scene) -> None:
    scene.put(*"abcde")
    scene.answer = in_turn(reporting("bd"), reporting(""))
    scene.deliver()
    assert scene.batches == ["abcde", "bcde"]


def test_a_report_counts_only_where_the_source_asks_for_it(scene: Scene) -> None:
    scene.put(*"ab")
    scene.answer = reporting("a")
    scene.deliver(report_batch_item_failures=False)
    assert scene.batches == ["ab"]


def test_bisecting_halves_a_batch_that_raised_in_order(scene: Scene) -> None:
    scene.put(*"abcd")
    scene.answer = raising("c")
    scene.deliver(**NO_RETRIES)
    assert scene.batches == ["abcd", "ab", "cd", "c", "d"]


@pytest.mark.parametrize("failing", [raising, reporting])
def test_bisecting_isolates_a_bad_record_and_delivers_all_behind_it(
    scene: Scene, failing: Callable[[str], Callable[[str], Any]]
) -> None:
    scene.put(*"abcdefgh")
    scene.answer = failing("c")
    scene.deliver()
    delivered = {name for batch in scene.batches if "c" not in batch for name in batch}
    assert set("defgh") <= delivered
    assert [letter["DDBStreamBatchInfo"]["startSequenceNumber"] for letter in scene.letters] == ["s-c"]
    assert [letter["DDBStreamBatchInfo"]["batchSize"] for letter in scene.letters] == [1]


def test_splitting_does_not_count_as_a_retry(scene: Scene) -> None:
    scene.put(*"ab")
    scene.answer = raising("a")
    scene.deliver(maximum_retry_attempts=2)
    assert scene.batches == ["ab", "a", "a", "a", "b"]
    assert scene.slept == [0.1, 0.2]


def test_without_bisecting_what_follows_the_checkpoint_is_given_up_together(scene: Scene) -> None:
    scene.put(*"abc")
    scene.answer = reporting("b")
    scene.deliver(bisect_batch_on_function_error=False, maximum_retry_attempts=2)
    assert scene.batches == ["abc", "bc", "bc"]
    assert scene.letter["DDBStreamBatchInfo"]["startSequenceNumber"] == "s-b"
    assert scene.letter["DDBStreamBatchInfo"]["endSequenceNumber"] == "s-c"


def test_retries_wait_longer_each_time_up_to_ten_seconds(scene: Scene) -> None:
    scene.put("a")
    scene.answer = raising("a")
    scene.deliver(maximum_retry_attempts=9)
    assert scene.slept == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10])


def test_after_the_last_retry_the_shard_goes_on(scene: Scene) -> None:
    scene.put("a")
    scene.answer = raising("a")
    scene.deliver(maximum_retry_attempts=1)
    scene.put("b")
    scene.deliver()
    assert scene.batches == ["a", "a", "b"]


def test_a_dead_letter_has_the_position_of_records_and_none_of_their_content(scene: Scene) -> None:
    scene.put("x", at=START - 5)
    scene.put("y")
    scene.answer = raising("x")
    scene.deliver(bisect_batch_on_function_error=False, **NO_RETRIES)
    letter = scene.letter
    assert len(letter["requestContext"].pop("requestId")) == 36
    assert letter == {
        "requestContext": {
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:fan_out",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "DDBStreamBatchInfo": {
            "shardId": "shard-1",
            "startSequenceNumber": "s-x",
            "endSequenceNumber": "s-y",
            "approximateArrivalOfFirstRecord": "2025-12-31T23:59:55Z",
            "approximateArrivalOfLastRecord": "2026-01-01T00:00:00Z",
            "batchSize": 2,
            "streamArn": ARN,
        },
    }
    assert "author" not in json.dumps(letter)


def test_a_reported_failure_is_no_error_of_the_function(scene: Scene) -> None:
    scene.put("a")
    scene.answer = reporting("a")
    scene.deliver(**NO_RETRIES)
    assert scene.letter["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}


def test_records_that_are_too_old_are_given_up_unseen(scene: Scene) -> None:
    scene.put("a", at=START - 61)
    scene.put("b", at=START - 59)
    scene.deliver(maximum_record_age_in_seconds=60)
    assert scene.batches == ["b"]
    assert scene.letter["requestContext"]["condition"] == "RecordAgeExceeded"
    assert scene.letter["requestContext"]["approximateInvokeCount"] == 0
    assert scene.letter["DDBStreamBatchInfo"]["endSequenceNumber"] == "s-a"


def test_retries_without_end_finish_with_the_record_age(scene: Scene) -> None:
    scene.put("a")
    scene.answer = raising("a")
    scene.deliver(maximum_retry_attempts=-1, maximum_record_age_in_seconds=60)
    assert scene.letter["requestContext"]["condition"] == "RecordAgeExceeded"


def test_a_batch_is_kept_while_its_dead_letter_cannot_be_sent(scene: Scene) -> None:
    scene.put("a")
    scene.answer = raising("a")
    scene.queue_is_down = True
    with pytest.raises(ConnectionError):
        scene.deliver(**NO_RETRIES)
    assert not scene.delivery.finished
    scene.queue_is_down = False
    scene.delivery.run()
    assert scene.letter["DDBStreamBatchInfo"]["startSequenceNumber"] == "s-a"


def test_a_stop_during_a_pause_loses_nothing(scene: Scene) -> None:
    scene.put("a")
    scene.answer = in_turn(raising("a"), raising(""))
    scene.woken_to_stop = True
    scene.deliver()
    assert scene.batches == ["a"]
    assert not scene.delivery.finished
    scene.delivery.run()
    assert scene.batches == ["a", "a"]
    assert scene.delivery.finished
