"""/api/v1/export: everything that the user has here, page by page.

The table `SECTIONS` lists what is exported. To add a section: a field in `Export`, and a function that reads a part of
it, named in the table.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from chalice.app import Response

from chalicelib import entities, rendering, shapes
from chalicelib.api import Blueprint, Call
from fstream_app.access.rates import Action
from fstream_app.core import deadline, ids
from fstream_app.core.entities import Page, Part, User, Window
from fstream_app.core.errors import Invalid
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.parallel import gather
from fstream_app.feed import timelines
from fstream_app.messages import paging, reactions
from fstream_app.people import following, relationships, users
from fstream_app.people.relationships import People

api = Blueprint(__name__)

PATH = "/api/v1/export"
MAX_BYTES = 2_000_000
"""Limit of a page's size. API Gateway allows responses of 10 MB, Lambda 6 MB."""
MAX_PARTS = 25
"""Limit of the parts of sections that a page reads, each of at most forty entries."""
_PART = paging.MAX_LIMIT
_LEAST_SECONDS = 4
"""A page ends if less than this time is left of the request's."""


class ExportedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account in an export: enough to find it again."""

    id: shapes.UserId
    acct: shapes.Name
    url: shapes.Url


class ExportedMute(ExportedAccount, frozen=True, kw_only=True):
    """A muted account in an export."""

    mute_expires_at: shapes.Time | None
    """The end of a timed mute."""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an export. The whole export is all pages, with the arrays of the same name joined in their order."""

    account: entities.CredentialAccount | None = None
    """The user's profile and settings; only on the first page."""
    statuses: tuple[entities.Status, ...] = ()
    """All of the user's messages, newest first, with their text as typed."""
    following: tuple[ExportedAccount, ...] = ()
    """The accounts that the user follows."""
    follow_requests: tuple[ExportedAccount, ...] = ()
    """The accounts that the user has asked to be allowed to follow."""
    blocks: tuple[ExportedAccount, ...] = ()
    mutes: tuple[ExportedMute, ...] = ()
    favourites: tuple[entities.Status, ...] = ()
    """The user's favourites that the user may see, as likewise the bookmarks."""
    bookmarks: tuple[entities.Status, ...] = ()
    followers: tuple[ExportedAccount, ...] = ()
    next: shapes.Url | None = None
    """The next page, as in the `Link` header; null on the last page."""


class Entry(NamedTuple):
    """An entry of a section."""

    position: str
    """Where the section goes on after the entry."""
    shown: msgspec.Struct


class Piece(NamedTuple):
    """Some entries of a section."""

    entries: Sequence[Entry]
    after: str | None = None
    """Where the section goes on; None at its end."""


Read = Callable[[User, str, int], Piece]
"""Reads the entries of a section after a position (empty: from the beginning) at a time (ms), at most forty."""


def _account(user: User, _: str, now: int) -> Piece:
    active, asked = gather(partial(users.activity, user, now), partial(following.number_of_requests, user))
    return Piece([Entry("", rendering.own_account(user, active, asked))])


def _statuses(user: User, position: str, now: int) -> Piece:
    page = timelines.of_account(user.id, user.id, _below(position), now)
    return _messages(page, now, with_text=True)


def _bookmarks(user: User, position: str, now: int) -> Piece:
    return _messages(reactions.bookmarks(user.id, _below(position), now), now)


def _favourites(user: User, position: str, now: int) -> Piece:
    return _messages(reactions.favourites(user.id, _below(position), now), now)


def _messages(page: Page, now: int, *, with_text: bool = False) -> Piece:
    entries = [Entry(shown.id, shown) for shown in rendering.statuses(page, now, with_text=with_text)]
    return Piece(entries, str(page.older) if page.older else None)


def _following(user: User, position: str, now: int) -> Piece:
    return _people(relationships.following(user, user.id, _above(position), now))


def _followers(user: User, position: str, now: int) -> Piece:
    return _people(relationships.followers(user, user.id, _above(position), now))


def _follow_requests(user: User, position: str, now: int) -> Piece:
    return _people(following.made(user.id, _above(position), now))


def _blocks(user: User, position: str, now: int) -> Piece:
    return _people(relationships.blocked(user.id, _above(position), now))


def _mutes(user: User, position: str, now: int) -> Piece:
    found = relationships.muted(user.id, _above(position), now)
    return Piece(
        [Entry(each.id, _mute(each, found.until.get(each.id))) for each in found.people.users], found.people.after
    )


def _mute(user: User, until: int | None) -> ExportedMute:
    known = msgspec.structs.asdict(_person(user))
    return ExportedMute(**known, mute_expires_at=None if until is None else rendering.date(until))


def _people(found: People) -> Piece:
    return Piece([Entry(each.id, _person(each)) for each in found.users], found.after)


def _person(user: User) -> ExportedAccount:
    return ExportedAccount(id=user.id, acct=user.name, url=f"{rendering.base_url()}/@{user.name}")


SECTIONS: dict[str, Read] = {
    "account": _account,
    "statuses": _statuses,
    "following": _following,
    "follow_requests": _follow_requests,
    "blocks": _blocks,
    "mutes": _mutes,
    "bookmarks": _bookmarks,
    "favourites": _favourites,
    "followers": _followers,
}
"""What is exported, in this order: the function that reads a section, by its field in `Export`."""


class Position(msgspec.Struct, frozen=True):
    """Where to begin."""

    cursor: str | None = None
    """Return the page that begins here: part of the link to the next page. The first page if left out."""


@api.declare("GET", PATH, scope="read", parameters=Position, answer=Export)
def export(call: Call[Position]) -> Response:
    """Return everything that the user has here, page by page: follow the `Link` header until there is none."""
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
        raise _no_cursor()
    return section or next(iter(SECTIONS)), position


def _below(position: str) -> Window:
    """Return the window of messages after a position: their ids descend."""
    try:
        return Window(before=MessageId.parse(position) if position else HIGHEST, limit=_PART)
    except ValueError:
        raise _no_cursor() from None


def _above(position: str) -> Part:
    """Return the part of a list of accounts after a position: their ids ascend."""
    if position and not ids.is_user_id(position):
        raise _no_cursor()
    return Part(_PART, after=position or None)


def _no_cursor() -> Invalid:
    return Invalid("The cursor must be that of a link to the next page", "cursor")
