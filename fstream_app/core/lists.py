"""Lists: groups of followed accounts, each with a timeline of its own."""

import secrets
from enum import StrEnum

import msgspec

from fstream_app.core import ids

ENDORSED = "endorsed"
"""Among the lists in a follow: the follower shows the account on the profile. No list has this id."""
_ID_LENGTH = 4
"""A few characters are enough: an id differs only from those of the same user's other lists."""


class RepliesPolicy(StrEnum):
    """Whose messages the replies on a list's timeline may answer, besides the author's own and those of the reader."""

    LIST = "list"
    """Members of the list."""
    FOLLOWED = "followed"
    """Anybody whom the reader follows."""
    NONE = "none"


class UserList(msgspec.Struct, frozen=True):
    """A list. Its members are in the user's relations."""

    id: str
    title: str
    replies_policy: RepliesPolicy = RepliesPolicy.LIST
    exclusive: bool = False
    """Whether the members' messages are kept off home."""
    created_at: int = 0
    """Milliseconds."""


def new_id() -> str:
    """Return a random id, which one of the user's lists may have already."""
    return ids.encode(secrets.randbits(5 * _ID_LENGTH), _ID_LENGTH)
