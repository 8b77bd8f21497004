"""What caused a notification, and whether it is still so: the follow, the request, the favourite or boost."""

from collections.abc import Collection
from functools import partial
from typing import assert_never

from fstream_app.core.entities import ReactionKind
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.parallel import gather
from fstream_app.repository import edges, reactors, requests
from fstream_app.repository.reactors import By


def lasting(user_id: str, chunk: list[Notification]) -> list[Notification]:
    """Return those that say what is still so: the follow, request or reaction exists; 1 RRU for each of these kinds.

    A mention is true while its message exists and the user may see it, which hydration shows. If it was put twice,
    because it was late, only that with the time that the message has is shown.
    """
    follows = {each.actor_id for each in chunk if each.kind is NotificationKind.FOLLOW}
    asking = {each.actor_id for each in chunk if each.kind is NotificationKind.FOLLOW_REQUEST}
    following, requested, favourites, boosts = gather(
        partial(edges.followers_among, user_id, follows),
        partial(requests.requesters_among, user_id, asking),
        partial(reactors.among, ReactionKind.FAVOURITE, _by(chunk, NotificationKind.FAVOURITE)),
        partial(reactors.among, ReactionKind.BOOST, _by(chunk, NotificationKind.REBLOG)),
    )
    return [each for each in chunk if _lasts(each, following, requested, favourites, boosts)]


def _by(chunk: list[Notification], kind: NotificationKind) -> set[By]:
    return {(each.actor_id, each.message_id) for each in chunk if each.kind is kind and each.message_id}


def _lasts(
    made: Notification,
    followers: Collection[str],
    requesters: Collection[str],
    favourites: Collection[By],
    boosts: Collection[By],
) -> bool:
    match made.kind:
        case NotificationKind.FOLLOW:
            return made.actor_id in followers
        case NotificationKind.FOLLOW_REQUEST:
            return made.actor_id in requesters
        case NotificationKind.FAVOURITE:
            return (made.actor_id, made.message_id) in favourites
        case NotificationKind.REBLOG:
            return (made.actor_id, made.message_id) in boosts
        case NotificationKind.MENTION | NotificationKind.QUOTE | NotificationKind.STATUS | NotificationKind.WARNING:
            return True
        case _:
            assert_never(made.kind)
