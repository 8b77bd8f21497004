"""Nothing remains of a user who has used every feature, in any table, once the account is deleted."""

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fstream_app import tables
from fstream_app.core import ids, partitions
from fstream_app.core.edges import NAMELESS, EdgeKind
from fstream_app.core.entities import ReactionKind
from fstream_app.core.notices import NotificationKind
from fstream_app.repository.quotes import LEFT
from fstream_app.repository.replies import DELETED
from fstream_app.repository.updates import EDITED
from tests.support import gateway
from tests.support.departing import DELETE, one_call_at_a_time
from tests.support.features import FEATURES, unused
from tests.support.life import AGAIN, NAME, WORDS, Life
from tests.support.people import Api, stored

Items = dict[str, list[dict[str, Any]]]

NOT_USED = {
    "ApplicationItem": {"website", "expires_at"},
    "MessageItem": {"hidden", "suspended", "application_website", "x"},
    "UserItem": {"suspended", "leaving"},
    "TokenItem": {"suspended", "application_website", "redirect_uri", "challenge", "issued"},
    "LimitItem": {"taken", "paused_until"},
    "LogItem": {"lag", "newest_lag", "awaited"},
    "ReactionItem": {"after", "round"},
}
"""Attributes that no feature of an account sets: those of suspensions, applications, codes, limits and the log, and of
more boosts than a hundred; and the mark of things that have ended, in a table whose items are deleted instead."""
OF_OTHERS = {
    *("EdgeItem", "MessageItem", "NotificationItem", "ReactionItem", "TimelineItem", "LogItem", "LimitItem"),
    "SocketItem",
}
"""Tables in which ids of Ada, of her messages and of her connections, and her name in the texts of others, remain until
they expire."""
LAST_DAYS = 30
"""What remains expires within this time."""


@pytest.fixture
def life(api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Life:
    configure(rules="Be kind", connections=gateway.ADDRESS)
    one_call_at_a_time(monkeypatch)
    return Life(api)


def items() -> Items:
    return {table: [json.loads(item) for item in found] for table, found in stored().items()}


def of_user(found: Items, user_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the items that name a user or one of the user's messages, in text or packed, or hold the user's words."""
    written = re.compile(rf"{user_id}|\b{NAME}\b|{WORDS}")
    packed = ids.MessageId(0, user_id, 0).pack()[6:14]  # without the bits that it shares with time and chance

    def names(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(names, value.values()))
        if isinstance(value, list):
            return any(map(names, value))
        if isinstance(value, str) and value[:2] in {"b'", 'b"'}:
            return packed in ast.literal_eval(value)
        return isinstance(value, str) and bool(written.search(value))

    for table, each in found.items():
        for item in each:
            if names(item) or _changes(table, item, user_id):
                yield table, item


def _changes(table: str, item: dict[str, Any], user_id: str) -> bool:
    """Return whether an item of the log is a note about the profiles of users like this one."""
    return table == "LogItem" and "changing" in item and user_id.startswith(item["changing"]["S"])


def used_attributes(seen: Items) -> dict[str, set[str]]:
    return {table: {name for item in found for name in item} for table, found in seen.items()}


def edges(seen: Items, user_id: str) -> dict[bool, set[str]]:
    """Return the kinds of edges from a user (True) and to the user (False)."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for item in seen["EdgeItem"]:
        kind, _, other = item["e"]["S"].partition("#")
        for is_own, holder in ((True, item["u"]["S"]), (False, other)):
            if partitions.owner(holder) == user_id:
                found[is_own].add(kind)
    return found


def live_with_everything(life: Life) -> Items:
    """Use every feature; return all items that there were after one of them, before the stream functions ran or after.

    What a later feature ends is in it, too.
    """
    seen: Items = {model.__name__: [] for model in tables.ALL}
    for feature in FEATURES:
        feature(life)
        for _ in range(2):
            for table, found in items().items():
                seen[table] += found
            life.api.deliver()
    return seen


def test_nothing_remains_of_a_user_who_has_used_every_feature(life: Life) -> None:
    seen = live_with_everything(life)
    assert_everything_is_used(life, seen)
    assert {table for table, _ in of_user(items(), life.ada.id)} >= OF_OTHERS - {"LimitItem"}
    assert life.api.request("POST", DELETE, life.ada, json={"password": AGAIN}).status == 200
    life.api.deliver()
    left = list(of_user(items(), life.ada.id))
    assert {table for table, _ in left} <= OF_OTHERS
    assert WORDS not in json.dumps(left)
    owners = {
        next(iter(item[key].values())) for _, item in left for key in ("author_id", "user_id", "u") if key in item
    }
    assert owners.isdisjoint({life.ada.id})
    latest = life.api.clock.now // 1000 + LAST_DAYS * 86_400
    assert [item for _, item in left if int(item["expires_at"]["N"]) > latest] == []
    counts = [life.api.get(f"/api/v1/accounts/{each.id}").json for each in life.others]
    assert [(each["followers_count"], each["following_count"]) for each in counts] == [(0, 0)] * 4
    kept = life.api.get(f"/api/v1/statuses/{life.theirs['id']}").json
    assert (kept["replies_count"], kept["favourites_count"], kept["reblogs_count"]) == (0, 0, 0)
    poll = life.api.get(f"/api/v1/polls/{life.poll['id']}").json
    assert (poll["votes_count"], poll["voters_count"]) == (0, 0)
    assert life.api.sign_up(NAME).id != life.ada.id


def assert_everything_is_used(life: Life, seen: Items) -> None:
    """Check that there is an example of everything that a user can have.

    If this fails, something is new: use it in `tests.support.features`.
    """
    assert unused(life.requested) == {("POST", DELETE)}
    used = used_attributes(seen)
    for model in tables.ALL:
        name = model.__name__
        attributes = {each.attr_name for each in model.get_attributes().values()}
        assert attributes - used[name] - NOT_USED.get(name, set()) == set(), name
    between = {str(kind) for kind in EdgeKind} - {str(kind) for kind in NAMELESS}
    found = edges(seen, life.ada.id)
    assert (found[True] & between, found[False] & between) == (between, between)
    assert {str(kind) for kind in NAMELESS - {EdgeKind.LEAVE}} <= found[True]
    used_partitions = {item["u"]["S"] for item in seen["EdgeItem"]}
    for name, beside in inspect.getmembers(partitions, inspect.isfunction):
        if beside is not partitions.owner:
            assert beside(life.ada.id) in used_partitions, name
            assert {beside(each.id) for each in life.others} & used_partitions, name
    reactions = {item["reaction"]["S"].partition("#")[0] for item in seen["ReactionItem"] if _is_of(item, life)}
    assert reactions == {*map(str, ReactionKind), DELETED, LEFT, EDITED}
    notifications = {item["kind"]["S"] for item in seen["NotificationItem"] if "kind" in item and _is_of(item, life)}
    assert notifications == set(map(str, NotificationKind)) - {NotificationKind.STATUS}  # computed, not stored


def _is_of(item: dict[str, Any], life: Life) -> bool:
    return bool(item["user_id"]["S"] == life.ada.id)
