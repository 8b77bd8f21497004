"""Partitions of relationships for items of a user's own, which the query that every page pays for does not read.

Their keys begin with the user's id and `~`, which no id contains.
"""

_MARK = "~"


def lists(user_id: str) -> str:
    """Return the partition of a user's lists."""
    return f"{user_id}{_MARK}lists"


def notes(user_id: str) -> str:
    """Return the partition of a user's private notes about others."""
    return f"{user_id}{_MARK}notes"


def owner(partition: str) -> str:
    """Return the id of the user to whom a partition belongs."""
    return partition.partition(_MARK)[0]
