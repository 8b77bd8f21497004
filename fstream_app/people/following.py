"""Following: at once, or by a request if the account is locked; and what locked accounts do with requests.

Each change is written first and then checked against what was read after the write, and undone if it may not be: of a
follow and a block, or a deletion of an account, that are made at the same time, one sees the other.
"""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from fstream_app.core import ids, settings
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Part, User
from fstream_app.core.errors import Forbidden, Invalid, NotFound
from fstream_app.core.following import UNCHANGED, FollowChange
from fstream_app.core.relations import Relations
from fstream_app.people import relationships, users
from fstream_app.people.relationships import People
from fstream_app.repository import edges, follows, requests
from fstream_app.repository import relationships as edges_of
from fstream_app.repository.follows import Follow

_UNCOUNTED = 300
"""Limit of follows of one user that are not counted yet, or counted although they have ended, while counts are late."""


MAX_LANGUAGES = 20
"""Limit of languages in which a user follows an account."""
MAX_NOTIFYING = 200
"""Limit of accounts of whose messages a user is notified. A page of notifications may read the head of each."""


def follow(user_id: str, other_id: str, now: int, change: FollowChange = UNCHANGED) -> Relations:
    """Follow another user, or request it if they are locked; 1 WRU. Idempotent.

    Options that are not chosen stay as they are. For a follow or request that exists, 1 WRU more if some are chosen; to
    be notified of messages, 1 RRU per 136 edges of the user.

    The stream function counts the follow and notifies the other user. For a user who follows almost as many accounts as
    a user can, 1 RRU per 136 of them: the count lags behind. For a request, 2 RRU, and 1 per 136 others of the user.

    Raises:
        Forbidden: one of the two blocks the other.
        Invalid: the other user is the user, the user follows as many accounts, or is notified of the messages of as
            many, as a user can, or a language is unknown.
        NotFound: no such account.
    """
    other = relationships.require_other(user_id, other_id, "follow")
    change = _checked(change)
    if change.notify is True:
        _require_room(edges_of.of(user_id, now), other_id)
    wanted = Follow(user_id, other_id)
    if other.locked:
        return _request(wanted, change, now)
    is_new = follows.put(wanted, change, now)
    relations, found = edges_of.with_users(user_id, other_id, now)
    _require_allowed(wanted, relations, found, follows.end, is_new=is_new)
    if is_new and found[other_id].locked:  # which the first read, from a replica, did not show
        follows.end(wanted)
        return _request(wanted, change, now)
    most = settings.get().max_follows
    is_near = is_new and found[user_id].following_count + _UNCOUNTED >= most
    if is_near and edges.number_of(user_id, EdgeKind.FOLLOW, most + 1) > most:
        follows.end(wanted)
        raise _too_many()
    return relations


def _checked(change: FollowChange) -> FollowChange:
    """Return a change with the tags of its languages, each once."""
    if change.languages is None:
        return change
    tags = tuple(dict.fromkeys(users.validate_language(each, "languages") for each in change.languages if each))
    if len(tags) > MAX_LANGUAGES:
        raise Invalid(f"An account can be followed in at most {MAX_LANGUAGES} languages", "languages", "ERR_TOO_MANY")
    return msgspec.structs.replace(change, languages=tags)


def _require_room(relations: Relations, other_id: str) -> None:
    notifying = [each for each, options in relations.follow_options.items() if options.notifies_from is not None]
    if other_id not in notifying and len(notifying) >= MAX_NOTIFYING:
        raise Invalid(
            f"You can be notified of the messages of at most {MAX_NOTIFYING} accounts. Switch one of them off first.",
            "notify",
            "ERR_TOO_MANY",
        )


def _request(wanted: Follow, change: FollowChange, now: int) -> Relations:
    """Request to follow a user, unless the user is no longer locked, or followed already; 1 WRU."""
    user_id, other_id = wanted
    is_new = requests.put(wanted, change, now)
    relations, found = edges_of.with_users(user_id, other_id, now)
    _require_allowed(wanted, relations, found, requests.end, is_new=is_new)
    if other_id in relations.following:
        requests.end(wanted)
        if change != UNCHANGED and follows.update(wanted, change, now):
            relations, _ = edges_of.with_users(user_id, other_id, now)
        return msgspec.structs.replace(relations, requested=frozenset())
    most = settings.get().max_follows
    if is_new and found[user_id].following_count + edges.number_of(user_id, EdgeKind.REQUEST, most + 1) > most:
        requests.end(wanted)
        raise _too_many()
    if not found[other_id].locked:
        requests.admit([wanted], now, if_open=True)
        relations, _ = edges_of.with_users(user_id, other_id, now)
    return relations


def _require_allowed(
    wanted: Follow,
    relations: Relations,
    found: Mapping[str, User],
    end: Callable[[Follow], object],
    *,
    is_new: bool,
) -> None:
    """End a follow or a request that was just put, if it may not be.

    Args:
        wanted: the follow or the request.
        relations: the relations of either user with the other, read after the put.
        found: the two users, read likewise.
        end: ends it.
        is_new: whether the put has made it. If it existed, the suspension of a user does not end it.
    """
    if any(relations.hides(each) for each in wanted):
        end(wanted)
        raise Forbidden("This action is not allowed")
    stays = relationships.stay(found, *wanted)
    if not stays or any(found[each].suspended for each in wanted):
        if is_new or not stays:
            end(wanted)
        raise relationships.not_found()


def _too_many() -> Invalid:
    most = settings.get().max_follows
    return Invalid(f"You can follow at most {most:,} accounts. Unfollow one of them first.", code="ERR_TOO_MANY")


def unfollow(user_id: str, other_id: str, now: int) -> Relations:
    """Unfollow another user, or withdraw the request to, whatever their state; 2 WRU. Idempotent."""
    return _end(Follow(user_id, other_id), user_id, other_id, now)


def remove_follower(user_id: str, other_id: str, now: int) -> Relations:
    """Remove a follower, or reject their request, whatever their state; 2 WRU. Idempotent."""
    return _end(Follow(other_id, user_id), user_id, other_id, now)


def _end(ended: Follow, user_id: str, other_id: str, now: int) -> Relations:
    relationships.check(user_id, other_id, "unfollow")
    # In this order: what is accepted before the request is ended is a follow by then.
    existed = requests.end(ended)
    existed |= follows.end(ended)
    return relationships.ended(user_id, other_id, now, existed=existed)


def requested(user_id: str, part: Part, now: int) -> People:
    """Return a page of the users who have requested to follow a user, by id, excluding blocked ones.

    1.5 RRU and 2 for each.
    """
    read, still = partial(requests.requesters, user_id, part), partial(requests.requesters_among, user_id)
    return relationships.people(read, user_id, part, now, confirmed=still)


def made(user_id: str, part: Part, now: int) -> People:
    """Return a page of the users whom a user has requested to follow, by id; 2 RRU and 1 for each."""
    return relationships.people(partial(edges_of.others, user_id, EdgeKind.REQUEST, part, now), user_id, part, now)


def number_of_requests(user: User) -> int:
    """Count the requests to follow a user, up to 200; 0.5 or 1 RRU, or none if the user is not locked."""
    return requests.number_to(user.id) if user.locked else 0


def authorize(user_id: str, other_id: str, now: int) -> Relations:
    """Accept a user's request to follow; 4 WRU. The stream function counts the follow.

    Raises:
        Forbidden: one of the two blocks the other.
        NotFound: no such request or account.
    """
    wanted = _request_of(user_id, other_id)
    if not requests.admit([wanted], now):
        raise _no_request()
    relations, found = edges_of.with_users(user_id, other_id, now)
    _require_allowed(wanted, relations, found, follows.end, is_new=True)
    return relations


def reject(user_id: str, other_id: str, now: int) -> Relations:
    """Reject a user's request to follow; 1 WRU.

    Raises:
        NotFound: no such request.
    """
    if not requests.end(_request_of(user_id, other_id)):
        raise _no_request()
    return relationships.ended(user_id, other_id, now, existed=True)


def _request_of(user_id: str, other_id: str) -> Follow:
    if not ids.is_user_id(other_id):
        raise _no_request()
    return Follow(other_id, user_id)


def _no_request() -> NotFound:
    return NotFound("Follow request not found")
