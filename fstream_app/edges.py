"""The sort keys of relationships: what one user thinks of another."""

FOLLOW, BLOCK, BLOCKED_BY, MUTE = "follow", "block", "blocked_by", "mute"
KINDS = (FOLLOW, BLOCK, BLOCKED_BY, MUTE)
VISIBILITY_KINDS = (FOLLOW, BLOCK, BLOCKED_BY)
"""What decides whether a message may be seen."""


def edge(kind: str, other_id: str) -> str:
    """Write the sort key of an edge."""
    return f"{kind}#{other_id}"


def parse_edge(text: str) -> tuple[str, str]:
    """Read the sort key of an edge: its kind and the other user.

    Raises:
        ValueError: it is not an edge.
    """
    kind, _, other_id = text.partition("#")
    if kind not in KINDS or not other_id:
        raise ValueError("not an edge")
    return kind, other_id
