"""The sort keys of relationships: what one user thinks of another."""

from enum import StrEnum


class EdgeKind(StrEnum):
    """The kind of an edge, as its sort key begins."""

    FOLLOW = "follow"
    BLOCK = "block"
    BLOCKED_BY = "blocked_by"
    """The other half of a block, at the blocked user."""
    MUTE = "mute"
    LEAVE = "leave"
    """Not an edge to another user: the mark of an account that is being deleted, with the number of the next round."""


KINDS = (EdgeKind.FOLLOW, EdgeKind.BLOCK, EdgeKind.BLOCKED_BY, EdgeKind.MUTE)
"""The kinds of edges to another user."""
VISIBILITY_KINDS = (EdgeKind.FOLLOW, EdgeKind.BLOCK, EdgeKind.BLOCKED_BY)
"""The kinds that decide whether a message may be seen."""
_KNOWN = {kind.value: kind for kind in EdgeKind}


def edge(kind: EdgeKind, other_id: str) -> str:
    """Write the sort key of an edge."""
    return f"{kind}#{other_id}"


def parse_edge(text: str) -> tuple[EdgeKind | None, str]:
    """Parse the sort key of an edge.

    Returns:
        The kind, and the other user's id (of a mark: its round). The kind is None if this version does not know it:
        a later version that was rolled back may have written it.

    Raises:
        ValueError: the text has not the form of an edge.
    """
    kind, _, other_id = text.partition("#")
    if not kind or not other_id:
        raise ValueError("not an edge")
    return _KNOWN.get(kind), other_id
