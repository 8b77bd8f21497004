"""/api/v1/timelines: the home, public and hashtag timelines."""

from typing import Annotated

from chalice.app import Response

from chalicelib import entities, pages, shapes, tags
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app import text
from fstream_app.core.errors import Invalid
from fstream_app.feed import home as home_timeline
from fstream_app.feed import timelines
from fstream_app.feed.timelines import Tags

api = Blueprint(__name__)


MAX_TAGS = 4
"""Maximum number of hashtags in each of `any`, `all` and `none`."""
MoreTags = Annotated[tuple[shapes.Hashtag, ...], shapes.rule(maxItems=MAX_TAGS)]


class Public(Cursors, frozen=True):
    """Filters and cursors of a timeline. All messages are local."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


class Tagged(Public, frozen=True):
    """Filters for a hashtag's timeline, each with at most four more hashtags, and cursors."""

    any: MoreTags = ()
    """Include messages with any of these hashtags."""
    all: MoreTags = ()
    """Only messages that have all of these hashtags as well."""
    none: MoreTags = ()
    """Only messages that have none of these hashtags."""


@api.declare("GET", "/api/v1/timelines/home", scope="read:statuses", parameters=Public, answer=list[entities.Status])
def home(call: Call[Public]) -> Response:
    """List messages by the accounts that the user follows, and the user's own."""
    window = pages.window(call.parameters)
    if call.parameters.remote or call.parameters.only_media:  # FSTREAM has neither remote messages nor media
        return Response([])
    page = home_timeline.read(call.user_id, window, call.now)
    return pages.statuses(page, call)


@api.declare(
    "GET",
    "/api/v1/timelines/public",
    access=Access.READER,
    scope="read:statuses",
    parameters=Public,
    answer=list[entities.Status],
)
def public(call: Call[Public]) -> Response:
    """List all public messages."""
    window = pages.window(call.parameters)
    if call.parameters.remote or call.parameters.only_media:  # FSTREAM has neither remote messages nor media
        return Response([])
    return pages.statuses(timelines.public(call.reader_id, window, call.now), call)


@api.declare(
    "GET",
    "/api/v1/timelines/tag/{name}",
    access=Access.READER,
    scope="read:statuses",
    parameters=Tagged,
    answer=list[entities.Status],
)
def tag(call: Call[Tagged]) -> Response:
    """List public messages with a hashtag."""
    wanted = call.parameters
    window = pages.window(wanted)
    wanted_tags = Tags(
        some=(tags.named(call.path["name"]), *_names("any", wanted.any)),
        every=_names("all", wanted.all),
        none=_names("none", wanted.none),
    )
    if wanted.remote or wanted.only_media:  # FSTREAM has neither remote messages nor media
        return Response([])
    return pages.statuses(timelines.tag(wanted_tags, call.reader_id, window, call.now), call)


def _names(parameter: str, written: tuple[str, ...]) -> tuple[str, ...]:
    if len(written) > MAX_TAGS:
        raise Invalid(f"There can be at most {MAX_TAGS} more hashtags ({parameter})", parameter)
    try:
        return tuple(text.normalise_tag(name) for name in written)
    except ValueError:
        raise Invalid(f"These are not all hashtags ({parameter})", parameter) from None
