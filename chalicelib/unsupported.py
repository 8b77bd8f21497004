"""What FSTREAM never does is refused, with a sentence that tells what to do instead: 422, never a pretence.

Whoever may not call such a route at all is told that first. What is sent is not looked at, however large.
"""

from collections.abc import Callable
from typing import Never

import msgspec

from chalicelib.api import Blueprint, Call
from fstream_app.core.errors import Invalid, NotFound

api = Blueprint(__name__)

_MEDIA = "Pictures and other media are not supported, FSTREAM is text only. Put a link into your message instead."
_POLL = "Polls are not supported. Ask in a message, and count the replies."
_BOOST = "Boosts are not supported. Reply to the message, or link to it in one of your own."
_PIN = "Messages cannot be pinned, since none of them stays. Write into your profile what is to stay."
_EDIT = "Messages cannot be edited. Delete the message and post it anew."
_TRANSLATION = "Messages are not translated here. Your client or browser may do it."
_CONVERSATION = "Conversations cannot be muted. Mute the person instead, for as long as you like."
_LIST = "Lists are not supported. Follow or unfollow people instead."
_FILTER = "Filters are not kept here. Set them in your client, or mute people."
_TAG = "Hashtags cannot be followed. Read the hashtag's timeline instead."
_FEATURE = "Hashtags cannot be featured on profiles. Write into your profile what you write about."
_DOMAIN = "There are no other servers here that could be blocked. Block or mute people instead."
_PLACE = "Where you have read up to is not kept here."
_PUSH = "Push notifications are not supported. Ask for /api/v1/notifications from time to time."
_NOTE = "Notes on people are not kept here."
_ENDORSEMENT = "People cannot be featured on profiles. Write into your profile whom you recommend."

STATUS, ACCOUNT = "/api/v1/statuses/{id}", "/api/v1/accounts/{id}"
UNSUPPORTED = (
    ("POST", "/api/v1/media", "write:media", _MEDIA),
    ("POST", "/api/v2/media", "write:media", _MEDIA),
    ("GET", "/api/v1/media/{id}", "write:media", _MEDIA),
    ("PUT", "/api/v1/media/{id}", "write:media", _MEDIA),
    ("GET", "/api/v1/polls/{id}", "read:statuses", _POLL),
    ("POST", "/api/v1/polls/{id}/votes", "write:statuses", _POLL),
    ("POST", f"{STATUS}/reblog", "write:statuses", _BOOST),
    ("POST", f"{STATUS}/unreblog", "write:statuses", _BOOST),
    ("POST", f"{STATUS}/pin", "write:accounts", _PIN),
    ("POST", f"{STATUS}/unpin", "write:accounts", _PIN),
    ("PUT", STATUS, "write:statuses", _EDIT),
    ("GET", f"{STATUS}/history", "read:statuses", _EDIT),
    ("POST", f"{STATUS}/translate", "read:statuses", _TRANSLATION),
    ("POST", f"{STATUS}/mute", "write:mutes", _CONVERSATION),
    ("POST", f"{STATUS}/unmute", "write:mutes", _CONVERSATION),
    ("POST", "/api/v1/lists", "write:lists", _LIST),
    ("POST", "/api/v1/filters", "write:filters", _FILTER),
    ("POST", "/api/v2/filters", "write:filters", _FILTER),
    ("POST", "/api/v1/tags/{name}/follow", "write:follows", _TAG),
    ("POST", "/api/v1/tags/{name}/unfollow", "write:follows", _TAG),
    ("POST", "/api/v1/markers", "write:statuses", _PLACE),
    ("POST", "/api/v1/push/subscription", "push", _PUSH),
    ("PUT", "/api/v1/push/subscription", "push", _PUSH),
    ("DELETE", "/api/v1/push/subscription", "push", _PUSH),
    ("POST", "/api/v1/featured_tags", "write:accounts", _FEATURE),
    ("POST", "/api/v1/domain_blocks", "write:blocks", _DOMAIN),
    ("DELETE", "/api/v1/domain_blocks", "write:blocks", _DOMAIN),
    ("POST", f"{ACCOUNT}/note", "write:accounts", _NOTE),
    ("POST", f"{ACCOUNT}/pin", "write:accounts", _ENDORSEMENT),
)
"""Method and path, the scope that it takes, and what is said."""


def _refuse(sentence: str) -> Callable[[Call[msgspec.Struct]], Never]:
    def refuse(_: Call[msgspec.Struct]) -> Never:
        raise Invalid(sentence)

    refuse.__doc__ = f"Refused. {sentence}"
    return refuse


for _method, _path, _scope, _sentence in UNSUPPORTED:
    api.declare(_method, _path, scope=_scope)(_refuse(_sentence))


@api.declare("GET", "/api/v1/push/subscription", scope="push")
def no_subscription(_: Call[msgspec.Struct]) -> Never:
    """Say that there is no subscription, in the way in which clients expect it."""
    raise NotFound("There is no push subscription")
