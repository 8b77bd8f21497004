"""Checks of what fan-out writes, of reactions, and of the expiry of everything: views contain no wrong entries."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import assert_never

from fstream_app.core import clock, packing
from fstream_app.core.entities import Message, ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.repository import conversations, messages, reactors, rosters
from fstream_app.repository import timelines as timelines_of
from fstream_app.repository.reactions import parse
from fstream_app.repository.wire import WireItem, value
from fstream_app.tables import EdgeItem, Expiry, HeadItem, LogItem, ReactionItem, Table, TimelineItem, UserItem
from ops.operations.audit.findings import Finding, Problem
from ops.operations.audit.reading import Tables, is_counted, is_ended, shown

DAY = 86_400
"""Seconds."""
_LONGEST = 100 * DAY
"""Nothing that expires lives longer: reports are kept for 90 days."""
_VIEWS = {"public", "tag", "thread", "quotes", "direct"}
"""The kinds of timelines whose entries are messages."""
_OVERDUE = 4 * DAY
"""DynamoDB deletes expired items within a few days."""


def expiries(model: type[Table], items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that everything that must expire has an expiry, in seconds, and is deleted after it."""
    now = tables.now() // 1000
    required = any(isinstance(each, Expiry) and not each.null for each in model.get_attributes().values())
    for item in items:
        expires_at = value(item, "expires_at")
        if expires_at is None:
            if required:
                yield _finding(model, item, Problem.NO_EXPIRY)
        elif int(expires_at) > now + _LONGEST and model is not EdgeItem:  # a mute ends when its user wants
            yield _finding(model, item, Problem.FAR_EXPIRY)
        elif int(expires_at) < now - _OVERDUE:
            yield _finding(model, item, Problem.OVERDUE)


def unsettled(model: type[Table], items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that the stream function has brought the counts up to date with things that are counted.

    What expired before it was counted is never counted.
    """
    for item in items:
        expires_at = value(item, "expires_at")
        has_expired = expires_at is not None and 1000 * int(expires_at) <= tables.now()
        if not has_expired and (not is_counted(item) or is_ended(item)):
            yield _finding(model, item, Problem.UNSETTLED)


def heads(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check heads: at most 80 entries, in order, each as its message; 1 RRU per entry."""
    authors = tables.get(UserItem, [value(item, "author_id") for item in items])
    for item in items:
        author_id = value(item, "author_id")
        if author_id not in authors:
            yield _finding(HeadItem, item, Problem.ORPHAN)
        entries = _read(item, author_id)
        if entries is None:
            yield _finding(HeadItem, item, Problem.UNREADABLE)
            continue
        live = [entry for entry in entries if entry.is_live(tables.now())]
        existing = messages.get_many({entry.id for entry in live})
        is_ordered = sorted(set(entries)) == entries and len(entries) <= packing.HEAD_CAPACITY
        if not is_ordered or not _are_as(existing, live):
            yield _finding(HeadItem, item, Problem.WRONG_ENTRY)
        if any(entry.id not in existing for entry in live):
            yield _finding(HeadItem, item, Problem.GONE_IN_HEAD)


def log(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that the log's entries are as their messages, if these exist; 1 RRU per entry. Rosters must be readable."""
    for item in items:
        if rosters.is_part(item):
            if not rosters.is_readable(item):
                yield _finding(LogItem, item, Problem.UNREADABLE)
            continue
        entries = _read(item)
        if entries is None:
            yield _finding(LogItem, item, Problem.UNREADABLE)
            continue
        live = {entry.id: entry for entry in entries if entry.is_live(tables.now())}
        if not _are_as(messages.get_many(live.keys()), live.values()):
            yield _finding(LogItem, item, Problem.WRONG_ENTRY)


def _are_as(existing: Mapping[MessageId, Message], entries: Collection[Entry]) -> bool:
    return all(existing[entry.id].entry == entry for entry in entries if entry.id in existing)


def _read(item: WireItem, author_id: str | None = None) -> list[Entry] | None:
    packed = value(item, "entries") or b""
    try:
        return list(packing.unpack_log(packed) if author_id is None else packing.ascending(author_id, packed))
    except ValueError:
        return None


def timelines(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that a timeline's entries belong there, if their messages exist; 1 RRU per entry, 2 of a conversation.

    An entry whose message is gone leads nowhere, and expires. Entries of kinds that this version does not know are
    left out.
    """
    messages_of = [item for item in items if _parts(item)[0] in _VIEWS and not conversations.is_mark(item)]
    existing = messages.get_many({MessageId.parse(value(item, "message_id")) for item in messages_of})
    for item in messages_of:
        message = existing.get(MessageId.parse(value(item, "message_id")))
        if message is None or not message.is_live(tables.now()):
            continue
        if not _belongs(message, item):
            yield _finding(TimelineItem, item, Problem.WRONG_ENTRY)
        elif int(value(item, "expires_at") or 0) != clock.ttl_seconds(message.expires_at):
            yield _finding(TimelineItem, item, Problem.WRONG_EXPIRY)
    owners = tables.get(UserItem, [name for view, name in map(_parts, items) if view == "direct"])
    for item in items:
        view, name = _parts(item)
        if view == "direct" and name not in owners:
            yield _finding(TimelineItem, item, Problem.ORPHAN)
        if view == "tags" and not value(item, "message_id").startswith(name):
            yield _finding(TimelineItem, item, Problem.WRONG_ENTRY)


def _parts(item: WireItem) -> tuple[str, str]:
    view, _, name = str(value(item, "timeline")).partition("#")
    return view, name


def _belongs(message: Message, item: WireItem) -> bool:
    view, name = _parts(item)
    if view == "thread":
        is_its = value(item, "timeline") in timelines_of.threads_of(message)
        return is_its and message.ancestors == (value(item, "ancestors") or b"")
    if view == "quotes":
        return value(item, "timeline") in timelines_of.quotes_of(message)
    if view == "direct":
        is_its = value(item, "timeline") in conversations.views_of(message)
        return is_its and conversations.of_message(message) == value(item, "c")
    is_public = message.visibility is Visibility.PUBLIC and message.boost_of is None
    return is_public and (name in message.tags if view == "tag" else not message.is_reply)


def reactions(items: Sequence[WireItem], tables: Tables) -> Iterator[Finding]:
    """Check that reactions are of existing users, and expire with their messages, if these exist; 2 RRU each.

    Boosts must have their wrappers: 1 RRU each.
    """
    existing = tables.get(UserItem, [value(item, "user_id") for item in items])
    parsed = [parse(str(value(item, "reaction"))) for item in items]
    wrappers = {MessageId.parse(wrapper) for item in items if (wrapper := value(item, "wrapper"))}
    found = messages.get_many({MessageId.parse(target) for _, target in parsed} | wrappers)
    for item, (kind, target) in zip(items, parsed, strict=True):
        message = found.get(MessageId.parse(target))
        if value(item, "user_id") not in existing:
            yield _finding(ReactionItem, item, Problem.ORPHAN)
        elif not _is_indexed_rightly(item, kind, MessageId.parse(target)):
            yield _finding(ReactionItem, item, Problem.WRONG_ENTRY)
        elif message and int(value(item, "expires_at") or 0) != clock.ttl_seconds(message.expires_at):
            yield _finding(ReactionItem, item, Problem.WRONG_EXPIRY)
        elif kind is ReactionKind.BOOST and message and _lacks_wrapper(item, message, found, tables.now()):
            yield _finding(ReactionItem, item, Problem.NO_WRAPPER)


def _is_indexed_rightly(item: WireItem, kind: ReactionKind | None, message_id: MessageId) -> bool:
    key = value(item, "favourite_of")
    match kind:
        case ReactionKind.FAVOURITE:
            return key in {None, str(message_id)}
        case ReactionKind.BOOST:
            return key in {reactors.index_key(kind, message_id, private=private) for private in (False, True)}
        case ReactionKind.BOOKMARK | None:
            return True
        case _:
            assert_never(kind)


def _lacks_wrapper(item: WireItem, boosted: Message, found: Mapping[MessageId, Message], now: int) -> bool:
    """Return whether a boost has no wrapper. The wrapper lives for whole seconds, and may expire before the message."""
    wrapper = value(item, "wrapper")
    missing = not wrapper or MessageId.parse(wrapper) not in found
    return missing and not is_ended(item) and boosted.is_live(now + 1000)


def _finding(model: type[Table], item: WireItem, problem: Problem) -> Finding:
    return Finding(model.base_name(), shown(model, item), problem)
