"""Conversations: a user's direct messages, sent and received, as one entry per thread and set of participants.

The function `views` puts each direct message into the view of each participant. A conversation is shown with the newest
of its messages that the user may see at the moment: if that one expires or is deleted, the one before takes its place.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial

import msgspec

from fstream_app.core.entities import PAGE, Message, Page, User, Window
from fstream_app.core.errors import NotFound, Unauthenticated
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.relations import Relations
from fstream_app.feed import settling, tail
from fstream_app.messages import answers
from fstream_app.messages.hydration import Hydrated, joined
from fstream_app.messages.sources import Candidate, Pages
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import oldest_live, settled_before
from fstream_app.people import relationships
from fstream_app.repository import conversations, users
from fstream_app.repository.conversations import Entry, Mark

MAX_ENTRIES = 2000
"""Limit of a user's direct messages that a page reads: below its beginning, and again above it."""
MAX_SOUGHT = 10_000
"""Limit of those that are read to find one conversation."""
_LOOKS = 36
"""Limit of how often a page reads messages, because those of many authors are gone."""
_NOT_FOUND = "Conversation not found"


class Conversation(msgspec.Struct, frozen=True):
    """A conversation as its user sees it."""

    id: str
    unread: bool
    """Whether its newest message is somebody else's that the user has not read, or the user marked it as unread."""
    others: list[User]
    """The other participants, without those who are gone, or blocked in either direction."""
    last: Message


class ConversationPage(msgspec.Struct, frozen=True):
    """Conversations, the one with the newest message first, and their last messages as a page, in the same order."""

    shown: list[Conversation]
    page: Page
    own: User | None
    """The user, who is shown as the participant of conversations without others."""


class _Reader:
    """Reads a user's entries lazily, newest first, without those that have not settled."""

    def __init__(self, user_id: str, window: Window, now: int, most: int) -> None:
        self._conversations: dict[MessageId, str] = {}
        self._name = conversations.view(user_id)
        downwards = msgspec.structs.replace(window, oldest_first=False)
        self._window = downwards.narrowed(after=oldest_live(now), before=settled_before(now))
        self._left = most
        self._now = now
        pages = conversations.pages(user_id, self._window, now)
        self._source = Pages[Candidate](map(self._known, pages), self._window)

    def _known(self, page: list[Entry]) -> list[MessageId]:
        self._conversations |= dict(page)
        return [entry.message_id for entry in page]

    @property
    def can_read(self) -> bool:
        """Whether entries are left that may still be read."""
        return not self._source.is_complete and self._left > 0

    @property
    def position(self) -> MessageId | None:
        """The id down to which entries were read; None if all were."""
        return None if self._source.is_complete else self._source.position

    def advance(self) -> None:
        """Read the next page of entries, at the cost of its query."""
        self._source.advance()

    def settle(self) -> None:
        """Drop entries that have not settled, after the first page was read; RRU as `settling.own_missing`."""
        missing = settling.own_missing({self._name: self._source}, self._window, self._now)
        self._source.narrow(before=min(settled_before(self._now, tail.shared().views_lag()), missing))

    def take(self) -> list[Entry]:
        """Take the entries that were read; read on if none are left."""
        if self._source.peek() is None and self.can_read:
            self.advance()
        taken: list[Entry] = []
        while (candidate := self._source.peek()) is not None:
            self._source.take()
            message_id = candidate if isinstance(candidate, MessageId) else candidate.id
            taken.append(Entry(message_id, self._conversations[message_id]))
        self._left -= len(taken)
        return taken


class _Listing:
    """A user's conversations, while the newest visible message of each is being looked for."""

    def __init__(self, viewer: Viewer, user_id: str, marks: Mapping[str, Mark], window: Window) -> None:
        self.found: dict[str, Message] = {}
        """The last message of each conversation that belongs on the page."""
        self.newest: dict[str, MessageId] = {}
        """The newest entry of each conversation, shown or not."""
        self.hydrated = Hydrated({}, {})
        self._viewer = viewer
        self._user_id = user_id
        self._marks = marks
        self._window = window
        self._waiting: dict[str, deque[MessageId]] = {}
        """Entries that may be a conversation's last message, newest first."""
        self._done: set[str] = set()

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries, which are older than all that were added before."""
        muted = self._viewer.relations.muting_notifications
        for message_id, conversation_id in entries:
            self.newest.setdefault(conversation_id, message_id)
            is_removed = message_id <= self._marks.get(conversation_id, Mark()).removed_to
            is_passed_over = message_id.author_id in muted or self._viewer.passes_over(message_id)
            if not is_removed and not is_passed_over and conversation_id not in self._done:
                self._waiting.setdefault(conversation_id, deque()).append(message_id)

    def pending(self) -> list[str]:
        """Return the conversations that may belong on the page and are not found yet, those that may come first before.

        The last message that the user may see can be any of those that wait. Upwards, the lowest one counts.
        """
        window = self._window
        bounds = {
            conversation_id: bound
            for conversation_id, entries in self._waiting.items()
            if (bound := next((each for each in entries if each < window.before), None)) is not None
        }
        if window.oldest_first:
            bounds = {conversation_id: self._waiting[conversation_id][-1] for conversation_id in bounds}
        if len(self.found) >= window.limit:
            last = self.ordered()[window.limit - 1].id
            bounds = {each: bound for each, bound in bounds.items() if (bound < last) is window.oldest_first}
        ordered = sorted(bounds, key=lambda each: bounds[each], reverse=not window.oldest_first)
        return ordered[: max(window.limit, PAGE)] if window.oldest_first else ordered[: window.limit]

    def has_below(self, message_id: MessageId) -> bool:
        """Return whether a conversation was found, or may be, whose last message is below an id."""
        bounds = [min(entries) for entries in self._waiting.values()]
        return any(each < message_id for each in [*bounds, *(message.id for message in self.found.values())])

    def ordered(self) -> list[Message]:
        """Return the last messages that were found, in the window's order."""
        return sorted(self.found.values(), key=lambda each: each.id, reverse=not self._window.oldest_first)

    def look(self, pending: Collection[str]) -> None:
        """Read the newest message of each of these conversations that may be visible, and its participants.

        Two round trips. RRU as `Viewer.hydrate`; 1 for each participant who is not the author of a visible message.
        """
        heads = {each: self._waiting[each][0] for each in pending}
        read = self._viewer.hydrate(heads.values())
        seen = {
            each: read.messages[head]
            for each, head in heads.items()
            if read.why_hidden(head, self._viewer.why_not) is None
        }
        everybody = {person for message in seen.values() for person in conversations.participants(message)}
        people = everybody - {self._user_id}
        more = self._viewer.hydrate((), people, people - {message.author_id for message in seen.values()})
        self.hydrated = Hydrated(
            self.hydrated.messages | read.messages,
            self.hydrated.users | read.users | more.users,
            joined([self.hydrated.reactions, read.reactions]),
            originals={**self.hydrated.originals, **read.originals},
        )
        for each in pending:
            if each not in seen:
                self._pass(each)
                continue
            if heads[each] < self._window.before and _is_shown(seen[each], self._user_id, self._viewer.relations):
                self.found[each] = seen[each]
            self._done.add(each)
            del self._waiting[each]

    def _pass(self, conversation_id: str) -> None:
        """Pass over a conversation's newest entry, and over the next ones if their authors are blocked or gone."""
        entries = self._waiting[conversation_id]
        entries.popleft()
        while entries and self._viewer.passes_over(entries[0]):
            entries.popleft()
        if not entries:
            del self._waiting[conversation_id]

    def conversation(self, conversation_id: str) -> Conversation:
        """Return a conversation that was found."""
        last, mark = self.found[conversation_id], self._marks.get(conversation_id, Mark())
        is_news = last.author_id != self._user_id or last.id <= mark.unread_to
        others = [each for each in conversations.participants(last) if each != self._user_id]
        known = self.hydrated.users
        return Conversation(
            id=conversation_id,
            unread=is_news and last.id > mark.read_to,
            others=[known[each] for each in others if each in known and not self._viewer.why_passed_over(each)],
            last=last,
        )

    def page(self, older: MessageId | None, newer: MessageId | None) -> ConversationPage:
        """Return the conversations that were found, as many as the page has room for."""
        kept = sorted(self.ordered()[: self._window.limit], key=lambda each: each.id, reverse=True)
        names = {message.id: conversation_id for conversation_id, message in self.found.items()}
        known, filters = self.hydrated, self._viewer.filters
        page = Page(kept, known.users, known.reactions, older, newer, filters=filters, originals=known.originals)
        page = answers.of_page(page, self._viewer.now)
        shown = [self.conversation(names[message.id]) for message in kept]
        return ConversationPage(shown, page, known.users.get(self._user_id))


def _is_shown(message: Message, user_id: str, relations: Relations) -> bool:
    """Return whether a block leaves somebody to talk to: other participants, or none from the beginning."""
    others = set(conversations.participants(message)) - {user_id}
    return not others or not all(map(relations.hides, others))


def of_user(user_id: str, window: Window, now: int) -> ConversationPage:
    """Read a page of a user's conversations, ordered by their last messages.

    A page reads at most 2,000 entries from its beginning on, and as many above it, to leave out conversations whose
    last message is on a page before. A page that ends there continues with the next one. A conversation whose last
    message is more than 2,000 entries above a page may be listed again; `min_id` and `since_id` reach down 2,000
    entries.

    RRU: 1 per 136 edges, 1 per 25 marks, 0.5 per 35 entries; as `_Listing.look` for the conversations on the page, and
    for those on pages before that have older messages; as `Tail.refresh`; for replies as `answers.as_shown`.
    """
    reader = _Reader(user_id, window, now, MAX_ENTRIES)
    above = _Reader(user_id, Window(after=window.before.previous()), now, MAX_ENTRIES)
    listing = _begun(user_id, window, now, [above, reader])
    while above.can_read:
        listing.add(above.take())
    _fill(listing, reader, window)
    return listing.page(*_cursors(listing, reader, window))


def _begun(user_id: str, window: Window, now: int, readers: list[_Reader]) -> _Listing:
    """Read what a listing needs, and the readers' first pages, in one round trip."""
    views: list[Callable[[], object]] = [partial(tail.shared().refresh, now), *(reader.advance for reader in readers)]
    relations, marks, _ = gather(
        partial(relationships.of_reader, user_id, now),
        partial(conversations.marks, user_id),
        partial(gather_all, views),
    )
    for reader in readers:
        reader.settle()
    return _Listing(Viewer(user_id, relations, now), user_id, marks, window)


def _fill(listing: _Listing, reader: _Reader, window: Window) -> None:
    """Look for conversations until the page is full; entries are read while too few conversations are known."""
    looks = 0
    while looks < _LOOKS and ((pending := listing.pending()) or reader.can_read):
        is_short = window.oldest_first or len(pending) + len(listing.found) < window.limit
        if is_short and reader.can_read:
            listing.add(reader.take())
        elif pending:
            listing.look(pending)
            looks += 1
        else:
            return


def _cursors(listing: _Listing, reader: _Reader, window: Window) -> tuple[MessageId | None, MessageId | None]:
    """Return the cursors of the older and the newer page."""
    shown = [message.id for message in listing.ordered()[: window.limit]]
    if window.oldest_first:
        return (shown[0], shown[-1]) if shown else (None, None)
    newer = shown[0] if shown else None
    if len(shown) < window.limit:
        return reader.position, newer
    return (shown[-1] if listing.has_below(shown[-1]) or reader.position else None), newer


def read(user_id: str, conversation_id: str, now: int) -> ConversationPage:
    """Mark a conversation as read, as far as it is shown; return it as a page of one.

    RRU as `of_user`, for the entries above the conversation's newest; 1 WRU, 1 RRU.

    Raises:
        NotFound: it does not exist, or `of_user` does not show it.
    """
    listing = _sought(user_id, conversation_id, now)
    conversations.mark_read(user_id, conversation_id, listing.found[conversation_id].id, now)
    return _marked(user_id, listing, conversation_id, unread=False)


def unread(user_id: str, conversation_id: str, now: int) -> ConversationPage:
    """Mark a conversation as unread, until it is read or answered. Costs, result and errors as for `read`."""
    listing = _sought(user_id, conversation_id, now)
    conversations.mark_unread(user_id, conversation_id, now)
    return _marked(user_id, listing, conversation_id, unread=True)


def _marked(user_id: str, listing: _Listing, conversation_id: str, *, unread: bool) -> ConversationPage:
    _check_staying(user_id, listing.found[conversation_id])
    found = listing.page(None, None)
    return msgspec.structs.replace(found, shown=[msgspec.structs.replace(each, unread=unread) for each in found.shown])


def remove(user_id: str, conversation_id: str, now: int) -> None:
    """Remove a conversation from the user's list until its next message. Costs and errors as for `read`."""
    listing = _sought(user_id, conversation_id, now)
    conversations.mark_removed(user_id, conversation_id, listing.newest[conversation_id], now)
    _check_staying(user_id, listing.found[conversation_id])


def _sought(user_id: str, conversation_id: str, now: int) -> _Listing:
    """Return a listing of one conversation.

    Raises:
        NotFound: it does not exist, or `of_user` does not show it.
    """
    try:
        first = conversations.first_of(conversation_id)
    except ValueError:
        raise NotFound(_NOT_FOUND) from None
    window = Window(after=first.previous(), limit=1)
    reader = _Reader(user_id, window, now, MAX_SOUGHT)
    listing = _begun(user_id, window, now, [reader])
    while not listing.found:
        if pending := listing.pending():
            listing.look(pending)
        elif reader.can_read:
            listing.add(entry for entry in reader.take() if entry.conversation_id == conversation_id)
        else:
            raise NotFound(_NOT_FOUND)
    return listing


def _check_staying(user_id: str, message: Message) -> None:
    """Delete a user's mark, just put, if the user's account is being deleted; 1 RRU."""
    if not users.staying([user_id]):
        conversations.forget([user_id], [message])
        raise Unauthenticated("The access token is invalid")
