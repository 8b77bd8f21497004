"""What goes wrong on the way to a socket, and what happens twice."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from fstream_app.core import connections, database, retry
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.streams import Stream, Subscription
from fstream_app.feed import fanout
from fstream_app.live import announcing, online
from fstream_app.live.sending import Pace
from fstream_app.repository import audience, sockets
from ops.meter import metered
from tests.support.delivery import changes_of
from tests.support.listening import Listening
from tests.support.people import Api, Person


class Scene:
    """Bob follows Ada and listens."""

    def __init__(self, listening: Listening) -> None:
        self.listening, self.api = listening, listening.api
        self.ada, self.bob = self.api.sign_up("ada"), self.api.sign_up("bob")
        self.api.act(self.bob, "follow", self.ada)
        listening.deliver()
        self.socket = listening.opens(self.bob)

    def announce(self, number: int = 1) -> list[str]:
        """Post some messages, and deliver them as far as the queue."""
        posted = [self.api.post(self.ada, f"message {each}")["id"] for each in range(number)]
        self.api._pump.drain()
        return sorted(posted)

    def got(self) -> list[tuple[str, str | None]]:
        return self.listening.events(self.socket)


@pytest.fixture
def scene(listening: Listening) -> Scene:
    return Scene(listening)


def test_repeated_late_and_overtaken_announcements_are_sent_once(scene: Scene) -> None:
    posted = scene.announce(3)
    texts = [text for text, _ in scene.listening.queue.entries]
    scene.listening.run()
    scene.listening.call(*texts, *texts)
    fanout.deliver(changes_of([]), scene.api.clock.now)
    scene.api.clock.advance(100)
    scene.listening.call(*texts)
    assert scene.got() == [("update", each) for each in posted]


def test_two_batches_with_the_same_message_at_the_same_moment_send_it_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = scene.announce(2)
    texts = [text for text, _ in scene.listening.queue.entries]
    post, others = connections.post, [texts]

    def meanwhile(connection_id: str, frame: bytes) -> connections.Outcome:
        while others:
            scene.listening.call(*others.pop())
        return post(connection_id, frame)

    monkeypatch.setattr(connections, "post", meanwhile)
    scene.listening.run()
    assert sorted(scene.got()) == [("update", each) for each in posted]


def test_a_batch_that_comes_again_is_not_announced_again(scene: Scene) -> None:
    posted = scene.announce(2)
    new = scene.api.post(scene.ada, "new")["id"]
    announced = len(scene.listening.queue.entries)
    fanout.deliver(changes_of(map(MessageId.parse, posted)), scene.api.clock.now)
    assert len(scene.listening.queue.entries) == announced
    fanout.deliver(changes_of(map(MessageId.parse, [*posted, new])), scene.api.clock.now)
    assert [msgspec.json.decode(text) for text, _ in scene.listening.queue.entries[announced:]] == [{"posted": [new]}]
    announcing.announced.clear()  # as in another process
    fanout.deliver(changes_of(map(MessageId.parse, posted)), scene.api.clock.now)
    assert len(scene.listening.queue.entries) == announced + 2


def test_what_is_deleted_or_expires_on_the_way_is_not_sent(scene: Scene) -> None:
    gone, brief = scene.announce()[0], scene.api.post(scene.ada, "brief", expires_in=60)["id"]
    scene.api.delete(scene.ada, {"id": gone})
    scene.listening.deliver()
    assert scene.got() == [("update", brief), ("delete", gone)] or scene.got() == [("delete", gone), ("update", brief)]
    late = scene.api.post(scene.ada, "late", expires_in=60)["id"]
    scene.api._pump.drain()
    texts, scene.listening.queue.entries = scene.listening.queue.entries, []
    scene.api.clock.advance(60)
    scene.listening.call(*(text for text, _ in texts))
    assert late not in str(scene.got())


def test_a_message_that_is_deleted_while_it_is_sent_is_taken_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (posted,) = scene.announce()
    post = connections.post

    def delete_then_post(connection_id: str, frame: bytes) -> connections.Outcome:
        if scene.api.get(f"/api/v1/statuses/{posted}").status == 200:
            scene.api.delete(scene.ada, {"id": posted})
        return post(connection_id, frame)

    monkeypatch.setattr(connections, "post", delete_then_post)
    scene.listening.run()
    assert scene.got() == [("update", posted), ("delete", posted)]


def _mention(api: Api, ada: Person, eve: Person, **fields: int) -> tuple[str, str]:
    made = api.post(eve, "hello @bob", **fields)["id"]
    return made, made


def _boost(api: Api, ada: Person, eve: Person, **fields: int) -> tuple[str, str]:
    made = api.post(eve, "hello", **fields)["id"]
    return made, api.request("POST", f"/api/v1/statuses/{made}/reblog", ada).json["id"]


def _quote(api: Api, ada: Person, eve: Person, **fields: int) -> tuple[str, str]:
    made = api.post(eve, "hello", **fields)["id"]
    return made, api.post(ada, "look", quoted_status_id=made)["id"]


TOLD = pytest.mark.parametrize("tell", [_mention, _boost, _quote])
"""What tells a follower of Ada of a message of Eve's; returns its id, and that of what the event is about."""


@TOLD
def test_whatever_tells_of_a_message_that_is_deleted_meanwhile_is_taken_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tell: Callable[..., tuple[str, str]]
) -> None:
    eve, post = scene.api.sign_up("eve"), connections.post
    told, about = tell(scene.api, scene.ada, eve)
    scene.api._pump.drain()

    def delete_then_post(connection_id: str, frame: bytes) -> connections.Outcome:
        if scene.api.get(f"/api/v1/statuses/{told}").status == 200:
            scene.api.delete(eve, {"id": told})
        return post(connection_id, frame)

    monkeypatch.setattr(connections, "post", delete_then_post)
    for text in [text for text, _ in scene.listening.queue.entries]:
        scene.listening.call(text)
    frames = scene.listening.gateway.frames(scene.socket.id)
    assert "hello" in str(frames[0])
    lost = {told} if tell is _quote else {told, about}
    assert {each["payload"] for each in frames[1:]} == lost


@TOLD
def test_nothing_that_tells_of_a_message_is_sent_once_that_has_expired(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tell: Callable[..., tuple[str, str]]
) -> None:
    eve = scene.api.sign_up("eve")
    tell(scene.api, scene.ada, eve, expires_in=60)
    scene.api._pump.drain()
    other = scene.api.post(scene.ada, "other")["id"]
    scene.api._pump.drain()
    scene.api.clock.advance(58)
    monkeypatch.setattr(Pace, "wait", lambda _: scene.api.clock.advance(2) > 0)  # the events are rendered before
    scene.listening.run()
    assert scene.got() == [("update", other)]


@pytest.mark.parametrize("how", ["unfollow", "block", "mute", "is blocked"])
def test_relations_hold_when_the_event_is_sent_whatever_the_index_says(
    scene: Scene, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audience, "followers_among", lambda *_: audience.Found({scene.bob.id}, is_cut=False))
    topics = scene.listening.opens(scene.bob, Subscription(Stream.PUBLIC), Subscription(Stream.HASHTAG, "tea", "Tea"))
    scene.api.request("POST", "/api/v1/tags/tea/follow", scene.bob)
    scene.api.post(scene.ada, "about #tea")
    scene.api._pump.drain()
    by, whom = (scene.ada, scene.bob) if how == "is blocked" else (scene.bob, scene.ada)
    scene.api.act(by, "block" if how == "is blocked" else how, whom)
    scene.listening.run()
    shown = int(how == "unfollow")
    assert (len(scene.got()), len(scene.listening.events(topics))) == (shown, 2 * shown)


def test_a_revoked_token_gets_nothing_and_its_socket_is_closed(scene: Scene) -> None:
    scene.announce()
    client = {name: scene.api.application[name] for name in ("client_id", "client_secret")}
    scene.api.request("POST", "/oauth/revoke", form={**client, "token": scene.bob.token})
    sockets.put(scene.socket)  # as if the revocation had been interrupted before it closed the socket
    scene.listening.gateway.open.add(scene.socket.id)
    scene.listening.run()
    assert (scene.got(), scene.listening.gateway.closed[-1:]) == ([], [scene.socket.id])
    assert sockets.named(sockets.names(scene.bob.id)) == []


def test_a_socket_that_is_gone_is_forgotten_and_one_that_fails_is_closed(
    scene: Scene, counted: dict[Metric, int]
) -> None:
    second, third = scene.listening.opens(scene.bob), scene.listening.opens(scene.bob)
    scene.api.clock.advance(11)
    scene.listening.gateway.open.discard(scene.socket.id)
    scene.listening.gateway.failures[second.id] = 500
    posted = scene.announce(3)
    scene.listening.run()
    assert scene.listening.events(third) == [("update", each) for each in posted]
    assert [each.id for each in sockets.named(sockets.names(scene.bob.id))] == [third.id]
    assert counted[Metric.LIVE_MISSED] == 3
    scene.listening.gateway.requests.clear()
    scene.announce()
    scene.listening.run()
    assert scene.listening.gateway.calls == 1


def test_a_socket_that_is_still_being_opened_is_sent_to_again_and_not_forgotten(
    scene: Scene, counted: dict[Metric, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, posted = scene.listening.gateway, scene.announce()
    (text, _), *_ = scene.listening.queue.entries
    scene.api.clock.advance(2)
    opened = {comes: scene.listening.opens(scene.bob) for comes in (True, False)}
    gateway.open -= {each.id for each in opened.values()}

    def pause(_: int) -> float:
        gateway.open.add(opened[True].id)
        return 0

    monkeypatch.setattr(retry, "pause", pause)
    scene.listening.call(text)
    assert scene.listening.events(opened[True]) == scene.got() == [("update", each) for each in posted]
    assert {each.id for each in opened.values()} < {each.id for each in sockets.named(sockets.names(scene.bob.id))}
    assert counted[Metric.LIVE_MISSED] == 1


def test_a_socket_whose_opening_takes_long_is_not_forgotten(scene: Scene) -> None:
    gateway, slow = scene.listening.gateway, scene.listening.opens(scene.bob)
    gateway.open.discard(slow.id)
    scene.api.clock.advance(3)
    scene.announce()
    scene.listening.run()
    gateway.open.add(slow.id)
    (posted,) = scene.announce()
    scene.listening.run()
    assert scene.listening.events(slow) == [("update", posted)]


@pytest.mark.parametrize("broken", ["queue", "presence"])
def test_what_cannot_be_announced_is_counted_and_delivered_all_the_same(
    scene: Scene, counted: dict[Metric, int], broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken == "queue":
        scene.listening.queue.error = TimeoutError("what somebody wrote")
    else:
        monkeypatch.setattr(sockets, "is_anybody_online", _fail)
        online.presence.clear()
    posted = scene.announce(2)
    assert counted[Metric.LIVE_MISSED] == 2
    scene.listening.queue.error = None
    posted += scene.announce()  # nothing is tried for some seconds
    assert (counted[Metric.LIVE_MISSED], scene.listening.queue.entries) == (3, [])
    scene.api.clock.advance(2)
    assert sorted(scene.api.home(scene.bob)) == sorted(posted)


def _fail(*_: object) -> bool:
    raise TimeoutError


def test_whatever_fails_in_the_function_is_counted_and_nothing_is_raised(
    scene: Scene, counted: dict[Metric, int], caplog: pytest.LogCaptureFixture
) -> None:
    connection = database.connection()
    dispatch = connection.dispatch
    calls = 0
    for number in range(1, 20):
        (posted,) = scene.announce()
        calls, counted[Metric.LIVE_MISSED] = 0, 0
        failing = number

        def fail(operation: str, request: dict[str, Any], failing: int = failing) -> dict[str, Any]:
            nonlocal calls
            calls += 1
            if calls == failing:
                raise TimeoutError("message")
            return dispatch(operation, request)

        with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.INFO):
            patch.setattr(connection, "dispatch", fail)
            scene.listening.run()
        assert counted[Metric.LIVE_MISSED] or ("update", posted) in scene.got()
        if calls < failing:
            break
    else:
        pytest.fail("the function never succeeded")
    assert scene.got()[-1] == ("update", posted)
    assert "message" not in caplog.text.replace("messages", "")
    scene.listening.call("{", "[]", '{"posted": ["x"]}')


def test_what_a_call_that_never_ended_had_received_is_counted_and_not_sent(
    scene: Scene, counted: dict[Metric, int]
) -> None:
    scene.announce(2)
    posted = [text for text, _ in scene.listening.queue.entries]
    scene.listening.queue.entries.clear()
    scene.api.clock.advance(5)
    scene.listening.call(*posted, received=2)
    assert (counted[Metric.LIVE_MISSED], scene.got()) == (2, [])
    (again,) = scene.announce()
    scene.listening.run()
    assert (counted[Metric.LIVE_MISSED], scene.got()) == (2, [("update", again)])


def test_while_nobody_is_online_a_batch_costs_one_question_at_most_and_nothing_is_announced(
    listening: Listening, configure: Callable[..., None]
) -> None:
    api = listening.api
    ada = api.sign_up("ada")
    ids = [api.post(ada, f"message {number}")["id"] for number in range(5)]

    def cost() -> list[str]:
        with metered() as spent:
            fanout.deliver(changes_of(map(MessageId.parse, ids)), api.clock.now)
        return sorted(call.operation for call in spent.calls)

    asking, again = cost(), cost()
    configure(live_queue="")
    off = cost()
    assert again == off
    assert sorted([*off, "Query"]) == asking
    assert listening.queue.entries == []


def test_the_first_socket_gets_what_was_posted_before_it_opened_and_could_be_on_no_page_yet(
    listening: Listening,
) -> None:
    api = listening.api
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    old = api.post(ada, "old")["id"]
    api.clock.advance(3)
    new = api.post(ada, "new @bob")["id"]
    api._pump.drain()
    api.clock.advance(0.2)
    assert new not in api.home(bob)
    first = listening.gateway.connect(bob.token, stream="user")
    api.clock.advance(0.2)
    last = api.post(ada, "last")["id"]
    api._pump.drain()  # which still remembers that nobody is online
    listening.run()
    assert [event for event in listening.events(first) if event[0] == "update"] == [("update", new), ("update", last)]
    assert [kind for kind, _ in listening.events(first)].count("notification") == 1
    assert old in api.home(bob)
    api.clock.advance(3)
    second = listening.gateway.connect(bob.token, stream="user")
    listening.run()
    assert listening.events(second) == []


def test_sockets_that_open_together_all_get_what_happened_just_before(listening: Listening) -> None:
    api = listening.api
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    for each in (bob, cyd):
        api.act(each, "follow", ada)
    new = api.post(ada, "new @bob @cyd")["id"]
    api._pump.drain()
    home, rings, third = (
        listening.gateway.connect(person.token, stream=stream)
        for person, stream in ((bob, "user"), (bob, "user:notification"), (cyd, "user"))
    )
    api.clock.advance(1)
    late = listening.gateway.connect(cyd.token, stream="user")
    listening.run()
    for opened in (home, third, late):
        assert ("update", new) in listening.events(opened)
    for opened in (home, rings, third, late):
        assert [kind for kind, _ in listening.events(opened)].count("notification") == 1
    assert len(listening.events(rings)) == 1
