"""The state of a rate limit, as clients are shown it."""

from typing import NamedTuple


class Quota(NamedTuple):
    """A rate limit's state: its limit, what remains of it, and when it resets."""

    limit: int
    remaining: int
    resets_at: int
    """Milliseconds."""
