"""/api/v1/reports: telling moderators what is wrong with somebody, or with messages."""

import msgspec

from chalicelib import entities, rendering
from chalicelib.api import Blueprint, Call
from fstream_app.access.rates import Action
from fstream_app.core.entities import ReportCategory
from fstream_app.core.errors import Invalid
from fstream_app.moderation import reports
from fstream_app.moderation.reports import Complaint

api = Blueprint(__name__)


class NewReport(msgspec.Struct, frozen=True):
    """What is wrong."""

    account_id: str
    """With whom."""
    status_ids: tuple[str, ...] = ()
    """Messages of that account, at most 20."""
    comment: str = ""
    """At most 1000 characters."""
    category: ReportCategory = "other"
    rule_ids: tuple[str, ...] = ()
    """Refused: this instance's rules have no numbers."""
    forward: bool = False
    """Accepted; there is no other server that it could be forwarded to."""


@api.declare("POST", "/api/v1/reports", scope="write:reports", parameters=NewReport)
def report(call: Call[NewReport]) -> entities.Report:
    """Report an account, and messages of it, to the moderators."""
    new = call.parameters
    if new.rule_ids:
        raise Invalid("rule_ids: there are no rules with ids here; tell it in the comment", "rule_ids")
    call.limits.take(Action.REPORT)
    complaint = Complaint(new.account_id, new.status_ids, new.category, new.comment)
    return rendering.report(reports.make(call.user_id, complaint, call.now), call.now)
