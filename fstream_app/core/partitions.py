"""Partitions of the relationships table beside the one that has a user's edges: `<user id>~<name>`.

Every page that a user reads pays for all of the user's edges. What only some requests need is in partitions of its own.
"""

_BESIDE = "~"
"""Separates the user's id from the partition's name. No id has it."""


def lists(user_id: str) -> str:
    """Return the partition of a user's lists."""
    return f"{user_id}{_BESIDE}lists"


def filters(user_id: str) -> str:
    """Return the partition of a user's filters."""
    return f"{user_id}{_BESIDE}filters"


def filtered(user_id: str) -> str:
    """Return the partition of the single messages that a user's filters match."""
    return f"{user_id}{_BESIDE}filtered"


def notes(user_id: str) -> str:
    """Return the partition of a user's private notes about others."""
    return f"{user_id}{_BESIDE}notes"


def dismissed(user_id: str) -> str:
    """Return the partition of the suggestions that a user has dismissed."""
    return f"{user_id}{_BESIDE}dismissed"


def senders(user_id: str) -> str:
    """Return the partition of the users whose notifications a user accepts."""
    return f"{user_id}{_BESIDE}senders"


def owner(partition: str) -> str:
    """Return the id of the user to whom a partition belongs."""
    return partition.partition(_BESIDE)[0]
