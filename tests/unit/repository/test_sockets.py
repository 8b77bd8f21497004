"""Open sockets: found by connection and by user, listed by the time of their last change, counted by topic."""

from collections.abc import Callable

import msgspec
import pytest

from fstream_app.core.streams import LONGEST, Socket, Stream, Subscription
from fstream_app.repository import sockets
from fstream_app.tables import SocketItem
from tests.support import gateway

NOW = 1_700_000_000_000
USER = Subscription(Stream.USER)
TEA = Subscription(Stream.HASHTAG, "tea", "Tea")


pytestmark = pytest.mark.usefixtures("mocked")


def socket(connection_id: str = "a=", *subscriptions: Subscription, user_id: str = "1", now: int = NOW) -> Socket:
    scopes = frozenset({"read:statuses"})
    return Socket(connection_id, user_id, "ab" * 32, scopes, frozenset(subscriptions), now, now + LONGEST)


def test_a_socket_is_found_by_its_connection_and_by_its_user_until_it_is_removed() -> None:
    first, second, other = socket("a=", USER), socket("b=", TEA, now=NOW + 1000), socket("c=", user_id="2")
    for each in (second, first, other):
        sockets.put(each)
    assert [sockets.find(each.id, NOW) for each in (first, second, other)] == [first, second, other]
    assert sockets.named(sockets.names("1")) == [first, second]
    assert sockets.get_many([("1", "a="), ("1", "c=")], NOW) == [first]
    assert sockets.find("a=", NOW + LONGEST) is sockets.find("d=", NOW) is None
    for _ in range(2):
        sockets.remove([first, other])
        sockets.forget(second.id)
        sockets.forget("d=")
    assert gateway.kept() == []
    assert [sockets.find(each.id, NOW) for each in (first, second, other)] == [None] * 3


@pytest.mark.parametrize("after", [100, 60_000], ids=["just opened", "later"])
def test_the_list_shows_who_has_subscribed_by_the_time_of_the_last_change(after: int) -> None:
    silent, listening, changed_at = socket("a="), socket("b=", USER, now=NOW + 1), NOW + after
    sockets.put(silent)
    assert (sockets.is_anybody_online(NOW), sockets.changed_since(0, NOW)) == (False, [silent])
    sockets.put(listening)
    assert sockets.changed_since(0, NOW) == [silent, listening]
    assert sockets.changed_since(NOW + 1, NOW) == [listening]
    assert sockets.subscribe(silent, TEA, changed_at)
    assert not sockets.is_anybody_online(changed_at, until=NOW)
    read_again = min(changed_at, NOW + 5000) - 4000  # readers read the last seconds again
    changed = {each.id: each for each in sockets.changed_since(read_again, changed_at)}["a="]
    assert (set(changed.subscriptions), changed.since) == ({TEA}, changed_at)
    sockets.unsubscribe(changed, TEA, changed_at + 1)
    sockets.unsubscribe(listening, USER, changed_at + 2)
    left = {each.id: each.subscriptions for each in sockets.changed_since(read_again, changed_at + 2)}
    assert left == {"a=": frozenset(), "b=": frozenset()}
    assert not sockets.is_anybody_online(changed_at + 2)
    sockets.remove([changed])
    assert [each.id for each in sockets.changed_since(0, changed_at)] == ["b="]


def test_the_list_does_not_grow_by_changes_and_has_nothing_of_closed_sockets(configure: Callable[..., None]) -> None:
    quick, closed, gone = (socket(name, USER) for name in ("a=", "b=", "c="))

    def listed() -> list[str]:
        return [item.id.partition("#")[2] for item in SocketItem.query("online#0")]

    for each in (quick, closed, gone):
        sockets.put(each)
        changes = [NOW + 100, NOW + 150] if each is quick else [NOW + 100, NOW + 5000, NOW + 5000, NOW + 9000]
        for time in changes:
            sockets.unsubscribe(each, TEA, time)
            assert sockets.subscribe(each, TEA, time)
    assert sorted(listed()) == ["a=", "b=", "b=", "c=", "c="]
    sockets.forget(closed.id)
    sockets.remove([found for found in sockets.changed_since(0, NOW) if found.id == gone.id])
    assert not sockets.subscribe(closed, USER, NOW + 10_000)
    assert listed() == ["a="]
    configure(tail_overlap=0.1)  # readers do not find what has changed later than that by the time of opening
    assert sockets.subscribe(quick, USER, NOW + 160)
    assert [each.id for each in sockets.changed_since(NOW + 60, NOW)] == ["a="]


def test_sockets_are_found_after_their_list_was_split(configure: Callable[..., None]) -> None:
    old = [socket(f"{number}=", USER) for number in range(8)]
    for each in old:
        sockets.put(each)
    configure(online_shards=4)
    new = socket("new=", USER)
    new = msgspec.structs.replace(new, shard=sockets.shard_of(new.id))
    sockets.put(new)
    assert {each.id for each in sockets.changed_since(0, NOW)} == {each.id for each in (*old, new)}
    assert sockets.named(sockets.names("1")) == sorted([*old, new], key=lambda each: each.id)
    assert [sockets.find(each.id, NOW) for each in old] == old
    assert sockets.subscribe(old[0], TEA, NOW + 10_000)
    assert {"0="} == {each.id for each in sockets.changed_since(NOW + 1, NOW)}
    sockets.remove(old[:4])
    for each in (*old[4:], new):
        sockets.forget(each.id)
    assert [item.id for item in gateway.kept()] == ["0="]  # the subscription came later than what was removed


def test_nobody_is_online_any_more_once_the_sockets_have_expired() -> None:
    sockets.put(socket("a=", USER))
    assert sockets.is_anybody_online(NOW + LONGEST - 1)
    assert not sockets.is_anybody_online(NOW + LONGEST)
    assert sockets.changed_since(0, NOW + LONGEST) == []


def test_who_listens_to_a_topic_is_counted_up_to_a_limit() -> None:
    spelled = TEA._replace(name="TEA")
    for number, subscription in enumerate((TEA, spelled, TEA)):
        sockets.put(socket(f"{number}=", subscription))
    topic = TEA.topic or ""
    assert [sockets.listeners(topic, NOW, most) for most in (2, 9)] == [2, 3]
    assert sockets.listeners(topic, NOW + LONGEST, 9) == 0
    sockets.unsubscribe(socket("0="), TEA, NOW)
    sockets.remove([socket("1=", spelled)])
    assert sockets.listeners(topic, NOW, 9) == 1
    assert USER.topic is None


def test_a_removed_socket_can_subscribe_to_nothing() -> None:
    gone = socket()
    assert not sockets.subscribe(gone, TEA, NOW)
    sockets.unsubscribe(gone, USER, NOW)
    assert gateway.kept() == []


def test_a_subscription_is_read_as_it_was_stored_and_one_of_a_later_version_is_ignored() -> None:
    for each in (USER, TEA, Subscription(Stream.LOCAL), Subscription(Stream.LOCAL_HASHTAG, "ü", "Ü")):
        assert Subscription.parse(each.key) == each
    assert (TEA.names, USER.names) == (("hashtag", "Tea"), ("user",))
    sockets.put(socket("a=", USER))
    (stored,) = gateway.kept()
    stored.update([SocketItem.streams.add({"user:later"})])
    (found,) = sockets.named(sockets.names("1"))
    assert found.subscriptions == {USER}
