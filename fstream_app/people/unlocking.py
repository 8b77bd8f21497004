"""Acceptance of all requests to an account that is no longer locked.

One transaction unlocks the account and puts a mark, `EdgeKind.UNLOCK`, that reaches the relationships stream. Its
function accepts the requests, round by round, as a deletion does (see `departures`). Each acceptance checks that the
account is still not locked, so locking it again ends the rounds.

Requests that are put meanwhile accept themselves: the request to follow reads the account after its put, and so does
the stream function. A request remains only if its stream record came before the account was unlocked, and the index
shows it after the last round; it then grants nothing, and its user can follow at once.
"""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from fstream_app.core import progress
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Part
from fstream_app.repository import requests, rounds, users
from fstream_app.repository.follows import Follow

ITEMS_A_ROUND = 1000
"""Number of requests that the stream function accepts per batch of records."""
_TOGETHER = 40


class Unlocking(NamedTuple):
    """The start of a round, parsed from a stream record."""

    sequence: str
    """The record's sequence number."""
    user_id: str
    round: int


def resume(found: Sequence[Unlocking], now: int) -> set[str]:
    """Accept about 1,000 requests in total, and start another round for the accounts that have more.

    1 RRU and 4 WRU per request, 2 WRU per 40 of them; 2.5 RRU and 1 WRU for an account that has no more.

    Returns:
        The sequence numbers of the records that must be retried.
    """
    items = ITEMS_A_ROUND // max(len(found), 1)
    return progress.try_each(found, lambda each: _continue(each, items, now), "acceptance of requests")


def _continue(unlocking: Unlocking, items: int, now: int) -> None:
    user = users.get(unlocking.user_id, consistent=True, include_hidden=True)
    is_open = user is not None and not user.leaving and not user.locked
    if is_open and not _accept(unlocking.user_id, items, now):
        rounds.begin_next(EdgeKind.UNLOCK, unlocking.user_id, unlocking.round)
    else:
        rounds.forget(EdgeKind.UNLOCK, unlocking.user_id, unlocking.round)


def _accept(user_id: str, items: int, now: int) -> bool:
    """Accept requests until `items` are accepted. Return whether these were all."""
    for accepted in progress.walk(partial(_accept_some, user_id, now)):
        items -= len(accepted)
        if items <= 0:
            return False
    return True


def _accept_some(user_id: str, now: int, after: str | None) -> list[str]:
    found = list(islice(requests.requesters(user_id, Part(_TOGETHER, after)), _TOGETHER))
    # The index may still show requests of an earlier round.
    requests.admit(requests.read([Follow(requester_id, user_id) for requester_id in found]), now, if_open=True)
    return found
