"""/api/v1/export: everything that the user has here, page by page.

The table `export_sections.SECTIONS` lists what is exported. To add a section: a field in `Export`, and a function that
reads a part of it, named in the table.
"""

from typing import Any
from urllib.parse import urlencode

import msgspec
from chalice.app import Response

from chalicelib import rendering
from chalicelib.api import Blueprint, Call
from chalicelib.export_entities import Export
from chalicelib.export_sections import SECTIONS, Piece, no_cursor
from fstream_app.access.rates import Action
from fstream_app.core import deadline
from fstream_app.core.entities import User
from fstream_app.people import users

api = Blueprint(__name__)

PATH = "/api/v1/export"
MAX_BYTES = 2_000_000
"""Limit of a page's size. API Gateway allows responses of 10 MB, Lambda 6 MB."""
MAX_PARTS = 30
"""Limit of the parts of sections that a page reads, each of at most forty entries."""
_LEAST_SECONDS = 4
"""A page ends if less than this time is left of the request's."""


class Position(msgspec.Struct, frozen=True):
    """Where to begin."""

    cursor: str | None = None
    """Return the page that begins here: part of the link to the next page. The first page if left out."""


@api.declare("GET", PATH, scope="read", parameters=Position, answer=Export)
def export(call: Call[Position]) -> Response:
    """Return everything that the user has here, page by page. Follow the `Link` header until a page has none."""
    call.limits.take(Action.EXPORT)
    page = page_of(users.get(call.user_id, consistent=True), call.parameters.cursor or "", call.now)
    return Response(page, {"Link": f'<{page.next}>; rel="next"'} if page.next else {})


def page_of(user: User, cursor: str, now: int) -> Export:
    """Return the page of an export that begins at a cursor (empty: the first page).

    A page ends at a limit of its size, of its parts, or of its time, and the next one begins after its last entry.
    What is posted meanwhile comes before this place, and what expires leaves no gap, so nothing is missing, and nothing
    comes twice.

    RRU: 1 for the user, and as the list of the same name for each part of a section.

    Raises:
        Invalid: no page has this cursor.
    """
    page = _Page()
    names = list(SECTIONS)
    name, position = _parsed(cursor)
    for each in names[names.index(name) :]:
        after: str | None = position if each == name else ""
        while after is not None:
            if page.is_full:
                return page.finish(_address(each, after))
            after = page.add(each, SECTIONS[each](user, after, now))
    return page.finish(None)


class _Page:
    """A page of an export while it is being filled."""

    def __init__(self) -> None:
        self._shown: dict[str, list[msgspec.Struct]] = {}
        self._size = 0
        self._parts = 0

    @property
    def is_full(self) -> bool:
        """Whether the page ends here."""
        late = deadline.left() < _LEAST_SECONDS
        return self._size >= MAX_BYTES or self._parts >= MAX_PARTS or (late and self._parts > 0)

    def add(self, section: str, piece: Piece) -> str | None:
        """Add entries until the page is full. Return where the section goes on; None at its end."""
        self._parts += 1
        for number, entry in enumerate(piece.entries, 1):
            self._shown.setdefault(section, []).append(entry.shown)
            self._size += len(msgspec.json.encode(entry.shown))
            if self._size >= MAX_BYTES and number < len(piece.entries):
                return entry.position
        return piece.after

    def finish(self, address: str | None) -> Export:
        """Return the page, with the address of the next one."""
        values: dict[str, Any] = {section: tuple(entries) for section, entries in self._shown.items()}
        values["account"] = next(iter(self._shown.get("account", ())), None)
        return Export(**values, next=address)


def _address(section: str, position: str) -> str:
    return f"{rendering.base_url()}{PATH}?{urlencode({'cursor': f'{section}.{position}'})}"


def _parsed(cursor: str) -> tuple[str, str]:
    """Return the section and position of a cursor."""
    section, _, position = cursor.partition(".")
    if cursor and section not in SECTIONS:
        raise no_cursor()
    return section or next(iter(SECTIONS)), position
