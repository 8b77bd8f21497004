"""Hashtags: /api/v1/tags, the hashtags that a user follows, and those that a profile features."""

from typing import Annotated

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.tag_entities import FeaturedTag, Tag
from fstream_app import text
from fstream_app.core import tagging
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.feed import featured, hashtags
from fstream_app.people import tags, users
from fstream_app.people.tags import Standing

api = Blueprint(__name__)

FOLLOWED_A_PAGE, MAX_FOLLOWED_A_PAGE = 100, 200


class FollowedPart(msgspec.Struct, frozen=True):
    """Cursors of a list of followed hashtags. These are ids of follows, as the links of a page have them."""

    limit: shapes.Limit = FOLLOWED_A_PAGE
    """Page size: 1 to 200. Larger values count as 200."""
    max_id: str | None = None
    """Return hashtags that were followed before this one."""
    since_id: str | None = None
    """Return hashtags that were followed after this one."""
    min_id: str | None = None
    """Return the hashtags that were followed next after this one."""


class NewFeatured(msgspec.Struct, frozen=True):
    """A hashtag to feature."""

    name: Annotated[str, shapes.rule(minLength=1)] = ""
    """With or without `#`."""


def named(written: str) -> str:
    """Return the normalised name of the hashtag in a path.

    Raises:
        NotFound: this is not a hashtag.
    """
    try:
        return text.normalise_tag(written.lstrip(text.SIGNS))
    except ValueError:
        raise NotFound("This is not a hashtag") from None


@api.declare("GET", "/api/v1/tags/{name}", access=Access.READER, scope="read:statuses")
def show(call: Call[msgspec.Struct]) -> Tag:
    """Return a hashtag."""
    name = named(call.path["name"])
    return rendering.tag(name, hashtags.history(name, call.now), tags.standing(call.reader_id))


@api.declare("POST", "/api/v1/tags/{name}/follow", scope="write:follows")
def follow(call: Call[msgspec.Struct]) -> Tag:
    """Follow a hashtag: public messages with it appear on the home timeline."""
    name = named(call.path["name"])
    tags.follow(call.user_id, name, call.now)
    return _changed(call, name)


@api.declare("POST", "/api/v1/tags/{name}/unfollow", scope="write:follows")
def unfollow(call: Call[msgspec.Struct]) -> Tag:
    """Stop following a hashtag."""
    name = named(call.path["name"])
    tags.unfollow(call.user_id, name)
    return _changed(call, name)


@api.declare("POST", "/api/v1/tags/{name}/feature", scope="write:accounts")
def feature(call: Call[msgspec.Struct]) -> Tag:
    """Feature a hashtag on the user's profile."""
    name = named(call.path["name"])
    tags.feature(call.user_id, name)
    return _changed(call, name)


@api.declare("POST", "/api/v1/tags/{name}/unfeature", scope="write:accounts")
def unfeature(call: Call[msgspec.Struct]) -> Tag:
    """Feature a hashtag on the user's profile no longer."""
    name = named(call.path["name"])
    tags.unfeature(call.user_id, name)
    return _changed(call, name)


def _changed(call: Call[msgspec.Struct], name: str) -> Tag:
    return _rendered(call, [name], tags.standing(call.user_id))[0]


def _rendered(call: Call[FollowedPart] | Call[msgspec.Struct], names: list[str], standing: Standing) -> list[Tag]:
    history = hashtags.remembered(names, call.now)
    return [rendering.tag(name, history[name], standing) for name in names]


@api.declare("GET", "/api/v1/followed_tags", scope="read:follows", parameters=FollowedPart, answer=list[Tag])
def followed(call: Call[FollowedPart]) -> Response:
    """List the hashtags that the user follows, newest follow first."""
    wanted = call.parameters
    if wanted.limit < 1:
        raise Invalid("A page must have at least one entry (limit)", "limit")
    above, below = wanted.min_id or wanted.since_id or "", wanted.max_id or "~"
    every = tags.followed(call.user_id)
    found = [tag for tag in every if above < tag.id < below]
    most = min(wanted.limit, MAX_FOLLOWED_A_PAGE)
    page = found[-most:] if wanted.min_id else found[:most]
    standing = Standing({tag.name for tag in every}, users.get(call.user_id, consistent=True).featured)
    shown = _rendered(call, [tag.name for tag in page], standing)
    older = page[-1].id if page and page[-1] != found[-1] else ""
    return pages.linked(shown, call, older, page[0].id if page else "")


@api.declare("GET", "/api/v1/featured_tags", scope="read:accounts")
def own_featured(call: Call[msgspec.Struct]) -> list[FeaturedTag]:
    """List the hashtags that the user's profile features."""
    return _featured(call, call.user_id)


@api.declare("GET", "/api/v1/accounts/{id}/featured_tags", access=Access.READER, scope="read:accounts")
def featured_of(call: Call[msgspec.Struct]) -> list[FeaturedTag]:
    """List the hashtags that an account's profile features."""
    return _featured(call, call.path["id"])


def _featured(call: Call[msgspec.Struct], user_id: str) -> list[FeaturedTag]:
    user = users.get(user_id, consistent=True)
    return [rendering.featured_tag(use, user) for use in featured.of_account(user, call.reader_id, call.now)]


@api.declare("POST", "/api/v1/featured_tags", scope="write:accounts", parameters=NewFeatured)
def add_featured(call: Call[NewFeatured]) -> FeaturedTag:
    """Feature a hashtag on the user's profile."""
    try:
        name = text.normalise_tag(call.parameters.name.strip().lstrip(text.SIGNS))
    except ValueError:
        raise Invalid("Validation failed: This is not a hashtag (name)", "name") from None
    user = tags.feature(call.user_id, name)
    (use,) = [use for use in featured.of_account(user, user.id, call.now) if use.name == name]
    return rendering.featured_tag(use, user)


@api.declare("DELETE", "/api/v1/featured_tags/{id}", scope="write:accounts")
def remove_featured(call: Call[msgspec.Struct]) -> entities.Empty:
    """Feature a hashtag, given by its id, on the user's profile no longer."""
    user = users.get(call.user_id, consistent=True)
    for name in user.featured:
        if tagging.id_of(name) == call.path["id"]:
            tags.unfeature(user.id, name)
            return entities.Empty()
    raise NotFound("Record not found")


@api.declare("GET", "/api/v1/featured_tags/suggestions", scope="read:accounts")
def suggested(call: Call[msgspec.Struct]) -> list[Tag]:
    """List the hashtags that the user uses most and whose profile does not feature them."""
    user = users.get(call.user_id, consistent=True)
    standing = Standing({tag.name for tag in tags.followed(user.id)}, user.featured)
    return [rendering.tag(name, history, standing) for name, history in featured.suggested(user, call.now).items()]
