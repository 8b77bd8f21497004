"""Hydration: read the messages of a page's candidates, their authors and the reader's reactions, in one round trip."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from fstream_app.core.entities import Message, Originals, Reactions, User
from fstream_app.core.filters import Filters
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.parallel import gather
from fstream_app.core.relations import NO_RELATIONS
from fstream_app.messages.sources import Candidate, id_of
from fstream_app.messages.visibility import Rule
from fstream_app.people import profiles
from fstream_app.repository import messages, reactions
from fstream_app.repository.filters import Marked


class Hydrated(NamedTuple):
    """The messages and users that were found, and the reader's reactions to the messages and their originals."""

    messages: dict[MessageId, Message]
    users: dict[str, User]
    reactions: Reactions = Reactions()
    filters: Filters | None = None
    """The reader's filters, if they were read."""
    originals: Originals = {}  # noqa: RUF012  # immutable
    """What the messages boost or quote, as far as it was read, or why the reader does not see it."""
    boosts: Mapping[MessageId, Hidden] = {}
    """Why the reader does not see some of the boosts among the messages, whose originals were read."""

    def why_hidden(self, message_id: MessageId, rule: Rule) -> Hidden | None:
        """Return why the reader does not see a message: it or its author was not found, or the rule hides it."""
        message = self.messages.get(message_id)
        if message is None:
            return Hidden.DELETED
        gone = None if message.author_id in self.users else Hidden.LEAVING
        return rule(message) or gone or self._why_not_boosted(message)

    def _why_not_boosted(self, message: Message) -> Hidden | None:
        if message.boost_of is None or message.boost_of in self.originals:
            return self.boosts.get(message.id)
        return Hidden.ORIGINAL_GONE


def hydrate(
    candidates: Collection[Candidate],
    reader_id: str | None,
    more_users: Collection[str] = (),
    read_again: Collection[str] = (),
    known: Reactions = Reactions(),  # noqa: B008  # immutable
    filters: Marked | None = None,
) -> Hydrated:
    """Read what a page shows of its candidates, in one round trip: messages consistently, all else eventually.

    1 RRU for each candidate that is only an id, 0.5 for each user who is not in the profile cache (1 if there are users
    to read again), 0.5 for the reader's reactions, 0.5 for the reader's filters and another 0.5 if these match single
    messages.

    Messages that their author has deleted together are left out: see `fstream_app.messages.clearing`.

    Args:
        candidates: the page's candidates; those that are messages are not read again.
        reader_id: the reader whose reactions to read; None for an anonymous reader.
        more_users: ids of users that the page shows in addition to the authors.
        read_again: ids of users to read even if they are cached, because nothing else on the page shows that they
            still exist.
        known: reactions of the reader that were read for the page already; read again unless they cover the candidates.
        filters: the reader's filters, if they are to be read.
    """
    if not candidates and not more_users:
        return Hydrated({}, {}, known)  # nothing to filter, either
    given = {candidate.id: candidate for candidate in candidates if isinstance(candidate, Message)}
    wanted = [candidate for candidate in candidates if isinstance(candidate, MessageId)]
    ids = [id_of(candidate) for candidate in candidates]
    people = {message_id.author_id for message_id in ids} | set(more_users)
    reading = partial(_read, wanted, people, read_again, filters)
    if reader_id is None or min(ids, default=HIGHEST) >= known.read_from:
        found, users, read = reading()
    else:
        (found, users, read), known = gather(reading, partial(reactions.of_page, reader_id, ids))
    return Hydrated(_without_cleared(given | found, users), users, known, read)


def _without_cleared(found: dict[MessageId, Message], users: Mapping[str, User]) -> dict[MessageId, Message]:
    cleared = [user for user in users.values() if user.cleared_until]
    gone = {
        each
        for user in cleared
        for each in found
        if each.author_id == user.id and user.has_cleared(found[each].written)
    }
    return {each: found[each] for each in found if each not in gone} if gone else found


def _read(
    message_ids: Sequence[MessageId], user_ids: set[str], read_again: Collection[str], filters: Marked | None
) -> tuple[dict[MessageId, Message], dict[str, User], Filters | None]:
    remembered = profiles.known(user_ids - set(read_again))
    unknown = user_ids - remembered.keys()
    if not message_ids and not unknown and not filters:
        return {}, remembered, None
    found, users, read = messages.get_with_users(message_ids, unknown, filters, consistent_users=bool(read_again))
    profiles.remember(users.values())
    return found, remembered | users, read


def joined(parts: Iterable[Reactions]) -> Reactions:
    """Join the reactions that were read chunk by chunk."""
    all_parts = list(parts)
    return Reactions(
        reader_id=next((part.reader_id for part in all_parts if part.reader_id), None),
        favourites=frozenset(each for part in all_parts for each in part.favourites),
        boosts=frozenset(each for part in all_parts for each in part.boosts),
        bookmarks=frozenset(each for part in all_parts for each in part.bookmarks),
        uncounted=frozenset(each for part in all_parts for each in part.uncounted),
        still_counted=frozenset(each for part in all_parts for each in part.still_counted),
        muted=frozenset(each for part in all_parts for each in part.muted),
        votes=frozenset(each for part in all_parts for each in part.votes),
        relations=all_parts[-1].relations if all_parts else NO_RELATIONS,
    )
