"""Features that FSTREAM does not have: reads return empty results, so that clients keep working."""

import msgspec

from chalicelib.api import Access, Blueprint, Call
from chalicelib.entities import Empty
from chalicelib.pages import Ids
from fstream_app.messages.paging import MAX_LIMIT

api = Blueprint(__name__)

LISTS = {
    "/api/v1/custom_emojis": "",
    "/api/v1/announcements": "",
    "/api/v1/instance/peers": "",
    "/api/v1/trends/links": "",
    "/api/v1/domain_blocks": "read:blocks",
}
"""Paths that return an empty list, with the scope they require; without a scope, anybody may call them."""
OBJECTS = {"/api/v1/instance/translation_languages": ""}
"""Paths that return an empty object, likewise."""


class FamiliarFollowers(msgspec.Struct, frozen=True, kw_only=True):
    """The followers of an account whom the user follows: always empty."""

    id: str
    accounts: tuple[()] = ()


def _list(_: Call[msgspec.Struct]) -> tuple[()]:
    """Return an empty list."""
    return ()


def _object(_: Call[msgspec.Struct]) -> Empty:
    """Return an empty object."""
    return Empty()


for _paths, _handler in ((LISTS, _list), (OBJECTS, _object)):
    for _path, _scope in _paths.items():
        api.declare("GET", _path, access=Access.USER if _scope else Access.ANYBODY, scope=_scope)(_handler)


@api.declare("GET", "/api/v1/accounts/familiar_followers", scope="read:follows", parameters=Ids)
def familiar_followers(call: Call[Ids]) -> list[FamiliarFollowers]:
    """Return an empty list of familiar followers for each account."""
    return [FamiliarFollowers(id=user_id) for user_id in call.parameters.distinct(MAX_LIMIT)]
