"""What caused a notification, and whether it is still so: the follow, the request, the favourite."""

from collections.abc import Collection
from functools import partial
from typing import assert_never

from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.parallel import gather
from fstream_app.repository import edges, reactions, requests
from fstream_app.repository.reactions import Favoured


def lasting(user_id: str, chunk: list[Notification]) -> list[Notification]:
    """Return those that say what is still so: the follow, request or favourite exists; 1 RRU for each of these kinds.

    A mention is true while its message exists and the user may see it, which hydration shows. If it was put twice,
    because it was late, only that with the time that the message has is shown.
    """
    follows = {each.actor_id for each in chunk if each.kind is NotificationKind.FOLLOW}
    asking = {each.actor_id for each in chunk if each.kind is NotificationKind.FOLLOW_REQUEST}
    favourites = {
        (each.actor_id, each.message_id)
        for each in chunk
        if each.kind is NotificationKind.FAVOURITE and each.message_id
    }
    following, requested, favoured = gather(
        partial(edges.followers_among, user_id, follows),
        partial(requests.requesters_among, user_id, asking),
        partial(reactions.favourites_among, favourites),
    )
    return [each for each in chunk if _lasts(each, following, requested, favoured)]


def _lasts(
    made: Notification, followers: Collection[str], requesters: Collection[str], favourites: Collection[Favoured]
) -> bool:
    match made.kind:
        case NotificationKind.FOLLOW:
            return made.actor_id in followers
        case NotificationKind.FOLLOW_REQUEST:
            return made.actor_id in requesters
        case NotificationKind.FAVOURITE:
            return (made.actor_id, made.message_id) in favourites
        case NotificationKind.MENTION | NotificationKind.STATUS | NotificationKind.WARNING:
            return True
        case _:
            assert_never(made.kind)
