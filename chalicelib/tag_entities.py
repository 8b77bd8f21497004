"""The client API's entities of hashtags."""

import msgspec

from chalicelib.shapes import Date, Figure, Hashtag, TagId, Url


class TagDay(msgspec.Struct, frozen=True, kw_only=True):
    """The use of a hashtag on a day. All values are strings."""

    day: Figure
    """Midnight UTC, in seconds since the epoch."""
    uses: Figure
    accounts: Figure


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag."""

    id: TagId
    name: Hashtag
    url: Url
    history: tuple[TagDay, ...]
    """The last seven days, today first, of public messages that have not expired.

    In a search and of one hashtag: the newest ones, up to twenty. In lists of hashtags: those that the server has in
    memory.
    """
    following: bool = False
    """Whether the user follows the hashtag."""
    featuring: bool = False
    """Whether the user's profile features the hashtag."""


class FeaturedTag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag that a profile features."""

    id: TagId
    name: Hashtag
    url: Url
    """The account's page of the hashtag."""
    statuses_count: Figure
    """Number of the account's public and unlisted messages with the hashtag, among its newest hundred; a string."""
    last_status_at: Date | None
