"""Quoting: who may quote a message, and how its author changes that or takes the message out of a quote."""

from collections.abc import Collection
from functools import partial
from typing import assert_never

from fstream_app.core.entities import Mention, Message, Originals, Reactions, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.hidden import GONE, Hidden
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather
from fstream_app.core.quoting import Quote, QuotePolicy, QuoteState
from fstream_app.messages import reading
from fstream_app.people import relationships, users
from fstream_app.repository import messages, quotes, timelines


def may_quote(message: Message, user_id: str | None, following: Collection[str]) -> bool:
    """Return whether a user who sees a message may quote it. Nobody may quote a direct message.

    Args:
        message: the message.
        user_id: the user; None for an anonymous reader.
        following: users whom the user follows. Only the message's author matters.
    """
    if user_id is None or message.visibility is Visibility.DIRECT:
        return False
    if message.author_id == user_id:
        return True
    match message.quote_policy:
        case QuotePolicy.PUBLIC:
            return True
        case QuotePolicy.FOLLOWERS:
            return message.author_id in following
        case QuotePolicy.NOBODY:
            return False
        case _:
            assert_never(message.quote_policy)


def state(quote: Quote, originals: Originals, known: Reactions) -> QuoteState:
    """Return what a reader sees of a quoted message.

    Args:
        quote: the quote.
        originals: the quoted messages of the page, or why the reader does not see them.
        known: the reader, with relationships.
    """
    quoted, author_id = originals.get(quote.of, Hidden.DELETED), quote.of.author_id
    if quote.revoked:
        return QuoteState.REVOKED
    if isinstance(quoted, Message):
        is_muted = author_id in known.relations.muting and author_id != known.reader_id
        return QuoteState.MUTED if is_muted else QuoteState.ACCEPTED
    if quoted in GONE:
        return QuoteState.DELETED
    return QuoteState.BLOCKED if author_id in known.relations.blocking else QuoteState.UNAUTHORIZED


def quotable(message_id: str, user_id: str, now: int) -> Message:
    """Return a message that a user may quote; RRU as `reading.get`, and 4 more if only followers may quote it.

    Raises:
        NotFound: the message does not exist, the user may not see it, or may not quote it.
    """
    message = reading.get(message_id, user_id, now)
    by_followers = message.quote_policy is QuotePolicy.FOLLOWERS and message.author_id != user_id
    following = relationships.of_reader_with(user_id, message.author_id, now).following if by_followers else ()
    if message.visibility is Visibility.DIRECT:
        raise NotFound("Direct messages can't be quoted")
    if not may_quote(message, user_id, following):
        raise NotFound("The message's author does not allow you to quote it")
    return message


def narrowed(visibility: Visibility, quoted: Message | None) -> Visibility:
    """Return the visibility of a message: only followers see one that quotes a private message."""
    is_private = quoted is not None and quoted.visibility is Visibility.PRIVATE
    return max(visibility, Visibility.PRIVATE) if is_private else visibility


def quote(quoted: Message | None, author: User, visibility: Visibility, mentions: Collection[Mention]) -> Quote | None:
    """Return the quote of a message that is being posted.

    Raises:
        Invalid: the message is direct and does not mention the quoted author.
    """
    if quoted is None:
        return None
    check_addressed(quoted.id, author, visibility, mentions)
    return Quote(quoted.id, quoted.expires_at)


def check_addressed(quoted: MessageId, author: User, visibility: Visibility, mentions: Collection[Mention]) -> None:
    """Check that the author of a quoted message may see the message that quotes it.

    Raises:
        Invalid: the message is direct and does not mention the quoted author.
    """
    addressed = {author.id, *(mention.user_id for mention in mentions)}
    if visibility is Visibility.DIRECT and quoted.author_id not in addressed:
        raise Invalid("A direct message has to mention the author of the message that it quotes", "quoted_status_id")


def policy(chosen: QuotePolicy | None, author: User, visibility: Visibility) -> QuotePolicy:
    """Return who may quote a message: as chosen, or else the author's default. Nobody if followers alone can see it."""
    if visibility > Visibility.UNLISTED:
        return QuotePolicy.NOBODY
    return author.default_quote_policy if chosen is None else chosen


def change_policy(user_id: str, message_id: str, chosen: QuotePolicy | None, now: int) -> None:
    """Change who may quote one of the user's own messages from now on; RRU as `reading.get`, 1 WRU.

    Args:
        user_id: the user.
        message_id: the message's id, as the client sent it.
        chosen: who may quote it; None: the user's default, for 1 RRU.
        now: milliseconds.

    Raises:
        NotFound: the message does not exist, or is somebody else's.
    """
    message = reading.get(message_id, user_id, now)
    if message.author_id != user_id:
        raise NotFound("You can only change who may quote your own messages")
    wanted = users.get(user_id).default_quote_policy if chosen is None else chosen
    if not quotes.change_policy(
        message.id, wanted if message.visibility <= Visibility.UNLISTED else QuotePolicy.NOBODY
    ):
        raise NotFound(reading.NO_MESSAGE)


def revoke(user_id: str, message_id: str, quoting_id: str, now: int) -> Message:
    """Take one of the user's own messages out of a quote, for good, and return the quoting message. Idempotent.

    The author of the quoting message may have blocked the user, so that the user does not see it. This works all the
    same.

    RRU as `reading.get`, and 1, or 2 if the second id is that of a boost; WRU as `quotes.revoke`, and 1 for each view
    of the quotes that has it.

    Raises:
        NotFound: one of the messages does not exist, the first is somebody else's, or the second does not quote it.
    """
    read, parsed = partial(reading.get, message_id, user_id, now), reading.parse(quoting_id)
    message, quoting = gather(read, partial(messages.get, parsed))
    if quoting is not None and quoting.boost_of is not None:
        quoting = messages.get(quoting.boost_of)
    if message.author_id != user_id:
        raise NotFound("You can only revoke quotes of your own messages")
    if quoting is None or not quoting.is_live(now) or quoting.quote_of != message.id:
        raise NotFound(reading.NO_MESSAGE)
    gather(partial(timelines.remove_quote, quoting), partial(quotes.revoke, quoting))
    return quoting
