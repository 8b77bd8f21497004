"""A reader who looks at a page: who it is, and the relationships that decide what the page shows."""

from collections.abc import Collection
from functools import partial

import msgspec

from fstream_app.core.entities import Message, Reactions, Relations
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.hidden import Hidden
from fstream_app.core.parallel import gather
from fstream_app.messages.hydration import Hydrated, hydrate
from fstream_app.messages.sources import Candidate, id_of
from fstream_app.messages.visibility import Why, why_hidden
from fstream_app.people import relationships
from fstream_app.repository.filters import Marked


class Viewer:
    """A reader during one request.

    What is known of an author decides before any message is read: candidates of authors who are blocked, muted or gone
    cost nothing, however many there are. The relationships may leave out some of the users who block the reader, if
    these are many. `hydrate` looks up those on the page, in the same round trip as their messages.

    The first round trip of a reader who has filters also reads these.

    Args:
        reader_id: the reader; None for an anonymous reader.
        relations: the reader's relationships, read for this request.
        now: milliseconds.
        why: the page's rule.
        filters: the reader's filters, if they have been read already, or are not needed.
    """

    def __init__(
        self,
        reader_id: str | None,
        relations: Relations,
        now: int,
        why: Why = why_hidden,
        filters: Filters | None = None,
    ) -> None:
        self.id = reader_id
        self.relations = relations
        self.now = now
        self.filters = filters or NO_FILTERS
        mark = relations.filters
        self._unread = Marked(reader_id, mark, now) if reader_id and mark and filters is None else None
        self._why = why
        self._gone: set[str] = set()
        self._cleared: dict[str, int] = {}
        self._reactions = Reactions(reader_id)

    def why_not(self, message: Message) -> Hidden | None:
        """Return why the page does not show a message to this reader, or None if it does."""
        return self._why(message, self.id, self.relations, self.now)

    def why_passed_over(self, author_id: str) -> Hidden | None:
        """Return why the page shows nothing of an author, as far as is known without reading; None if it may."""
        if author_id == self.id:
            return None
        if author_id in self._gone:
            return Hidden.LEAVING
        if self._why is not why_hidden and author_id in self.relations.muting:
            return Hidden.MUTED
        return Hidden.BLOCKED if self.relations.hides(author_id) else None

    def passes_over(self, candidate: Candidate) -> Hidden | None:
        """Return `why_passed_over` of a candidate's author, or that the author has deleted all messages of its time."""
        message_id = id_of(candidate)
        if self._cleared and message_id.time < self._cleared.get(message_id.author_id, 0):
            return Hidden.DELETED
        return self.why_passed_over(message_id.author_id)

    def hydrate(
        self,
        candidates: Collection[Candidate],
        more_users: Collection[str] = (),
        read_again: Collection[str] = (),
    ) -> Hydrated:
        """Hydrate candidates, and learn what their authors and these users are to the reader; one round trip.

        RRU: as `hydration.hydrate`; 1 for each user who may or may not block the reader.
        """
        people = {id_of(each).author_id for each in candidates} | set(more_users)
        reading = partial(hydrate, candidates, self.id, more_users, read_again, self._reactions, self._unread)
        if self.relations.unsure(people - {self.id}):
            hydrated, self.relations = gather(reading, partial(relationships.knowing, self.relations, self.id, people))
        else:
            hydrated = reading()
        self._gone |= people - hydrated.users.keys()
        self._cleared |= {user.id: user.cleared_until for user in hydrated.users.values() if user.cleared_until}
        self._reactions = hydrated.reactions
        if hydrated.filters is not None:
            self.filters, self._unread = hydrated.filters, None
        if not self.relations.stills:
            return hydrated
        muted = self.relations.muted_conversations
        return hydrated._replace(reactions=msgspec.structs.replace(hydrated.reactions, muted=muted))
