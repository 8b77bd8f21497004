"""Hashtags that a user follows, and those that a user's profile features."""

from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core.entities import User
from fstream_app.core.errors import Invalid, NotFound, Unavailable
from fstream_app.core.parallel import gather
from fstream_app.core.retry import attempts
from fstream_app.people import users
from fstream_app.repository import tags
from fstream_app.repository.tags import FollowedTag

MAX_FOLLOWED = 100
"""Limit of hashtags that a user follows."""
MAX_FOLLOWED_BYTES = 4096
"""Limit of the size of their edges: each read of the user's home timeline costs at most one read unit more."""

MAX_FEATURED = 10
"""Limit of hashtags that a user's profile features."""


class Standing(NamedTuple):
    """What hashtags are to a user. Names are normalised."""

    followed: Collection[str] = ()
    featured: Collection[str] = ()


NO_STANDING = Standing()


def follow(user_id: str, name: str, now: int) -> None:
    """Follow a hashtag, given by its normalised name; 4 WRU, and 1 RRU. Idempotent.

    Raises:
        Invalid: the user follows as many hashtags as a user can.
        NotFound: the user is gone.
    """
    try:
        is_new = tags.follow(user_id, name, now)
    except tags.Gone:
        raise NotFound("Account not found") from None
    if not is_new:
        return
    found = tags.followed(user_id)
    if len(found) > MAX_FOLLOWED or sum(tag.size for tag in found) > MAX_FOLLOWED_BYTES:
        tags.unfollow(user_id, name)
        raise Invalid(
            f"You can follow at most {MAX_FOLLOWED} hashtags, and fewer if their names are long. "
            "Unfollow one of them first.",
            code="ERR_TOO_MANY",
        )


def unfollow(user_id: str, name: str) -> None:
    """Stop following a hashtag, given by its normalised name; 1 WRU. Idempotent."""
    tags.unfollow(user_id, name)


def followed(user_id: str) -> list[FollowedTag]:
    """Return the hashtags that a user follows, newest follow first; 1 RRU."""
    return tags.followed(user_id)


def standing(user_id: str | None) -> Standing:
    """Return what hashtags are to a user (None: nobody); 2 RRU."""
    if user_id is None:
        return NO_STANDING
    found, user = gather(partial(tags.followed, user_id), partial(users.get, user_id, consistent=True))
    return Standing(frozenset(tag.name for tag in found), user.featured)


def feature(user_id: str, name: str) -> User:
    """Feature a hashtag, given by its normalised name, on a user's profile; 1 RRU, 1 WRU. Idempotent.

    Returns:
        The user, as changed.

    Raises:
        Invalid: the profile features ten hashtags already.
        NotFound: the user is gone.
    """

    def with_it(featured: tuple[str, ...]) -> tuple[str, ...]:
        if name in featured:
            return featured
        if len(featured) >= MAX_FEATURED:
            raise Invalid(
                f"You can feature at most {MAX_FEATURED} hashtags. Remove one of them first.", "name", "ERR_TOO_MANY"
            )
        return (*featured, name)

    return _change(user_id, with_it)


def unfeature(user_id: str, name: str) -> User:
    """Feature a hashtag no longer; result, cost and errors as for `feature`. Idempotent."""
    return _change(user_id, lambda featured: tuple(each for each in featured if each != name))


def _change(user_id: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> User:
    for _ in attempts():
        user = users.get(user_id, consistent=True)
        names = change(user.featured)
        if names == user.featured or tags.feature(user, names):
            return msgspec.structs.replace(user, featured=names)
    raise Unavailable("Too many changes at once. Try again in a moment.")
