"""What each reader sees of a batch, by the rules that decide about pages, and with relations read for this batch.

Home's rule, `why_not_home`, decides about `user`, and `why_not_listed` about topics. The page of notifications itself
decides about notifications. So nothing is sent that a page, read at the same time, would not show.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core.edges import KINDS, EdgeKind, edge
from fstream_app.core.entities import Message, Page, Reactions, Window
from fstream_app.core.filters import NO_FILTERS, Filters
from fstream_app.core.grants import Token
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import ALL, Notification
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.live.audience import Reader
from fstream_app.live.stories import Batch, Story
from fstream_app.messages import notifications
from fstream_app.messages.computed import Computed, announcers, of_status
from fstream_app.messages.hydration import Hydrated
from fstream_app.messages.notifications import NotificationPage
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.messages.sources import Pages
from fstream_app.messages.viewer import CompleteViewer
from fstream_app.messages.visibility import Why, WhyBoost, why_not_boosted, why_not_home, why_not_listed
from fstream_app.repository import messages, oauth, reactions
from fstream_app.repository.audience import Chosen
from fstream_app.repository.filters import Marked

_FRESH = 10_000
"""Age (ms) below which nobody but its author has reacted to a message, because it has only just settled."""
_BY_FOLLOWING = (EdgeKind.FOLLOW, EdgeKind.MUTE)
"""The edges that decide whether home shows an author's message to a follower: a block in either direction has ended the
follow.
"""
_OF_MENTIONED = (EdgeKind.BLOCK, EdgeKind.MUTE)
"""The edges to people mentioned in what is boosted."""
_MOST_PAGES = 5
"""Limit of pages of a reader's notifications in one batch: hundreds of them."""


class Seen(NamedTuple):
    """What a reader sees of a batch."""

    home: dict[MessageId, Page]
    """Pages of one message each, by its id: what the home timeline shows."""
    listed: dict[MessageId, Page]
    """Those on topics, whichever they are."""
    notified: list[NotificationPage]


class Facts(NamedTuple):
    """What was read, consistently, of some readers."""

    relations: dict[str, Relations]
    tokens: dict[str, Token]
    """The tokens of the readers' sockets that are still valid, by hash."""


def facts_of(readers: Sequence[Reader], now: int) -> Facts:
    """Read what decides about some readers, in one or two round trips.

    RRU: 1 for each socket's token; for each reader 1 for the mark of filters, 2 for each author that the reader seems
    to follow, 4 for each other person whom the messages concern, and 1 for an answered author, a conversation, a
    hashtag and an exclusive list.
    """
    wanted = {reader.id: set(_edges(reader)) for reader in readers if reader.stories}
    hashes = {socket.token_hash for reader in readers for socket in reader.sockets}
    chosen, tokens = gather(partial(Chosen(now).read, wanted), partial(oauth.get_tokens, hashes, now))
    relations = {reader.id: chosen.of(reader.id) for reader in readers}
    lists = {each: {key for ids in relations[each].lists.values() for key in _exclusive(ids)} for each in wanted}
    if in_lists := {each: keys for each, keys in lists.items() if keys}:
        chosen.read(in_lists)
        relations |= {each: chosen.of(each) for each in in_lists}
    valid = {each: token for each, token in tokens.items() if not token.suspended}
    return Facts(relations, valid)


def _exclusive(list_ids: Collection[str]) -> Iterator[str]:
    return (edge(EdgeKind.EXCLUSIVE, each) for each in list_ids)


def _edges(reader: Reader) -> Iterator[str]:
    """Yield the keys of the edges that decide what a reader sees of messages."""
    yield edge(EdgeKind.FILTER, reader.id)
    otherwise = {story.message.id for story in (*reader.tagged, *reader.listed)}
    for story in reader.stories:
        message = story.message
        kinds = KINDS if message.id in otherwise else _BY_FOLLOWING
        mentioned = {each.user_id for each in story.original.mentions} if story.original else set()
        others = {each.author_id for each in story.whole}
        wanted_of = dict.fromkeys(mentioned, _OF_MENTIONED) | dict.fromkeys(others, KINDS) | {message.author_id: kinds}
        for person, wanted in wanted_of.items():
            if person != reader.id:
                yield from (edge(kind, person) for kind in wanted)
        if message.in_reply_to and message.in_reply_to.author_id != reader.id:
            yield edge(EdgeKind.FOLLOW, message.in_reply_to.author_id)
        if message.thread:
            yield edge(EdgeKind.STILL, str(message.thread))
    yield from (edge(EdgeKind.TAG, name) for story in reader.tagged for name in story.message.tags)


def reads_nothing(reader: Reader, relations: Relations, now: int) -> bool:
    """Return whether `see` reads nothing: no filters or notifications, and messages to which nobody has reacted."""
    is_rung = reader.hears_notifications and (reader.notified or _computed(reader, relations))
    return relations.filters is None and not is_rung and all(_is_new(each, reader.id, now) for each in reader.stories)


def see(reader: Reader, relations: Relations, batch: Batch, now: int) -> Seen:
    """Return what a reader with these relations sees at this time (ms), in two round trips at most.

    RRU: for filters and reactions, if there are any, as for a page; for notifications as `notifications.of_user`.
    """
    filters, found, notified = _read(reader, relations, now)
    found = msgspec.structs.replace(found, muted=relations.muted_conversations, relations=relations)

    def pages(candidates: Sequence[Story], why: Why, why_boost: WhyBoost | None = None) -> dict[MessageId, Page]:
        viewer = CompleteViewer(reader.id, relations, now, why, filters, why_boost=why_boost)
        made = {story.message.id: _page(viewer, story, batch, found) for story in candidates}
        return {each: page for each, page in made.items() if page is not None}

    home = pages([*reader.followed, *reader.tagged], why_not_home, why_not_boosted)
    return Seen(home, pages(reader.listed, why_not_listed), notified)


def _read(reader: Reader, relations: Relations, now: int) -> tuple[Filters, Reactions, list[NotificationPage]]:
    if reads_nothing(reader, relations, now):
        return NO_FILTERS, Reactions(reader.id), []
    return gather(
        partial(_filters, reader.id, relations, now),
        partial(_reactions, reader.id, reader.stories, now),
        partial(_notified, reader, relations, now),
    )


def _page(viewer: CompleteViewer, story: Story, batch: Batch, found: Reactions) -> Page | None:
    """Return a page of one message, or None if the reader does not see it."""
    message = story.message
    part = viewer.with_originals(Hydrated(story.whole, dict(batch.users), found))
    if part.why_hidden(message.id, viewer.why_not) is not None:
        return None
    originals = {
        each: batch.shown.get(each, one) if isinstance(one, Message) else one for each, one in part.originals.items()
    }
    return Page([batch.shown[message.id]], part.users, part.reactions, filters=viewer.filters, originals=originals)


def _filters(reader_id: str, relations: Relations, now: int) -> Filters:
    """Read a reader's filters, if there are any; 0.5 RRU, and as `Marked.found`."""
    if relations.filters is None:
        return NO_FILTERS
    return messages.get_with_users((), (), Marked(reader_id, relations.filters, now))[2] or NO_FILTERS


def _reactions(reader_id: str, stories: Sequence[Story], now: int) -> Reactions:
    """Read a reader's reactions to messages; 0.5 RRU. Nothing if the messages are new to the reader."""
    if all(_is_new(story, reader_id, now) for story in stories):
        return Reactions(reader_id)
    return reactions.of_page(reader_id, {each for story in stories for each in story.whole})


def _is_new(story: Story, reader_id: str, now: int) -> bool:
    is_fresh = now - story.message.id.time < _FRESH
    return is_fresh and story.message.author_id != reader_id and len(story.whole) == 1


def _notified(reader: Reader, relations: Relations, now: int) -> list[NotificationPage]:
    """Return the pages of a reader's list of notifications that have those of the batch, without others."""
    computed = _computed(reader, relations)
    wanted = {*reader.notified, *(each.id for each in computed)}
    if not wanted or not reader.hears_notifications:
        return []

    def compute(_: Mapping[str, int], window: Window, __: int) -> Computed:
        return Computed([Pages(iter([computed]), window)])

    pages: list[NotificationPage] = []
    window = Window(after=min(wanted).previous(), before=max(wanted).next(), limit=MAX_LIMIT)
    for _ in range(_MOST_PAGES):
        page = notifications.of_user(reader.id, window, now, ALL, compute)
        shown = [each for each in page.shown if each.notification.id in wanted]
        pages.append(msgspec.structs.replace(page, shown=shown))
        if page.older is None:
            break
        window = window.narrowed(before=page.older)
    return pages


def _computed(reader: Reader, relations: Relations) -> list[Notification]:
    """Return the notifications of messages of accounts of whose messages the reader is notified, newest first."""
    since = announcers(relations)
    posted = (story.message.id for story in reader.followed if story.edited_at is None)
    due = (each for each in posted if each.author_id in since and each.time >= since[each.author_id])
    return [of_status(each, reader.id) for each in sorted(due, reverse=True)]
