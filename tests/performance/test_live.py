"""The cost of live arrival: nothing while nobody is online, otherwise per follower and per follower who is online."""

from collections.abc import Callable, Collection

import pytest

from fstream_app.access.oauth import hash_secret
from fstream_app.core.entities import User
from fstream_app.core.ids import MessageId
from fstream_app.core.streams import LONGEST, Socket
from fstream_app.feed import fanout
from fstream_app.feed.changes import Change
from fstream_app.live import online
from fstream_app.messages import posting
from fstream_app.repository import batch, sockets
from fstream_app.tables import TokenItem
from ops.meter import Cost, metered
from tests.performance.budgets import LATENCY, hold
from tests.performance.crowd import let_follow, make_users, strangers, write
from tests.support.delivery import changes_of
from tests.support.listening import USER, Listening
from tests.support.people import Api

FOLLOWERS = 10_000
PRESENCE = 0.5
"""RRU of asking whether anybody is online."""
A_MESSAGE, A_FOLLOWER, A_READER = 4, 0.0043, 5
"""RRU at most: of a message, of a follower of its author, and of one of them who is online."""


class Crowd:
    """An author with 10,000 followers, some of whom are online."""

    def __init__(self, listening: Listening) -> None:
        self.listening, self.clock = listening, listening.api.clock
        (self.author,) = make_users(1, "author", self.clock.now)
        self.followers = strangers(FOLLOWERS)
        let_follow(self.followers, [self.author.id])

    def come(self, user_ids: Collection[str]) -> None:
        """Open a WebSocket of each of these users."""
        now = self.clock.now
        tokens = {each: hash_secret(each) for each in user_ids}
        batch.put(
            TokenItem(token, application_id="a", application_name="a", user_id=each, scopes="read", created_at=now)
            for each, token in tokens.items()
        )
        scopes, subscriptions = frozenset({"read:notifications", "read:statuses"}), frozenset({USER})
        opened = [
            Socket(f"{each}=", each, token, scopes, subscriptions, now, now + LONGEST) for each, token in tokens.items()
        ]
        batch.put(item for each in opened for item in sockets.items(each))
        self.listening.gateway.open |= {f"{each}=" for each in user_ids}
        online.shared().refresh(self.clock.now)

    def fan_out(self, author: User | None = None) -> tuple[MessageId, Cost]:
        """Write a message and fan it out; return its id and the cost of the fan-out."""
        (message,) = write([author or self.author], [self.clock.advance(1)])
        with metered(LATENCY) as cost:
            assert fanout.deliver(changes_of([message.id]), self.clock.now) == set()
        return message.id, cost

    def send(self, sent: int) -> Cost:
        """Run the function `live` on what was announced, which sends a number of frames; return its cost."""
        before = len(self.listening.gateway.sent)
        with metered(LATENCY) as cost:
            self.listening.run()
        assert len(self.listening.gateway.sent) - before == sent
        return cost


@pytest.fixture
def crowd(real_api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Crowd:
    return Crowd(Listening(real_api, configure, monkeypatch))


def test_a_message_costs_half_a_unit_while_nobody_is_online_and_else_so_much_per_follower(crowd: Crowd) -> None:
    (few,) = make_users(1, "few", crowd.clock.now)
    let_follow(crowd.followers[:10], [few.id])
    for author in (few, crowd.author):
        online.presence.clear()
        _, alone = crowd.fan_out(author)
        hold("fan-out of a message, nobody online", alone)
        assert crowd.listening.queue.entries == []
    crowd.come(strangers(1))
    online.presence.clear()
    _, cost = crowd.fan_out()
    hold("fan-out of a message, somebody online", cost)
    assert (cost.read_units, cost.round_trips) == (alone.read_units, alone.round_trips)
    nobody = crowd.send(0)
    hold("send a message live, 0 of 10,000 followers online", nobody)
    assert nobody.read_units <= A_MESSAGE + A_FOLLOWER * FOLLOWERS
    for number, name in (
        (10, "send a message live, 10 of 10,000 followers online"),
        (1_000, "send a message live, 1,000 of 10,000 followers online"),
    ):
        crowd.come(crowd.followers[:number])
        message_id, again = crowd.fan_out()
        assert again.round_trips == alone.round_trips
        cost = crowd.send(number)
        hold(name, cost)
        assert cost.read_units - nobody.read_units <= A_READER * number + 1
        assert cost.write_units == 0
        if number == 10:
            posting.delete(str(message_id), crowd.author.id, crowd.clock.now)
            with metered(LATENCY) as removal:
                fanout.deliver([Change("1", message_id, inserted=False)], crowd.clock.advance(1))
            hold("fan-out of a deletion, somebody online", removal)
            hold("send a deletion live, 10 of 10,000 followers online", crowd.send(number))


def test_a_socket_costs_three_writes_to_open_and_one_to_close(
    real_api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = Listening(real_api, configure, monkeypatch)
    ada, bob = real_api.sign_up("ada"), real_api.sign_up("bob")
    gateway = listening.gateway
    with metered(LATENCY) as cost:
        first = gateway.connect(ada.token, stream="user")
    hold("open a WebSocket with a subscription", cost)
    assert cost.write_units == 3
    with metered(LATENCY) as cost:
        gateway.disconnect(first.id)
    hold("close a WebSocket", cost)
    assert cost.write_units == 1
    with metered(LATENCY) as cost:
        second = gateway.connect(ada.token)
    hold("open a WebSocket", cost)
    for name, stream in (("subscribe", "user"), ("subscribe again", "user:notification")):
        with metered(LATENCY) as cost:
            assert gateway.say(second.id, {"type": "subscribe", "stream": stream}) == []
        hold(name, cost)
    status = real_api.post(ada, "hello")
    listening.deliver()
    real_api.request("POST", f"/api/v1/statuses/{status['id']}/favourite", bob)
    real_api.deliver()
    online.shared().refresh(real_api.clock.now)
    with metered(LATENCY) as cost:
        listening.run()
    assert [event for event, _ in listening.events(second)][1:] == ["notification"] * 2
    hold("send a notification live", cost)
    with metered(LATENCY) as cost:
        (answer,) = gateway.say(second.id, {"type": "subscribe", "stream": "ping"})
    assert answer["error"]
    hold("ask whether a WebSocket is alive", cost)
    assert cost.write_units == 0
