"""Checks of messages: their authors, counts and expiry, and that they are in every place in which they belong."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence

from fstream_app.core import clock, packing, settings
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, conversations, log, messages, timelines
from fstream_app.repository.batch import Key
from fstream_app.repository.replies import MAX_BRIEF_REPLIES
from fstream_app.repository.wire import WireItem, value
from fstream_app.tables import EdgeItem, FavouriteIndex, HeadItem, MessageItem, ReactionItem, TimelineItem, UserItem
from ops.operations.audit.findings import Finding, Problem
from ops.operations.audit.reading import Tables, is_counted, key_of

GRACE = 60_000
"""Milliseconds after posting during which a message may be on its way to the views."""
_MINUTE = 60_000
_WINDOWS = 4
_LOG_PAGE = 2000

Place = tuple[Problem, list[Key]]
"""A message must have at least one of these timeline items; with the problem to report if it has none."""


class Messages:
    """The check of messages. It remembers the ids of a few minutes of the log."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._minutes: OrderedDict[int, frozenset[MessageId]] = OrderedDict()

    def check(self, items: Sequence[WireItem]) -> Iterator[Finding]:
        """Check a page of messages.

        6 RRU per message and 1 per 4 KB of the minutes of the log around it; 1 per favourite and, if it counts
        replies, 1 per reply and 4 KB of its thread.
        """
        now = self._tables.now()
        expiry = {MessageId.parse(value(item, "id")): int(value(item, "expires_at") or 0) for item in items}
        found = messages.get_many(expiry)
        authors = self._tables.get(UserItem, [message.author_id for message in found.values()])
        for message in found.values():
            author = authors.get(message.author_id)
            if author is None:
                yield _finding(message, Problem.ORPHAN)
            elif "leaving" in author:
                continue
            elif self._is_left_over(message, author):
                yield _finding(message, Problem.NOT_CLEARED)
                continue
            elif message.is_live(now) and message.hidden is not ("suspended" in author):
                yield _finding(message, Problem.NOT_SUSPENDED)
            if message.pinned and str(message.id) not in _pinned(author):
                yield _finding(message, Problem.NOT_PINNED)
            if expiry[message.id] != clock.ttl_seconds(message.expires_at):
                yield _finding(message, Problem.WRONG_EXPIRY)
        staying = [message for message in found.values() if "leaving" not in authors.get(message.author_id, _NOBODY)]
        live = [message for message in staying if message.is_live(now)]
        yield from self._counts(live, now)
        yield from self._places([message for message in live if message.id.time + GRACE <= now], now)

    def _is_left_over(self, message: Message, author: WireItem) -> bool:
        """Return whether a message was deleted with all of its author's, and nothing is deleting it; 1 RRU if so."""
        if message.written.time >= int(value(author, "cleared_until") or 0):
            return False
        return not any(self._tables.partition(EdgeItem, message.author_id, f"{EdgeKind.CLEAR}#"))

    def _counts(self, live: Sequence[Message], now: int) -> Iterator[Finding]:
        for message in live:
            favourites = self._favourites(message.id)
            if favourites != message.favourites_count:
                counted = f"it is {message.favourites_count}, found: {favourites}"
                yield _finding(message, Problem.FAVOURITES, counted)
            if (message.lasting_replies or message.brief_replies) and not self._are_counted(message, now):
                yield _finding(message, Problem.REPLIES)
        replies = [message for message in live if message.is_counted and not message.uncounted]
        answered = messages.get_many({reply.in_reply_to for reply in replies if reply.in_reply_to is not None})
        for message in answered.values():
            if message.is_live(now) and not (message.lasting_replies or message.brief_replies):
                yield _finding(message, Problem.REPLIES, "it is 0")

    def _favourites(self, message_id: MessageId) -> int:
        """Count a message's favourites: the index names them, and the reactions say whether they are counted yet."""
        name, key = FavouriteIndex.Meta.index_name, str(message_id)
        entries = self._tables.indexed(ReactionItem, name, "favourite_of", key)
        together = batch.chunks((key_of(ReactionItem, entry) for entry in entries), batch.READ_LIMIT)
        return sum(is_counted(item) for keys in together for item in self._tables.get(ReactionItem, keys).values())

    def _are_counted(self, message: Message, now: int) -> bool:
        """Return whether a message counts all of its replies, and nothing else; 1 RRU per reply and 4 KB of thread."""
        lasting, brief = 0, set()
        for replies in batch.chunks(self._replies(message), batch.READ_LIMIT):
            for reply in messages.get_many(replies).values():
                if not reply.is_counted or reply.uncounted:
                    continue
                if reply.outlives_answered:
                    lasting += 1
                elif now < reply.expires_at:
                    brief.add(packing.pack_log([reply.entry]))
        stored = {packed for packed in message.brief_replies if packing.is_live_in_log(packed, now)}
        is_full = len(message.brief_replies) >= MAX_BRIEF_REPLIES
        return lasting == message.lasting_replies and stored <= brief and (is_full or brief == stored)

    def _replies(self, message: Message) -> Iterator[MessageId]:
        root = message.thread or message.id
        parent = message.id.pack()
        for item in self._tables.partition(TimelineItem, timelines.thread(root)):
            if (value(item, "ancestors") or b"").endswith(parent):
                yield MessageId.parse(value(item, "message_id"))

    def _places(self, placed: Sequence[Message], now: int) -> Iterator[Finding]:
        people = {person for message in placed for person in conversations.participants(message)}
        staying = {user_id for user_id, item in self._tables.get(UserItem, people).items() if "leaving" not in item}
        wanted = [key for message in placed for _, keys in _places(message, staying) for key in keys]
        views = self._tables.get(TimelineItem, wanted)
        heads = self._tables.get(HeadItem, {message.author_id for message in placed})
        for message in placed:
            for problem, keys in _places(message, staying):
                if not any(key in views for key in keys):
                    yield _finding(message, problem)
            if not _is_in_head(message, heads):
                yield _finding(message, Problem.NOT_IN_HEAD)
            if not self._is_in_log(message.id, now):
                yield _finding(message, Problem.NOT_IN_LOG)

    def _is_in_log(self, message_id: MessageId, now: int) -> bool:
        """Return whether the log has a message: usually in the minute of posting, after a repair anywhere later."""
        first = (message_id.time - int(1000 * settings.get().tail_overlap)) // _MINUTE
        last = (message_id.time + GRACE) // _MINUTE
        if any(message_id in self._minute(minute) for minute in range(first, last + 1)):
            return True
        return any(message_id in _appended(minute) for minute in range(last + 1, now // _MINUTE + 2))

    def _minute(self, minute: int) -> frozenset[MessageId]:
        if minute not in self._minutes:
            self._minutes[minute] = _appended(minute)
            if len(self._minutes) > _WINDOWS:
                self._minutes.popitem(last=False)
        self._minutes.move_to_end(minute)
        return self._minutes[minute]


_NOBODY: WireItem = {}


def _appended(minute: int) -> frozenset[MessageId]:
    """Return the ids that were appended to the log in a minute."""
    found: set[MessageId] = set()
    since = minute * _MINUTE
    for shard in range(settings.get().log_shards):
        before = since + _MINUTE
        while True:
            page = log.read(shard, since, before, _LOG_PAGE)
            found |= {entry.id for each in page for entry in packing.unpack_log(each.packed)}
            if len(page) < _LOG_PAGE:
                break
            before = page[-1].appended_at
    return frozenset(found)


def _pinned(author: WireItem | None) -> set[str]:
    listed = value(author, "pinned") if author else None
    return {each["S"] for each in listed or ()}


def _places(message: Message, staying: Collection[Key]) -> list[Place]:
    """Return the places of a message among the timelines, given the participants who exist."""
    key = str(message.id)
    places: list[Place] = []
    if message.visibility is Visibility.PUBLIC:
        if not message.is_reply:
            # The number of shards may have been raised since the message was posted.
            shards = {message.id.random % number for number in range(1, settings.get().public_shards + 1)}
            places.append((Problem.NOT_PUBLIC, [(timelines.public(shard), key) for shard in shards]))
        places += [(Problem.NOT_TAGGED, [(timelines.tag(name), key)]) for name in message.tags]
    places += [(Problem.NOT_IN_THREAD, [(view, key)]) for view in timelines.threads_of(message)]
    talking = set(map(conversations.view, map(str, staying))).intersection(conversations.views_of(message))
    places += [(Problem.NOT_IN_CONVERSATION, [(view, key)]) for view in talking]
    return places


def _is_in_head(message: Message, heads: Mapping[Key, WireItem]) -> bool:
    head = heads.get(message.author_id)
    if head is None:
        return False
    ids: Collection[MessageId] = [entry.id for entry in packing.ascending(message.author_id, value(head, "entries"))]
    return message.id in ids or (len(ids) == packing.HEAD_CAPACITY and message.id < min(ids))


def _finding(message: Message, problem: Problem, detail: str = "") -> Finding:
    return Finding(MessageItem.base_name(), str(message.id), problem, detail)
