"""What has ended is in no response from the moment at which the request that ended it returns.

The replicas lag by two seconds: no eventually consistent read, and no read of an index, sees the end before.
"""

from collections.abc import Callable, Iterator

import pytest

from fstream_app.core.ids import lowest_at
from fstream_app.moderation import suspension
from fstream_app.people import profiles
from tests.support.departing import TEXT, World, copy_of_world, one_call_at_a_time
from tests.support.engines import cool_down
from tests.support.people import PASSWORD, Api, Person
from tests.support.replicas import Replicas
from tests.support.sightings import LISTS, READS, shown

LAG = 2.0
MORE = (
    "/tags/tag",
    "/api/v1/bookmarks",
    "/api/v1/statuses/{answered}/context",
    "/api/v1/tags/tag",
    "/api/v2/search?q=tag&type=hashtags",
    "/api/v1/notifications/unread_count",
    "/api/v1/timelines/home?min_id=00000000000000000000000000",
    "/api/v1/timelines/home?max_id={later}",
)
"""Reads in addition to those of `sightings`."""
End = Callable[[World], object]


def act(by: str, verb: str, whom: str) -> End:
    return lambda world: world.api.act(getattr(world, by), verb, getattr(world, whom))


def delete(world: World) -> None:
    for status in [world.statuses[0], world.statuses[2]]:
        assert world.api.delete(world.ada, status).status == 200


def delete_all(world: World) -> None:
    """Delete all of Ada's messages as in another process: the warm profile cache is kept."""
    remembered = profiles.known([world.ada.id])
    answer = world.api.request("POST", "/api/v1/statuses/delete_all", world.ada, json={"password": PASSWORD})
    assert answer.status == 200
    profiles.remember(remembered.values())


def unfavourite(world: World) -> None:
    for by in (world.ada, world.cyd):
        path = f"/api/v1/statuses/{world.replied_to['id']}/unfavourite"
        assert world.api.request("POST", path, by).status == 200


def suspend(world: World) -> None:
    """Suspend Ada as from another process: the warm profile cache is kept."""
    remembered = profiles.known([world.ada.id])
    suspension.suspend("ada", "", world.api.clock.now)
    profiles.remember(remembered.values())


ENDS: dict[str, End] = {
    "deleted": delete,
    "left": World.leave,
    "suspended": suspend,
    "unfavourited": unfavourite,
    "unfollowed": act("cyd", "unfollow", "ada"),
    "follower removed": act("bob", "remove_from_followers", "ada"),
    "blocked": act("ada", "block", "cyd"),
    "muted": act("cyd", "mute", "ada"),
}


@pytest.fixture
def world(api: Api, monkeypatch: pytest.MonkeyPatch) -> World:
    one_call_at_a_time(monkeypatch)
    return copy_of_world(api)


@pytest.fixture
def replicas(world: World, monkeypatch: pytest.MonkeyPatch) -> Replicas:
    return Replicas(world.api.clock, monkeypatch)


def texts(world: World, reader: Person | None) -> Iterator[tuple[str, str]]:
    """Return every path that `sightings` knows, and some more, with the response."""
    places = {
        "id": world.ada.id,
        "bob": world.bob.id,
        "status": world.statuses[0]["id"],
        "answered": world.replied_to["id"],
        "later": lowest_at(int(world.api.clock.now - 2_000)),
    }
    for path in [*READS.values(), *LISTS.values(), *MORE]:
        filled = path.format_map(places)
        yield filled, world.api.get(filled, reader).text


def seen(world: World) -> dict[str, set[str]]:
    """Return the reads that show Ada or her messages to others, by reader."""
    return {reader.name: shown(world, reader) for reader in (world.bob, world.cyd, world.dan)}


@pytest.mark.parametrize("end", ENDS)
def test_replicas_that_lag_show_nothing_that_has_ended(world: World, replicas: Replicas, end: str) -> None:
    seen(world)  # so that the function is warm
    replicas.lag(LAG)
    ENDS[end](world)
    behind = seen(world)
    assert replicas.stale_reads
    world.api.clock.advance(LAG)
    assert behind == seen(world)
    if end in {"left", "suspended"}:
        assert behind == {"bob": set(), "cyd": set(), "dan": set()}


@pytest.mark.parametrize(("strict", "end"), [("on", delete), ("off", delete), ("on", delete_all)])
def test_a_deleted_text_is_nowhere_unless_pages_are_not_strict(
    world: World, replicas: Replicas, configure: Callable[..., None], strict: str, end: End
) -> None:
    configure(strict_pages=strict)
    cool_down()
    world.api.get("/api/v1/timelines/home", world.bob)
    replicas.lag(LAG)
    end(world)
    found = {
        path
        for reader in (world.ada, world.bob, world.cyd, None)
        for path, text in texts(world, reader)
        if TEXT in text
    }
    assert bool(found) is (strict == "off"), found
    world.api.clock.advance(LAG)
    assert not [path for path, text in texts(world, world.bob) if TEXT in text]
