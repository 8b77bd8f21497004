"""A clock that moves only when advanced."""


class Clock:
    """The time (ms) of a test. It begins in 2040, so that no engine deletes by TTL."""

    def __init__(self) -> None:
        self.now = 2_208_988_800_000

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: float) -> int:
        """Move on; return the new time (ms)."""
        self.now += round(1000 * seconds)
        return self.now
