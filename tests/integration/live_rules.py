"""Rules of the model-based test: clients listen on WebSockets, and poll for what they have missed.

A client holds what its sockets and its polls have given it. It polls once its socket is open, from the newest message
that it holds. Whatever happens, a socket gets what the model shows on the timeline at that time, each message once, and
after the poll the client has missed nothing that it could have got.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import mock

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from chalicelib import live
from fstream_app.access.oauth import hash_secret
from fstream_app.core import clock, metrics, queue
from fstream_app.core.grants import Token
from fstream_app.core.ids import LOWEST, MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.streams import Socket, Stream, Subscription
from fstream_app.live import announcing
from fstream_app.live.entries import Entries, Reach
from fstream_app.repository import oauth, sockets
from tests.integration.acting import Acting, anything, somebody
from tests.integration.reading import forwards
from tests.support.gateway import Gateway
from tests.support.listening import Queue, received_of

_LIMIT = 4
_MOMENT = st.integers(0, 5)
_LONG = 65
"""Seconds after which functions have forgotten that anybody was online."""
_STREAMS = (Subscription(Stream.USER), Subscription(Stream.HASHTAG, "tag", "tag"))
_MOST_ENTRIES = 4
"""Entries of the queue that the function gets at once."""


@dataclass
class Client:
    """What a client has received."""

    user_id: str
    socket: Socket | None = None
    """The socket while it is open."""
    held: set[MessageId] = field(default_factory=set)
    newest: MessageId = LOWEST
    """The newest message on home that it has received."""
    past: set[MessageId] = field(default_factory=set)
    """Messages that were not on home when it went past them: it never gets them, as no polling client does."""
    got: dict[str, list[MessageId]] = field(default_factory=dict)
    """Messages that the socket has got, by stream."""
    read: int = 0
    """Frames of the socket that have been looked at."""


class LiveRules(Acting):
    """What clients receive."""

    def __init__(self) -> None:
        super().__init__()
        self.gateway, self.queue = Gateway(), Queue()
        self.clients: dict[str, Client] = {}
        self.waiting: list[tuple[int, str]] = []
        """Entries that the queue has not delivered, and when it will."""
        self.announced: list[str] = []
        """Entries of the queue that have been handled."""

    def deliver_all(self) -> None:
        """Deliver what has been posted."""
        raise NotImplementedError

    def delete(self, which: int) -> None:
        """Delete a message."""
        raise NotImplementedError

    def relate(self, verb: str, one: int, other: int) -> None:
        """Change the relation between two users."""
        raise NotImplementedError

    def post_something(self, author: int) -> None:
        """Post a public message."""
        raise NotImplementedError

    def repeat_any(self, which: int, *, again: bool) -> None:
        """Let the fan-out deliver a batch again."""
        raise NotImplementedError

    def open_the_gateway(self) -> None:
        """Take what is sent from now on."""
        self.gateway.install()
        queue.client.use(self.queue)

    @rule(who=somebody)
    def listen(self, who: int) -> None:
        """A client connects, and polls."""
        client = self.clients.setdefault(self.who(who), Client(self.who(who)))
        if client.socket is not None:
            return
        secret = f"{self.clock.now} {len(self.announced)} {client.user_id}"
        token = Token(hash_secret(secret), "application", "tests", ("read",), self.clock.now, client.user_id)
        oauth.put_token(token, client.user_id)
        client.socket = self.gateway.opened(client.user_id, secret, self.clock.now, *_STREAMS)
        announcing.opened(client.socket, self.clock.now)
        client.read, client.got = 0, {}
        self.catch_up(client)

    @rule(who=somebody, noticed=st.booleans())
    def hang_up(self, who: int, noticed: bool) -> None:
        """A socket closes; API Gateway may not report it."""
        client = self.clients.get(self.who(who))
        if client is None or client.socket is None:
            return
        self.gateway.open.discard(client.socket.id)
        if noticed:
            sockets.remove([client.socket])
        client.socket = None

    def announce(self, which: int, *, again: bool) -> None:
        """The queue delivers any of its entries, or one that it has delivered before."""
        waiting = self._waiting_entries()
        if again and self.announced:
            self._let_arrive([self.announced[which % len(self.announced)]])
        elif waiting:
            due, text = waiting.pop(which % len(waiting))
            self._let_arrive([text], due, overtaken=[text for earlier, text in waiting if earlier < due])

    @rule(
        verb=st.sampled_from(["mute", "block", "unfollow", "unmute", "unblock", "follow"]),
        one=somebody,
        other=somebody,
        moment=_MOMENT,
    )
    def change_meanwhile(self, verb: str, one: int, other: int, moment: int) -> None:
        """A user changes the relation to another, who posts twice."""
        self._post_twice(other, moment, partial(self.relate, verb, one, other))

    @rule(author=somebody, moment=_MOMENT)
    def delete_meanwhile(self, author: int, moment: int) -> None:
        """An author posts twice, and deletes the newest message of all."""
        self._post_twice(author, moment, lambda: self.delete(len(self.network.posted) - 1))

    @rule(who=somebody, author=somebody, noticed=st.booleans(), alone=st.booleans(), moment=_MOMENT)
    def reconnect_meanwhile(self, who: int, author: int, noticed: bool, alone: bool, moment: int) -> None:
        """A client connects again while an author posts twice; before that, nobody may have been online for long."""
        for number in range(len(self.people)) if alone else ():
            self.hang_up(number, noticed=True)
        if alone:
            self.clock.advance(_LONG)

        def reconnect() -> None:
            self.hang_up(who, noticed)
            self.listen(who)

        self._post_twice(author, moment, reconnect)

    @rule(author=somebody, which=anything, batches=st.booleans(), moment=_MOMENT)
    def repeat_meanwhile(self, author: int, which: int, batches: bool, moment: int) -> None:
        """An author posts twice, while a batch of the fan-out, or an entry of the queue, is repeated or overtakes."""
        self._post_twice(
            author, moment, partial(self.repeat_any if batches else self.announce, which, again=which % 3 > 0)
        )

    def _post_twice(self, author: int, moment: int, happen: Callable[[], object]) -> None:
        """Post a message, deliver it, and let it arrive, twice; before one of these steps, something happens."""
        steps: list[Callable[[], object]] = [
            partial(self.post_something, author),
            self.deliver_all,
            self.everything_arrives,
        ]
        for number, step in enumerate([*steps, *steps]):
            if number == moment:
                happen()
            step()

    def everything_arrives(self) -> None:
        """The queue delivers its entries in order, each after its delay."""
        waiting = self._waiting_entries()
        while waiting:
            some = [waiting.pop(0) for _ in waiting[:_MOST_ENTRIES]]
            self._let_arrive([text for _, text in some], some[-1][0])

    def _waiting_entries(self) -> list[tuple[int, str]]:
        """Return the entries of the queue in the order in which they are due, with these times."""
        self.waiting += [(self.clock.now + 1000 * delay, text) for text, delay in self.queue.entries]
        self.queue.entries = []
        self.waiting.sort()
        return self.waiting

    @invariant()
    def clients_get_what_the_model_says(self) -> None:
        """The queue delivers its entries in order, but not after each step."""
        network = self.network
        self.clients = {user_id: each for user_id, each in self.clients.items() if user_id in self.people}
        network.lists = {name: each for name, each in network.lists.items() if each.owner in self.people}
        network.boostless &= network.following
        self.step += 1
        if self.step % 4:
            self.everything_arrives()

    def _let_arrive(self, texts: Sequence[str], due: int = 0, overtaken: Sequence[str] = ()) -> None:
        """Let the function `live` handle entries; every client gets what the model says."""
        self.clock.now = max(self.clock.now, due)
        with self._times(), metrics.tally() as tally:
            live.live(received_of(texts), None)
        assert Metric.LIVE_MISSED not in tally.counts
        self.announced += [each for each in texts if each not in self.announced]
        entries, late = (list(map(Entries.decoded, some)) for some in (texts, overtaken))
        for client in self.clients.values():
            if client.socket:
                self._compare(client, client.socket, entries, late)

    @contextmanager
    def _times(self) -> Iterator[None]:
        with (
            mock.patch.object(clock, "now", self.clock),
            mock.patch.object(clock, "monotonic", self.clock),
            mock.patch.object(time, "sleep", self.clock.advance),
        ):
            yield

    def _compare(self, client: Client, socket: Socket, entries: Sequence[Entries], late: Sequence[Entries]) -> None:
        """Compare what a socket got with what the model shows, and look for what it ought to have got."""
        now, frames = self.clock.now, self.gateway.frames(socket.id)[client.read :]
        home, tagged = self.network.home(client.user_id, now, polled=True), self.network.tagged(client.user_id, now)
        for stream, (sure, possible) in (("user", home), ("hashtag", tagged)):
            new = self._receive(client, stream, {*sure, *possible}, frames)
            catches_up = any(entry.opened for entry in entries)
            for posted in map(_posted, entries):
                assert catches_up or [each for each in new if each in posted] == sorted(posted.intersection(new))
                assert posted.intersection(sure) <= {*client.got[stream]}, f"not sent to {stream}"
        client.read += len(frames)
        self._lose(client, entries)
        if unknown := set(client.got["user"]) - client.held:
            for entry in late:
                client.past |= _posted(entry)
            self._move_on(client, unknown)

    def _lose(self, client: Client, entries: Sequence[Entries]) -> None:
        """Assert that a client does not hold any more what is gone from the home timeline."""
        followed = {followed for follower, followed in self.network.following if follower == client.user_id}
        for removal in (each for entry in entries for each in entry.removed if each.reach >= Reach.FOLLOWERS):
            message_id = MessageId.parse(removal.id)
            assert message_id not in client.held or message_id.author_id not in followed | {client.user_id}

    def _receive(self, client: Client, stream: str, shown: set[MessageId], frames: Sequence[Any]) -> list[MessageId]:
        """Let a client receive the frames of a stream, on which these messages are shown; return those that are new."""
        got = client.got.setdefault(stream, [])
        before = len(got)
        for frame in frames:
            if frame["stream"][0] != stream:
                continue
            if frame["event"] == "delete":
                gone = MessageId.parse(frame["payload"])
                assert gone not in shown, f"gone from {stream}"
                client.held.discard(gone)
                continue
            payload = json.loads(frame["payload"])
            if frame["event"] == "notification":
                self._is_notified(client.user_id, payload)
                continue
            message_id = MessageId.parse(payload["id"])
            assert message_id in shown, f"hidden on {stream}"
            if frame["event"] == "update":
                assert message_id not in got, f"twice on {stream}"
                got.append(message_id)
        return got[before:]

    def _is_notified(self, user_id: str, payload: Any) -> None:
        if payload["type"] in {"mention", "favourite", "reblog", "quote"}:
            kind, actor, message_id = (
                payload["type"],
                payload["account"]["id"],
                MessageId.parse(payload["status"]["id"]),
            )
            known = {(each.receiver, each.kind, each.actor, each.message_id) for each in self.network.events}
            assert (user_id, kind, actor, message_id) in known
            assert self.network.may_see(user_id, self.network.posted[message_id], self.clock.now)
            assert not self.network.silences(user_id, actor, self.clock.now)

    def catch_up(self, client: Client) -> None:
        now = self.clock.now
        self._move_on(client, {each for page in forwards(client.user_id, now, _LIMIT, client.newest) for each in page})
        sure, _ = self.network.home(client.user_id, now, polled=True)
        shown = {self.network.original(each) for each in client.held}
        missed = {each for each in {*sure} - client.held - client.past if self.network.original(each) not in shown}
        assert not missed

    def _move_on(self, client: Client, new: set[MessageId]) -> None:
        """Let a client hold new messages of home; the older ones that were not there then are past."""
        newest = max({client.newest, *new})
        sure, _ = self.network.home(client.user_id, self.clock.now, polled=True)
        every = {each.message.id for each in self.network.everything()}
        client.past |= {each for each in every - {*sure} if client.newest < each <= newest}
        client.held |= new
        client.newest = newest


def _posted(entry: Entries) -> set[MessageId]:
    return set(map(MessageId.parse, entry.posted))
