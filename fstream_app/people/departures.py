"""Deleting accounts.

One transaction makes a user one who is leaving, and from then on nobody finds them; what is theirs is deleted step by
step after that, tokens and text first; one transaction ends it. Every step may be repeated. The call that begins does
as much as an ordinary account needs. The mark that it puts reaches the stream of relationships, whose function does it
all again and goes on, round by round, until nothing is left: so a deletion that was interrupted is finished, and what
a request under way wrote behind the first round's back is found by the second.

What a read still shows, from the moment at which somebody leaves:

- The account, by id, name, in a search: users are read anew and those who leave are left out, `@name` tells no user
  any more, the index of names has lost them. None of these goes by what a warm function remembers of profiles alone.
- Their messages, wherever they appear, are read anew for every page, and gone when the call has answered. Until then,
  for as long as the text is being deleted, a warm function that remembers the author's profile may show them.
- Lists of people (followers, following, blocks, mutes, favourites) read the people anew, too, before edges and
  reactions go.
- Notifications of mentions are shown with their message. Others name but the actor, who therefore is read anew.
- Counts of others change in the transaction that deletes what was counted.
- Their tokens are gone, but for the one at hand, which covers nothing else any more than to delete the account again.
  So one cannot post, follow or log in, and nobody can follow: the transaction of a follow checks both.

What stays is others' and holds no text: mentions of the name in what they wrote, their favourites of messages that
are gone, and the ids of these in views and in notifications. All of it expires with the messages it belongs to, and
the record of an Idempotency-Key within its hour. The name is free again; a mention of it leads to whoever takes it.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple, assert_never

from fstream_app.core import progress
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message, Part
from fstream_app.core.errors import Forbidden, Unauthenticated, Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.people import passwords, profiles
from fstream_app.people.users import MAX_PASSWORD
from fstream_app.repository import (
    departures,
    heads,
    idempotency,
    messages,
    notifications,
    oauth,
    reactions,
    relationships,
    reports,
    users,
)
from fstream_app.repository.relationships import OwnEdge

logger = logging.getLogger(__name__)

SCOPE = "write:accounts"
"""What the token at hand covers from then on: no more than to try again."""
ITEMS_AT_ONCE = 2000
"""How many items the call that begins deletes itself: some two seconds' worth."""
ITEMS_A_ROUND = 1000
_TOGETHER = 40


class Departure(NamedTuple):
    """That a round of a deletion begins: a stream record, read."""

    sequence: str
    """The record's sequence number."""
    user_id: str
    round: int


def leave(user_id: str, token_hash: str, password: str) -> None:
    """Delete an account: when this returns, no read shows anything of it any more, unless it is a very large one.

    Some 12 RRU and 22 WRU, 1 WRU per message, 5 per follow either way, 4 per block, 2 per mute, 4 per favourite, 1 per
    bookmark and notification, 3 per report by or about them. What is beyond 2,000 items the stream function deletes in
    the next seconds or minutes.

    Raises:
        Forbidden: the password is wrong.
        Unauthenticated: the account is gone already, or the token.
    """
    user = users.get(user_id, consistent=True, away=True)
    if user is None:
        raise Unauthenticated("The access token is invalid")
    if not passwords.verify(user.password_hash, password[: MAX_PASSWORD + 1]):
        raise Forbidden("Invalid password.")
    if not user.leaving:
        others = [other for other in oauth.tokens_of(user_id, None, departures.MAX_TOKENS) if other != token_hash]
        try:
            departures.begin(user, token_hash, SCOPE, others)
        except departures.Gone:
            raise Unauthenticated("The access token is invalid") from None
    profiles.forget(user_id)
    if _erase(user_id, ITEMS_AT_ONCE, kept_token=token_hash):
        departures.end(user, token_hash)


def resume(found: Sequence[Departure]) -> set[str]:
    """Go on with deletions, some 1,000 items for all of them together, and see to it that they go on after that.

    9 RRU each where nothing is left.

    Returns:
        The sequence numbers of those that must be tried again.
    """
    failed = set()
    for departure in found:
        try:
            _go_on(departure, ITEMS_A_ROUND // len(found))
        except Exception as error:  # noqa: BLE001
            logger.warning("deletion of an account to be tried again: %s", type(error).__name__)
            failed.add(departure.sequence)
    return failed


def _go_on(departure: Departure, items: int) -> None:
    if not _erase(departure.user_id, items):
        departures.next_round(departure.user_id, departure.round)
        return
    user = users.get(departure.user_id, consistent=True, away=True)
    if user is not None and not departures.end(user, None):
        # An index lags behind. The record comes again, and after some times of that lands with the dead letters.
        raise Unavailable("The index does not contain all follows yet")
    departures.forget(departure.user_id, departure.round)


def _erase(user_id: str, items: int, kept_token: str | None = None) -> bool:
    """Delete what is a leaving user's, up to so many items and one more batch; return whether that was all."""
    steps: tuple[Callable[[str], Iterator[int]], ...] = (
        partial(_tokens, kept=kept_token),
        _messages,
        _edges,
        _followers,
        _muters,
        _reactions,
        _notifications,
        partial(_reports, of=reports.by),
        partial(_reports, of=reports.about),
    )
    for step in steps:
        for erased in step(user_id):
            items -= erased
            if items <= 0:
                return False
    return True


# Each step deletes a batch whenever it is asked for how many items the next one had, and raises NoProgress rather than
# go on without an end. Where an index is read, it goes by the last key: the index may still have the batch before.


def _tokens(user_id: str, kept: str | None) -> Iterator[int]:
    def delete(after: str | None) -> list[str]:
        found = oauth.tokens_of(user_id, after, _TOGETHER)
        oauth.delete_tokens(token_hash for token_hash in found if token_hash != kept)
        return found

    yield from map(len, progress.walk(delete))


def _messages(user_id: str) -> Iterator[int]:
    yield from map(len, progress.until_empty(partial(_delete_some, user_id)))
    heads.delete(user_id)


def _delete_some(user_id: str) -> list[MessageId]:
    found = messages.all_of(user_id, _TOGETHER)
    gather_all([partial(_delete, message) for message in found])
    return [message.id for message in found]


def _delete(message: Message) -> None:
    if message.idempotency:
        idempotency.forget_post(message.idempotency)
    messages.delete(message)


def _edges(user_id: str) -> Iterator[int]:
    yield from map(len, progress.until_empty(partial(_end_some, user_id)))


def _end_some(user_id: str) -> list[str]:
    found = relationships.all_of(user_id, _TOGETHER)
    relationships.end_follows([(user_id, own.other_id) for own in found if own.kind is EdgeKind.FOLLOW])
    gather_all([partial(_end_edge, user_id, own) for own in found])
    return [own.key for own in found]


def _end_edge(user_id: str, own: OwnEdge) -> None:
    match own.kind:
        case EdgeKind.FOLLOW | EdgeKind.LEAVE:
            pass  # follows have ended together, and the mark stays until all else is gone
        case EdgeKind.BLOCK:
            relationships.unblock(user_id, own.other_id)
        case EdgeKind.BLOCKED_BY:
            relationships.unblock(own.other_id, user_id)
        case EdgeKind.MUTE:
            relationships.unmute(user_id, own.other_id)
        case None:
            relationships.delete(user_id, own.key)
        case _:
            assert_never(own.kind)


def _followers(user_id: str) -> Iterator[int]:
    def end(after: str | None) -> list[str]:
        found = list(islice(relationships.followers(user_id, Part(_TOGETHER, after)), _TOGETHER))
        relationships.end_follows([(follower_id, user_id) for follower_id in found])
        return found

    yield from map(len, progress.walk(end))


def _muters(user_id: str) -> Iterator[int]:
    def end(after: str | None) -> list[str]:
        found = list(islice(relationships.muters(user_id, Part(_TOGETHER, after)), _TOGETHER))
        gather_all([partial(relationships.unmute, muter_id, user_id) for muter_id in found])
        return found

    yield from map(len, progress.walk(end))


def _reactions(user_id: str) -> Iterator[int]:
    yield from map(len, progress.until_empty(partial(_undo_some, user_id), least=_TOGETHER))


def _undo_some(user_id: str) -> list[str]:
    kept = reactions.all_of(user_id, _TOGETHER)
    gather_all(
        [partial(reactions.unfavourite, user_id, each) for each in kept.favourites]
        + [partial(reactions.delete, user_id, key) for key in kept.others]
    )
    return kept.keys


def _reports(user_id: str, of: Callable[[str, str | None, int], list[reports.Key]]) -> Iterator[int]:
    def delete(after: str | None) -> list[str]:
        found = of(user_id, after, _TOGETHER)
        reports.delete(found)
        return [report_id for _, report_id in found]

    yield from map(len, progress.walk(delete))


def _notifications(user_id: str) -> Iterator[int]:
    delete = partial(notifications.delete_some, user_id, _TOGETHER)
    yield from map(len, progress.until_empty(delete, least=_TOGETHER))
