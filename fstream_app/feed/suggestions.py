"""Suggestions of accounts to follow: those that followed accounts follow, then those that have posted in public lately.

Only accounts that want to be discovered are suggested. Accounts that hide whom they follow suggest nobody.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from enum import Enum, auto
from functools import partial
from itertools import islice
from random import Random
from typing import NamedTuple

from fstream_app.core import clock, ids, packing
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Part, User
from fstream_app.core.ids import HIGHEST
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.relations import Relations
from fstream_app.core.settings import DAY
from fstream_app.feed import recent, tail
from fstream_app.people import profiles, relationships
from fstream_app.repository import dismissals
from fstream_app.repository import relationships as edges_of

DISMISSED_FOR = 30 * DAY
"""Seconds for which a dismissed suggestion does not come again."""
_FRIENDS = 8
"""Followed accounts that are asked whom they follow: other ones each day."""
_FOLLOWS = 100
"""Accounts that are read of those that one of them follows."""
_CONSIDERED = 60
"""Accounts that are read, of each source."""
_AUTHORS = 200
"""Authors among whom active ones are looked for."""


class Source(Enum):
    """Why an account is suggested."""

    FRIENDS_OF_FRIENDS = auto()
    """Accounts that the user follows follow it."""
    ACTIVE = auto()
    """It has posted in public lately."""


class Suggestion(NamedTuple):
    """An account that the user might follow."""

    user: User
    source: Source


def of(user_id: str, limit: int, now: int) -> list[Suggestion]:
    """Return suggestions for a user, best first.

    RRU: 1 per 136 edges; 2 for each of at most 8 followed accounts; 1 for each of at most 120 accounts considered, 1
    per 60 dismissed suggestions, and as `recent.load`.
    """
    relations, dismissed, _ = gather(
        partial(edges_of.of, user_id, now), partial(dismissals.of, user_id, now), partial(recent.load, now)
    )
    # Suggestions stay the same for a day, so that a user can come back to them.
    chooser = Random(f"{user_id} {now // (1000 * DAY)}")  # noqa: S311  # a choice of what to show
    unwanted = {user_id, *dismissed, *relations.following, *relations.requested, *relations.muting}

    def suggest(source: Source, candidates: Iterator[str]) -> list[Suggestion]:
        considered, wanted = islice(candidates, _CONSIDERED), limit - len(found)
        shown = relationships.shown_of(considered, wanted, user_id, relations, is_shown=_may_be_suggested)
        return [Suggestion(user, source) for user in shown.users]

    found: list[Suggestion] = []
    found += suggest(Source.FRIENDS_OF_FRIENDS, _friends_of_friends(relations, unwanted, chooser, now))
    if len(found) < limit:
        unwanted |= {each.user.id for each in found}
        found += suggest(Source.ACTIVE, _active(unwanted, chooser, now))
    return found


def dismiss(user_id: str, other_id: str, now: int) -> None:
    """Do not suggest an account to a user for thirty days; 6 WRU. Does nothing for the user's own account.

    Raises:
        NotFound: no such account.
    """
    if other_id == user_id:
        return
    if not ids.is_user_id(other_id):
        raise relationships.not_found()
    try:
        dismissals.put(user_id, other_id, clock.ttl_seconds(now + 1000 * DISMISSED_FOR))
    except dismissals.Absent:
        raise relationships.not_found() from None


def _may_be_suggested(user: User, relations: Relations) -> bool:
    return user.discoverable and not relations.hides(user.id)


def _friends_of_friends(relations: Relations, unwanted: Collection[str], chooser: Random, now: int) -> Iterator[str]:
    """Return the accounts that some followed accounts follow, those with most of these first."""
    friends = sorted(relations.following - relations.muting)
    asked = chooser.sample(friends, min(_FRIENDS, len(friends)))
    if not asked:
        return iter(())
    users, lists = gather(
        partial(profiles.read, asked),
        partial(gather_all, [partial(_some_follows, each, chooser, now) for each in asked]),
    )
    shown = [
        some for each, some in zip(asked, lists, strict=True) if each in users and not users[each].hide_collections
    ]
    counts = Counter(other for some in shown for other in some if other not in unwanted)
    return iter(sorted(counts, key=lambda other: (-counts[other], other)))


def _some_follows(user_id: str, chooser: Random, now: int) -> list[str]:
    """Return some of the accounts that a user follows: of many, those with the lowest or with the highest ids."""
    before = HIGHEST.author_id if chooser.random() < 0.5 else None
    return list(islice(edges_of.others(user_id, EdgeKind.FOLLOW, Part(_FOLLOWS, before=before), now), _FOLLOWS))


def _active(unwanted: Collection[str], chooser: Random, now: int) -> Iterator[str]:
    """Return authors of public messages in memory, those who posted last first."""
    authors = tail.shared().sample(_AUTHORS, chooser)
    wanted = {
        author_id: packing.newest(packed)
        for author_id, packed in authors.items()
        if author_id not in unwanted and any(recent.public_entries(author_id, packed, now))
    }
    return iter(sorted(wanted, key=lambda author_id: (-wanted[author_id], author_id)))
