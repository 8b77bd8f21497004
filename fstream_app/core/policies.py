"""A user's policy for notifications: from whom they are accepted, filtered or dropped.

Notifications that are filtered wait among the requests until the user accepts their sender. The policy is applied when
notifications are read, so a change holds at once, also for those that exist already.
"""

from enum import StrEnum

import msgspec


class Choice(StrEnum):
    """What happens to notifications of a certain origin."""

    ACCEPT = "accept"
    FILTER = "filter"
    """Only requests show them, until the user accepts the sender."""
    DROP = "drop"
    """Nothing shows them."""


_ORDER = (Choice.ACCEPT, Choice.FILTER, Choice.DROP)
_STORED = {str(place): choice for place, choice in enumerate(_ORDER)}


class Policy(msgspec.Struct, frozen=True):
    """A user's choice for each origin of notifications."""

    not_following: Choice = Choice.ACCEPT
    """From people whom the user does not follow."""
    not_followers: Choice = Choice.ACCEPT
    """From people who do not follow the user."""
    new_accounts: Choice = Choice.ACCEPT
    """From accounts that are younger than 30 days, unless the user follows them."""
    private_mentions: Choice = Choice.ACCEPT
    """From people whom the user does not follow, by direct messages that do not answer one of the user."""
    limited_accounts: Choice = Choice.ACCEPT
    """From accounts that moderators have limited. No account is: they suspend accounts instead."""


OPEN = Policy()
"""The policy of a user who has not chosen one."""


def strictest(choices: list[Choice]) -> Choice:
    """Return the strictest choice; ACCEPT if the list is empty."""
    return max(choices, key=_ORDER.index, default=Choice.ACCEPT)


def pack(policy: Policy) -> str:
    """Return a policy as a text of one character per choice."""
    return "".join(str(_ORDER.index(choice)) for choice in msgspec.structs.astuple(policy))


def parse(text: str) -> Policy:
    """Return a policy from such a text. What this version does not know, because a later one stored it, is ignored."""
    choices = [_STORED.get(each, Choice.ACCEPT) for each in text]
    return Policy(**dict(zip(Policy.__struct_fields__, choices, strict=False)))
