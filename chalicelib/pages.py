"""Pagination: the client API's cursors become windows, and its `Link` header leads to other pages."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from chalice.app import Request, Response

from chalicelib import bodies, rendering, shapes
from chalicelib.api import Call
from fstream_app.core import ids
from fstream_app.core.entities import PAGE, Page, Part, Window
from fstream_app.core.errors import Invalid
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.people.relationships import People

MAX_LINKS = 6000
"""Maximum length of a `Link` header. API Gateway allows 10,240 bytes for all headers together."""
_CURSORS = {"max_id", "since_id", "min_id"}

P = TypeVar("P", bound=msgspec.Struct)


class Cursors(msgspec.Struct, frozen=True):
    """Cursors: which part of a list to return."""

    limit: shapes.Limit = PAGE
    """Page size: 1 to 40. Larger values count as 40."""
    max_id: str | None = None
    """Return entries below this one in the list (the next page)."""
    since_id: str | None = None
    """Return entries above this one, beginning at the top of the list."""
    min_id: str | None = None
    """Return the entries directly above this one (the previous page)."""


class Ids(msgspec.Struct, frozen=True):
    """Ids of several items."""

    id: Annotated[tuple[str, ...], shapes.rule(maxItems=MAX_LIMIT)] = ()

    def distinct(self, most: int) -> list[str]:
        """Return each id once, in the order given.

        Raises:
            Invalid: there are more than `most`.
        """
        wanted = list(dict.fromkeys(self.id))
        if len(wanted) > most:
            raise Invalid(f"A request can have at most {most} ids", "id")
        return wanted


def limit(cursors: Cursors, most: int = MAX_LIMIT) -> int:
    """Return the page size.

    Raises:
        Invalid: it is less than 1.
    """
    if cursors.limit < 1:
        raise Invalid("A page must have at least one entry (limit)", "limit")
    return min(cursors.limit, most)


def by_offset(limit: int, offset: int) -> slice:
    """Return the part of a list that has at most `limit` entries, or 40, after the first `offset`.

    Raises:
        Invalid: the limit is less than 1, or the offset less than 0.
    """
    if limit < 1:
        raise Invalid("A page must have at least one entry (limit)", "limit")
    if offset < 0:
        raise Invalid("The number of results to skip (offset) can't be negative", "offset")
    return slice(offset, offset + min(limit, MAX_LIMIT))


def window(cursors: Cursors, most: int = MAX_LIMIT) -> Window:
    """Return the part of a timeline that the cursors describe, with at most this page size.

    Cursors that are not ids of messages, such as 0 or another server's id, are below everything.

    Raises:
        Invalid: the page size is less than 1.
    """
    return Window(
        after=message_id(cursors.min_id or cursors.since_id) or LOWEST,
        before=message_id(cursors.max_id) or HIGHEST,
        limit=limit(cursors, most),
        oldest_first=bool(cursors.min_id),
    )


def message_id(cursor: str | None) -> MessageId | None:
    """Return the id of a message, or None for any other text."""
    try:
        return MessageId.parse(cursor or "")
    except ValueError:
        return None


def part(cursors: Cursors, size: int | None = None) -> Part:
    """Return the part of a list of accounts that the cursors describe, with this page size if it is given.

    These lists are ordered by id: `max_id` is the last id of the page before, `min_id` the first id of the page after.
    Cursors that are not ids of accounts are below everything, which is the end of the list.

    Raises:
        Invalid: the page size is less than 1.
    """
    before = _user_id(cursors.min_id) or _user_id(cursors.since_id)
    if cursors.min_id and not before:
        before = HIGHEST.author_id
    return Part(limit(cursors) if size is None else size, after=_user_id(cursors.max_id), before=before)


def _user_id(cursor: str | None) -> str | None:
    return cursor if cursor and ids.is_user_id(cursor) else None


def message_ids(several: Ids, most: int) -> list[MessageId]:
    """Return the ids, without those that can't be a message's.

    Raises:
        Invalid: there are more than `most`.
    """
    found = []
    for each in several.distinct(most):
        with suppress(ValueError):
            found.append(MessageId.parse(each))
    return found


def statuses(page: Page, call: Call[P]) -> Response:
    """Return a page of statuses with its links."""
    return linked(rendering.statuses(page, call.now), call, str(page.older or ""), str(page.newer or ""))


def accounts(people: People, call: Call[P]) -> Response:
    """Return a page of accounts with its links."""
    return linked(rendering.accounts(people.users, call.now), call, people.after or "", people.before or "")


def linked(shown: Sequence[msgspec.Struct] | msgspec.Struct, call: Call[P], older: str, newer: str) -> Response:
    """Return a page with its `Link` header; next (older) comes first, because some clients read only the beginning.

    Raises:
        Invalid: the link to the next page would be too long for a header.
    """
    links = []
    if older:
        links.append(f'<{_url(call, "max_id", older)}>; rel="next"')
    if newer:
        links.append(f'<{_url(call, "min_id", newer)}>; rel="prev"')
    if len(", ".join(links)) > MAX_LINKS:
        links = links[:1]  # a paging client needs the next page, and has had the previous one
    if len(", ".join(links)) > MAX_LINKS:
        raise Invalid("The parameters of this request are too long for a list that has more pages")
    return Response(shown, {"Link": ", ".join(links)} if links else {})


def _url(call: Call[P], cursor: str, value: str) -> str:
    """Return the URL of another page: with the parameters that this list supports, as the client spelled them."""
    known = set(call.parameters.__struct_encode_fields__) - _CURSORS
    sent = dict.fromkeys(bodies.query(call.request))
    kept = [(name, text) for name, text in sent if name.partition("[")[0] in known]
    path = call.request.context.get("path") or call.request.path
    # The local server's path is percent-encoded by the client; API Gateway's may be decoded.
    encoded = quote(_without_stage(path, call.request), safe="/%@:")
    return f"{rendering.base_url()}{encoded}?{urlencode([*kept, (cursor, value)])}"


def _without_stage(path: str, request: Request) -> str:
    # API Gateway's path begins with the stage, which CloudFront has put in front.
    stage = request.context.get("stage")
    return path.removeprefix(f"/{stage}") if stage else path
