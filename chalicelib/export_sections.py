"""The sections of an export, each read part by part: see `export`."""

from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import NamedTuple, TypeVar

import msgspec

from chalicelib import rendering
from chalicelib.export_entities import (
    ExportedAccount,
    ExportedConversation,
    ExportedFollow,
    ExportedFollowedTag,
    ExportedList,
    ExportedMarker,
    ExportedMute,
    ExportedNote,
    ExportedPolicy,
    ExportedTag,
)
from chalicelib.filter_rendering import filter_
from chalicelib.lists import shown as shown_list
from chalicelib.markers import shown as shown_marker
from chalicelib.notification_policies import choices
from chalicelib.reports import shown as shown_report
from chalicelib.scheduled import shown as shown_scheduled
from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Page, Part, User, Window
from fstream_app.core.errors import Invalid
from fstream_app.core.following import FollowOptions
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.parallel import gather
from fstream_app.core.policies import OPEN
from fstream_app.feed import held, timelines
from fstream_app.messages import filters, markers, muting, paging, reactions, scheduling
from fstream_app.moderation import reports
from fstream_app.people import endorsements, following, lists, notes, relationships, tags, users
from fstream_app.people.relationships import People, Valued

_PART = paging.MAX_LIMIT
T = TypeVar("T")


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


def _account(user: User, position: str, now: int) -> Piece:
    if position:
        raise no_cursor()
    active, asked = gather(partial(users.activity, user, now), partial(following.number_of_requests, user))
    return Piece([Entry("", rendering.own_account(user, active, asked))])


def _statuses(user: User, position: str, now: int) -> Piece:
    page = timelines.of_account(user.id, user.id, _below(position), now)
    return _messages(page, now, with_text=True)


def _scheduled_statuses(user: User, position: str, now: int) -> Piece:
    found, is_cut = scheduling.of_user(user.id, _below(position), now)
    entries = [Entry(each.id, each) for each in map(shown_scheduled, found)]
    return Piece(entries, entries[-1].position if is_cut else None)


def _bookmarks(user: User, position: str, now: int) -> Piece:
    return _messages(reactions.bookmarks(user.id, _below(position), now), now)


def _favourites(user: User, position: str, now: int) -> Piece:
    return _messages(reactions.favourites(user.id, _below(position), now), now)


def _votes(user: User, position: str, now: int) -> Piece:
    return _messages(reactions.votes(user.id, _below(position), now), now)


def _messages(page: Page, now: int, *, with_text: bool = False) -> Piece:
    entries = [Entry(shown.id, shown) for shown in rendering.statuses(page, now, with_text=with_text)]
    return Piece(entries, str(page.older) if page.older else None)


def _following(user: User, position: str, now: int) -> Piece:
    return _follows(user, EdgeKind.FOLLOW, position, now)


def _follow_requests(user: User, position: str, now: int) -> Piece:
    return _follows(user, EdgeKind.REQUEST, position, now)


def _follows(user: User, kind: EdgeKind, position: str, now: int) -> Piece:
    return _valued(relationships.chosen(user.id, kind, _above(position), now), _follow)


def _follow(user: User, options: FollowOptions) -> ExportedFollow:
    return ExportedFollow(
        **_about(user),
        notify=options.notifies_from is not None,
        reblogs=options.shows_boosts,
        languages=options.languages or None,
    )


def _followers(user: User, position: str, now: int) -> Piece:
    return _people(relationships.followers(user, user.id, _above(position), now))


def _blocks(user: User, position: str, now: int) -> Piece:
    return _people(relationships.blocked(user.id, _above(position), now))


def _mutes(user: User, position: str, now: int) -> Piece:
    found = relationships.muted(user.id, _above(position), now)
    return _valued(Valued(found.people, {each.id: found.until.get(each.id) for each in found.people.users}), _mute)


def _mute(user: User, until: int | None) -> ExportedMute:
    return ExportedMute(**_about(user), mute_expires_at=None if until is None else rendering.date(until))


def _notes(user: User, position: str, now: int) -> Piece:
    return _valued(notes.of_user(user.id, _above(position), now), _note)


def _note(user: User, text: str) -> ExportedNote:
    return ExportedNote(**_about(user), note=text)


def _lists(user: User, position: str, now: int) -> Piece:
    found = lists.next_of(user.id, position, now)
    if found is None:
        return Piece([])
    known = msgspec.structs.asdict(shown_list(found.of))
    shown = ExportedList(**known, accounts=tuple(map(_person, found.members)))
    return Piece([Entry(found.of.id, shown)], None if found.is_last else found.of.id)


def _endorsements(user: User, position: str, now: int) -> Piece:
    return _people(endorsements.of_user(user, user.id, _above(position), now))


def _filters(user: User, position: str, now: int) -> Piece:
    found = ((f"{each.id:010}", each) for each in filters.all_of(user.id, now))
    return Piece([Entry(key, filter_(each)) for key, each in sorted(found, key=itemgetter(0)) if key > position])


def _notification_policy(user: User, position: str, _: int) -> Piece:
    policy = held.policy(user.id)
    if position or policy == OPEN:
        return Piece([])
    return Piece([Entry("policy", ExportedPolicy(**choices(policy)))])


def _accepted_senders(user: User, position: str, now: int) -> Piece:
    return _people(held.accepted(user.id, _above(position), now))


def _muted_conversations(user: User, position: str, now: int) -> Piece:
    return Piece(
        [
            Entry(str(root), ExportedConversation(status_id=str(root), muted_at=rendering.date(still.since)))
            for root, still in muting.muted(user.id, now).items()
            if str(root) > position
        ]
    )


def _followed_tags(user: User, position: str, _: int) -> Piece:
    return Piece(
        [
            Entry(each.id, ExportedFollowedTag(**_tag(each.name), followed_at=rendering.date(each.since)))
            for each in tags.followed(user.id)
            if not position or each.id < position
        ]
    )


def _featured_tags(user: User, position: str, _: int) -> Piece:
    return Piece([Entry(name, ExportedTag(**_tag(name))) for name in sorted(user.featured) if name > position])


def _tag(name: str) -> dict[str, str]:
    return {"name": name, "url": rendering.tag_url(name)}


def _markers(user: User, position: str, now: int) -> Piece:
    found = markers.read(user.id, markers.TIMELINES, now)
    return Piece(
        [
            Entry(timeline, ExportedMarker(**msgspec.structs.asdict(shown_marker(found[timeline])), timeline=timeline))
            for timeline in markers.TIMELINES
            if timeline in found and timeline > position
        ]
    )


def _reports(user: User, position: str, now: int) -> Piece:
    found = reports.of_reporter(user.id, _PART, now, _below(position).before)
    entries = [Entry(str(own.id), shown_report(own)) for own in found]
    return Piece(entries, entries[-1].position if len(entries) == _PART else None)


def _people(found: People) -> Piece:
    return Piece([Entry(each.id, _person(each)) for each in found.users], found.after)


def _valued(found: Valued[T], shown: Callable[[User, T], msgspec.Struct]) -> Piece:
    people = found.people
    return Piece([Entry(each.id, shown(each, found.values[each.id])) for each in people.users], people.after)


def _person(user: User) -> ExportedAccount:
    return ExportedAccount(**_about(user))


def _about(user: User) -> dict[str, str]:
    return {"id": user.id, "acct": user.name, "url": f"{rendering.base_url()}/@{user.name}"}


def _below(position: str) -> Window:
    """Return the window of messages after a position: their ids descend."""
    try:
        return Window(before=MessageId.parse(position) if position else HIGHEST, limit=_PART)
    except ValueError:
        raise no_cursor() from None


def _above(position: str) -> Part:
    """Return the part of a list of accounts after a position: their ids ascend."""
    if position and not ids.is_user_id(position):
        raise no_cursor()
    return Part(_PART, after=position or None)


def no_cursor() -> Invalid:
    """Return the error for a cursor that no page has."""
    return Invalid("The cursor must be that of a link to the next page", "cursor")


SECTIONS: dict[str, Read] = {
    "account": _account,
    "statuses": _statuses,
    "scheduled_statuses": _scheduled_statuses,
    "following": _following,
    "follow_requests": _follow_requests,
    "blocks": _blocks,
    "mutes": _mutes,
    "bookmarks": _bookmarks,
    "favourites": _favourites,
    "votes": _votes,
    "followers": _followers,
    "lists": _lists,
    "endorsements": _endorsements,
    "filters": _filters,
    "notes": _notes,
    "notification_policy": _notification_policy,
    "accepted_senders": _accepted_senders,
    "muted_conversations": _muted_conversations,
    "followed_tags": _followed_tags,
    "featured_tags": _featured_tags,
    "markers": _markers,
    "reports": _reports,
}
"""What is exported, in this order: the function that reads a section, by its field in `Export`."""
