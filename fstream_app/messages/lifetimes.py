"""How long a message lives.

As long as its author says, in a field or at the end of the text. Otherwise, a direct reply lives as long as the message
that it answers was made to live, and any other message as long as the author's defaults say. A message with a poll then
lives an hour longer than the poll is open, if that is more. A lifetime that its author has chosen ends the poll, too.

The first message of a thread decides whether the thread ends together: then no reply lives longer than the first
message does, and a reply that would have ends in the same millisecond. What this takes is stored with each reply, so
that answering it reads nothing more. Once the first message is deleted, replies still end when it would have.
"""

from typing import NamedTuple

import msgspec

from fstream_app import text
from fstream_app.core import settings
from fstream_app.core.entities import Message, User
from fstream_app.core.errors import Invalid
from fstream_app.core.packing import Visibility
from fstream_app.people import users

_HINT = "To post it as a hashtag, add a word after it."


class Worded(NamedTuple):
    """A message's text without a lifetime at its end, and the lifetime (seconds) that its author has chosen."""

    text: str
    lifetime: int | None
    """None: the author has not chosen any."""


def chosen(author: User, content: str, said: int | None) -> Worded:
    """Find the lifetime that an author has chosen for a message.

    A lifetime at the end of the text is removed from it, unless the author has switched this off. It counts only if
    none is given beside the text.

    Args:
        author: the author.
        content: the message's text, cleaned.
        said: the lifetime given beside the text, in seconds.

    Raises:
        Invalid: the lifetime that counts is not within the instance's limits.
    """
    found = text.split_lifetime(content) if author.lifetime_in_text else None
    if said is not None:
        users.validate_lifetime(said)
    elif found:
        _validate(found.seconds)
        said = int(found.seconds)
    return Worded(found.text if found else content, said)


def without(author: User, content: str) -> str:
    """Return the text of an edit without a lifetime at its end, which has no effect.

    So a text that is sent again as it was posted is the same text. An edit does not change when a message ends.
    """
    found = text.split_lifetime(content) if author.lifetime_in_text else None
    return found.text if found else content


def _validate(seconds: float) -> None:
    shortest, longest = settings.get().min_lifetime, settings.get().max_lifetime
    if seconds < shortest:
        raise Invalid(
            f"A lifetime at the end of the text must be at least {text.lifetime_word(shortest)}. {_HINT}",
            "status",
            "ERR_TOO_SHORT",
        )
    if seconds > longest:
        raise Invalid(
            f"A lifetime at the end of the text must be at most {text.lifetime_word(longest)}. {_HINT}",
            "status",
            "ERR_TOO_LONG",
        )


def within_thread(reply: Message) -> Message:
    """Return a reply whose last second is that in which its thread ends, if this is earlier than its own last one."""
    if (ends_at := reply.thread_ends_at) is None:
        return reply
    left = -(-(ends_at - reply.id.time) // 1000)
    return msgspec.structs.replace(reply, lifetime=min(reply.lifetime, left))


def default(author: User, visibility: Visibility, answered: Message | None, least: int = 0) -> int:
    """Return the lifetime (seconds) of a message whose author has chosen none, at least `least`: see the module.

    It is not refused: if it is outside of the instance's limits, which may have changed since, the nearest one counts.
    """
    current = settings.get()
    if answered is not None and visibility is Visibility.DIRECT:
        lifetime = answered.lifetime
    else:
        lifetime = author.lifetime_of(visibility) or current.default_lifetime
    lifetime = max(lifetime, least)
    return min(max(lifetime, current.min_lifetime), current.max_lifetime)
