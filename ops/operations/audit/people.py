"""Checks of accounts and of what belongs to them: names, counts, edges, tokens, reports, notifications."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import assert_never

from fstream_app.core import partitions
from fstream_app.core.edges import NAMELESS, EdgeKind, edge, parse_edge
from fstream_app.core.ids import MessageId
from fstream_app.repository import batch, filters, lists, messages
from fstream_app.repository import reports as reports_table
from fstream_app.repository.batch import Key
from fstream_app.repository.users import reservation
from fstream_app.repository.wire import WireItem, value
from fstream_app.tables import EdgeIndex, EdgeItem, NotificationItem, ReportItem, SocketItem, Table, TokenItem, UserItem
from ops.operations.audit.findings import Finding, Problem
from ops.operations.audit.reading import Tables, is_counted, is_ended, shown


def users(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check users and the reservations of their names; 2 RRU per user, 1 per 136 follows and 1 per follower and pin."""
    people = [item for item in items if not _is_reservation(item)]
    reserved = {value(item, "user_id"): item for item in items if _is_reservation(item) and "user_id" in item}
    found = tables.get(UserItem, [*(reservation(value(item, "name") or "") for item in people), *reserved])
    for user_id, item in reserved.items():
        holder = found.get(user_id)
        if holder is None or reservation(value(holder, "name") or "") != value(item, "id"):
            yield _finding(UserItem, item, Problem.NO_USER_OF_NAME)
    for item in people:
        yield from _user(item, found.get(reservation(value(item, "name") or "")), tables)


def unheld(items: Iterable[WireItem]) -> set[str]:
    """Return the names of leaving users and of reservations without a user id: each in a page, or in two, twice.

    The reservation of a leaving user does not name the user, so the two meet only here.
    """
    names: set[str] = set()
    for item in items:
        if _is_reservation(item) and "user_id" not in item:
            names ^= {value(item, "id").removeprefix("@")}
        elif "leaving" in item:
            names ^= {value(item, "name") or ""}
    return names


def still_unheld(names: Iterable[str], tables: Tables) -> Iterator[Finding]:
    """Check reservations for which no leaving user was found: those that still exist without a user id are orphans."""
    for item in tables.get(UserItem, map(reservation, names)).values():
        if "user_id" not in item:
            yield _finding(UserItem, item, Problem.NO_USER_OF_NAME)


def _is_reservation(item: WireItem) -> bool:
    return str(value(item, "id")).startswith("@")


def _user(item: WireItem, reserved: WireItem | None, tables: Tables) -> Iterator[Finding]:
    user_id, leaving, hidden = value(item, "id"), "leaving" in item, "leaving" in item or "suspended" in item
    if reserved is None or value(reserved, "user_id") != (None if leaving else user_id):
        yield _finding(UserItem, item, Problem.NO_RESERVATION)
    if ("name_prefix" in item) is hidden:
        yield _finding(UserItem, item, Problem.SEARCH)
    if leaving and not any(tables.partition(EdgeItem, user_id, f"{EdgeKind.LEAVE}#")):
        yield _finding(UserItem, item, Problem.STALLED)
    marked = messages.get_many([MessageId.parse(each["S"]) for each in value(item, "pinned") or ()])
    if any(not message.pinned for message in marked.values()):
        yield _finding(UserItem, item, Problem.NOT_PINNED)
    followed = sum(
        1 for edge_item in tables.partition(EdgeItem, user_id, f"{EdgeKind.FOLLOW}#") if is_counted(edge_item)
    )
    yield from _count(item, "following_count", followed, Problem.FOLLOWING)
    yield from _count(item, "followers_count", _followers(user_id, tables), Problem.FOLLOWERS)


def _followers(user_id: str, tables: Tables) -> int:
    """Count a user's followers: the index names them, and the edges say whether they are counted yet."""
    key = edge(EdgeKind.FOLLOW, user_id)
    entries = tables.indexed(EdgeItem, EdgeIndex.Meta.index_name, "e", key)
    together = batch.chunks(entries, batch.READ_LIMIT)
    edges_of = (tables.get(EdgeItem, [(value(entry, "u"), key) for entry in some]) for some in together)
    return sum(is_counted(item) for found in edges_of for item in found.values())


def _count(item: WireItem, name: str, found: int, problem: Problem) -> Iterator[Finding]:
    counted = int(value(item, name) or 0)
    if counted != found:
        yield _finding(UserItem, item, problem, f"it is {counted}, found: {found}")


def edges(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check relationships; 2 RRU per edge, 1 more per block and 2 per follow."""
    beside = tables.get(EdgeItem, [key for item in items for key in _beside(item)])
    existing = tables.get(UserItem, [user_id for item in items for user_id in _users_of(item)])
    for item in items:
        problem = _edge(item, existing, beside)
        if problem is not None:
            yield _finding(EdgeItem, item, problem)


def _edge(item: WireItem, users: Mapping[Key, WireItem], beside: Mapping[Key, WireItem]) -> Problem | None:
    owner, kind, _ = _parts(item)
    if not all(user_id in users for user_id in _users_of(item)):
        return Problem.ORPHAN
    if is_ended(item):
        return None  # no read treats it as an edge
    found = [key in beside for key in _beside(item)]
    match kind:
        case EdgeKind.FOLLOW | EdgeKind.REQUEST:
            return Problem.BLOCKED_FOLLOW if any(found) else None
        case EdgeKind.BLOCK | EdgeKind.BLOCKED_BY | EdgeKind.FILTER:
            missing = Problem.NO_FILTERS if kind is EdgeKind.FILTER else Problem.ONE_SIDED
            return None if all(found) else missing
        case EdgeKind.LEAVE:
            return None if "leaving" in users[owner] else Problem.NOT_LEAVING
        case (
            EdgeKind.MUTE
            | EdgeKind.UNLOCK
            | EdgeKind.CLEAR
            | EdgeKind.LIST
            | EdgeKind.EXCLUSIVE
            | EdgeKind.STILL
            | EdgeKind.NOTE
            | EdgeKind.TAG
            | EdgeKind.DISMISSAL
            | EdgeKind.SENDER
            | EdgeKind.POLICY
            | None
        ):
            return None if all(found) else Problem.HALF_EXCLUSIVE
        case _:
            assert_never(kind)


def _beside(item: WireItem) -> list[Key]:
    """Return the keys of the edges with which an edge must agree.

    These are a block's other half; the blocks between the users of a follow or of a request to follow; of an exclusive
    list, the list and its mark; or a user's filters and the mark that there are some.
    """
    owner, kind, other = _parts(item)
    match kind:
        case EdgeKind.FOLLOW | EdgeKind.REQUEST:
            return [(owner, edge(EdgeKind.BLOCK, other)), (owner, edge(EdgeKind.BLOCKED_BY, other))]
        case EdgeKind.BLOCK | EdgeKind.BLOCKED_BY:
            half = EdgeKind.BLOCKED_BY if kind is EdgeKind.BLOCK else EdgeKind.BLOCK
            return [(other, edge(half, owner))]
        case EdgeKind.EXCLUSIVE:
            return [lists.key(owner, other)]
        case EdgeKind.LIST:
            return [lists.mark_key(owner, other)] if lists.is_exclusive(item) else []
        case EdgeKind.FILTER:
            return [filters.key(owner), (owner, edge(EdgeKind.FILTER, owner))]
        case (
            EdgeKind.MUTE
            | EdgeKind.LEAVE
            | EdgeKind.UNLOCK
            | EdgeKind.CLEAR
            | EdgeKind.STILL
            | EdgeKind.NOTE
            | EdgeKind.TAG
            | EdgeKind.DISMISSAL
            | EdgeKind.SENDER
            | EdgeKind.POLICY
            | None
        ):
            return []
        case _:
            assert_never(kind)


def _parts(item: WireItem) -> tuple[str, EdgeKind | None, str]:
    return partitions.owner(value(item, "u")), *parse_edge(value(item, "e"))


def _users_of(item: WireItem) -> list[str]:
    """Return the users whom an edge or a list names. What an edge of an unknown kind names is unknown."""
    owner, kind, other = _parts(item)
    return [owner] if kind is None or kind in NAMELESS else [owner, other]


def tokens(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check tokens, authorization codes and lists of recent ones; 1 RRU each."""
    existing = tables.get(UserItem, [value(item, "user_id") for item in items if "user_id" in item])
    for item in items:
        is_short_lived = "redirect_uri" in item or "recent" in item
        if (is_short_lived or "user_id" not in item) and "expires_at" not in item:
            yield _finding(TokenItem, item, Problem.NO_EXPIRY)
        if "user_id" not in item:
            continue
        user = existing.get(value(item, "user_id"))
        if user is None:
            yield _finding(TokenItem, item, Problem.ORPHAN)
        elif not is_short_lived and ("suspended" in item) is not ("suspended" in user):
            yield _finding(TokenItem, item, Problem.NOT_SUSPENDED)


def reports(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that reporters and reported users exist, and that each copy has its open report; 2 RRU per report."""
    copies = [item for item in items if value(item, "state") == reports_table.COPY]
    made = [item for item in items if value(item, "state") != reports_table.COPY]
    yield from _orphans(ReportItem, made, ("reporter_id", "account_id"), tables)
    existing = tables.get(ReportItem, [_report_of(copy) for copy in copies])
    for copy in copies:
        if _report_of(copy) not in existing:
            yield _finding(ReportItem, copy, Problem.NO_REPORT)


def _report_of(copy: WireItem) -> Key:
    return reports_table.OPEN, str(value(copy, "id"))


def notifications(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that the notified users exist; 1 RRU per notification. What they name may be gone until they expire."""
    yield from _orphans(NotificationItem, items, ("user_id",), tables)


def sockets(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that the users of sockets exist; 1 RRU per socket. Other items lead to sockets, which may have ended."""
    yield from _orphans(SocketItem, [item for item in items if "owner" in item], ("owner",), tables)
    yield from _orphans(
        SocketItem, [item for item in items if {"token", "opened"} <= item.keys()], ("user_id",), tables
    )


def _orphans(model: type[Table], items: Sequence[WireItem], names: Sequence[str], tables: Tables) -> Iterator[Finding]:
    existing = tables.get(UserItem, [value(item, name) for item in items for name in names])
    for item in items:
        if any(value(item, name) not in existing for name in names):
            yield _finding(model, item, Problem.ORPHAN)


def _finding(model: type[Table], item: WireItem, problem: Problem, detail: str = "") -> Finding:
    return Finding(model.base_name(), shown(model, item), problem, detail)
