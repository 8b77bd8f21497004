"""/api/v1/accounts: sign-up, profiles, follows, blocks and mutes."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar
from urllib.parse import unquote

import msgspec
from chalice.app import Response

from chalicelib import entities, grants, pages, profiles, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.pages import Cursors, Ids
from chalicelib.refusals import Refusal, Refusing, refuse
from fstream_app import text
from fstream_app.access import oauth
from fstream_app.core.entities import Part, User
from fstream_app.core.errors import Forbidden, Invalid, Unauthenticated, WrongPassword
from fstream_app.core.following import FollowChange
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.feed import timelines
from fstream_app.feed.timelines import Selection
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.people import departures, names, notes, relationships, users
from fstream_app.people import following as following_of
from fstream_app.people.relationships import People

api = Blueprint(__name__)

MAX_RELATIONSHIPS = 100


class NewAccount(msgspec.Struct, frozen=True):
    """A new account."""

    username: shapes.NewName
    """1 to 30 letters a-z, digits and underscores. Upper case is converted to lower case."""
    password: shapes.Password
    """8 to 256 characters."""
    email: str | None = None
    """Accepted because some clients always send one. Never stored."""
    agreement: Annotated[bool, shapes.rule(enum=[True])] = True
    locale: str | None = None


class ManyIds(Ids, frozen=True):
    """Ids of accounts."""

    id: Annotated[tuple[str, ...], shapes.rule(maxItems=MAX_RELATIONSHIPS)] = ()


class Lookup(msgspec.Struct, frozen=True):
    """Parameters of an account lookup."""

    acct: Annotated[str, shapes.rule(pattern=rf"^\s*@?{names.PATTERN}(@.*)?\s*$")]
    """`name` or `name@host`."""


_REFUSED_IN_STATUSES = {"exclude_public": Refusal("Public messages can't be left out. List all messages instead.")}


class Statuses(Cursors, Refusing, frozen=True):
    """Filters for an account's statuses, with cursors."""

    REFUSED: ClassVar[Mapping[str, Refusal]] = _REFUSED_IN_STATUSES

    exclude_replies: bool = False
    exclude_reblogs: bool = False
    pinned: bool = False
    """Whether to list only pinned messages, the last pinned first."""
    only_media: bool = False
    tagged: str | None = None
    only_replies: bool = False
    exclude_public: bool = False
    """Refusal, unless false."""


class Follow(msgspec.Struct, frozen=True):
    """Options of a follow. Those that are missing or null stay as they are."""

    reblogs: bool | None = None
    """Whether home shows the account's boosts."""
    notify: bool | None = None
    """Whether the user is notified of each message of the account that is not a reply to others (`status`)."""
    languages: Annotated[tuple[str, ...], shapes.rule(maxItems=following_of.MAX_LANGUAGES)] | None = None
    """Home shows only the account's messages in these languages, and those without a language; empty: all of them."""


class Note(msgspec.Struct, frozen=True):
    """A private note about an account."""

    comment: Annotated[str, shapes.text(notes.MAX_NOTE)] = ""
    """Up to 2,000 characters. An empty note is removed."""


_REFUSED_IN_MUTE = {"expires_in": Refusal("A timed mute has a duration. Set duration to a number of seconds.")}


class Mute(Refusing, frozen=True):
    """Options of a mute."""

    REFUSED: ClassVar[Mapping[str, Refusal]] = _REFUSED_IN_MUTE

    notifications: bool = True
    duration: Annotated[int, shapes.rule(minimum=0, maximum=relationships.MAX_MUTE_SECONDS)] = 0
    """In seconds; 0 means indefinitely."""
    expires_in: int = 0
    """Refusal, unless 0."""


class Leaving(msgspec.Struct, frozen=True):
    """Confirmation of an account's deletion."""

    password: str


@api.declare("POST", "/api/v1/accounts", access=Access.APPLICATION, scope="write:accounts", parameters=NewAccount)
def sign_up(call: Call[NewAccount]) -> entities.AccountToken:
    """Create an account, and return a token and a recovery code for it."""
    new = call.parameters
    if not new.agreement:
        raise Invalid("Agreement must be accepted", "agreement", "ERR_ACCEPTED")
    if call.token is None:
        raise Unauthenticated("The access token is invalid")
    with call.limits.sign_up(new.username):
        return grants.account_token(oauth.sign_up(call.token, new.username, new.password, call.now))


@api.declare("GET", "/api/v1/accounts/verify_credentials", scope="profile")
def verify_credentials(call: Call[msgspec.Struct]) -> entities.CredentialAccount:
    """Return the account that the token belongs to."""
    return _own(users.get(call.user_id, consistent=True), call.now)


@api.declare("PATCH", "/api/v1/accounts/update_credentials", scope="write:accounts", parameters=profiles.NewProfile)
def update_credentials(call: Call[profiles.NewProfile]) -> entities.CredentialAccount:
    """Update the user's profile and the defaults for new messages."""
    return _own(users.update(call.user_id, profiles.change(call.parameters), call.now), call.now)


def _own(user: User, now: int) -> entities.CredentialAccount:
    active, requests = gather(partial(users.activity, user, now), partial(following_of.number_of_requests, user))
    return rendering.own_account(user, active, requests)


@api.declare("POST", "/api/pleroma/delete_account", scope=departures.SCOPE, parameters=Leaving, in_body=True)
def delete_account(call: Call[Leaving]) -> entities.Deletion:
    """Delete the account and all its content permanently (Pleroma's convention)."""
    token_hash = call.token.hash if call.token else ""
    try:
        with call.limits.password(departures.name_of(call.user_id), remember=False, token_hash=token_hash):
            departures.leave(call.user_id, token_hash, call.parameters.password, call.now)
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
    return rendering.account(user, users.activity(user, call.now))


@api.declare("GET", "/api/v1/accounts/relationships", scope="read:follows", parameters=ManyIds)
def relationships_with(call: Call[ManyIds]) -> list[entities.Relationship]:
    """Return the user's relationships with other accounts."""
    wanted = call.parameters.distinct(MAX_RELATIONSHIPS)
    found = users.existing([*wanted, call.user_id])
    relations = relationships.between(call.user_id, found, call.now)
    known = {user.id for user in found}
    return [rendering.relationship(other_id, relations) for other_id in wanted if other_id in known]


@api.declare("GET", "/api/v1/accounts", access=Access.READER, scope="read:accounts", parameters=Ids)
def show_several(call: Call[Ids]) -> list[entities.Account]:
    """Return several accounts by id; unknown ids are left out."""
    return rendering.accounts(users.existing(call.parameters.distinct(MAX_LIMIT)), call.now)


@api.declare("GET", "/api/v1/accounts/{id}", access=Access.READER, scope="read:accounts")
def show(call: Call[msgspec.Struct]) -> entities.Account:
    """Return an account."""
    user = users.present(call.path["id"])
    return rendering.account(user, users.activity(user, call.now))


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
    refuse(wanted)
    window = pages.window(wanted)
    user = users.present(call.path["id"])
    if wanted.only_media:  # FSTREAM has no media
        return Response([])
    selection = Selection(
        replies=not wanted.exclude_replies,
        boosts=not wanted.exclude_reblogs,
        only_replies=wanted.only_replies,
        tagged=_tag(wanted.tagged),
        pinned=wanted.pinned,
    )
    return pages.statuses(timelines.of_account(user.id, call.reader_id, window, call.now, selection), call)


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
    user = users.present(call.path["id"])
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
    user = users.present(call.path["id"])
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
    """Follow an account, or request it if the account is locked; or change the options of the follow or request."""
    wanted = call.parameters
    change = FollowChange(wanted.notify, wanted.reblogs, wanted.languages)
    return _changed(call, following_of.follow(call.user_id, call.path["id"], call.now, change))


@api.declare("POST", "/api/v1/accounts/{id}/unfollow", scope="write:follows")
def unfollow(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Unfollow an account, or withdraw the request to follow it."""
    return _changed(call, following_of.unfollow(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/remove_from_followers", scope="write:follows")
def remove_from_followers(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Remove an account from the user's followers, or reject its request to follow."""
    return _changed(call, following_of.remove_follower(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/block", scope="write:blocks")
def block(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Block an account and end follows and requests in both directions."""
    return _changed(call, relationships.block(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/unblock", scope="write:blocks")
def unblock(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Unblock an account."""
    return _changed(call, relationships.unblock(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/mute", scope="write:mutes", parameters=Mute)
def mute(call: Call[Mute]) -> entities.Relationship:
    """Mute an account, indefinitely or for a limited time."""
    wanted = call.parameters
    refuse(wanted)
    relations = relationships.mute(
        call.user_id, call.path["id"], call.now, notifications=wanted.notifications, seconds=wanted.duration
    )
    return _changed(call, relations)


@api.declare("POST", "/api/v1/accounts/{id}/unmute", scope="write:mutes")
def unmute(call: Call[msgspec.Struct]) -> entities.Relationship:
    """Unmute an account."""
    return _changed(call, relationships.unmute(call.user_id, call.path["id"], call.now))


@api.declare("POST", "/api/v1/accounts/{id}/note", scope="write:accounts", parameters=Note)
def note(call: Call[Note]) -> entities.Relationship:
    """Write a private note about an account, or remove it."""
    return _changed(call, notes.write(call.user_id, call.path["id"], call.parameters.comment, call.now))


def _changed(call: Call[Any], relations: Relations) -> entities.Relationship:
    return rendering.relationship(call.path["id"], relations)
