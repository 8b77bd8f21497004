"""Checks of messages: their authors, counts and expiry, and that they are in every place in which they belong."""

from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence

from fstream_app.core import clock, packing, settings
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message, ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, boosts, conversations, log, messages, quotes, reactors, timelines, votes
from fstream_app.repository.batch import Key
from fstream_app.repository.quotes import MAX_BRIEF_QUOTES
from fstream_app.repository.reactions import parse
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

        7 RRU per message and 1 per 4 KB of the minutes of the log around it; 1 per favourite and boost, and, if it
        counts replies, 1 per reply and 4 KB of its thread; likewise for quotes; 1 for
        a wrapper.
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
        yield from self._marks([message for message in live if message.boost_of is not None])
        yield from self._places([message for message in live if message.id.time + GRACE <= now], now)

    def _is_left_over(self, message: Message, author: WireItem) -> bool:
        """Return whether a message was deleted with all of its author's, and nothing is deleting it; 1 RRU if so."""
        if message.written.time >= int(value(author, "cleared_until") or 0):
            return False
        return not any(self._tables.partition(EdgeItem, message.author_id, f"{EdgeKind.CLEAR}#"))

    def _counts(self, live: Sequence[Message], now: int) -> Iterator[Finding]:
        for message in live:
            yield from self._reactions(message)
            if (message.lasting_replies or message.brief_replies) and not self._are_counted(message, now):
                yield _finding(message, Problem.REPLIES)
            if (message.lasting_quotes or message.brief_quotes) and not self._are_quotes_counted(message, now):
                yield _finding(message, Problem.QUOTES)
        yield from _quoted_without_count(live, now)
        replies = [message for message in live if message.is_counted and not message.uncounted]
        answered = messages.get_many({reply.in_reply_to for reply in replies if reply.in_reply_to is not None})
        for message in answered.values():
            if message.is_live(now) and not (message.lasting_replies or message.brief_replies):
                yield _finding(message, Problem.REPLIES, "it is 0")

    def _reactions(self, message: Message) -> Iterator[Finding]:
        """Count a message's favourites, boosts and votes."""
        found = self._counted(reactors.index_keys(message.id))
        number = Counter(parse(value(item, "reaction"))[0] for item in found)
        for problem, kind, counted in (
            (Problem.FAVOURITES, ReactionKind.FAVOURITE, message.favourites_count),
            (Problem.BOOSTS, ReactionKind.BOOST, message.boosts_count),
        ):
            if counted != number[kind]:
                yield _finding(message, problem, f"it is {counted}, found: {number[kind]}")

        if (poll := message.poll) is None:
            return
        given = self._counted(votes.index_keys(message.id))
        cast = ((value(item, "reaction"), value(item, "choices")) for item in given)
        voters, *numbers = votes.tally(message.id, poll, cast).values()
        if (voters, *numbers[: len(poll.votes)]) != (poll.voters, *poll.votes):
            yield _finding(message, Problem.VOTES, f"{poll.voters} voters, found: {voters}")

    def _counted(self, index_keys: Sequence[str]) -> Iterator[WireItem]:
        """Read counted reactions: the index names them, and they say whether they are counted yet."""
        name = FavouriteIndex.Meta.index_name
        entries = (
            entry for key in index_keys for entry in self._tables.indexed(ReactionItem, name, "favourite_of", key)
        )
        for keys in batch.chunks((key_of(ReactionItem, entry) for entry in entries), batch.READ_LIMIT):
            yield from filter(is_counted, self._tables.get(ReactionItem, keys).values())

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

    def _are_quotes_counted(self, message: Message, now: int) -> bool:
        """Return whether a message counts all of its quotes, and nothing else; 1 RRU per quote and 4 KB of them."""
        lasting, brief = 0, set[bytes]()
        entries = self._tables.partition(TimelineItem, timelines.quotes(message.id))
        for ids in batch.chunks((MessageId.parse(value(item, "message_id")) for item in entries), batch.READ_LIMIT):
            counted = [each for each in messages.get_many(ids).values() if each.is_counted_quote and not each.uncounted]
            packed = [quotes.brief(each) for each in counted]
            lasting += packed.count(None)
            brief |= {each for each in packed if each and packing.is_live_in_log(each, now)}
        stored = {packed for packed in message.brief_quotes if packing.is_live_in_log(packed, now)}
        is_full = len(message.brief_quotes) >= MAX_BRIEF_QUOTES
        return lasting == message.lasting_quotes and stored <= brief and (is_full or brief == stored)

    def _marks(self, wrappers: Sequence[Message]) -> Iterator[Finding]:
        marks = {each.id: boosts.mark_of(each) for each in wrappers}
        found = self._tables.get(ReactionItem, marks.values())
        for wrapper in wrappers:
            mark = found.get(marks[wrapper.id])
            if mark is None or value(mark, "wrapper") != str(wrapper.id):
                yield _finding(wrapper, Problem.NO_MARK)

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


def _quoted_without_count(live: Sequence[Message], now: int) -> Iterator[Finding]:
    """Yield a finding for each message that counts no quotes although some of these messages quote it."""
    quoting = [each.quote for each in live if each.quote and each.is_counted_quote and not each.uncounted]
    for message in messages.get_many({each.of for each in quoting}).values():
        if message.is_live(now) and not (message.lasting_quotes or message.brief_quotes):
            yield _finding(message, Problem.QUOTES, "it is 0")


def _pinned(author: WireItem | None) -> set[str]:
    listed = value(author, "pinned") if author else None
    return {each["S"] for each in listed or ()}


def _places(message: Message, staying: Collection[Key]) -> list[Place]:
    """Return the places of a message among the timelines, given the participants who exist."""
    key = str(message.id)
    places: list[Place] = []
    if message.visibility is Visibility.PUBLIC and message.boost_of is None:
        if not message.is_reply:
            # The number of shards may have been raised since the message was posted.
            shards = {message.id.random % number for number in range(1, settings.get().public_shards + 1)}
            places.append((Problem.NOT_PUBLIC, [(timelines.public(shard), key) for shard in shards]))
        places += [(Problem.NOT_TAGGED, [(timelines.tag(name), key)]) for name in message.tags]
    if message.quote is not None and not message.quote.revoked:
        places += [(Problem.NOT_IN_QUOTES, [(view, key)]) for view in timelines.quotes_of(message)]
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
