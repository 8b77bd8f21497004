"""Edges, the sort keys of relationships: `<kind>#<other user's id>`.

Nearly all edges are follows, and every page reads all of its reader's: so their kind is a single character.
"""

from enum import StrEnum


class EdgeKind(StrEnum):
    """The kind of an edge: the first part of its sort key."""

    FOLLOW = "f"
    BLOCK = "block"
    BLOCKED_BY = "blocked_by"
    """The other half of a block, in the blocked user's partition."""
    MUTE = "mute"
    REQUEST = "request"
    """A request to follow a locked account. It grants nothing until the account accepts it, which makes it a follow."""
    STILL = "still"
    """Not an edge to another user: a conversation that the user has muted, with the id of its first message."""
    NOTE = "note"
    """A private note about another user, in a partition of its own: see `fstream_app.core.partitions`."""
    TAG = "tag"
    """Not an edge to another user: a hashtag that the user follows, by its normalised name."""
    DISMISSAL = "dismissed"
    """A suggestion to follow a user that the owner does not want; in a partition of its own."""
    LEAVE = "leave"
    """Not an edge to another user: marks an account deletion in progress, with the round's number instead of an id."""
    UNLOCK = "unlock"
    """A mark like `LEAVE`: the requests to an account that is no longer locked are being accepted."""
    CLEAR = "clear"
    """A mark like `LEAVE`: all messages that the user has posted until now are being deleted."""
    SENDER = "sender"
    """A user whose notifications the owner accepts, whatever the policy; in a partition of its own."""
    POLICY = "policy"
    """Not an edge to another user: the user's policy for notifications, with the user's own id."""
    FILTER = "filter"
    """Not an edge to another user: the user's filters, or the mark that there are some, with the user's own id."""

    LIST = "list"
    """Not an edge to another user: a list, in a partition of its own: see `fstream_app.core.partitions`."""
    EXCLUSIVE = "exclusive"
    """Not an edge to another user: one of the user's lists is exclusive, with the list's id instead of a user's."""


MARKS = frozenset({EdgeKind.LEAVE, EdgeKind.UNLOCK, EdgeKind.CLEAR})
"""The kinds that are not edges to another user, but marks of work in progress."""
NAMELESS = MARKS | {EdgeKind.LIST, EdgeKind.EXCLUSIVE, EdgeKind.STILL, EdgeKind.TAG, EdgeKind.FILTER, EdgeKind.POLICY}
"""The kinds whose keys name no other user."""
KINDS = (EdgeKind.FOLLOW, EdgeKind.BLOCK, EdgeKind.BLOCKED_BY, EdgeKind.MUTE)
"""The kinds of edges that relationships between two users always consist of; requests only concern locked accounts."""
VISIBILITY_KINDS = (EdgeKind.FOLLOW, EdgeKind.BLOCK, EdgeKind.BLOCKED_BY)
"""The kinds that decide whether a reader may see a message."""
_KNOWN = {kind.value: kind for kind in EdgeKind}


def edge(kind: EdgeKind, other_id: str) -> str:
    """Return the sort key of an edge."""
    return f"{kind}#{other_id}"


def parse_edge(text: str) -> tuple[EdgeKind | None, str]:
    """Parse the sort key of an edge.

    Returns:
        The kind and the other user's id (for a mark, the round). The kind is None if this version does not know it: a
        later version that was rolled back may have written it.

    Raises:
        ValueError: the text is not an edge.
    """
    kind, _, other_id = text.partition("#")
    if not kind or not other_id:
        raise ValueError("not an edge")
    return _KNOWN.get(kind), other_id
