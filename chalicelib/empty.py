"""What clients ask for at start-up and FSTREAM does not have: an honest empty answer, so that they go on."""

from collections.abc import Callable
from typing import Any

import msgspec

from chalicelib.api import Access, Blueprint, Call

api = Blueprint(__name__)

LISTS = {
    "/api/v1/custom_emojis": "",
    "/api/v1/announcements": "",
    "/api/v1/trends": "",
    "/api/v1/trends/links": "",
    "/api/v1/trends/statuses": "",
    "/api/v1/trends/tags": "",
    "/api/v1/conversations": "read:statuses",
    "/api/v1/featured_tags": "read:accounts",
    "/api/v1/filters": "read:filters",
    "/api/v2/filters": "read:filters",
    "/api/v1/follow_requests": "read:follows",
    "/api/v1/followed_tags": "read:follows",
    "/api/v1/lists": "read:lists",
    "/api/v1/scheduled_statuses": "read:statuses",
    "/api/v1/suggestions": "read:accounts",
    "/api/v2/suggestions": "read:accounts",
}
"""Path to the scope that it takes; those without one are for anybody."""


class Ids(msgspec.Struct, frozen=True):
    """Several accounts."""

    id: tuple[str, ...] = ()


def _answer(value: Any) -> Callable[[Call[msgspec.Struct]], Any]:  # noqa: ANN401
    def nothing(_: Call[msgspec.Struct]) -> Any:  # noqa: ANN401
        """Answer that there is nothing."""
        return value

    return nothing


for _path, _scope in LISTS.items():
    api.declare("GET", _path, access=Access.USER if _scope else Access.ANYBODY, scope=_scope)(_answer([]))
api.declare("GET", "/api/v1/markers", scope="read:statuses")(_answer({}))


@api.declare("GET", "/api/v1/accounts/familiar_followers", scope="read:follows", parameters=Ids)
def familiar_followers(call: Call[Ids]) -> list[dict[str, Any]]:
    """Tell of no account which of its followers the reader follows."""
    return [{"id": user_id, "accounts": []} for user_id in dict.fromkeys(call.parameters.id)]
