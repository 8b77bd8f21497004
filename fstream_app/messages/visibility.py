"""Who may see a message: the one rule that every read asks."""

from fstream_app.core.entities import Message, Relations
from fstream_app.core.packing import Visibility


def may_see(message: Message, reader_id: str | None, relations: Relations, now: int) -> bool:
    """Tell whether a reader (None: anybody) may see a message at this time (ms), given the reader's relations."""
    if message.hidden or not message.is_live(now):
        return False
    if reader_id == message.author_id:
        return True
    if relations.hides(message.author_id):
        return False
    if message.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}:
        return True
    if reader_id is not None and message.mentions_user(reader_id):
        return True
    return message.visibility is Visibility.PRIVATE and message.author_id in relations.following


def belongs_home(message: Message, reader_id: str, relations: Relations, now: int) -> bool:
    """Tell whether a message belongs on a reader's home timeline.

    That is one's own, and what the followed write, unless muted; their answers only if they answer themselves,
    the reader or somebody whom the reader follows too; their direct messages only if the reader is mentioned.
    """
    author_id = message.author_id
    if author_id == reader_id:
        return message.is_live(now)
    if author_id not in relations.following or author_id in relations.muting:
        return False
    answered = message.in_reply_to.author_id if message.in_reply_to else author_id
    if answered not in relations.following and answered not in {author_id, reader_id}:
        return False
    return may_see(message, reader_id, relations, now)
