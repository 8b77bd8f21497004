"""Measures the costs of the real code: requests and the functions that deliver messages.

They run against the local engine, and the meter counts them.
"""

import json
import os
import secrets
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalice.test import Client

from app import app
from fstream_app.access import oauth
from fstream_app.core import clock, ids, packing, warm
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import User
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed import fanout, views
from fstream_app.feed.changes import Change
from fstream_app.feed.tail import Tail
from fstream_app.messages import posting
from fstream_app.messages.posting import Draft
from fstream_app.repository import batch as batches
from fstream_app.repository import users
from fstream_app.repository.log import Appended
from fstream_app.tables import EdgeItem, LogItem, MessageItem
from ops import engine, measuring_sockets, provisioning
from ops.costs import Costs, Point, SocketCosts
from ops.counting import LATENCY, Counted, count, largest
from ops.meter import item_size

TEXT = "x" * 140
FOLLOWEES = 139
"""Number of accounts that the measured reader follows: three more than one unit reads."""
PAGE = 20
BATCH = 11
"""Messages in the larger of the two batches measured of a stream function; the smaller has one message."""
_MESSAGES = 24
"""Messages on the reader's home timeline: more than one page, fewer than two."""
_TAIL_SAMPLE = 5_000
_MEASURED_SETTINGS = {"FSTREAM_STRICT_PAGES"}

Deliver = Callable[[Sequence[Change], int], set[str]]
"""A stream function: takes the changes and the time (ms)."""


def on_engine() -> Costs:
    """Measure on a new engine; takes about ten seconds.

    The settings are the defaults, except that `FSTREAM_STRICT_PAGES` is taken from the environment. The environment of
    this process points to that engine afterwards.

    Raises:
        EngineError: the engine did not start.
    """
    with engine.running() as started:
        started.configure(os.environ)
        for name in {name for name in os.environ if name.startswith("FSTREAM_")} - _MEASURED_SETTINGS:
            del os.environ[name]
        # The messages were just posted: waiting until they settle and are seen takes time, but costs no units.
        os.environ |= dict.fromkeys(("FSTREAM_SETTLING_TIME", "FSTREAM_SETTLING_BOUND", "FSTREAM_TAIL_REFRESH"), "0")
        warm.clear()
        provisioning.provision()
        return measure()


def measure(rounds: int = 20, polls: int = 100) -> Costs:
    """Measure on empty tables. The settling time, its bound and the tail's refresh must be 0, and rate limits on.

    Args:
        rounds: how many times to run each operation whose CPU is measured.
        polls: how many times to poll with nothing new; a multiple of the requests per write of the rate limit.
    """
    network = _Network()
    post = count(network.post, rounds)
    batches = network.posted(network.authors[:1]), network.posted(network.authors[1 : 1 + BATCH])
    fan_out = _function(network, fanout.deliver, *batches, rounds)
    viewing = _function(network, views.deliver, *batches, rounds)
    network.deliver(fanout.deliver, network.posted(network.authors[1 + BATCH : _MESSAGES]))
    warm.clear()
    reads = {
        "home, a cold function's first": count(network.home),
        f"home, {PAGE} messages": count(network.home, rounds),
        "home, below the tail": count(lambda: network.home(limit=2 * PAGE)),
    }
    newest = network.newest()
    reads["home, nothing new"] = count(lambda: network.home(since_id=newest), polls)
    network.deliver(fanout.deliver, network.posted(network.authors[:3]))
    reads["home, 3 new messages"] = count(lambda: network.home(since_id=newest))
    tokens = network.token(network.reader), network.token(network.writer)
    sockets = measuring_sockets.measure(tokens, lambda: network.posted(network.authors[:1]), rounds)
    costs = _costs(network, post, (fan_out, viewing), list(reads.values())[:4], sockets)
    return replace(costs, points=(*_write_points(costs, post, fan_out, viewing), *_read_points(costs, reads)))


@dataclass(frozen=True, slots=True)
class _Function:
    """The costs of a stream function."""

    single: Counted
    """A batch of one message."""
    batch: Counted
    """A batch of `BATCH` messages."""
    trips: int

    @property
    def cpu(self) -> float:
        """CPU in milliseconds for each message."""
        return min(self.single.cpu, self.batch.cpu / BATCH)

    def read(self) -> float:
        """Return the RRU for each message."""
        return self.batch.read() / BATCH

    def written(self, table: str) -> float:
        """Return the WRU of one table for each message."""
        return self.batch.written(table) / BATCH


class _Network:
    """A writer, and a reader who follows 120 accounts, 24 of which post. Requests go through Chalice."""

    def __init__(self) -> None:
        self._now = clock.now
        self._client = Client(app)
        self.authors = [self._sign_up(f"author{number}") for number in range(_MESSAGES)]
        self.reader, self.writer = self._sign_up("reader"), self._sign_up("writer")
        quiet = [ids.new_user_id() for _ in range(FOLLOWEES - _MESSAGES)]
        followees = [*(author.id for author in self.authors), *quiet]
        batches.put(EdgeItem(self.reader.id, edge(EdgeKind.FOLLOW, followee)) for followee in followees)
        self._application = oauth.register("simulation", (oauth.OUT_OF_BAND,), "read write", None, clock.now())
        self._tokens = {user.id: self._log_in(user) for user in (self.reader, self.writer)}

    def _sign_up(self, name: str) -> User:
        user = User(id=ids.new_user_id(), name=name, created_at=self._now(), password_hash="none")  # noqa: S106
        users.create(user)
        return user

    def _log_in(self, user: User) -> str:
        application = self._application.application
        return oauth.for_user(application, user, application.scopes, self._now()).secret

    def _request(self, method: str, path: str, user: User, body: object = None, **headers: str) -> Any:  # noqa: ANN401
        response = self._client.http.request(
            method,
            path,
            {"authorization": f"Bearer {self._tokens[user.id]}", "content-type": "application/json", **headers},
            json.dumps(body).encode() if body else b"",
        )
        if response.status_code != 200:
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.body!r}")
        return response.json_body

    def token(self, user: User) -> str:
        """Return the secret of a user's token."""
        return self._tokens[user.id]

    def post(self) -> None:
        """Post a message, with an Idempotency-Key."""
        key = {"idempotency-key": secrets.token_hex(8)}
        self._request("POST", "/api/v1/statuses", self.writer, {"status": TEXT}, **key)

    def home(self, **query: object) -> Any:  # noqa: ANN401
        """Read the reader's home timeline."""
        parameters = "&".join(f"{name}={value}" for name, value in ({"limit": PAGE} | query).items())
        return self._request("GET", f"/api/v1/timelines/home?{parameters}", self.reader)

    def newest(self) -> str:
        """Return the id of the newest message on the reader's home timeline."""
        return str(self.home(limit=1)[0]["id"])

    def posted(self, authors: Sequence[User]) -> list[Change]:
        """Let each author post; return the changes in the stream."""
        posted = [posting.post(author, Draft(TEXT), self._now()) for author in authors]
        return [Change(str(message.id), message.id, inserted=True) for message in posted]

    def deliver(self, deliver: Deliver, changes: Sequence[Change]) -> None:
        """Let a stream function deliver a batch; it can be repeated.

        Raises:
            RuntimeError: some changes could not be delivered.
        """
        if failed := deliver(changes, self._now()):
            raise RuntimeError(f"not delivered: {failed}")


def _function(
    network: _Network, deliver: Deliver, one: Sequence[Change], several: Sequence[Change], rounds: int
) -> _Function:
    single, batch = partial(network.deliver, deliver, one), partial(network.deliver, deliver, several)
    return _Function(count(single, rounds), count(batch, rounds), count(single, latency=LATENCY).trips)


def _costs(
    network: _Network, post: Counted, functions: tuple[_Function, _Function], reads: list[Counted], sockets: SocketCosts
) -> Costs:
    (fan_out, viewing), (cold, page, below, poll) = functions, reads
    message_rru = page.read("messages", "BatchGetItem") / PAGE
    log_item = largest(LogItem)
    entries = len(bytes(log_item["entries"]["B"]))
    statuses = network.home()
    return Costs(
        request_rru=poll.read("tokens"),
        request_wru=poll.written("limits"),
        post_rru=post.read() - poll.read("tokens"),
        post_wru=post.written() - poll.written("limits"),
        fan_out_rru=fan_out.read(),
        view_rru=viewing.read(),
        head_wru=fan_out.written("heads"),
        view_wru=viewing.written("timelines"),
        log_item_bytes=item_size(log_item) - entries,
        log_entry_bytes=entries / (_MESSAGES - BATCH - 1),
        edge_bytes=item_size(largest(EdgeItem)),
        message_bytes=item_size(largest(MessageItem)),
        polled_own_rru=poll.read("messages"),
        message_rru=message_rru,
        author_rru=cold.read("messages+users") / PAGE - message_rru,
        reactions_rru=page.read("reactions"),
        head_rru=below.read("heads") / FOLLOWEES,
        poll_trips=_trips(lambda: network.home(since_id=statuses[0]["id"])),
        page_trips=_trips(network.home),
        post_trips=_trips(network.post),
        fan_out_trips=fan_out.trips,
        view_trips=viewing.trips,
        poll_cpu=poll.cpu,
        status_cpu=max(0.0, page.cpu - poll.cpu) / PAGE,
        post_cpu=post.cpu,
        fan_out_cpu=fan_out.cpu,
        view_cpu=viewing.cpu,
        status_bytes=len(json.dumps(statuses, separators=(",", ":")).encode()) / len(statuses),
        tail_entry_bytes=tail_entry_bytes(),
        sockets=sockets,
    )


def _trips(operation: Callable[[], object]) -> int:
    return count(operation, latency=LATENCY).trips


def _write_points(costs: Costs, post: Counted, fan_out: _Function, viewing: _Function) -> list[Point]:
    predicted = costs.request_rru + costs.post_rru, costs.request_wru + costs.post_wru
    points = [Point("post, with an Idempotency-Key", post.read(), post.written(), *predicted)]
    for name, function, read, written in (
        ("fan-out", fan_out, costs.fan_out_rru, costs.head_wru),
        ("views", viewing, costs.view_rru, costs.view_wru),
    ):
        for label, counted, messages in (
            ("1 message", function.single, 1),
            (f"{BATCH} messages", function.batch, BATCH),
        ):
            without_log = counted.written() - counted.written("log")
            points.append(Point(f"{name}, {label}", counted.read(), without_log, messages * read, messages * written))
    return points


def _read_points(costs: Costs, reads: dict[str, Counted]) -> list[Point]:
    expected = (
        costs.home(FOLLOWEES, PAGE, unknown=PAGE),
        costs.home(FOLLOWEES, PAGE),
        costs.home(FOLLOWEES, _MESSAGES, unknown=_MESSAGES - PAGE, heads=FOLLOWEES),
        costs.home(FOLLOWEES, 0, polled=True),
        costs.home(FOLLOWEES, 3, polled=True),
    )
    return [
        Point(name, counted.read() - counted.read("log"), counted.written(), predicted, costs.request_wru)
        for (name, counted), predicted in zip(reads.items(), expected, strict=True)
    ]


def tail_entry_bytes() -> float:
    """Return the memory that an entry of the tail needs at most, which is when its author has no other entry."""

    def entry() -> Entry:
        return Entry(MessageId.new(ids.new_user_id(), 1_000), 86_400, Visibility.PUBLIC, is_reply=False)

    packed = packing.pack_log([entry() for _ in range(_TAIL_SAMPLE)])
    tail = Tail(lambda *_: [Appended("0#1", 1_000, packed)], shards=1, capacity=10**6, refresh_every=500, overlap=0)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tail.refresh(1_000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / tail.count
