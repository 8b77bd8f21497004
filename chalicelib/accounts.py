"""/api/v1/accounts: sign-up, profiles, follows, blocks and mutes."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import unquote

import msgspec
from chalice.app import Response
from msgspec import UNSET, UnsetType

from chalicelib import entities, pages, refusals, rendering
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors, Ids
from chalicelib.refusals import Refusal, refuse
from fstream_app import text
from fstream_app.access import oauth
from fstream_app.core.entities import Field, Part, Relations, User, UserChange
from fstream_app.core.errors import Forbidden, Invalid, Unauthenticated, WrongPassword
from fstream_app.core.packing import Visibility
from fstream_app.feed import timelines
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.people import departures, relationships, users
from fstream_app.people.relationships import People

api = Blueprint(__name__)

MAX_RELATIONSHIPS = 100

T = TypeVar("T")


class NewAccount(msgspec.Struct, frozen=True):
    """A new account."""

    username: str
    """1 to 30 letters a-z, digits and underscores. Upper case is converted to lower case."""
    password: str
    """8 to 256 characters."""
    email: str | None = None
    """Accepted because some clients always send one. Never stored."""
    agreement: bool = True
    locale: str | None = None


class Lookup(msgspec.Struct, frozen=True):
    """Parameters of an account lookup."""

    acct: str
    """`name` or `name@host`."""


class Statuses(Cursors, frozen=True):
    """Filters for an account's statuses, with cursors."""

    exclude_replies: bool = False
    exclude_reblogs: bool = False
    pinned: bool = False
    only_media: bool = False
    tagged: str | None = None
    only_replies: bool = False
    exclude_public: bool = False
    """Refusal, unless false."""


class Follow(msgspec.Struct, frozen=True):
    """Options of a follow."""

    reblogs: bool = True
    """Only `true`: there are no boosts to hide."""
    notify: bool = False
    """Refusal, unless false."""
    languages: tuple[str, ...] = ()
    """Refusal, unless empty."""


class Mute(msgspec.Struct, frozen=True):
    """Options of a mute."""

    notifications: bool = True
    duration: int = 0
    """In seconds; 0 means indefinitely."""
    expires_in: int = 0
    """Refusal, unless 0."""


class NewSource(msgspec.Struct, frozen=True):
    """New defaults for the user's messages."""

    privacy: entities.Visibility | None = None
    sensitive: bool | None = None
    language: str | None = None
    expires_in: int | None = None
    """Default lifetime in seconds; 0 restores the instance's default."""
    quote_policy: str | None = None
    """Only `nobody`: there are no quotes."""


class NewField(msgspec.Struct, frozen=True):
    """A profile field: a name and its value."""

    name: str = ""
    value: str = ""


class NewProfile(msgspec.Struct, frozen=True):
    """Changes to a profile. What is left out stays as it is."""

    display_name: str | None = None
    note: str | None = None
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
    source: NewSource | None = None
    indexable: bool | None = None
    """Refusal, like everything below, unless false or empty."""
    attribution_domains: tuple[Any, ...] = ()
    hide_followers: bool | None = None
    hide_follows: bool | None = None
    status_ttl_days: int | None = None


_REFUSED_IN_PROFILE = {
    "avatar": Refusal(refusals.PICTURE),
    "header": Refusal(refusals.PICTURE),
    "locked": Refusal("Follow requests are not supported, so accounts can't be locked. Block or remove followers."),
    "indexable": Refusal("Messages can't be searched by their text, so there is nothing to opt in to. Leave it off."),
    "attribution_domains": Refusal("Links to websites don't name authors. Put your websites in your profile."),
    "hide_followers": Refusal("Followers and followed accounts are hidden together. Set hide_collections instead."),
    "hide_follows": Refusal("Followers and followed accounts are hidden together. Set hide_collections instead."),
    "status_ttl_days": Refusal("The default lifetime is a number of seconds. Set source[expires_in] instead."),
}
_REFUSED_IN_SOURCE = {
    "quote_policy": Refusal(
        "Quotes are not supported, so nobody can be allowed to quote your messages. Choose nobody.", ("nobody",)
    )
}
_REFUSED_IN_FOLLOW = {
    "notify": Refusal("Notifications of every message of an account are not supported. Visit its profile instead."),
    "languages": Refusal("Following an account in some languages only is not supported. Follow it in all or in none."),
}
_REFUSED_IN_STATUSES = {"exclude_public": Refusal("Public messages can't be left out. List all messages instead.")}
_REFUSED_IN_MUTE = {"expires_in": Refusal("A timed mute has a duration. Set duration to a number of seconds.")}


class Leaving(msgspec.Struct, frozen=True):
    """Confirmation of an account's deletion."""

    password: str


@api.declare("POST", "/api/v1/accounts", access=Access.APPLICATION, scope="write:accounts", parameters=NewAccount)
def sign_up(call: Call[NewAccount]) -> entities.Token:
    """Create an account and return a token for it."""
    new = call.parameters
    if not new.agreement:
        raise Invalid("Agreement must be accepted", "agreement", "ERR_ACCEPTED")
    if call.token is None:
        raise Unauthenticated("The access token is invalid")
    with call.limits.sign_up(new.username):
        return rendering.token(oauth.sign_up(call.token, new.username, new.password, call.now))


@api.declare("GET", "/api/v1/accounts/verify_credentials", scope="profile")
def verify_credentials(call: Call[msgspec.Struct]) -> entities.CredentialAccount:
    """Return the account that the token belongs to."""
    return _own(users.get(call.user_id, consistent=True), call.now)


@api.declare("PATCH", "/api/v1/accounts/update_credentials", scope="write:accounts", parameters=NewProfile)
def update_credentials(call: Call[NewProfile]) -> entities.CredentialAccount:
    """Update the user's profile and the defaults for new messages."""
    refuse(call.parameters, _REFUSED_IN_PROFILE)
    refuse(call.parameters.source or NewSource(), _REFUSED_IN_SOURCE)
    return _own(users.update(call.user_id, _change(call.parameters)), call.now)


def _change(new: NewProfile) -> UserChange:
    source = new.source or NewSource()
    # An empty language and a lifetime of 0 remove the default.
    return UserChange(
        display_name=_given(new.display_name),
        note=_given(new.note),
        fields=_fields(new.fields_attributes),
        bot=_given(new.bot),
        discoverable=_given(new.discoverable),
        hide_collections=_given(new.hide_collections),
        default_lifetime=UNSET if source.expires_in is None else source.expires_in or None,
        default_visibility=Visibility[source.privacy.upper()] if source.privacy else UNSET,
        default_sensitive=_given(source.sensitive),
        default_language=UNSET if source.language is None else source.language or None,
    )


def _given(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def _fields(new: dict[str, NewField] | tuple[NewField, ...] | None) -> tuple[Field, ...] | UnsetType:
    if new is None:
        return UNSET
    lines = new.values() if isinstance(new, dict) else new
    return tuple(Field(line.name, line.value) for line in lines)


def _own(user: User, now: int) -> entities.CredentialAccount:
    return rendering.own_account(user, users.activity(user.id, now))


@api.declare("POST", "/api/pleroma/delete_account", scope=departures.SCOPE, parameters=Leaving, in_body=True)
def delete_account(call: Call[Leaving]) -> entities.Deletion:
    """Delete the account and all its content permanently (Pleroma's convention)."""
    try:
        with call.limits.password(departures.name_of(call.user_id), remember=False):
            departures.leave(call.user_id, call.token.hash if call.token else "", call.parameters.password)
    except WrongPassword:
        raise Forbidden("Invalid password.") from None
    return entities.Deletion()


@api.declare("GET", "/api/v1/preferences", scope="read:accounts")
def preferences(call: Call[msgspec.Struct]) -> entities.Preferences:
    """Return the user's preferences."""
    return rendering.preferences(users.get(call.user_id, consistent=True))


@api.declare("GET", "/api/v1/accounts/lookup", access=Access.READER, scope="read:accounts", parameters=Lookup)
def lookup(call: Call[Lookup]) -> entities.Account:
    """Look up an account by name."""
    user = users.lookup(call.parameters.acct)
    return rendering.account(user, users.activity(user.id, call.now))


@api.declare("GET", "/api/v1/accounts/relationships", scope="read:follows", parameters=Ids)
def relationships_with(call: Call[Ids]) -> list[entities.Relationship]:
    """Return the user's relationships with other accounts."""
    wanted = call.parameters.distinct(MAX_RELATIONSHIPS)
    known = {user.id for user in users.existing(wanted)}
    others = [user_id for user_id in wanted if user_id in known]
    relations = relationships.between(call.user_id, others, call.now)
    return [rendering.relationship(other_id, relations) for other_id in others]


@api.declare("GET", "/api/v1/accounts", access=Access.READER, scope="read:accounts", parameters=Ids)
def show_several(call: Call[Ids]) -> list[entities.Account]:
    """Return several accounts by id; unknown ids are left out."""
    return rendering.accounts(users.existing(call.parameters.distinct(MAX_LIMIT)), call.now)


@api.declare("GET", "/api/v1/accounts/{id}", access=Access.READER, scope="read:accounts")
def show(call: Call[msgspec.Struct]) -> entities.Account:
    """Return an account."""
    user = users.get(call.path["id"])
    return rendering.account(user, users.activity(user.id, call.now))


@api.declare(
    "GET",
    "/api/v1/accounts/{id}/statuses",
    access=Access.READER,
    scope="read:statuses",
    parameters=Statuses,
    answer=list[entities.Status],
)
def statuses(call: Call[Statuses]) -> Response:
    """List an account's statuses that the reader may see."""
    wanted = call.parameters
    refuse(wanted, _REFUSED_IN_STATUSES)
    window = pages.window(wanted)
    user = users.get(call.path["id"])
    if wanted.pinned or wanted.only_media:  # FSTREAM has neither pins nor media
        return Response([])
    page = timelines.of_account(
        user.id,
        call.reader_id,
        window,
        call.now,
        replies=not wanted.exclude_replies,
        only_replies=wanted.only_replies,
        tagged=_tag(wanted.tagged),
    )
    return pages.statuses(page, call)


def _tag(name: str | None) -> str:
    try:
        return text.normalise_tag(unquote(name)) if name else ""
    except ValueError:
        raise Invalid("This is not a hashtag (tagged)", "tagged") from None


@api.declare(
    "GET",
    "/api/v1/accounts/{id}/following",
    access=Access.READER,
    scope="read:accounts",
    parameters=Cursors,
    answer=list[entities.Account],
)
def following(call: Call[Cursors]) -> Response:
    """List the accounts that an account follows; empty for others if it hides them."""
    user = users.get(call.path["id"])
    return _list(call, partial(relationships.following, user, call.reader_id))


@api.declare(
    "GET",
    "/api/v1/accounts/{id}/followers",
    access=Access.READER,
    scope="read:accounts",
    parameters=Cursors,
    answer=list[entities.Account],
)
def followers(call: Call[Cursors]) -> Response:
    """List an account's followers; empty for others if it hides them."""
    user = users.get(call.path["id"])
    return _list(call, partial(relationships.followers, user, call.reader_id))


@api.declare("GET", "/api/v1/blocks", scope="read:blocks", parameters=Cursors, answer=list[entities.Account])
def blocks(call: Call[Cursors]) -> Response:
    """List the accounts that the user blocks."""
    return _list(call, partial(relationships.blocked, call.user_id))


@api.declare("GET", "/api/v1/mutes", scope="read:mutes", parameters=Cursors, answer=list[entities.MutedAccount])
def mutes(call: Call[Cursors]) -> Response:
    """List the accounts that the user mutes, with the end of timed mutes."""
    people, until = relationships.muted(call.user_id, pages.part(call.parameters), call.now)
    shown = rendering.muted_accounts(people.users, until, call.now)
    return pages.linked(shown, call, people.after or "", people.before or "")


def _list(call: Call[Cursors], read: Callable[[Part, int], People]) -> Response:
    return pages.accounts(read(pages.part(call.parameters), call.now), call)


@api.declare("POST", "/api/v1/accounts/{id}/follow", scope="write:follows", parameters=Follow)
def follow(call: Call[Follow]) -> entities.Relationship:
    """Follow an account."""
    if not call.parameters.reblogs:
        raise Invalid("Boosts are not supported, so a follow can't hide them. Mute the account instead.", "reblogs")
    refuse(call.parameters, _REFUSED_IN_FOLLOW)
    return _changed(call, relationships.follow(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/unfollow", scope="write:follows")
def unfollow(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Unfollow an account."""
    return _changed(call, relationships.unfollow(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/remove_from_followers", scope="write:follows")
def remove_from_followers(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Remove an account from the user's followers."""
    return _changed(call, relationships.remove_follower(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/block", scope="write:blocks")
def block(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Block an account and end follows in both directions."""
    return _changed(call, relationships.block(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/unblock", scope="write:blocks")
def unblock(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Unblock an account."""
    return _changed(call, relationships.unblock(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/mute", scope="write:mutes", parameters=Mute)
def mute(call: Call[Mute]) -> entities.Relationship:
    """Mute an account, indefinitely or for a limited time."""
    wanted = call.parameters
    refuse(wanted, _REFUSED_IN_MUTE)
    relations = relationships.mute(
        call.user_id, call.path["id"], call.now, notifications=wanted.notifications, seconds=wanted.duration
    )
    return _changed(call, relations)


@api.declare("POST", "/api/v1/accounts/{id}/unmute", scope="write:mutes")
def unmute(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Unmute an account."""
    return _changed(call, relationships.unmute(call.user_id, call.path["id"], call.now))


def _changed(call: Call[Any], relations: Relations) -> entities.Relationship:
    return rendering.relationship(call.path["id"], relations)
