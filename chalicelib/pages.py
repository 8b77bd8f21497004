"""Pagination: the client API's cursors become windows, and its `Link` header leads to other pages."""

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

import msgspec
from chalice.app import Request, Response

from chalicelib import bodies, rendering
from fstream_app.core import ids
from fstream_app.core.entities import PAGE, Page, Part, Window
from fstream_app.core.errors import Invalid
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.people.relationships import People

_CURSORS = {"max_id", "since_id", "min_id"}


class Cursors(msgspec.Struct, frozen=True):
    """Cursors: which part of a list to return."""

    limit: int = PAGE
    """Page size: 1 to 40. Larger values count as 40."""
    max_id: str | None = None
    """Return entries below this one in the list (the next page)."""
    since_id: str | None = None
    """Return entries above this one, beginning at the top of the list."""
    min_id: str | None = None
    """Return the entries directly above this one (the previous page)."""


class Ids(msgspec.Struct, frozen=True):
    """Ids of several items."""

    id: tuple[str, ...] = ()

    def distinct(self, most: int) -> list[str]:
        """Return each id once, in the order given.

        Raises:
            Invalid: there are more than `most`.
        """
        wanted = list(dict.fromkeys(self.id))
        if len(wanted) > most:
            raise Invalid(f"A request can have at most {most} ids", "id")
        return wanted


def limit(cursors: Cursors) -> int:
    """Return the page size.

    Raises:
        Invalid: it is less than 1.
    """
    if cursors.limit < 1:
        raise Invalid("A page must have at least one entry (limit)", "limit")
    return min(cursors.limit, MAX_LIMIT)


def window(cursors: Cursors) -> Window:
    """Return the part of a timeline that the cursors describe.

    Raises:
        Invalid: the page size is less than 1, or a cursor is not the id of a message.
    """
    low = _message_id("min_id", cursors.min_id) or _message_id("since_id", cursors.since_id)
    return Window(
        after=low or LOWEST,
        before=_message_id("max_id", cursors.max_id) or HIGHEST,
        limit=limit(cursors),
        oldest_first=bool(cursors.min_id),
    )


def _message_id(name: str, value: str | None) -> MessageId | None:
    if not value:
        return None
    try:
        return MessageId.parse(value)
    except ValueError:
        raise Invalid(f"A page can only begin at the id of a message ({name})", name) from None


def part(cursors: Cursors) -> Part:
    """Return the part of a list of accounts that the cursors describe.

    These lists are ordered by id: `max_id` is the last id of the page before, `min_id` the first id of the page after.

    Raises:
        Invalid: the page size is less than 1, or a cursor is not the id of an account.
    """
    before = _user_id("min_id", cursors.min_id) or _user_id("since_id", cursors.since_id)
    return Part(limit(cursors), after=_user_id("max_id", cursors.max_id), before=before)


def _user_id(name: str, value: str | None) -> str | None:
    if value and not ids.is_user_id(value):
        raise Invalid(f"A page can only begin at the id of an account ({name})", name)
    return value or None


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


def statuses(page: Page, request: Request, now: int) -> Response:
    """Return a page of statuses with its links."""
    return linked(rendering.statuses(page, now), request, str(page.older or ""), str(page.newer or ""))


def accounts(people: People, request: Request, now: int) -> Response:
    """Return a page of accounts with its links."""
    return linked(rendering.accounts(people.users, now), request, people.after or "", people.before or "")


def linked(shown: Sequence[msgspec.Struct], request: Request, older: str, newer: str) -> Response:
    """Return a page with its `Link` header; next (older) comes first, because some clients read only the beginning."""
    links = []
    if older:
        links.append(f'<{_url(request, "max_id", older)}>; rel="next"')
    if newer:
        links.append(f'<{_url(request, "min_id", newer)}>; rel="prev"')
    return Response(shown, {"Link": ", ".join(links)} if links else {})


def _url(request: Request, cursor: str, value: str) -> str:
    kept = [(name, value) for name, value in bodies.query(request) if name not in _CURSORS]
    path = request.context.get("path") or request.path
    return f"{rendering.base_url()}{_without_stage(path, request)}?{urlencode([*kept, (cursor, value)])}"


def _without_stage(path: str, request: Request) -> str:
    # API Gateway's path begins with the stage, which CloudFront has put in front.
    stage = request.context.get("stage")
    return path.removeprefix(f"/{stage}") if stage else path
