"""Account deletion.

One transaction marks the user as leaving, which hides them from every read. The request itself then deletes what a read
could still show, and all texts: tokens, messages, reports and notes. The first transaction also writes a mark
(`EdgeKind.LEAVE`) that reaches the relationships stream. Its function runs all `STEPS`, round by round, until nothing
is left, and then deletes the user. Every step is idempotent. The rounds also complete an interrupted deletion, and
delete what concurrent requests wrote during an earlier round. Whatever such a request writes even later is removed by
the function that reads the stream of its table (see `fstream_app.feed`), or by the request itself.

What reads show from the moment at which a user is marked as leaving:

- The account is not found by id, by name or in a search: users are read from the table and leaving ones are left out,
  the reservation `@name` no longer holds an id, and the name index no longer has the name. None of these reads relies
  on the profile cache alone.
- Messages are read from the table for every page, and are gone when the request has returned. While the text is being
  deleted, a warm function that has the author's profile in its cache may still show them.
- Lists of people (followers, following, blocks, mutes, favourites) also read the users from the table, so they omit
  the user before edges and reactions are deleted.
- The notification of a mention is shown only with its message. The others name only the actor, who is therefore read
  from the table.
- Other users' counts follow within the next seconds: follows and favourites are subtracted before they are deleted, as
  `fstream_app.repository.counting` describes. The user is deleted last, once nothing is counted at the user.
- Tokens are gone, except the request's own, which from then on covers only a repeated deletion, and WebSockets are
  closed. So the user cannot post, follow or log in. A follow is ended again if one of the two users is leaving by then.

What remains belongs to others and holds no text: mentions of the name in their messages, their favourites and boosts of
deleted messages and votes in their polls, and the ids of these messages in timelines, the log and notifications. All of
it expires with the messages that it belongs to, and the record of an Idempotency-Key within an hour. A conversation
that others have muted keeps the id of its first message until the muting expires (see `fstream_app.messages.muting`).
Hashes of the addresses from which the user logged in expire within 30 days, and the ids of connections that led to the
user within hours. The name becomes available with the last round; a mention of it then leads to who takes it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple, assert_never

from fstream_app.core import partitions, progress
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message, Part
from fstream_app.core.errors import Unauthenticated, Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.people import profiles, sockets
from fstream_app.people.users import check_password_of
from fstream_app.repository import (
    boosts,
    conversations,
    departures,
    dismissals,
    filters,
    follows,
    heads,
    idempotency,
    lists,
    messages,
    notes,
    notifications,
    oauth,
    reactions,
    relationships,
    reports,
    requests,
    rounds,
    scheduling,
    senders,
    sessions,
    users,
)
from fstream_app.repository.follows import Follow
from fstream_app.repository.relationships import OwnEdge

SCOPE = "write:accounts"
"""The scope of the request's token once the deletion has begun: enough to repeat it."""
ITEMS_AT_ONCE = 2000
"""Number of items that the request itself deletes, in about two seconds."""
ITEMS_A_ROUND = 1000
"""Number of items that the stream function deletes per batch of records."""
_TOGETHER = 40

_Step = Callable[[str], Iterator[int]]
"""Deletes a user's items of one kind, one batch per iteration, and yields the batch's number of items."""
_DeleteAll = Callable[[Iterable[tuple[str, str]]], None]
"""Deletes items, each given by its owner and the other user."""


class Departure(NamedTuple):
    """The start of a round of a deletion, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    user_id: str
    round: int


def name_of(user_id: str) -> str:
    """Return the name of a user who leaves, or has begun to; 1 RRU.

    Raises:
        Unauthenticated: the account is already deleted.
    """
    user = users.get(user_id, consistent=True, include_hidden=True)
    if user is None:
        raise Unauthenticated("The access token is invalid")
    return user.name


def leave(user_id: str, token_hash: str, password: str, now: int) -> None:
    """Delete an account. When this returns, no read shows anything of it, unless it has more than 2,000 items.

    The stream function deletes what remains in the next seconds or minutes. About 9 RRU and
    12 WRU, plus 1 WRU per message, 2 per scheduled one, 4 per counted reply, 3 per report of the user.

    Raises:
        Unauthenticated: the account or the token is already deleted.
        WrongPassword: the password is wrong.
    """
    user = users.get(user_id, consistent=True, include_hidden=True)
    if user is None:
        raise Unauthenticated("The access token is invalid")
    check_password_of(user, password)
    if not user.leaving:
        profiles.announce(user_id)
        found = oauth.tokens_of(user_id, None, departures.MAX_TOKENS)
        others = set(filter(oauth.is_credential, found)) - {token_hash}
        try:
            departures.begin(user, token_hash, SCOPE, others)
        except departures.Gone:
            raise Unauthenticated("The access token is invalid") from None
    profiles.forget(user_id)
    gather_all([partial(scheduling.take_out, each) for each in messages.waiting_of(user_id, now)])  # or it stays long
    # Also those of a moment ago, which the index does not show yet. None is written any more.
    oauth.delete_tokens(sessions.recent_keys_of(user_id, now) - {token_hash})
    if _erase(user_id, ITEMS_AT_ONCE, (partial(_tokens, kept=token_hash), sockets.leave, *_SHOWN)):
        oauth.delete_tokens([token_hash])  # the last, so that the request can be repeated until then


def resume(found: Sequence[Departure]) -> set[str]:
    """Continue deletions by about 1,000 items in total, and start another round of those that are not complete.

    9 RRU for each that has nothing left.

    Returns:
        The sequence numbers of the records that must be retried.
    """
    return progress.try_each(found, lambda each: _continue(each, ITEMS_A_ROUND // len(found)), "deletion of an account")


def _continue(departure: Departure, items: int) -> None:
    if not _erase(departure.user_id, items, STEPS):
        rounds.begin_next(EdgeKind.LEAVE, departure.user_id, departure.round)
        return
    user = users.get(departure.user_id, consistent=True, include_hidden=True)
    if user is not None and not departures.end(user):
        # An index lags behind. The record is retried, and becomes a dead letter after several failures.
        raise Unavailable("The index does not contain all follows yet")
    rounds.forget(EdgeKind.LEAVE, departure.user_id, departure.round)


def _erase(user_id: str, items: int, steps: Iterable[_Step]) -> bool:
    """Delete a leaving user's items, in batches, until `items` are deleted. Return whether all steps are complete."""
    for step in steps:
        for erased in step(user_id):
            items -= erased
            if items <= 0:
                return False
    return True


# Steps raise NoProgress instead of looping forever. Those that read an index advance by its last key, because an index
# may still contain the previous batch.


def _tokens(user_id: str, kept: str | None = None) -> Iterator[int]:
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
    gather_all([partial(erase, message) for message in found])
    return [message.id for message in found]


def erase(message: Message) -> None:
    """Delete a message of a leaving user, with the record of its Idempotency-Key; as `boosts.delete`, and 1 WRU."""
    if message.idempotency:
        idempotency.forget_post(message.idempotency)
    boosts.delete(message)


def _edges(user_id: str) -> Iterator[int]:
    yield from map(len, progress.until_empty(partial(_end_some, user_id)))


def _end_some(user_id: str) -> list[str]:
    found = relationships.all_of(user_id, _TOGETHER)
    _end_follows([Follow(user_id, own.other_id) for own in found if own.kind is EdgeKind.FOLLOW])
    gather_all([partial(_end_edge, user_id, own) for own in found])
    return [own.key for own in found]


def _end_follows(ended: Sequence[Follow]) -> None:
    follows.end_all(ended)
    if follows.settle(follows.read(ended)):
        raise Unavailable("Some follows were not subtracted")


def _end_edge(user_id: str, own: OwnEdge) -> None:
    match own.kind:
        case EdgeKind.FOLLOW | EdgeKind.LEAVE:
            pass  # follows are ended together above; the mark stays until all else is deleted
        case EdgeKind.BLOCK:
            relationships.unblock(user_id, own.other_id)
        case EdgeKind.BLOCKED_BY:
            relationships.unblock(own.other_id, user_id)
        case EdgeKind.MUTE:
            relationships.unmute(user_id, own.other_id)
        case EdgeKind.FILTER:
            filters.delete(user_id)
        case (
            EdgeKind.REQUEST
            | EdgeKind.UNLOCK
            | EdgeKind.CLEAR
            | EdgeKind.EXCLUSIVE
            | EdgeKind.LIST
            | EdgeKind.STILL
            | EdgeKind.NOTE
            | EdgeKind.TAG
            | EdgeKind.DISMISSAL
            | EdgeKind.SENDER
            | EdgeKind.POLICY
            | None
        ):
            relationships.delete(user_id, own.key)
        case _:
            assert_never(own.kind)


def _lists(user_id: str) -> Iterator[int]:
    def delete() -> list[str]:
        found = lists.keys_of(user_id, _TOGETHER)
        gather_all([partial(lists.delete, user_id, list_id) for list_id in found])
        return found

    yield from map(len, progress.until_empty(delete))


def _followers(user_id: str) -> Iterator[int]:
    def end(after: str | None) -> list[str]:
        found = follows.of_followed(user_id, Part(_TOGETHER, after))
        _end_follows(found)
        return [follow.follower_id for follow in found]

    yield from map(len, progress.walk(end))


def _muters(user_id: str) -> Iterator[int]:
    def end(after: str | None) -> list[str]:
        found = list(islice(relationships.muters(user_id, Part(_TOGETHER, after)), _TOGETHER))
        gather_all([partial(relationships.unmute, muter_id, user_id) for muter_id in found])
        return found

    yield from map(len, progress.walk(end))


def _requesters(user_id: str) -> Iterator[int]:
    def end(after: str | None) -> list[str]:
        found = list(islice(requests.requesters(user_id, Part(_TOGETHER, after)), _TOGETHER))
        requests.end_all(Follow(requester_id, user_id) for requester_id in found)
        return found

    yield from map(len, progress.walk(end))


def _notes(user_id: str) -> Iterator[int]:
    yield from map(len, progress.until_empty(partial(_forget_some, user_id)))


def _forget_some(user_id: str) -> list[str]:
    found = notes.subjects(user_id, _TOGETHER)
    gather_all([partial(notes.delete, user_id, other_id) for other_id in found])
    return found


def _notes_about(user_id: str) -> Iterator[int]:
    def delete(after: str | None) -> list[str]:
        found = notes.writers(user_id, Part(_TOGETHER, after))
        gather_all([partial(notes.delete, partitions.owner(each), user_id) for each in found])
        return found

    yield from map(len, progress.walk(delete))


def _dismissals(user_id: str) -> Iterator[int]:
    return _kept_by(user_id, dismissals.all_of, dismissals.delete_all)


def _dismissers(user_id: str) -> Iterator[int]:
    return _kept_about(user_id, dismissals.by, dismissals.delete_all)


def _senders(user_id: str) -> Iterator[int]:
    return _kept_by(user_id, senders.all_of, senders.delete_all)


def _accepters(user_id: str) -> Iterator[int]:
    return _kept_about(user_id, senders.by, senders.delete_all)


def _kept_by(user_id: str, all_of: Callable[[str, int], list[str]], delete_all: _DeleteAll) -> Iterator[int]:
    """Delete what a user keeps about others in a partition beside the user's edges."""

    def delete() -> list[str]:
        found = all_of(user_id, _TOGETHER)
        delete_all((user_id, other_id) for other_id in found)
        return found

    yield from map(len, progress.until_empty(delete))


def _kept_about(user_id: str, by: Callable[[str, Part], Iterator[str]], delete_all: _DeleteAll) -> Iterator[int]:
    """Delete what others keep about a user in such partitions."""

    def delete(after: str | None) -> list[str]:
        found = list(islice(by(user_id, Part(_TOGETHER, after)), _TOGETHER))
        delete_all((partitions.owner(each), user_id) for each in found)
        return found

    yield from map(len, progress.walk(delete))


def _reactions(user_id: str) -> Iterator[int]:
    yield from map(len, progress.until_empty(partial(_undo_some, user_id), least=_TOGETHER))


def _undo_some(user_id: str) -> list[tuple[str, str]]:
    kept = reactions.all_of(user_id, _TOGETHER)
    reactions.end(kept)
    ended = reactions.read(kept)
    reactions.retract(ended)
    _, failed = reactions.settle(ended, {})
    if failed:
        raise Unavailable("Some reactions were not subtracted")
    return kept


def _reports_by(user_id: str) -> Iterator[int]:
    return _reports(user_id, reports.by)


def _reports_about(user_id: str) -> Iterator[int]:
    return _reports(user_id, reports.about)


def _reports(user_id: str, of: Callable[[str, str | None, int], list[reports.Key]]) -> Iterator[int]:
    def delete(after: str | None) -> list[str]:
        found = of(user_id, after, _TOGETHER)
        reports.delete(found)
        return [report_id for _, report_id in found]

    yield from map(len, progress.walk(delete))


def _notifications(user_id: str) -> Iterator[int]:
    delete = partial(notifications.delete_some, user_id, _TOGETHER)
    yield from map(len, progress.until_empty(delete, least=_TOGETHER))


def _conversations(user_id: str) -> Iterator[int]:
    delete = partial(conversations.delete_some, user_id, _TOGETHER)
    yield from map(len, progress.until_empty(delete, least=_TOGETHER))


_SHOWN: tuple[_Step, ...] = (_messages, _reports_by, _reports_about, _notes)
"""What a read could still show, and all other texts. The request itself deletes it."""
_ABOUT_USERS: tuple[_Step, ...] = (
    _edges,
    _lists,
    _followers,
    _muters,
    _requesters,
    _notes_about,
    _dismissals,
    _dismissers,
    _senders,
    _accepters,
)
STEPS: tuple[_Step, ...] = (_tokens, sockets.leave, *_SHOWN, *_ABOUT_USERS, _reactions, _notifications, _conversations)
"""Everything."""
