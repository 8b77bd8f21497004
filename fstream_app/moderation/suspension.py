"""Suspending people, and lifting that.

Who is suspended is away, as who is leaving is (see `departures`): one mark at the user, and nobody finds them any
more. That mark is all that lists of people and notifications go by, which read people anew. Messages are shown with
authors whom a warm function may remember, so each live one is marked as hidden besides, and
`visibility.why_hidden`, which every read asks, says so. Tokens are marked with what their user is told from then on,
instead of anything that they cover. So no read costs more for it, and none shows anything once the call has answered.

Lifting takes the marks away. Nothing was deleted, so everything is back that is still alive: relations, favourites,
what others answered. Only authorization codes, good for ten minutes, are gone.

What stays is others': counts, mentions of the name in what they wrote, and their answers.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from fstream_app.core import progress, settings
from fstream_app.core.entities import User, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.parallel import gather_all
from fstream_app.moderation import reasons
from fstream_app.people import names, profiles
from fstream_app.repository import messages as message_items
from fstream_app.repository import oauth, users

TOLD = "Your login is currently disabled"
_TOGETHER = 40


class Marked(NamedTuple):
    """How much was marked, or is marked no more."""

    tokens: int
    messages: int


def suspend(name: str, reason: str, now: int) -> Marked:
    """Suspend a user, or find what is new of one who is; 3 RRU, 2 WRU, 1 WRU per token and live message.

    What requests under way write behind its back is found by a second call, made when they have ended.

    Args:
        name: of the user.
        reason: what the user is told of it; may be empty.
        now: milliseconds.

    Raises:
        Invalid: the reason is too long.
        NotFound: there is no such user.
    """
    user = _find(name)
    why = reasons.validate(reason)
    told = f"{TOLD}: {why}" if why else TOLD
    if not users.suspend(user.id, told):
        raise NotFound(_no_user(name))
    profiles.forget(user.id)
    tokens = _each_token(user.id)
    marked = sum(_done([partial(oauth.suspend_token, each, told) for each in part]) for part in tokens)
    return Marked(marked, _hide(user.id, now, hidden=True))


def lift(name: str, now: int) -> Marked:
    """Lift a suspension, or what is left of one; 3 RRU, 2 WRU, 1 WRU per token and live message.

    Raises:
        NotFound: there is no such user.
    """
    user = _find(name)
    # The user comes last, so that one who is not found any more shows what has to be done again.
    shown = _hide(user.id, now, hidden=False)
    marked = sum(_done([partial(oauth.lift_token, each) for each in part]) for part in _each_token(user.id))
    if not users.lift(user):
        raise NotFound(_no_user(name))
    return Marked(marked, shown)


def _find(name: str) -> User:
    local = names.local(name, settings.get().host)
    user_id = users.id_by_name(local) if local else None
    user = users.get(user_id, consistent=True, include_hidden=True) if user_id else None
    if user is None or user.leaving:
        raise NotFound(_no_user(name))
    return user


def _no_user(name: str) -> str:
    return f"There is no account {name}"


def _each_token(user_id: str) -> Iterator[Sequence[str]]:
    return progress.walk(lambda after: oauth.tokens_of(user_id, after, _TOGETHER))


def _hide(user_id: str, now: int, *, hidden: bool) -> int:
    """Hide a user's live messages or show them again; 1 RRU per 4 KB, 1 WRU each. Return how many there were to do."""
    written = message_items.of_author(user_id, Window(limit=_TOGETHER), now)
    wrong = (message.id for message in written if message.hidden is not hidden)
    done = 0
    while part := list(islice(wrong, _TOGETHER)):
        done += _done([partial(message_items.hide, message_id, hidden=hidden) for message_id in part])
    return done


def _done(calls: list[partial[None]]) -> int:
    gather_all(calls)
    return len(calls)
