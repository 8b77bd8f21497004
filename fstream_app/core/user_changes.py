"""A change to a user's profile and defaults, passed between layers."""

import msgspec
from msgspec import UNSET, UnsetType

from fstream_app.core.entities import Field
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuotePolicy


class UserChange(msgspec.Struct, frozen=True):
    """A change to a user's profile and defaults. UNSET keeps an attribute; None removes it."""

    display_name: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    fields: tuple[Field, ...] | UnsetType | None = UNSET
    bot: bool | UnsetType = UNSET
    discoverable: bool | UnsetType = UNSET
    hide_collections: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    default_lifetime: int | UnsetType | None = UNSET
    """Seconds, as the other lifetimes."""
    public_lifetime: int | UnsetType | None = UNSET
    unlisted_lifetime: int | UnsetType | None = UNSET
    private_lifetime: int | UnsetType | None = UNSET
    direct_lifetime: int | UnsetType | None = UNSET
    ends_threads: bool | UnsetType = UNSET
    default_visibility: Visibility | UnsetType = UNSET
    default_sensitive: bool | UnsetType = UNSET
    default_language: str | UnsetType | None = UNSET
    default_quote_policy: QuotePolicy | UnsetType = UNSET
    lifetime_in_text: bool | UnsetType = UNSET
    private_counts: bool | UnsetType = UNSET
