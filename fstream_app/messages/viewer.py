"""A reader who looks at a page: who it is, and the relationships that decide what the page shows."""

from collections.abc import Collection, Iterable
from functools import partial
from operator import itemgetter

import msgspec

from fstream_app.core.entities import Message, Originals, Reactions
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.hidden import GONE, Hidden
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.messages.hydration import Hydrated, hydrate, joined
from fstream_app.messages.sources import Candidate, id_of
from fstream_app.messages.visibility import Why, WhyBoost, why_hidden
from fstream_app.people import relationships
from fstream_app.repository.filters import Marked, read_lazily


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
        why_boost: the page's rule for boosts of messages that the reader sees.
        about: the author of the whole page, if `relations` are those with the author only.
    """

    def __init__(
        self,
        reader_id: str | None,
        relations: Relations,
        now: int,
        why: Why = why_hidden,
        filters: Filters | None = None,
        *,
        why_boost: WhyBoost | None = None,
        about: str | None = None,
    ) -> None:
        self.id = reader_id
        self.relations = relations
        self.now = now
        self.filters = filters or NO_FILTERS
        mark = relations.filters
        self._unread = Marked(reader_id, mark, now) if reader_id and mark and filters is None else None
        self._why = why
        self._why_boost = why_boost
        self._about = about
        self._gone: set[str] = set()
        self._cleared: dict[str, int] = {}
        self._reactions = Reactions(reader_id)

    def why_not(self, message: Message) -> Hidden | None:
        """Return why the page does not show a message to this reader, or None if it does."""
        return self._by_rule(self._why, message)

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

        RRU: as `hydration.hydrate`; 1 for each user who may or may not block the reader. More round trips as for
        `with_originals`.
        """
        return self.with_originals(self._hydrate(candidates, more_users, read_again))

    def _hydrate(
        self, candidates: Collection[Candidate], more_users: Collection[str] = (), read_again: Collection[str] = ()
    ) -> Hydrated:
        people = {id_of(each).author_id for each in candidates} | set(more_users)
        reading = partial(hydrate, candidates, self.id, more_users, read_again, self._reactions, self._unread)
        if self.relations.unsure(people - {self.id}):
            hydrated, self.relations = gather(reading, partial(relationships.knowing, self.relations, self.id, people))
        else:
            hydrated = reading()
        self._gone |= people - hydrated.users.keys()
        self._cleared |= {user.id: user.cleared_until for user in hydrated.users.values() if user.cleared_until}
        if hydrated.reactions.read_from <= self._reactions.read_from:
            self._reactions = hydrated.reactions
        if hydrated.filters is not None:
            self.filters, self._unread = hydrated.filters, None
        muted, relations = self.relations.muted_conversations, self.relations
        return hydrated._replace(
            reactions=msgspec.structs.replace(hydrated.reactions, muted=muted, relations=relations)
        )

    def with_originals(self, hydrated: Hydrated, *, even_muted: bool = False) -> Hydrated:
        """Add what the messages that the page shows boost or quote, and why the reader does not see it.

        If any of it is not among the messages, one round trip, with RRU as for `hydrate`; another if a message that is
        boosted or quoted quotes one, and another if a boosted one quotes one that does. If only the relations with the
        page's author are known, also 1 RRU per 136 edges; on the reader's own page, those of `filters.read_lazily` in
        addition.

        Args:
            hydrated: the messages.
            even_muted: whether the reader sees boosts of muted authors' messages. What is quoted is in it either way.
        """
        shown = [each for each in hydrated.messages.values() if each.original and self.why_not(each) is None]
        # What quoted messages quote themselves is shown by its id, if it is there.
        deep = _deepest((each.original, 3 if each.boost_of else 2) for each in shown)
        asked, parts, found = set(deep), [hydrated], dict(hydrated.messages)
        while deep:
            if missing := deep.keys() - found.keys():
                parts.append(self._read_originals(missing))
                found |= parts[-1].messages
            deeper = _deepest((found[each].original, left - 1) for each, left in deep.items() if each in found)
            deep = {each: left for each, left in deeper.items() if left and each not in asked}
            asked |= deep.keys()
        if not asked:
            return hydrated
        everything = Hydrated(found, {user_id: user for part in parts for user_id, user in part.users.items()})
        why_not = partial(self._by_rule, why_hidden)
        originals = {each: everything.why_hidden(each, why_not) or found[each] for each in asked}
        muted = frozenset() if even_muted else self.relations.muting
        boosts = {
            each.id: why for each in shown if each.boost_of and (why := self._why_not_boosted(each, originals, muted))
        }
        reactions = joined(part.reactions for part in parts) if len(parts) > 1 else hydrated.reactions
        reactions = msgspec.structs.replace(reactions, relations=self.relations)
        return hydrated._replace(users=everything.users, reactions=reactions, originals=originals, boosts=boosts)

    def _read_originals(self, message_ids: Collection[MessageId]) -> Hydrated:
        authors = {each.author_id for each in message_ids} - {self.id, self._about}
        if self._about is None or not authors:
            return self._hydrate(message_ids)
        is_own = self._about == self.id and self.id is not None
        hydrated, relations, filters = gather(
            partial(self._hydrate, message_ids),
            partial(relationships.of_reader, self.id, self.now),
            partial(read_lazily, self.id, self.now) if self.id is not None and is_own else lambda: self.filters,
        )
        self.relations = relationships.knowing(relations, self.id, authors)
        self.filters, self._about = filters, None
        return hydrated

    def _why_not_boosted(self, boost: Message, originals: Originals, muted: Collection[str]) -> Hidden | None:
        original = originals[boost.original] if boost.original else None
        if isinstance(original, Message):
            if original.author_id in muted:
                return Hidden.ORIGINAL_HIDDEN
            return self._why_boost(boost, original, self.relations) if self._why_boost else None
        return Hidden.ORIGINAL_GONE if original in GONE else Hidden.ORIGINAL_HIDDEN

    def _by_rule(self, rule: Why, message: Message) -> Hidden | None:
        return rule(message, self.id, self.relations, self.now)


class CompleteViewer(Viewer):
    """A reader of messages that were read together with all that they boost or quote, as far as that exists."""

    def _read_originals(self, message_ids: Collection[MessageId]) -> Hydrated:  # noqa: ARG002
        return Hydrated({}, {})


def _deepest(originals: Iterable[tuple[MessageId | None, int]]) -> dict[MessageId, int]:
    """Return how many levels are read of each original: the most that any message asks for."""
    return dict(sorted(((each, left) for each, left in originals if each is not None), key=itemgetter(1)))
