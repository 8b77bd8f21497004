"""Messages of a queue reach the function as from Lambda's event source."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops import queues
from ops.event_sources import QueueSource
from ops.pump import Pump
from ops.queues import QueuePoller

SOURCE = QueueSource("live", "live", batch_size=2, maximum_concurrency=2, visibility_timeout=30)
ARN = "arn:aws:sqs:us-east-1:000000000000:fstream-dev-live"


class FakeQueue:
    """A queue with the interface of boto3's client."""

    def __init__(self) -> None:
        self.visible: list[str] = []
        self.hidden: list[str] = []
        self.created: dict[str, Any] = {}
        self.errors: list[str] = []
        self.waited: list[int] = []

    def create_queue(self, **parameters: Any) -> Mapping[str, Any]:
        self.created = parameters
        return {"QueueUrl": "https://sqs.test/live"}

    def get_queue_attributes(self, **parameters: Any) -> Mapping[str, Any]:
        return {"Attributes": {"QueueArn": ARN}}

    def receive_message(self, **parameters: Any) -> Mapping[str, Any]:
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(), "Message": ""}}, "ReceiveMessage")
        self.waited.append(parameters["WaitTimeSeconds"])
        count = parameters["MaxNumberOfMessages"]
        received, self.visible = self.visible[:count], self.visible[count:]
        self.hidden += received
        if not received:
            return {}
        return {
            "Messages": [
                {
                    "MessageId": f"id {body}",
                    "ReceiptHandle": body,
                    "Body": body,
                    "MD5OfBody": "0",
                    "Attributes": {"a": "b"},
                }
                for body in received
            ]
        }

    def delete_message_batch(self, **parameters: Any) -> Mapping[str, Any]:
        for entry in parameters["Entries"]:
            self.hidden.remove(entry["ReceiptHandle"])
        return {}


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


Bodies = list[list[str]]


def noting(bodies: Bodies) -> Callable[[dict[str, Any], Any], None]:
    def handle(event: dict[str, Any], context: Any) -> None:
        assert context.get_remaining_time_in_millis() > 29_000
        bodies.append([record["body"] for record in event["Records"]])

    return handle


def poller(queue: FakeQueue, handler: Callable[[dict[str, Any], Any], Any]) -> QueuePoller:
    return QueuePoller(queue, SOURCE, handler, "https://sqs.test/live")


def test_the_queue_has_the_settings_of_the_source(queue: FakeQueue) -> None:
    assert queues.create(queue, SOURCE) == "https://sqs.test/live"
    assert queue.created["QueueName"].endswith("-live")
    assert queue.created["Attributes"] == {"VisibilityTimeout": "30", "MessageRetentionPeriod": "120"}


def test_a_pump_delivers_all_visible_messages_in_batches(queue: FakeQueue) -> None:
    bodies: Bodies = []
    queue.visible = ["1", "2", "3", "4", "5"]
    Pump(None, [], print, others=[poller(queue, noting(bodies))]).drain()  # type: ignore[arg-type]  # no streams
    assert bodies == [["1", "2"], ["3", "4"], ["5"]]
    assert queue.hidden == []
    assert set(queue.waited) == {0}


def test_an_event_has_the_form_of_lambda(queue: FakeQueue) -> None:
    events: list[Any] = []
    queue.visible = ["text"]
    poller(queue, lambda event, _: events.append(event)).poll(flush=True)
    assert events[0]["Records"] == [
        {
            "messageId": "id text",
            "receiptHandle": "text",
            "body": "text",
            "attributes": {"a": "b"},
            "messageAttributes": {},
            "md5OfBody": "0",
            "eventSource": "aws:sqs",
            "eventSourceARN": ARN,
            "awsRegion": "us-east-1",
        }
    ]


def test_what_fails_stays_in_the_queue_and_holds_nothing_up(queue: FakeQueue) -> None:
    bodies: Bodies = []

    def fail(event: dict[str, Any], _: object) -> None:
        bodies.append([record["body"] for record in event["Records"]])
        if len(bodies) < 4:
            raise ValueError("the function is broken")

    broken = poller(queue, fail)
    queue.visible = [str(number) for number in range(8)]
    while broken.poll(flush=True):
        pass
    assert queue.hidden == ["0", "1", "2", "3", "4", "5"]
    assert len(bodies) == 4


def test_calls_run_at_the_same_time_up_to_the_limit(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "_WAIT", 0)
    running, release = threading.Semaphore(0), threading.Event()

    def handle(*_: object) -> None:
        running.release()
        release.wait(30)

    busy = poller(queue, handle)
    queue.visible = [str(number) for number in range(6)]
    assert busy.poll(flush=False)
    assert busy.poll(flush=False)
    assert running.acquire(timeout=30)
    assert running.acquire(timeout=30)
    assert busy.poll(flush=False)  # no call is free: the message stays in the queue
    assert queue.visible == ["4", "5"]
    release.set()
    busy.finish()
    assert queue.hidden == []


def test_an_error_of_the_queue_uses_up_no_call(queue: FakeQueue) -> None:
    bodies: Bodies = []
    failing = poller(queue, noting(bodies))
    queue.errors = ["Throttled"] * 5
    for _ in range(5):
        with pytest.raises(ClientError):
            failing.poll(flush=True)
    queue.visible = ["1"]
    assert failing.poll(flush=True)
    assert bodies == [["1"]]
