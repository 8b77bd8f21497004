"""Votes in polls: items of the reactions table, which are put once and never change until they are counted.

A user's first vote in a version of a poll is `given#<message id>.<version>`, whatever it is for: so of two at the same
time only one exists. Later votes, in a poll with multiple choice, are `given#<message id>.<version>.<option>`, one for
each option that the first vote is not for. So no option gets two votes of a user.
"""

import secrets
from collections import Counter
from collections.abc import Collection, Iterable
from functools import partial
from typing import NamedTuple

from fstream_app.core import clock, ids
from fstream_app.core.entities import Message, ReactionKind
from fstream_app.core.ids import MESSAGE_ID_LENGTH, MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.core.polls import Poll, Vote
from fstream_app.repository import conditional, messages, polls, wire
from fstream_app.repository.counting import Owner, Share
from fstream_app.repository.wire import WireItem
from fstream_app.tables import MessageItem, ReactionItem

_PREFIX = f"{ReactionKind.VOTE}#"
_LAST = "~"
"""Sorts after every character of a key."""
_PENDING, _ENDED = str(ReactionItem.pending.attr_name), str(ReactionItem.ended.attr_name)


class Place(NamedTuple):
    """What the key of a vote says."""

    version: int
    is_first: bool


def first_key(message_id: MessageId) -> str:
    """Return a bound at or below all votes of a user in a message's poll, by sort key."""
    return f"{_PREFIX}{message_id}"


def last_key(message_id: MessageId) -> str:
    """Return a bound above all votes of a user in a message's poll, by sort key."""
    return f"{_PREFIX}{message_id}{_LAST}"


def parse(key: str) -> Place:
    """Parse the sort key of a vote."""
    version, _, option = key[len(_PREFIX) + MESSAGE_ID_LENGTH + 1 :].partition(".")
    return Place(int(version), not option)


def index_key(message_id: MessageId, user_id: str) -> str:
    """Return the index's key of a user's votes in a message's poll."""
    return f"vote#{user_id[-1]}#{message_id}"


def index_keys(message_id: MessageId) -> list[str]:
    """Return all keys in the index of the votes in a message's poll: one for each last character of users' ids."""
    return [index_key(message_id, character) for character in ids.ALPHABET]


def from_item(item: WireItem) -> Vote | None:
    """Turn an item into a vote; None if it has ended."""
    if _ENDED in item:
        return None
    place = parse(item["reaction"]["S"])
    choices = tuple(map(int, wire.value(item, "choices") or ""))
    return Vote(place.version, choices, place.is_first, _PENDING not in item)


def shares(message_id: MessageId, key: str, choices: str) -> tuple[Share, ...]:
    """Return what a vote adds to the counts of a poll: one to each option, and the first vote also one to the voters.

    They exist as long as the poll has the vote's version.
    """
    place = parse(key)
    owner = Owner(MessageItem, *messages.key(message_id), epoch=(polls.VERSION, place.version))
    names = [polls.TALLIES[int(choice)] for choice in choices]
    return tuple(Share(owner, name) for name in ([polls.VOTERS, *names] if place.is_first else names))


def tally(message_id: MessageId, poll: Poll, counted: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the counts that a poll should have, by attribute, of the sort keys and choices of all counted votes."""
    epoch = (polls.VERSION, poll.version)
    added = (share for key, choices in counted for share in shares(message_id, key, choices))
    number = Counter(share.attribute for share in added if share.owner.epoch == epoch)
    return {name: number[name] for name in (polls.VOTERS, *polls.TALLIES)}


def cast(user_id: str, message: Message, poll: Poll, choices: Collection[int]) -> bool:
    """Put a user's first vote in a poll: key `user_id`, `given#id.version`, absent; 1 WRU and 1 in the index.

    The table's stream function counts it.

    Returns:
        Whether it is the user's first vote. If a put was repeated after it took effect, it is (1 RRU more).
    """
    key = f"{first_key(message.id)}.{poll.version}"
    item = _item(user_id, message, key, choices)
    if conditional.put(item, ReactionItem.user_id.does_not_exist()):
        return True
    stored = wire.get(ReactionItem, user_id, key, consistent=True)
    return stored is not None and wire.value(stored, "ballot") == item.ballot


def add(user_id: str, message: Message, poll: Poll, choices: Collection[int]) -> None:
    """Put later votes of a user, one for each option that the user has not voted for: keys absent; as `cast` each."""
    keys = {choice: f"{first_key(message.id)}.{poll.version}.{choice}" for choice in choices}
    absent = ReactionItem.user_id.does_not_exist()
    gather_all(
        [
            partial(conditional.put, _item(user_id, message, key, [choice]), absent)
            for choice, key in sorted(keys.items())
        ]
    )


def _item(user_id: str, message: Message, key: str, choices: Collection[int]) -> ReactionItem:
    return ReactionItem(
        user_id,
        key,
        favourite_of=index_key(message.id, user_id),
        choices="".join(map(str, sorted(choices))),
        ballot=secrets.token_urlsafe(6),
        pending=True,
        expires_at=clock.ttl_seconds(message.expires_at),
    )


def of_user(user_id: str, message_id: MessageId) -> list[Vote]:
    """Read a user's votes in a message's poll, in all versions: key `user_id`, `given#id`, consistent; 1 RRU."""
    between = ReactionItem.reaction.between(first_key(message_id), last_key(message_id))
    items = wire.query(ReactionItem, user_id, range_key_condition=between, consistent_read=True)
    return [vote for vote in map(from_item, items) if vote is not None]
