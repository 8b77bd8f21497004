"""The messages that are sent live, read once for all readers: with what they boost or quote, and with their authors."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from fstream_app.core.entities import Message, User
from fstream_app.core.ids import MessageId
from fstream_app.core.streams import Stream, Subscription
from fstream_app.messages import answers
from fstream_app.messages.hydration import Hydrated, hydrate
from fstream_app.repository import timelines

_LEVELS = 3
"""A boost, what it boosts, what that quotes, and what this quotes: see `Viewer.with_originals`."""


class Story(NamedTuple):
    """A message that was posted or edited."""

    message: Message
    edited_at: int | None
    """When it was changed (ms); None if it was posted."""
    topics: frozenset[str]
    """The topics (`Subscription.topic`) on which it appears."""
    whole: dict[MessageId, Message]
    """The message, and what it boosts or quotes, as far as that exists."""

    @property
    def original(self) -> Message | None:
        """What it boosts, if that exists."""
        return self.whole.get(self.message.boost_of) if self.message.boost_of else None


class Batch(NamedTuple):
    """The messages of a batch, in the order of their ids, and what all readers see of them."""

    stories: list[Story]
    users: Mapping[str, User]
    shown: Mapping[MessageId, Message]
    """The messages, and what they boost or quote: as `answers.as_shown`."""


def read(posted: Iterable[MessageId], edited: Mapping[MessageId, int], now: int) -> Batch:
    """Read messages that were posted, or edited at a time (ms); those that are gone, hidden or not due are left out.

    One round trip for them, and one for each level of what they boost or quote: 1 RRU for each message and author. RRU
    of replies: see `answers.as_shown`.
    """
    # What was posted and edited since is new, and is sent as it is by now.
    changes: dict[MessageId, int | None] = {**edited, **dict.fromkeys(posted)}
    found = _with_originals(changes.keys())
    stories = [
        Story(message, changes[message_id], topics_of(message), _whole(message, found.messages))
        for message_id in sorted(changes)
        if (message := found.messages.get(message_id)) and is_shown(message, found.users, now)
    ]
    parts = {each: part for story in stories for each, part in story.whole.items()}
    shown = answers.as_shown(list(parts.values()), found, now) if parts else []
    return Batch(stories, found.users, {each.id: each for each in shown})


def is_shown(message: Message, users: Mapping[str, User], now: int) -> bool:
    """Return whether a message can be shown to anybody at this time (ms)."""
    return message.author_id in users and not message.hidden and message.is_live(now)


def there(message_ids: Collection[MessageId]) -> Hydrated:
    """Read again which messages are still there, with their authors; 1 RRU for each."""
    return hydrate(message_ids, None, read_again={each.author_id for each in message_ids})


def _with_originals(message_ids: Collection[MessageId]) -> Hydrated:
    found = there(message_ids)
    level = list(found.messages.values())
    for _ in range(_LEVELS):
        missing = {each.original for each in level if each.original} - found.messages.keys()
        if not missing:
            break
        more = there(missing)
        level = list(more.messages.values())
        found = Hydrated(found.messages | more.messages, found.users | more.users)
    return found


def _whole(message: Message, found: Mapping[MessageId, Message]) -> dict[MessageId, Message]:
    parts, original = {message.id: message}, message.original
    while original is not None and original in found and original not in parts:
        parts[original] = found[original]
        original = found[original].original
    return parts


def topics_of(message: Message) -> frozenset[str]:
    """Return the topics on which a message appears: those of its public and hashtag timelines."""
    views = timelines.of_message(message)
    tags = [name for name in message.tags if timelines.tag(name) in views]
    streams = [Subscription(stream, name) for stream in (Stream.HASHTAG, Stream.LOCAL_HASHTAG) for name in tags]
    if len(views) > len(tags):
        streams += [Subscription(Stream.PUBLIC), Subscription(Stream.LOCAL)]
    return frozenset(each.topic for each in streams if each.topic)
