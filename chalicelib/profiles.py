"""Changes to a user's profile and to the defaults for new messages, as clients send them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib import bodies, entities, quote_entities, refusals, shapes
from chalicelib.refusals import Refusal, Refusing, refuse
from fstream_app.core.entities import Field
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuotePolicy
from fstream_app.core.user_changes import UserChange
from fstream_app.people import users

T = TypeVar("T")


class NewLifetimes(bodies.Several, frozen=True):
    """New default lifetimes in seconds: the general one, and those of messages with a visibility; 0 removes one."""

    PLAIN: ClassVar[str] = "default"

    default: shapes.LifetimeOrNone | None = None
    """The same as a number in place of the object."""
    public: shapes.LifetimeOrNone | None = None
    unlisted: shapes.LifetimeOrNone | None = None
    private: shapes.LifetimeOrNone | None = None
    direct: shapes.LifetimeOrNone | None = None
    """Direct replies live as long as the message that they answer was made to live."""


class NewSource(msgspec.Struct, frozen=True):
    """New defaults for the user's messages."""

    privacy: entities.Visibility | None = None
    sensitive: bool | None = None
    language: str | None = None
    expires_in: shapes.LifetimeOrNone | NewLifetimes | None = None
    """Default lifetime in seconds; 0 restores the instance's default. Or an object with several of them, also by
    visibility; what is left out of it stays as it is."""
    lifetime_in_text: bool | None = None
    """Whether a lifetime at the end of a message's text, such as `#5m`, is the message's lifetime."""
    thread_ends_together: bool | None = None
    """Whether in new threads of the user no reply lives longer than the first message, unless that says otherwise."""
    private_counts: bool | None = None
    """Whether others see 0 favourites of the user's messages, and not whose they are. The user sees both."""
    quote_policy: quote_entities.QuotePolicy | None = None
    """Who may quote the user's public and unlisted messages, unless these say otherwise."""


class NewField(msgspec.Struct, frozen=True):
    """A profile field: a name and its value."""

    name: Annotated[str, shapes.text(users.MAX_FIELD_NAME)] = ""
    value: Annotated[str, shapes.text(users.MAX_FIELD_VALUE)] = ""


_IN_PROFILE = {
    "avatar": Refusal(refusals.PICTURE),
    "header": Refusal(refusals.PICTURE),
    "indexable": Refusal("Messages can't be searched by their text, so there is nothing to opt in to. Leave it off."),
    "attribution_domains": Refusal("Links to websites don't name authors. Put your websites in your profile."),
    "hide_followers": Refusal("Followers and followed accounts are hidden together. Set hide_collections instead."),
    "hide_follows": Refusal("Followers and followed accounts are hidden together. Set hide_collections instead."),
    "status_ttl_days": Refusal("The default lifetime is a number of seconds. Set source[expires_in] instead."),
}


class NewProfile(Refusing, frozen=True):
    """Changes to a profile. What is left out stays as it is."""

    REFUSED: ClassVar[Mapping[str, Refusal]] = _IN_PROFILE

    display_name: Annotated[str, shapes.text(users.MAX_DISPLAY_NAME)] | None = None
    note: Annotated[str, shapes.text(users.MAX_NOTE)] | None = None
    avatar: str | None = None
    """Not supported, nor is `header`: pictures are generated."""
    header: str | None = None
    fields_attributes: dict[str, NewField] | tuple[NewField, ...] | None = None
    """All profile fields, as an array or an object with any keys; replaces the existing ones. At most four; blank
    ones are dropped."""
    bot: bool | None = None
    discoverable: bool | None = None
    hide_collections: bool | None = None
    """Whether to hide the lists of followers and followed accounts from others. The counts stay visible."""
    locked: bool | None = None
    """Whether following the account is a request that the user accepts or rejects. Unlocking accepts all requests."""
    source: NewSource | None = None
    indexable: bool | None = None
    """Refusal, like everything below, unless false or empty."""
    attribution_domains: tuple[Any, ...] = ()
    hide_followers: bool | None = None
    hide_follows: bool | None = None
    status_ttl_days: int | None = None


def change(new: NewProfile) -> UserChange:
    """Return the changes.

    Raises:
        Invalid: a refused parameter has a value.
    """
    source = new.source or NewSource()
    refuse(new)
    lifetimes = source.expires_in if isinstance(source.expires_in, NewLifetimes) else NewLifetimes(source.expires_in)
    # An empty language and a lifetime of 0 remove the default.
    return UserChange(
        display_name=_given(new.display_name),
        note=_given(new.note),
        fields=_fields(new.fields_attributes),
        bot=_given(new.bot),
        discoverable=_given(new.discoverable),
        hide_collections=_given(new.hide_collections),
        locked=_given(new.locked),
        default_lifetime=_unless_empty(lifetimes.default),
        public_lifetime=_unless_empty(lifetimes.public),
        unlisted_lifetime=_unless_empty(lifetimes.unlisted),
        private_lifetime=_unless_empty(lifetimes.private),
        direct_lifetime=_unless_empty(lifetimes.direct),
        default_visibility=Visibility[source.privacy.upper()] if source.privacy else UNSET,
        default_sensitive=_given(source.sensitive),
        default_language=_unless_empty(source.language),
        default_quote_policy=QuotePolicy(source.quote_policy) if source.quote_policy else UNSET,
        lifetime_in_text=_given(source.lifetime_in_text),
        private_counts=_given(source.private_counts),
        ends_threads=_given(source.thread_ends_together),
    )


def _given(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def _unless_empty(value: T | None) -> T | UnsetType | None:
    """Return a new value; None, which removes the old one, if it is 0 or empty."""
    return UNSET if value is None else value or None


def _fields(new: dict[str, NewField] | tuple[NewField, ...] | None) -> tuple[Field, ...] | UnsetType:
    if new is None:
        return UNSET
    lines = new.values() if isinstance(new, dict) else new
    return tuple(Field(line.name, line.value) for line in lines)
