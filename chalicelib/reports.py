"""/api/v1/reports: reporting accounts and messages to the moderators."""

from typing import Annotated

import msgspec

from chalicelib import entities, rendering, shapes
from chalicelib.api import Blueprint, Call
from fstream_app.access.rates import Action
from fstream_app.core.errors import Invalid
from fstream_app.core.notices import ReportCategory
from fstream_app.moderation import reports
from fstream_app.moderation.reports import Complaint

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
    rule_ids: Annotated[tuple[str, ...], shapes.rule(maxItems=0)] = ()
    """Not supported: the instance's rules have no ids."""
    forward: bool = False
    """Accepted and ignored: there are no other servers to forward the report to."""


@api.declare("POST", "/api/v1/reports", scope="write:reports", parameters=NewReport)
def report(call: Call[NewReport]) -> entities.Report:
    """Report an account, and optionally some of its messages, to the moderators."""
    new = call.parameters
    if new.rule_ids:
        raise Invalid("Rules have no ids on this instance. Name the rule in the comment instead.", "rule_ids")
    call.limits.take(Action.REPORT)
    complaint = Complaint(new.account_id, new.status_ids, new.category, new.comment)
    return rendering.report(reports.make(call.user_id, complaint, call.now), call.now)
