"""/api/v2/notifications/policy, and the requests: whose notifications the user wants."""

import msgspec
from chalice.app import Response

from chalicelib import entities, notification_rendering, pages, shapes
from chalicelib.api import Blueprint, Call
from chalicelib.notification_entities import (
    Chosen,
    Merged,
    NotificationPolicy,
    NotificationRequest,
    OlderNotificationPolicy,
    Summary,
)
from chalicelib.pages import Cursors, Ids
from fstream_app.core.policies import Choice, Policy
from fstream_app.feed import held

api = Blueprint(__name__)

POLICY, REQUESTS = "/api/v2/notifications/policy", "/api/v1/notifications/requests"
OLDER_POLICY = "/api/v1/notifications/policy"
_READ, _WRITE = "read:notifications", "write:notifications"
_PAGE, _LARGEST_PAGE = 40, 80


class PolicyChange(msgspec.Struct, frozen=True):
    """Choices of a policy: `accept`, `filter` or `drop`. What is missing stays as it is."""

    for_not_following: Chosen | None = None
    for_not_followers: Chosen | None = None
    for_new_accounts: Chosen | None = None
    for_private_mentions: Chosen | None = None
    for_limited_accounts: Chosen | None = None


class OlderPolicyChange(msgspec.Struct, frozen=True):
    """The same in an older form: whether to filter. What is missing stays as it is."""

    filter_not_following: bool | None = None
    filter_not_followers: bool | None = None
    filter_new_accounts: bool | None = None
    filter_private_mentions: bool | None = None


class RequestCursors(Cursors, frozen=True):
    """Cursors of the list of requests."""

    limit: shapes.Limit = _PAGE
    """Page size: 1 to 80. Larger values count as 80."""


@api.declare("GET", POLICY, scope=_READ)
def show_policy(call: Call[msgspec.Struct]) -> NotificationPolicy:
    """Return the user's policy for notifications."""
    return _policy(held.policy(call.user_id), call.user_id, call.now)


def change_policy(call: Call[PolicyChange]) -> NotificationPolicy:
    """Change the user's policy for notifications."""
    return _policy(held.change_policy(call.user_id, _choices(call.parameters)), call.user_id, call.now)


@api.declare("GET", OLDER_POLICY, scope=_READ)
def show_older_policy(call: Call[msgspec.Struct]) -> OlderNotificationPolicy:
    """Return the user's policy for notifications (older form)."""
    return _older_policy(held.policy(call.user_id), call.user_id, call.now)


def change_older_policy(call: Call[OlderPolicyChange]) -> OlderNotificationPolicy:
    """Change the user's policy for notifications (older form)."""
    change = {
        name.removeprefix("filter_"): Choice.FILTER if chosen else Choice.ACCEPT
        for name, chosen in msgspec.structs.asdict(call.parameters).items()
        if chosen is not None
    }
    return _older_policy(held.change_policy(call.user_id, change), call.user_id, call.now)


for _method in ("PATCH", "PUT"):
    api.declare(_method, POLICY, scope=_WRITE, parameters=PolicyChange)(change_policy)
    api.declare(_method, OLDER_POLICY, scope=_WRITE, parameters=OlderPolicyChange)(change_older_policy)


@api.declare("GET", REQUESTS, scope=_READ, parameters=RequestCursors, answer=list[NotificationRequest])
def show_requests(call: Call[RequestCursors]) -> Response:
    """List the accounts whose notifications the user's policy filters."""
    cursors = call.parameters
    limit = pages.limit(cursors, _LARGEST_PAGE)
    wanted = held.Cursors(limit, cursors.max_id, cursors.min_id or cursors.since_id, upwards=bool(cursors.min_id))
    found = held.of_user(call.user_id, wanted, call.now)
    shown = notification_rendering.requests(found, call.now)
    return pages.linked(shown, call, str(found.older or ""), str(found.newer or ""))


@api.declare("GET", f"{REQUESTS}/merged", scope=_READ)
def show_merged(_: Call[msgspec.Struct]) -> Merged:
    """Report that the notifications of accepted requests are in the list."""
    return Merged()


@api.declare("GET", f"{REQUESTS}/{{id}}", scope=_READ)
def show_request(call: Call[msgspec.Struct]) -> NotificationRequest:
    """Return the notifications of an account that the user's policy filters."""
    return notification_rendering.requests(held.get(call.user_id, call.path["id"], call.now), call.now)[0]


@api.declare("POST", f"{REQUESTS}/{{id}}/accept", scope=_WRITE)
def accept(call: Call[msgspec.Struct]) -> entities.Empty:
    """Accept the notifications of an account, from now on and those that wait."""
    held.accept(call.user_id, call.path["id"], call.now)
    return entities.Empty()


@api.declare("POST", f"{REQUESTS}/{{id}}/dismiss", scope=_WRITE)
def dismiss(call: Call[msgspec.Struct]) -> entities.Empty:
    """Dismiss the notifications of an account that wait."""
    held.dismiss(call.user_id, call.path["id"], call.now)
    return entities.Empty()


@api.declare("POST", f"{REQUESTS}/accept", scope=_WRITE, parameters=Ids)
def accept_several(call: Call[Ids]) -> entities.Empty:
    """Accept the notifications of several accounts. Those of which nothing waits are ignored."""
    held.accept_several(call.user_id, call.parameters.distinct(_PAGE), call.now)
    return entities.Empty()


@api.declare("POST", f"{REQUESTS}/dismiss", scope=_WRITE, parameters=Ids)
def dismiss_several(call: Call[Ids]) -> entities.Empty:
    """Dismiss the notifications of several accounts that wait."""
    held.dismiss_several(call.user_id, call.parameters.distinct(_PAGE), call.now)
    return entities.Empty()


def _choices(change: PolicyChange) -> dict[str, Choice]:
    """Return the choices by the names of a policy's fields."""
    chosen = msgspec.structs.asdict(change).items()
    return {name.removeprefix("for_"): Choice(text) for name, text in chosen if text is not None}


def choices(policy: Policy) -> dict[str, Chosen]:
    """Return the choices of a policy by the names that the client API has for them."""
    return {f"for_{name}": choice.value for name, choice in msgspec.structs.asdict(policy).items()}


def _policy(policy: Policy, user_id: str, now: int) -> NotificationPolicy:
    return NotificationPolicy(**choices(policy), summary=_summary(policy, user_id, now))


def _older_policy(policy: Policy, user_id: str, now: int) -> OlderNotificationPolicy:
    return OlderNotificationPolicy(
        filter_not_following=policy.not_following is not Choice.ACCEPT,
        filter_not_followers=policy.not_followers is not Choice.ACCEPT,
        filter_new_accounts=policy.new_accounts is not Choice.ACCEPT,
        filter_private_mentions=policy.private_mentions is not Choice.ACCEPT,
        summary=_summary(policy, user_id, now),
    )


def _summary(policy: Policy, user_id: str, now: int) -> Summary:
    if Choice.FILTER not in msgspec.structs.astuple(policy):
        return Summary(pending_requests_count=0, pending_notifications_count=0)
    found = held.all_of(user_id, now).shown
    return Summary(
        pending_requests_count=len(found),
        pending_notifications_count=sum(len(each.notifications) for each in found),
    )
