"""WebSockets of a running FSTREAM, and what arrives on them."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from websocket import WebSocket, WebSocketException, create_connection

from tests.support.site import Site

_SECONDS = 60
PATH = "/api/v1/streaming"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that a client has received."""

    name: str
    """`update`, `status.update` (in megalodon: `status_update`), `delete`, `notification` or `error`."""
    id: str
    """The id of the message or notification; the text of an error."""
    stream: tuple[str, ...] = ()
    """The stream, where the library shows it."""
    payload: Any = field(default=None, repr=False)


class Feed:
    """The events of one client, in the order in which they came."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._changed = threading.Condition(threading.RLock())

    def add(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def all(self, *names: str) -> list[Event]:
        """Return the events so far, of these names or of all."""
        with self._changed:
            return [event for event in self._events if not names or event.name in names]

    def ids(self, *names: str) -> list[str]:
        """Return the ids of the events so far."""
        return [event.id for event in self.all(*names)]

    def arrives(self, name: str, wanted: str = "", stream: str = "", seconds: float = _SECONDS) -> Event | None:
        """Wait for an event with this name, id and stream, which may be empty; return it, or None if none comes."""

        def matches(event: Event) -> bool:
            return event.name == name and wanted in {"", event.id} and stream in {"", *event.stream[:1]}

        def found() -> Event | None:
            return next(filter(matches, self._events), None)

        with self._changed:
            return self._changed.wait_for(found, seconds)

    def wait(self, name: str, wanted: str = "", stream: str = "") -> Event:
        """Wait for an event that must come; return it."""
        found = self.arrives(name, wanted, stream)
        assert found, f"no {name} {wanted} {stream} in {self.all()}"
        return found

    def until(self, is_so: Callable[[], bool], seconds: float = _SECONDS) -> bool:
        """Wait until something about the events is so; return whether it is."""
        with self._changed:
            return self._changed.wait_for(is_so, seconds)

    def wait_for_copies(self, name: str, wanted: str, number: int) -> None:
        """Wait until an event with this name and id has come this often."""
        found = self.until(lambda: self.ids(name).count(wanted) >= number)
        assert found, f"not {number} times {name} {wanted} in {self.all()}"

    def wait_for_all(self, name: str, number: int) -> list[str]:
        """Wait for a number of events with this name; return the ids of all that have come."""
        self.until(lambda: len(self.ids(name)) >= number)
        return self.ids(name)


class Socket:
    """A plain WebSocket, with websocket-client."""

    def __init__(self, site: Site, query: str = "", **options: Any) -> None:
        self.feed = Feed()
        self.closed: list[int] = []
        """The code of the close frame, once it has come."""
        self._errors = 0
        self.opened: WebSocket = create_connection(f"ws://{site.host}{PATH}{query}", timeout=_SECONDS, **options)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def send(self, **frame: object) -> None:
        """Send a frame in JSON."""
        self.opened.send(json.dumps(frame))

    def subscribe(self, *subscriptions: dict[str, str], kind: str = "subscribe") -> None:
        """Subscribe, or unsubscribe, and wait until the server has done so: it answers only what is wrong."""
        for each in (*subscriptions, {"stream": "hashtag"}):
            self.send(type=kind if each in subscriptions else "subscribe", **each)
        self._errors += 1
        self.feed.wait_for_all("error", self._errors)

    def wait_until_closed(self) -> int:
        """Wait until the server closes the socket; return the code."""
        self._reading.join(_SECONDS)
        assert self.closed, f"the server did not close the socket: {self.feed.all()}"
        return self.closed[0]

    def close(self) -> None:
        """Close the socket."""
        self.opened.close(timeout=5)
        self._reading.join(_SECONDS)
        self.opened.shutdown()

    def _read(self) -> None:
        try:
            while True:
                opcode, data = self.opened.recv_data()
                if opcode == 8:
                    self.closed.append(int.from_bytes(data[:2], "big"))
                    return
                self.feed.add(_event(json.loads(data)))
        except (OSError, WebSocketException):
            return  # closed by this side


def _event(frame: dict[str, Any]) -> Event:
    if "error" in frame:
        assert set(frame) == {"error", "status"}
        return Event("error", frame["error"], payload=frame["status"])
    assert set(frame) == {"stream", "event", "payload"}
    name, payload = frame["event"], frame["payload"]
    if name == "delete":
        return Event(name, payload, tuple(frame["stream"]))
    entity = json.loads(payload)
    return Event(name, entity["id"], tuple(frame["stream"]), entity)


def until_live(site: Site, author: str, feeds: Sequence[Feed], stream: str = "") -> None:
    """Let an author post until each of the feeds gets a message: from then on, none is missed.

    Functions remember for half a second that nobody is online, and libraries subscribe when they like. Returns when
    each feed has all that was posted after the first message that it got: one batch may overtake another.
    """
    deadline = time.monotonic() + _SECONDS
    said: list[str] = []
    while waiting := [feed for feed in feeds if not feed.arrives("update", stream=stream, seconds=0)]:
        assert time.monotonic() < deadline, [feed.all() for feed in feeds]
        said.append(site.say(author, "are you there?")["id"])
        waiting[0].arrives("update", stream=stream, seconds=0.5)
    for feed in feeds:
        first = min(feed.ids("update"))
        for each in said:
            if each > first:
                feed.wait("update", each, stream)


def until_notified(site: Site, author: str, name: str, feeds: Mapping[Feed, int]) -> None:
    """Let an author mention somebody until each feed gets a notification as often as it is to get each.

    A library that subscribes to several streams may get messages before it has subscribed to all of them.
    """
    deadline = time.monotonic() + _SECONDS

    def is_notified(feed: Feed) -> bool:
        return feeds[feed] in Counter(feed.ids("notification")).values()

    while waiting := [feed for feed in feeds if not is_notified(feed)]:
        assert time.monotonic() < deadline, [feed.all() for feed in feeds]
        site.say(author, f"@{name} are you there?")
        waiting[0].until(partial(is_notified, waiting[0]), seconds=1)
