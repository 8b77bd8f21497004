"""The sort keys of relationships: what one user thinks of another."""

FOLLOW, BLOCK, BLOCKED_BY, MUTE = "follow", "block", "blocked_by", "mute"
KINDS = (FOLLOW, BLOCK, BLOCKED_BY, MUTE)
VISIBILITY_KINDS = (FOLLOW, BLOCK, BLOCKED_BY)
"""What decides whether a message may be seen."""
LEAVE = "leave"
"""Not an edge to somebody else: the mark of a user who leaves, with the number of the round that comes next."""


def edge(kind: str, other_id: str) -> str:
    """Write the sort key of an edge."""
    return f"{kind}#{other_id}"


def parse_edge(text: str) -> tuple[str, str]:
    """Read the sort key of an edge: its kind and the other user, of a mark its round.

    Raises:
        ValueError: it is not an edge.
    """
    kind, _, other_id = text.partition("#")
    if kind not in (*KINDS, LEAVE) or not other_id:
        raise ValueError("not an edge")
    return kind, other_id
