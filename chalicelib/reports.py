"""/api/v1/reports: reporting accounts and messages to the moderators, and whether they have decided."""

from typing import Annotated

import msgspec

from chalicelib import entities, rendering, shapes
from chalicelib.api import Blueprint, Call
from fstream_app.access.rates import Action
from fstream_app.core import rules
from fstream_app.core.notices import ReportCategory
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.moderation import reports
from fstream_app.moderation.reports import Complaint, Made

api = Blueprint(__name__)


class NewReport(msgspec.Struct, frozen=True):
    """A report to be made."""

    account_id: shapes.UserId
    """The account to report."""
    status_ids: Annotated[tuple[shapes.MessageId, ...], shapes.rule(maxItems=reports.MAX_MESSAGES)] = ()
    """Messages by that account, at most 20."""
    comment: Annotated[str, shapes.text(reports.MAX_COMMENT)] = ""
    """At most 1000 characters."""
    category: ReportCategory = "other"
    rule_ids: Annotated[tuple[shapes.Figure | shapes.Number, ...], shapes.rule(maxItems=rules.MAX_RULES)] = ()
    """Rules that were broken, from `/api/v1/instance/rules`. With any, the category is `violation`."""
    forward: bool = False
    """Accepted and ignored: there are no other servers to forward the report to."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report that the user has made."""

    id: shapes.MessageId
    action_taken: bool = False
    action_taken_at: None = None
    """Always null: the outcome is not disclosed."""
    category: ReportCategory
    """`violation` if it names rules."""
    comment: str
    forwarded: bool = False
    created_at: shapes.Time
    status_ids: tuple[shapes.MessageId, ...]
    """The reported statuses that still exist and that the user may see, or might without blocking the account."""
    rule_ids: tuple[shapes.Figure, ...] | None
    """The rules that it names; null if it names none."""
    target_account: entities.Account


class OwnReport(msgspec.Struct, frozen=True, kw_only=True):
    """What users see of their reports later: not what was decided, only whether."""

    id: shapes.MessageId
    created_at: shapes.Time
    action_taken: bool
    """Whether the moderators have decided."""


@api.declare("POST", "/api/v1/reports", scope="write:reports", parameters=NewReport)
def report(call: Call[NewReport]) -> Report:
    """Report an account, and optionally some of its messages, to the moderators."""
    call.limits.take(Action.REPORT)
    new = call.parameters
    rule_ids = tuple(map(str, new.rule_ids))
    complaint = Complaint(new.account_id, new.status_ids, new.category, new.comment, rule_ids)
    return _rendered(reports.make(call.user_id, complaint, call.now), call.now)


@api.declare("GET", "/api/v1/reports", scope="read")
def reported(call: Call[msgspec.Struct]) -> list[OwnReport]:
    """Return the user's newest 40 reports, with nothing but whether the moderators have decided."""
    found = reports.of_reporter(call.user_id, MAX_LIMIT, call.now)
    return [
        OwnReport(id=str(own.id), created_at=rendering.date(own.id.time), action_taken=own.resolved) for own in found
    ]


def _rendered(made: Made, now: int) -> Report:
    return Report(
        id=str(made.report.id),
        category=made.report.category,
        comment=made.report.comment,
        created_at=rendering.date(made.report.id.time),
        status_ids=tuple(str(message_id) for message_id in made.report.message_ids),
        rule_ids=tuple(rules.Rule(text).id for text in made.report.rules) or None,
        target_account=rendering.accounts([made.account], now)[0],
    )
