"""/api/v1/timelines: home, public, hashtag."""

from urllib.parse import unquote

from chalice.app import Response

from chalicelib import entities, pages
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors
from fstream_app import text, timelines
from fstream_app.errors import NotFound

api = Blueprint(__name__)


class Public(Cursors, frozen=True):
    """Which part of the public timeline; all of it is local."""

    local: bool = False
    remote: bool = False
    only_media: bool = False


@api.declare("GET", "/api/v1/timelines/home", scope="read:statuses", parameters=Cursors, answer=list[entities.Status])
def home(call: Call[Cursors]) -> Response:
    """List what those whom the reader follows wrote, and the reader's own."""
    page = timelines.home(call.user_id, pages.window(call.parameters), call.now)
    return pages.statuses(page, call.request, call.now)


@api.declare(
    "GET",
    "/api/v1/timelines/public",
    access=Access.READER,
    scope="read:statuses",
    parameters=Public,
    answer=list[entities.Status],
)
def public(call: Call[Public]) -> Response:
    """List everybody's public messages."""
    window = pages.window(call.parameters)
    if call.parameters.remote or call.parameters.only_media:  # there are none
        return Response([])
    return pages.statuses(timelines.public(call.reader_id, window, call.now), call.request, call.now)


@api.declare(
    "GET",
    "/api/v1/timelines/tag/{name}",
    access=Access.READER,
    scope="read:statuses",
    parameters=Public,
    answer=list[entities.Status],
)
def tag(call: Call[Public]) -> Response:
    """List the public messages with a hashtag."""
    window = pages.window(call.parameters)
    try:
        name = text.normalise_tag(unquote(call.path["name"]))
    except ValueError:
        raise NotFound("This is not a hashtag") from None
    if call.parameters.remote or call.parameters.only_media:  # there are none
        return Response([])
    return pages.statuses(timelines.tag(name, call.reader_id, window, call.now), call.request, call.now)
