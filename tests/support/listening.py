"""People who listen to streams in process: a queue, API Gateway's connections, and the function between them."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chalicelib import live as handler
from fstream_app.core import queue
from fstream_app.core.streams import Socket, Stream, Subscription
from tests.support.gateway import ADDRESS, Gateway, Opened
from tests.support.people import SETTLED, Api, Person

QUEUE = "https://sqs.test/1/fstream-dev-live"
USER = Subscription(Stream.USER)


def received_of(texts: Sequence[str], times: int = 1) -> dict[str, Any]:
    """Return Lambda's event for entries that the queue has delivered this often."""
    attributes = {"ApproximateReceiveCount": str(times)}
    return {"Records": [{"body": text, "receiptHandle": "1", "attributes": attributes} for text in texts]}


class Queue:
    """Takes what botocore's client is given."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, int]] = []
        """Texts, and delays in seconds."""
        self.error: Exception | None = None

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> None:  # noqa: N803
        assert QueueUrl == QUEUE
        if self.error:
            raise self.error
        self.entries.append((MessageBody, DelaySeconds))


class Listening:
    """The API, with sockets."""

    def __init__(self, api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
        self.api = api
        configure(live_queue=QUEUE, connections=ADDRESS)
        self.gateway, self.queue = Gateway(), Queue()
        self.gateway.install()
        queue.client.use(self.queue)
        monkeypatch.setattr("time.sleep", api.clock.advance)

    def opens(self, person: Person, *streams: Subscription) -> Socket:
        """Open a socket of a user, by default for `user`."""
        return self.gateway.opened(person.id, person.token, self.api.clock.now, *(streams or (USER,)))

    def deliver(self) -> None:
        """Run the stream functions, and then the function `live` on what they announced, until all has settled."""
        settled = self.api.clock.now + round(1000 * SETTLED)
        self.api._pump.drain()
        self.run()
        self.api.clock.now = max(self.api.clock.now, settled)

    def run(self) -> None:
        """Run the function `live` once for each entry of the queue, when its delay is over."""
        entries, self.queue.entries = self.queue.entries, []
        began = self.api.clock.now
        for text, delay in sorted(entries, key=lambda entry: entry[1]):
            self.api.clock.now = max(self.api.clock.now, began + 1000 * delay)
            self.call(text)

    def call(self, *texts: str, received: int = 1) -> None:
        """Call the function `live` with a batch of entries, which the queue has delivered this often."""
        assert handler.live(received_of(texts, received), None) is None

    def events(self, socket: Socket | Opened) -> list[tuple[str, Any]]:
        """Return the events that a socket got: kind and id, as far as there is one."""
        return [(frame["event"], _id(frame)) for frame in self.gateway.frames(socket.id)]

    def payloads(self, socket: Socket | Opened) -> list[Any]:
        """Return the payloads that a socket got, decoded unless they are bare ids."""
        frames = self.gateway.frames(socket.id)
        return [each["payload"] if each["event"] == "delete" else json.loads(each["payload"]) for each in frames]


def _id(frame: dict[str, Any]) -> str | None:
    payload = frame.get("payload")
    if payload is None or frame["event"] == "delete":
        return payload
    return str(json.loads(payload)["id"])
