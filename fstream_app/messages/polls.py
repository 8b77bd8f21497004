"""Polls: making them, and voting in them.

A poll is part of its message, has the message's id, and is seen by everybody who sees the message. It ends with that
at the latest. A request that votes writes only the votes, and the stream function counts them
(`fstream_app.feed.reactions`), so that a poll in which thousands vote at once has no hot item.
"""

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from fstream_app.core import cleaning, settings
from fstream_app.core.entities import Message, Page
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import MessageId
from fstream_app.core.polls import MAX_OPTION, MAX_OPTIONS, MIN_OPTIONS, MIN_SECONDS, Poll, result
from fstream_app.messages import reading
from fstream_app.repository import votes
from fstream_app.text import graphemes, limits

OUTLIVED_SECONDS = 3600
"""How much longer than its poll a message lives, if its author has chosen no lifetime, so that the result is seen."""
NO_POLL = "Poll not found"


class Draft(msgspec.Struct, frozen=True):
    """A poll to be made."""

    options: tuple[str, ...]
    seconds: int | None
    """How long it is open; it must be given."""
    multiple: bool = False
    hides_totals: bool = False


class Range(NamedTuple):
    """The shortest and the longest time (s) for which a poll can be made."""

    shortest: int
    longest: int


def durations() -> Range:
    """Return how long polls can be open: none longer than a message can live."""
    longest = settings.get().max_lifetime
    return Range(min(MIN_SECONDS, longest), longest)


def checked(draft: Draft) -> Draft:
    """Return a draft whose options are cleaned; blank ones are left out.

    Raises:
        Invalid: it breaks a rule.
    """
    options = tuple(filter(None, map(cleaning.name, draft.options)))
    if len(options) < MIN_OPTIONS:
        raise Invalid("Validation failed: Options must have more than one item", "poll", "ERR_TOO_FEW")
    if len(options) > MAX_OPTIONS:
        raise Invalid(f"Validation failed: Options can't contain more than {MAX_OPTIONS} items", "poll", "ERR_TOO_MANY")
    if any(map(_is_long, options)):
        raise Invalid(
            f"Validation failed: Options cannot be longer than {MAX_OPTION} characters each", "poll", "ERR_TOO_LONG"
        )
    if len(set(options)) < len(options):
        raise Invalid("Validation failed: Options contain duplicate items", "poll", "ERR_TAKEN")
    _check_seconds(draft.seconds)
    return msgspec.structs.replace(draft, options=options)


def _is_long(option: str) -> bool:
    # Bytes first, because counting them is cheap.
    return len(option.encode()) > limits.BYTES_A_CHARACTER * MAX_OPTION or graphemes.count(option) > MAX_OPTION


def _check_seconds(seconds: int | None) -> None:
    shortest, longest = durations()
    if seconds is None:
        raise Invalid("Validation failed: Expires at can't be blank (poll[expires_in])", "poll", "ERR_BLANK")
    if seconds < shortest:
        raise Invalid(
            f"Validation failed: Expires at is too soon: a poll must be open for at least {shortest} seconds",
            "poll",
            "ERR_TOO_SHORT",
        )
    if seconds > longest:
        raise Invalid(
            "Validation failed: Expires at is too far into the future: "
            f"a poll can be open for at most {longest} seconds",
            "poll",
            "ERR_TOO_LONG",
        )


def opened(draft: Draft | None, time: int) -> Poll | None:
    """Return the poll of a checked draft, if there is one, which opens at a time (ms)."""
    if draft is None:
        return None
    return Poll(draft.options, time + 1000 * (draft.seconds or 0), draft.multiple, draft.hides_totals)


def outlived(draft: Draft | None) -> int:
    """Return the shortest lifetime (s) of a message with a checked draft, if its author has chosen none."""
    return (draft.seconds or 0) + OUTLIVED_SECONDS if draft else 0


def edited(message: Message, draft: Draft | None, now: int) -> Poll | None:
    """Return the poll of a message that is edited now (ms), with a checked draft.

    The votes count on, unless the options change, or whether several can be chosen: then all votes are discarded, by a
    new version, which is the time, so that no poll of the message has had it before. A poll whose votes count on keeps
    its end if it was to be open for as long, counted from the posting or from the last edit: apps send a poll again
    with each edit, and requests are repeated. Otherwise, the time for which it is open begins now.
    """
    old, new = message.poll, opened(draft, now)
    if new is None:
        return None
    if old is None or (old.options, old.multiple) != (new.options, new.multiple):
        return msgspec.structs.replace(new, version=now)
    before = [time for time in (message.id.time, message.edited_at) if time is not None]
    is_same = any(old.closes_at - time == new.closes_at - now for time in before)
    closes_at = old.closes_at if is_same else new.closes_at
    return msgspec.structs.replace(new, closes_at=closes_at, version=old.version, voters=old.voters, votes=old.votes)


def show(message_id: str, reader_id: str | None, now: int) -> Page:
    """Return a message that has a poll, or a boost of it, as a page of one: see `reading.show`.

    Raises:
        NotFound: the message does not exist, is hidden from this reader, or has no poll.
    """
    page = reading.show(message_id, reader_id, now)
    if _of(page) is None:
        raise NotFound(NO_POLL)
    return page


def _of(page: Page) -> Poll | None:
    """Return the poll of a page's only message, or of the message that it boosts."""
    (message,) = page.messages
    original = page.originals.get(message.boost_of) if message.boost_of else message
    return original.poll if isinstance(original, Message) else None


def vote(user_id: str, message_id: str, choices: Collection[int], now: int) -> Page:
    """Vote for options of a message's poll, by their indexes; return the message as `show` does.

    RRU as `reading.get` and `show`; 1 WRU and 1 in the index. If the user has voted before: 2 RRU, and the WRU for each
    further option. With multiple choice, options that the user has voted for already are ignored beside new ones.

    Raises:
        NotFound: the message does not exist, is hidden from this user, or has no poll.
        Invalid: the poll has ended or is the user's own, an option does not exist, or the user has voted already.
    """
    message = reading.get(message_id, user_id, now)
    poll, wanted = _open(message, user_id, choices, now)
    if not votes.cast(user_id, message, poll, wanted):
        new = wanted - _own(user_id, message.id, poll)
        if not poll.multiple or not new:
            raise _voted()
        votes.add(user_id, message, poll, new)
    page = show(message_id, user_id, now)
    shown = _of(page)
    if shown is None or shown.version != poll.version:
        raise Invalid("The poll was changed while you voted. Read it again before you vote.", "choices")
    return page


def _open(message: Message, user_id: str, choices: Collection[int], now: int) -> tuple[Poll, set[int]]:
    """Return the poll of a message, and the options that a user wants to vote for now."""
    poll, wanted = message.poll, set(choices)
    if poll is None:
        raise NotFound(NO_POLL)
    if now >= poll.ends_at(message.expires_at):
        raise Invalid("Validation failed: The poll has already ended", "choices", "ERR_ENDED")
    if user_id == message.author_id:
        raise Invalid("Validation failed: You cannot vote in your own polls", "choices")
    if not wanted:
        raise Invalid("Choose at least one of the poll's options (choices)", "choices", "ERR_BLANK")
    if not all(0 <= choice < len(poll.options) for choice in wanted):
        raise Invalid("Validation failed: The chosen vote option does not exist", "choices")
    if len(wanted) > 1 and not poll.multiple:
        raise _voted()
    return poll, wanted


def _own(user_id: str, message_id: MessageId, poll: Poll) -> set[int]:
    """Return the options that a user has voted for; 1 RRU."""
    return set(result(poll, message_id, ((message_id, vote) for vote in votes.of_user(user_id, message_id))).own)


def _voted() -> Invalid:
    """Return the error for another vote, and for several at once where one is possible, as in Mastodon."""
    return Invalid("Validation failed: You have already voted on this poll", "choices", "ERR_TAKEN")
