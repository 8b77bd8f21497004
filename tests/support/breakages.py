"""Ways to break the invariants that an audit checks, one at a time, in a world of `departing`."""

import json
from collections.abc import Callable
from typing import Any

from fstream_app import tables
from fstream_app.core import database, packing
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import ReactionKind
from fstream_app.core.ids import MessageId, new_user_id
from fstream_app.repository import rosters
from fstream_app.repository.reactions import sort_key
from ops.operations.audit.findings import Problem
from tests.support.departing import World
from tests.support.people import stored

Broken = Callable[[World], str]
"""Breaks an invariant; returns the table and key that must be reported."""

NOBODY = new_user_id()
BROKEN: list[tuple[Problem, Broken]] = []


def put(model: type[tables.Table], **attributes: object) -> None:
    """Put an item as it is, replacing any with its key."""
    database.connection().client.put_item(TableName=model.table_name(), Item=wire(attributes))


def wire(attributes: dict[str, object]) -> dict[str, Any]:
    kinds = {str: "S", int: "N", bytes: "B", bool: "BOOL"}
    return {
        name: {kinds[type(value)]: str(value) if type(value) is int else value} for name, value in attributes.items()
    }


def change(model: type[tables.Table], *key: str, **attributes: object) -> None:
    """Set attributes of an item that exists; None removes one."""
    client, name = database.connection().client, model.table_name()
    found = client.get_item(TableName=name, Key=keys(model, *key))["Item"]
    found |= wire({name: value for name, value in attributes.items() if value is not None})
    left = {name: value for name, value in found.items() if attributes.get(name, "") is not None}
    client.put_item(TableName=name, Item=left)


def keys(model: type[tables.Table], *key: str) -> dict[str, Any]:
    return {name: {"S": value} for name, value in zip(model.key_names(), key, strict=True)}


def lose(model: type[tables.Table], *key: str) -> None:
    """Delete an item that exists."""
    answer = database.connection().client.delete_item(
        TableName=model.table_name(), Key=keys(model, *key), ReturnValues="ALL_OLD"
    )
    assert answer["Attributes"]


def all_of(model: type[tables.Table], beginning: str = "") -> list[tuple[str, ...]]:
    """Return the keys of a table's items whose first key begins with a text."""
    items = [json.loads(item) for item in stored()[model.__name__]]
    found = [tuple(str(item[name]["S"]) for name in model.key_names()) for item in items]
    return sorted(key for key in found if key[0].startswith(beginning))


def breaks(problem: Problem) -> Callable[[Broken], Broken]:
    def add(broken: Broken) -> Broken:
        BROKEN.append((problem, broken))
        return broken

    return add


@breaks(Problem.NO_RESERVATION)
def lost_name(world: World) -> str:
    lose(tables.UserItem, "@cyd")
    return f"users {world.cyd.id}"


@breaks(Problem.NO_USER_OF_NAME)
def name_of_nobody(_: World) -> str:
    put(tables.UserItem, id="@nobody", user_id=NOBODY)
    return f"users {NOBODY}"


@breaks(Problem.NO_USER_OF_NAME)
def name_without_id(_: World) -> str:
    put(tables.UserItem, id="@nobody")
    return "users @nobody"


@breaks(Problem.NO_USER_OF_NAME)
def name_of_another(world: World) -> str:
    put(tables.UserItem, id="@nobody", user_id=world.bob.id)
    return f"users {world.bob.id}"


@breaks(Problem.SEARCH)
def unsearchable(world: World) -> str:
    change(tables.UserItem, world.bob.id, name_prefix=None)
    return f"users {world.bob.id}"


@breaks(Problem.STALLED)
def leaving_without_a_mark(world: World) -> str:
    change(tables.UserItem, world.dan.id, leaving=True, name_prefix=None)
    change(tables.UserItem, "@dan", user_id=None)
    return f"users {world.dan.id}"


@breaks(Problem.FOLLOWERS)
def followers(world: World) -> str:
    change(tables.UserItem, world.bob.id, followers_count=3)
    return f"users {world.bob.id}"


@breaks(Problem.FOLLOWING)
def following(world: World) -> str:
    change(tables.UserItem, world.cyd.id, following_count=1)
    return f"users {world.cyd.id}"


@breaks(Problem.ORPHAN)
def edge_to_nobody(world: World) -> str:
    put(tables.EdgeItem, u=world.bob.id, e=f"mute#{NOBODY}")
    return f"relationships {world.bob.id} mute#{NOBODY}"


@breaks(Problem.ORPHAN)
def edge_of_nobody(world: World) -> str:
    put(tables.EdgeItem, u=NOBODY, e=f"mute#{world.bob.id}")
    return f"relationships {NOBODY} mute#{world.bob.id}"


@breaks(Problem.ONE_SIDED)
def half_a_block(world: World) -> str:
    lose(tables.EdgeItem, world.dan.id, f"blocked_by#{world.ada.id}")
    return f"relationships {world.ada.id} block#{world.dan.id}"


@breaks(Problem.ONE_SIDED)
def other_half_of_a_block(world: World) -> str:
    lose(tables.EdgeItem, world.ada.id, f"block#{world.dan.id}")
    return f"relationships {world.dan.id} blocked_by#{world.ada.id}"


@breaks(Problem.BLOCKED_FOLLOW)
def followed_despite_a_block(world: World) -> str:
    put(tables.EdgeItem, u=world.bob.id, e=f"block#{world.ada.id}")
    put(tables.EdgeItem, u=world.ada.id, e=f"blocked_by#{world.bob.id}")
    return f"relationships {world.ada.id} {edge(EdgeKind.FOLLOW, world.bob.id)}"


@breaks(Problem.NOT_LEAVING)
def mark_without_a_departure(world: World) -> str:
    put(tables.EdgeItem, u=world.bob.id, e="leave#1")
    return f"relationships {world.bob.id} leave#1"


@breaks(Problem.ORPHAN)
def mark_of_nobody(_: World) -> str:
    put(tables.EdgeItem, u=NOBODY, e="leave#1")
    return f"relationships {NOBODY} leave#1"


@breaks(Problem.ORPHAN)
def token_of_nobody(_: World) -> str:
    ((token,), *_others) = [key for key in all_of(tables.TokenItem) if "#" not in key[0]]
    change(tables.TokenItem, token, user_id=NOBODY)
    return f"tokens {token}"


@breaks(Problem.NOT_SUSPENDED)
def token_of_a_suspended_user(world: World) -> str:
    tokens = [token for token in map(_token, stored()["TokenItem"]) if "#" not in token["hash"]]
    token = next(token for token in tokens if token["user_id"] == world.bob.id)
    change(tables.TokenItem, token["hash"], suspended="spam")
    return f"tokens {token['hash']}"


def _token(item: str) -> dict[str, str]:
    attributes = json.loads(item)
    return {name: attributes.get(name, {}).get("S", "") for name in ("hash", "user_id")}


@breaks(Problem.NO_EXPIRY)
def endless_code(world: World) -> str:
    code = {"hash": "code#1", "user_id": world.bob.id, "redirect_uri": "https://a.test"}
    put(tables.TokenItem, **code)
    return "tokens code#1"


@breaks(Problem.ORPHAN)
def report_of_nobody(_: World) -> str:
    key = next(key for key in all_of(tables.ReportItem) if key[0] == "open")
    change(tables.ReportItem, *key, account_id=NOBODY)
    return "reports " + " ".join(key)


@breaks(Problem.NO_REPORT)
def copy_without_report(world: World) -> str:
    put(tables.ReportItem, state="copy", id=f"0{world.bob.id:>025}", expires_at=world.api.clock.now // 1000 + 60)
    return f"reports copy 0{world.bob.id:>025}"


@breaks(Problem.ORPHAN)
def notification_for_nobody(world: World) -> str:
    key = str(MessageId.new(world.bob.id, world.api.clock.now))
    put(tables.NotificationItem, user_id=NOBODY, id=key, expires_at=world.api.clock.now // 1000 + 60)
    return f"notifications {NOBODY} {key}"


@breaks(Problem.ORPHAN)
def message_of_nobody(world: World) -> str:
    key = str(MessageId.new(NOBODY, world.api.clock.now))
    attributes = {"lifetime": 60, "visibility": 3, "expires_at": -(-world.api.clock.now // 1000) + 60}
    put(tables.MessageItem, author_id=NOBODY, id=key, text="hello", **attributes)
    return f"messages {key}"


@breaks(Problem.NOT_SUSPENDED)
def hidden_message(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], hidden=True)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.WRONG_EXPIRY)
def message_that_expires_late(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], expires_at=world.api.clock.now // 1000 + 60)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.NO_EXPIRY)
def endless_message(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], expires_at=None)
    return f"messages {world.bob.id} {world.replied_to['id']}"


@breaks(Problem.FAVOURITES)
def favourites(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], favourites_count=3)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.REPLIES)
def too_many_replies(world: World) -> str:
    change(tables.MessageItem, world.bob.id, world.replied_to["id"], lasting_replies=3)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.REPLIES)
def no_replies(world: World) -> str:
    change(tables.MessageItem, world.ada.id, world.statuses[0]["id"], lasting_replies=None, brief_replies=None)
    return f"messages {world.statuses[0]['id']}"


@breaks(Problem.NOT_IN_LOG)
def lost_log(world: World) -> str:
    for key in all_of(tables.LogItem):
        lose(tables.LogItem, *key)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.NOT_IN_HEAD)
def lost_head(world: World) -> str:
    lose(tables.HeadItem, world.bob.id)
    return f"messages {world.replied_to['id']}"


@breaks(Problem.NOT_PUBLIC)
def lost_public_timeline(world: World) -> str:
    lose(tables.TimelineItem, "public#0", world.statuses[0]["id"])
    return f"messages {world.statuses[0]['id']}"


@breaks(Problem.NOT_TAGGED)
def lost_hashtag(world: World) -> str:
    lose(tables.TimelineItem, "tag#tag", world.statuses[0]["id"])
    return f"messages {world.statuses[0]['id']}"


@breaks(Problem.NOT_IN_THREAD)
def lost_thread(world: World) -> str:
    lose(tables.TimelineItem, f"thread#{world.replied_to['id']}", world.statuses[2]["id"])
    return f"messages {world.statuses[2]['id']}"


@breaks(Problem.WRONG_ENTRY)
def reply_on_the_public_timeline(world: World) -> str:
    (key,) = [key for key in all_of(tables.TimelineItem, "thread#") if key[1] == world.statuses[2]["id"]]
    put(tables.TimelineItem, timeline="public#0", message_id=key[1], expires_at=world.api.clock.now // 1000 + 60)
    return f"timelines public#0 {key[1]}"


@breaks(Problem.WRONG_ENTRY)
def foreign_hashtag(world: World) -> str:
    key = world.statuses[0]["id"]
    put(tables.TimelineItem, timeline="tag#other", message_id=key, expires_at=world.api.clock.now // 1000 + 60)
    return f"timelines tag {key}"


@breaks(Problem.WRONG_EXPIRY)
def entry_that_expires_late(world: World) -> str:
    key = world.statuses[0]["id"]
    change(tables.TimelineItem, "public#0", key, expires_at=world.api.clock.now // 1000 + 60)
    return f"timelines public#0 {key}"


@breaks(Problem.WRONG_ENTRY)
def head_with_another_lifetime(world: World) -> str:
    message_id = MessageId.parse(world.replied_to["id"])
    entry = packing.Entry(message_id, 3600, packing.Visibility.DIRECT, is_reply=False)
    change(tables.HeadItem, world.bob.id, entries=packing.pack_head([entry]))
    return f"heads {world.bob.id}"


@breaks(Problem.GONE_IN_HEAD)
def head_with_a_message_that_is_gone(world: World) -> str:
    entry = packing.Entry(
        MessageId.new(world.dan.id, world.api.clock.now), 60, packing.Visibility.PUBLIC, is_reply=False
    )
    put(
        tables.HeadItem,
        author_id=world.dan.id,
        entries=packing.pack_head([entry]),
        expires_at=world.api.clock.now // 1000 + 60,
    )
    return f"heads {world.dan.id}"


@breaks(Problem.ORPHAN)
def head_of_nobody(world: World) -> str:
    put(tables.HeadItem, author_id=NOBODY, entries=b"", expires_at=world.api.clock.now // 1000 + 60)
    return f"heads {NOBODY}"


@breaks(Problem.UNREADABLE)
def unreadable_log(world: World) -> str:
    put(tables.LogItem, hour="1#0", appended_at="0", entries=b"x", expires_at=world.api.clock.now // 1000 + 60)
    return "log 1#0 0"


@breaks(Problem.UNREADABLE)
def unreadable_roster(world: World) -> str:
    now = world.api.clock.now
    group = rosters.Group(86_400, now, now, now + 86_400_000, (64,), (1,), first=0)
    rosters.put(1, now, [(group, bytes(64))], now + 86_400_000)
    ((_, edition),) = all_of(tables.LogItem, "roster#1#0")
    change(tables.LogItem, "roster#1#0", edition, entries=b"x")
    return f"log roster#1#0 {edition}"


@breaks(Problem.ORPHAN)
def reaction_of_nobody(world: World) -> str:
    key = sort_key(ReactionKind.BOOKMARK, MessageId.parse(world.replied_to["id"]))
    put(tables.ReactionItem, user_id=NOBODY, reaction=key, expires_at=1)
    return f"reactions {NOBODY} {key}"


@breaks(Problem.NO_EXPIRY)
def endless_limit(_: World) -> str:
    put(tables.LimitItem, key="requests#203.0.113.7")
    return "limits requests"


@breaks(Problem.FAR_EXPIRY)
def expiry_in_milliseconds(world: World) -> str:
    put(tables.LimitItem, key="requests#203.0.113.7", expires_at=world.api.clock.now)
    return "limits requests"


@breaks(Problem.OVERDUE)
def never_deleted(_: World) -> str:
    put(tables.LimitItem, key="requests#203.0.113.7", expires_at=1)
    return "limits requests"


@breaks(Problem.UNSETTLED)
def favourite_that_is_not_counted(world: World) -> str:
    key = world.cyd.id, f"favourite#{world.replied_to['id']}"
    change(tables.ReactionItem, *key, p=True)
    return "reactions " + " ".join(key)


@breaks(Problem.UNSETTLED)
def follow_that_is_not_subtracted(world: World) -> str:
    key = world.cyd.id, edge(EdgeKind.FOLLOW, world.bob.id)
    change(tables.EdgeItem, *key, x=True)
    return "relationships " + " ".join(key)


@breaks(Problem.FOLLOWERS)
def follow_that_is_counted_without_being_so(world: World) -> str:
    change(tables.EdgeItem, world.cyd.id, edge(EdgeKind.FOLLOW, world.bob.id), p=True)
    return f"users {world.bob.id}"


@breaks(Problem.REPLIES)
def reply_that_is_counted_without_being_so(world: World) -> str:
    change(tables.MessageItem, world.ada.id, world.statuses[2]["id"], p=True)
    return f"messages {world.replied_to['id']}"
