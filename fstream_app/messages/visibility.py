"""Visibility: the rules that decide who sees a message, and the range of ids that a read can show.

A rule returns the reason why a reader does not see a message, or None if the reader sees it.
"""

from collections.abc import Callable, Collection
from typing import assert_never

from fstream_app.core import settings
from fstream_app.core.entities import Message
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import MessageId, lowest_at
from fstream_app.core.packing import Visibility
from fstream_app.core.relations import Relations

Rule = Callable[[Message], Hidden | None]
"""One of the rules below, with its reader, relations and time filled in."""
Why = Callable[[Message, str | None, Relations, int], Hidden | None]
"""One of the rules below. Only `why_hidden` lets messages of muted authors through."""
WhyBoost = Callable[[Message, Message, Relations], Hidden | None]
"""A rule for boosts, such as `why_not_boosted`, given the boost and its original, which the reader may see."""


def why_hidden(message: Message, reader_id: str | None, relations: Relations, now: int) -> Hidden | None:
    """Return why a reader (None: an anonymous one) may not see a message at this time (ms)."""
    author_id = message.author_id
    if message.hidden:
        return Hidden.SUSPENDED
    if not message.is_due(now):
        return Hidden.NOT_DUE
    if not message.is_live(now):
        return Hidden.EXPIRED
    if reader_id == author_id:
        return None
    if relations.hides(author_id):
        return Hidden.BLOCKED
    return _why_not_addressed(message, reader_id, relations)


def _why_not_addressed(message: Message, reader_id: str | None, relations: Relations) -> Hidden | None:
    if reader_id is not None and message.mentions_user(reader_id):
        return None
    match message.visibility:
        case Visibility.PUBLIC | Visibility.UNLISTED:
            return None
        case Visibility.PRIVATE:
            return None if message.author_id in relations.following else Hidden.NOT_FOLLOWED
        case Visibility.DIRECT:
            return Hidden.NOT_MENTIONED
        case _:
            assert_never(message.visibility)


def why_not_listed(message: Message, reader_id: str | None, relations: Relations, now: int) -> Hidden | None:
    """Return why a reader does not see a message on public and hashtag timelines and in threads.

    These leave out boosts, messages of muted authors, and all that `why_hidden` hides. The same goes for messages that
    others boost or quote.
    """
    if message.boost_of is not None:
        return Hidden.IS_BOOST
    if message.author_id in relations.muting:
        return Hidden.MUTED
    return why_hidden(message, reader_id, relations, now)


def why_not_home(message: Message, reader_id: str | None, relations: Relations, now: int) -> Hidden | None:
    """Return why a message is not on a reader's home timeline.

    Home shows the reader's own messages, and those of accounts that the reader follows, has not muted, and does not
    have in an exclusive list. It shows replies of these accounts only if they answer the account itself, the reader, or
    another account that the reader follows. It shows every public message with a hashtag that the reader follows,
    unless its author is muted or in an exclusive list. In addition, `why_hidden` applies.
    """
    author_id = message.author_id
    if author_id in relations.apart:
        return Hidden.IN_EXCLUSIVE_LIST
    is_followed = message.visibility is Visibility.PUBLIC and not relations.tags.isdisjoint(message.tags)
    if is_followed and author_id not in relations.muting:
        return why_hidden(message, reader_id, relations, now)
    return why_not_followed(message, reader_id, relations, now, answering=relations.following)


def why_not_followed(
    message: Message, reader_id: str | None, relations: Relations, now: int, *, answering: Collection[str]
) -> Hidden | None:
    """Return why a message is not on a timeline of accounts that the reader follows: home without exclusive lists.

    Replies are shown if they answer the account itself, the reader, or one of the accounts `answering`. All messages
    must be in a language in which the reader follows the author.
    """
    author_id = message.author_id
    if author_id == reader_id:
        return why_hidden(message, reader_id, relations, now)
    if author_id in relations.muting:
        return Hidden.MUTED
    if author_id not in relations.following:
        return Hidden.BLOCKED if relations.hides(author_id) else Hidden.NOT_FOLLOWED
    answered = message.in_reply_to.author_id if message.in_reply_to else author_id
    if answered not in answering and answered not in {author_id, reader_id}:
        return Hidden.REPLY_TO_STRANGER
    return _why_not_chosen(message, relations) or why_hidden(message, reader_id, relations, now)


def _why_not_chosen(message: Message, relations: Relations) -> Hidden | None:
    options = relations.options(message.author_id)
    if message.boost_of is not None and not options.shows_boosts:
        return Hidden.BOOSTS_HIDDEN
    return None if options.admits(message.language) else Hidden.OTHER_LANGUAGE


def why_not_boosted(boost: Message, original: Message, relations: Relations) -> Hidden | None:
    """Return why home and lists do not show a boost of a message that its reader sees.

    The message must be in a language in which the reader follows the booster, and mention nobody whom the reader blocks
    or mutes.
    """
    if not relations.options(boost.author_id).admits(original.language):
        return Hidden.OTHER_LANGUAGE
    unwanted = relations.blocking | relations.muting
    if any(mention.user_id in unwanted for mention in original.mentions):
        return Hidden.MENTIONS_HIDDEN
    return None


def earliest_live(now: int) -> int:
    """Return the earliest time of posting (ms) of a message that can be live at this time (ms)."""
    return now - 1000 * settings.get().max_lifetime


def oldest_live(now: int) -> MessageId:
    """Return an exclusive lower bound: no message at or below it can be live at this time (ms)."""
    return lowest_at(earliest_live(now)).previous()


def settled_before(seen_until: int, lag: int = 0) -> MessageId:
    """Return an exclusive upper bound: the order of the messages below it no longer changes.

    Args:
        seen_until: the time (ms) up to which all that was delivered has been read: now, or the tail's last refresh.
        lag: how far (ms) delivery is behind, if that is more than the settling time.
    """
    return lowest_at(seen_until - max(int(1000 * settings.get().settling_time), lag) + 1)
