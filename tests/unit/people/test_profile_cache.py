"""The cache of profiles: long, because functions hear of changes from the log, and never wrong for long."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from fstream_app.core import clock, ids
from fstream_app.core.entities import User
from fstream_app.core.user_changes import UserChange
from fstream_app.feed import tail
from fstream_app.people import profiles
from fstream_app.repository import log, users
from ops.meter import metered
from tests.support.people import Api, Person

HOUR = 3600


@contextmanager
def another_function() -> Iterator[None]:
    """Let the block run in a process that shares neither profiles nor the tail with the others."""
    kept = profiles.memory(), tail.shared()
    profiles.memory.clear()
    tail.shared.clear()
    yield
    profiles.memory.use(kept[0])
    tail.shared.use(kept[1])


@pytest.fixture
def people(api: Api) -> tuple[Person, Person]:
    """Ada, who has posted a message, and Bob, who follows her and has it on a home timeline."""
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    api.post(ada, "hello", expires_in=24 * HOUR)
    api.deliver()
    api.clock.advance(2)
    assert api.home(bob)
    return ada, bob


def rename(api: Api, user: Person, name: str) -> None:
    answer = api.request("PATCH", "/api/v1/accounts/update_credentials", user, json={"display_name": name})
    assert answer.status == 200


def name_on_home(api: Api, reader: Person) -> object:
    return api.get("/api/v1/timelines/home", reader).json[0]["account"]["display_name"]


def poll(api: Api, reader: Person, seconds: float) -> None:
    """Let this function hear of the log for a time, by a home timeline without messages."""
    for _ in range(round(seconds / 55)):
        api.clock.advance(55)
        assert api.get(f"/api/v1/timelines/home?since_id={ids.HIGHEST}", reader).status == 200


def test_the_cache_has_no_hashes_of_secrets(people: tuple[Person, Person]) -> None:
    ada, _ = people
    stored = users.get(ada.id)
    assert stored is not None
    assert stored.recovery_hash
    profiles.remember([stored])
    cached = profiles.known([ada.id])[ada.id]
    assert (cached.password_hash, cached.recovery_hash) == ("", None)


def test_a_function_with_home_timelines_hears_of_a_new_name_at_its_next_refresh(
    api: Api, people: tuple[Person, Person]
) -> None:
    ada, bob = people
    with another_function():
        rename(api, ada, "Countess")
    api.clock.advance(0.5)
    assert name_on_home(api, bob) == "Countess"


def test_a_profile_read_while_it_changes_is_not_cached(api: Api, people: tuple[Person, Person]) -> None:
    """The note comes before the change, and replicas apply the change some milliseconds late."""
    ada, bob = people
    with another_function():
        profiles.announce(ada.id)
    api.clock.advance(0.5)
    assert name_on_home(api, bob) == ""
    users.update(ada.id, UserChange(display_name="Countess"), {})
    assert name_on_home(api, bob) == "Countess"


def test_what_was_read_while_a_profile_changed_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even when the change was so long ago that profiles cached before it have expired."""
    old = User(id=ids.new_user_id(), name="ada", created_at=0, password_hash="x", recovery_hash="y")
    cache, changed_at, now = profiles.Memory(1000 * HOUR), 10**12, 0
    monkeypatch.setattr(clock, "now", lambda: now)
    now = changed_at
    cache.hear([old.id[:4]], is_gapless=True)
    now += 30_000
    cache.remember([old])
    for now in range(changed_at + 30_000, changed_at + 1100 * HOUR, 29_000):  # noqa: B007
        cache.hear([], is_gapless=True)
        assert not cache.known([old.id])


def test_a_note_that_takes_long_is_written_again_under_a_later_time(
    api: Api, people: tuple[Person, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions read only the last seconds of the log again, and DynamoDB may time out twice before it takes a note."""
    ada, bob = people
    note_change, taking = log.note_change, [6.5, 0.0]

    def slow(users: str, now: int) -> None:
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(profiles.memory, "_kept", memory)
            elsewhere.setattr(tail.shared, "_kept", remembered)
            for _ in range(2 * int(seconds := taking.pop(0))):
                api.clock.advance(0.5)
                tail.shared().refresh(api.clock.now)
            api.clock.advance(seconds % 1)
        note_change(users, now)

    memory, remembered = (profiles.memory(),), (tail.shared(),)
    with another_function(), monkeypatch.context() as patched:
        patched.setattr(log, "note_change", slow)
        rename(api, ada, "Countess")
    api.clock.advance(0.5)
    assert name_on_home(api, bob) == "Countess"
    assert not taking


def test_a_profile_is_cached_for_hours_while_the_log_is_read(api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    poll(api, bob, 1.95 * HOUR)
    with metered() as cost:
        assert name_on_home(api, bob) == ""
    assert not any("users" in call.table for call in cost.calls)
    poll(api, bob, 0.1 * HOUR)
    assert not profiles.known([ada.id])


def test_a_profile_is_cached_for_a_minute_where_no_log_is_read(api: Api, people: tuple[Person, Person]) -> None:
    ada, _ = people
    api.clock.advance(59)
    assert profiles.known([ada.id])
    api.clock.advance(1)
    assert not profiles.known([ada.id])


@pytest.mark.parametrize("gap", [lambda api: api.clock.advance(1.1 * HOUR), lambda api: api.clock.advance(-10)])
def test_who_has_not_read_the_log_without_a_gap_forgets_all_profiles(
    api: Api, people: tuple[Person, Person], gap: Callable[[Api], object]
) -> None:
    ada, _ = people
    gap(api)
    profiles.get_many([ada.id])
    tail.shared().refresh(api.clock.now)
    assert not profiles.known([ada.id])


def test_strangers_who_follow_somebody_do_not_empty_the_cache(api: Api, people: tuple[Person, Person]) -> None:
    ada, bob = people
    for number in range(3):
        api.act(api.sign_up(f"fan{number}"), "follow", ada)
    api.deliver()
    api.clock.advance(1)
    api.home(bob)
    assert profiles.known([ada.id])


def test_the_cache_is_bounded_by_what_profiles_take() -> None:
    def user(note: str) -> User:
        user_id = ids.new_user_id()
        return User(
            id=user_id, name=ids.new_user_id(), created_at=10**12 + ord(user_id[0]), password_hash="", note=note
        )

    for length in (0, 500):
        cache = profiles.Memory(HOUR)
        tracemalloc.start()
        try:
            cache.remember(user("".join(chr(0x4E00 + each) for each in range(length))) for _ in range(2_000))
            taken, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert 0.6 <= taken / cache.bytes <= 1.2
