"""Suspending users, and lifting suspensions.

A suspended user is hidden in the same way as one whose account is being deleted (see `departures`): a mark on the user
hides them from every read. Lists of people and notifications rely on this mark alone, because they read users from the
table. Messages may be shown with an author from a warm function's cache. So each live message is also marked as hidden,
which `visibility.why_hidden` checks for every read. Each token is marked with the text that requests with it get from
then on, and the user's WebSockets are closed. Suspension therefore adds no cost to reads, and no read shows anything of
the user once the call has returned.

Lifting a suspension removes the marks. Nothing was deleted except authorization codes, which last for ten minutes, and
the user's requests to follow locked accounts. So everything that is still live reappears: relationships, favourites,
replies.

What remains visible during a suspension belongs to others: counts, mentions of the name in their messages, and their
replies.
"""

from collections.abc import Callable
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from fstream_app.core import progress, settings
from fstream_app.core.entities import User, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.parallel import gather_all
from fstream_app.moderation import reasons
from fstream_app.people import names, profiles, sockets
from fstream_app.repository import messages as message_items
from fstream_app.repository import oauth, requests, users

NOTICE = "Your login is currently disabled"
_TOGETHER = 40


class Marked(NamedTuple):
    """The numbers of tokens and messages that were marked or unmarked."""

    tokens: int
    messages: int


def suspend(name: str, reason: str, now: int) -> Marked:
    """Suspend a user; 4 RRU, 3 WRU, 1 WRU per token, request to follow and live message.

    Rerunning catches tokens and messages that concurrent requests wrote meanwhile.

    Args:
        name: the user's name.
        reason: the reason that is shown to the user; may be empty.
        now: milliseconds.

    Raises:
        Invalid: the reason is too long.
        NotFound: no such user.
    """
    user = _find(name)
    why = reasons.validate(reason)
    notice = f"{NOTICE}: {why}" if why else NOTICE
    profiles.announce(user.id)
    if not users.suspend(user.id, notice):
        raise NotFound(_no_user(name))
    profiles.forget(user.id)
    marked = _each_token(user.id, lambda key: oauth.suspend_token(key, notice))
    sockets.close_all(user.id)
    _withdraw_requests(user.id)
    return Marked(marked, _hide(user.id, now, hidden=True))


def lift(name: str, now: int) -> Marked:
    """Lift a suspension; 3 RRU, 2 WRU, 1 WRU per token and live message. Rerunning completes an interrupted call.

    Raises:
        NotFound: no such user.
    """
    user = _find(name)
    # The user is unmarked last, so that a user who is still hidden shows that the call must be repeated.
    shown = _hide(user.id, now, hidden=False)
    marked = _each_token(user.id, oauth.lift_token)
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


def _each_token(user_id: str, mark: Callable[[str], None]) -> int:
    """Mark all tokens and codes, in parallel; return their number."""
    marked = 0
    for part in progress.walk(lambda after: oauth.tokens_of(user_id, after, _TOGETHER)):
        gather_all([partial(mark, key) for key in part])
        marked += sum(map(oauth.is_credential, part))
    return marked


def _withdraw_requests(user_id: str) -> None:
    """Withdraw the user's requests to follow, so that nobody accepts somebody who is not shown."""
    while made := requests.made_by(user_id, _TOGETHER):
        requests.end_all(made)


def _hide(user_id: str, now: int, *, hidden: bool) -> int:
    """Hide a user's live and scheduled messages or show them again; 1 RRU per 4 KB, 1 WRU each.

    Returns:
        The number of messages that were changed.
    """
    # Those that are scheduled first: they may become due meanwhile.
    waiting = message_items.waiting_of(user_id, now)
    written = chain(waiting, message_items.of_author(user_id, Window(limit=_TOGETHER), now))
    to_change = (message for message in written if message.hidden is not hidden)
    changed = 0
    while part := list(islice(to_change, _TOGETHER)):
        gather_all([partial(message_items.hide, message, hidden=hidden) for message in part])
        changed += len(part)
    return changed
