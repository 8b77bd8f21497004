"""Partitions of the relationships table that hold what is a user's own: `<user id>~<name>`.

Reads of the user's edges, which every page pays for, do not read them.
"""

_SEPARATOR = "~"
"""Sorts after every character of an id."""


def own(user_id: str, name: str) -> str:
    """Return the key of a user's partition with this name."""
    return f"{user_id}{_SEPARATOR}{name}"


def owner(partition: str) -> str:
    """Return the id of the user whose partition this is, be it the edges or one with a name."""
    return partition.partition(_SEPARATOR)[0]
