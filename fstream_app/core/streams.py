"""Live streams: what a WebSocket can subscribe to, and the struct of an open socket. Times are milliseconds."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

LONGEST = 7_800_000
"""Time (ms) for which a socket is remembered: API Gateway closes it after two hours."""


class Stream(StrEnum):
    """A stream on which events are sent, by its name in the client API."""

    USER = "user"
    NOTIFICATIONS = "user:notification"
    PUBLIC = "public"
    LOCAL = "public:local"
    HASHTAG = "hashtag"
    LOCAL_HASHTAG = "hashtag:local"

    @property
    def has_tag(self) -> bool:
        """Whether the stream is about a hashtag."""
        return self in {Stream.HASHTAG, Stream.LOCAL_HASHTAG}

    @property
    def is_private(self) -> bool:
        """Whether the stream is the socket's own user's. The others are topics, which many sockets share."""
        return self in {Stream.USER, Stream.NOTIFICATIONS}


class Subscription(NamedTuple):
    """A stream, and its hashtag if it has one."""

    stream: Stream
    tag: str = ""
    """The hashtag, normalised."""
    name: str = ""
    """The hashtag as the client wrote it: clients find it unchanged in `names`."""

    @property
    def key(self) -> str:
        """The form in which it is stored, which `parse` reads."""
        return f"{self.stream}#{self.tag}#{self.name}" if self.tag else str(self.stream)

    @property
    def topic(self) -> str | None:
        """The key that all sockets with this subscription share, or None for a private stream."""
        return None if self.stream.is_private else f"{self.stream}#{self.tag}"

    @property
    def names(self) -> tuple[str, ...]:
        """The subscription as it is in frames: the stream's name, and the hashtag if there is one."""
        return (str(self.stream), self.name) if self.tag else (str(self.stream),)

    @classmethod
    def parse(cls, key: str) -> "Subscription":
        """Read a stored subscription.

        Raises:
            ValueError: a later version has written it.
        """
        stream, _, rest = key.partition("#")
        tag, _, name = rest.partition("#")
        return cls(Stream(stream), tag, name)


class Socket(msgspec.Struct, frozen=True):
    """An open WebSocket of a user."""

    id: str
    """API Gateway's connection id."""
    user_id: str
    token_hash: str
    """The hash of the token with which it was opened: the key of the token."""
    scopes: frozenset[str]
    """Those of the scopes in `fstream_app.access.sockets.SCOPES` that the token covers."""
    subscriptions: frozenset[Subscription]
    since: int
    """When it was opened, or its subscriptions last changed."""
    expires_at: int
    """When it is forgotten; API Gateway has closed it before."""
    shard: int = 0
    """The part of the list of open sockets that has it."""

    @property
    def opened_at(self) -> int:
        """When it was opened."""
        return self.expires_at - LONGEST
