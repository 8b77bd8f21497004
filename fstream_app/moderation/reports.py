"""Reports of accounts and their messages, for moderators.

A report holds ids and a comment. A report does not extend a message's lifetime: moderators see reported messages only
while these are live, read from `messages`. Reports are kept for 90 days, resolved or not. A report is deleted with the
reporter's account, because the reporter wrote the comment, and with the reported account, because nothing is left to
moderate.
"""

from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core import cleaning, clock
from fstream_app.core.edges import VISIBILITY_KINDS
from fstream_app.core.entities import Message, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Report, ReportCategory
from fstream_app.core.parallel import gather
from fstream_app.core.settings import DAY
from fstream_app.messages import reading
from fstream_app.messages.visibility import why_hidden
from fstream_app.people import users
from fstream_app.repository import messages as message_items
from fstream_app.repository import relationships, reports
from fstream_app.repository import users as user_items
from fstream_app.text import limits

KEPT_SECONDS = 90 * DAY
MAX_COMMENT = 1000
MAX_MESSAGES = 20


class Complaint(msgspec.Struct, frozen=True):
    """A report as submitted, not yet validated."""

    account_id: str
    message_ids: tuple[str, ...] = ()
    category: ReportCategory = "other"
    comment: str = ""


class Made(NamedTuple):
    """A new report and the reported account."""

    report: Report
    account: User


class Listed(NamedTuple):
    """A report with the current state of its accounts and messages."""

    report: Report
    reporter: User | None
    """None: the account was deleted, and the report will be deleted soon."""
    account: User | None
    messages: list[Message]
    """The reported messages that are still live."""


def make(reporter_id: str, complaint: Complaint, now: int) -> Made:
    """Report an account, optionally with messages; 2.5 RRU, 3 WRU up to 1 KB. With messages 3 RRU more, and 1 for each.

    Messages that the reporter cannot see, such as expired ones, are left out.

    Raises:
        Invalid: the comment is too long, there are too many messages, a message is not by the account, or the account
            is the reporter's own.
        NotFound: no such account, or an id is not a message id.
    """
    comment = cleaning.clean(complaint.comment)
    limits.check("A comment", "comment", MAX_COMMENT, comment)
    wanted = [reading.parse(message_id) for message_id in dict.fromkeys(complaint.message_ids)]
    if len(wanted) > MAX_MESSAGES:
        raise Invalid(f"A report can have at most {MAX_MESSAGES} messages", "status_ids", "ERR_TOO_MANY")
    if any(message_id.author_id != complaint.account_id for message_id in wanted):
        raise Invalid("All messages in a report must be by the reported account", "status_ids")
    if complaint.account_id == reporter_id:
        raise Invalid("You can't report yourself", "account_id")
    account = users.get(complaint.account_id)
    report = Report(
        id=MessageId.new(reporter_id, now),
        account_id=account.id,
        category=complaint.category,
        comment=comment,
        message_ids=_visible(wanted, reporter_id, account.id, now) if wanted else (),
    )
    reports.put(report, clock.ttl_seconds(now + 1000 * KEPT_SECONDS))
    if not user_items.staying([reporter_id, account.id]).keys() >= {reporter_id, account.id}:
        reports.delete([(reports.OPEN, str(report.id))])
        raise NotFound("Account not found")
    return Made(report, account)


def _visible(wanted: list[MessageId], reporter_id: str, author_id: str, now: int) -> tuple[MessageId, ...]:
    found, relations = gather(
        partial(message_items.get_many, wanted),
        partial(relationships.between, reporter_id, [author_id], now, VISIBILITY_KINDS),
    )
    return tuple(each for each in wanted if each in found and not why_hidden(found[each], reporter_id, relations, now))


def listed(limit: int, now: int, *, resolved: bool = False) -> list[Listed]:
    """Return the oldest open or resolved reports; 1 RRU per 3 to 20 reports, 1 per message, 0.5 per account.

    Includes suspended accounts and their messages.
    """
    found = reports.of_state(reports.RESOLVED if resolved else reports.OPEN, limit, now)
    wanted = {message_id for report in found for message_id in report.message_ids}
    people = {user_id for report in found for user_id in (report.reporter_id, report.account_id)}
    written, known = gather(
        partial(message_items.get_many, wanted), partial(user_items.get_many, people, include_hidden=True)
    )
    return [
        Listed(
            report=report,
            reporter=known.get(report.reporter_id),
            account=known.get(report.account_id),
            messages=[written[each] for each in report.message_ids if each in written and written[each].is_live(now)],
        )
        for report in found
    ]


def resolve(report_id: str) -> None:
    """Mark a report as resolved; 1 RRU, 8 WRU up to 1 KB.

    Raises:
        NotFound: no open report has this id.
    """
    try:
        parsed = MessageId.parse(report_id)
    except ValueError:
        parsed = None
    if parsed is None or not reports.resolve(parsed):
        raise NotFound(f"There is no open report {report_id}")
