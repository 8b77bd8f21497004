"""Reports: what people find wrong with an account or with messages of it, for the eyes of moderators.

A report holds ids and its comment. A message that was reported ends when it would have ended, and what moderators see
of it is read from `messages` while it lives: nobody makes a message last by reporting it. Reports are kept for 90 days,
resolved or not, and go with either account: with that of who made them, who wrote the comment, and with that of whom
they are about, of which there is nothing left to be moderated.
"""

from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core import cleaning, clock
from fstream_app.core.edges import VISIBILITY_KINDS
from fstream_app.core.entities import Message, Report, ReportCategory, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import MessageId
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
    """A report as somebody wants to make it."""

    account_id: str
    message_ids: tuple[str, ...] = ()
    category: ReportCategory = "other"
    comment: str = ""


class Made(NamedTuple):
    """A report that was made, and about whom."""

    report: Report
    account: User


class Listed(NamedTuple):
    """A report as moderators see it now."""

    report: Report
    reporter: User | None
    """None: the account is gone, and the report about to be."""
    account: User | None
    messages: list[Message]
    """What is still alive of the messages that were reported."""


def make(reporter_id: str, complaint: Complaint, now: int) -> Made:
    """Report an account, and messages of it that the reporter may see; 0.5 RRU, 3 and 1 a message, 3 WRU up to 1 KB.

    Messages that are gone are left out: there is nothing of them that anybody could look at.

    Raises:
        Invalid: the comment is too long, there are too many messages, one is somebody else's, or it is oneself.
        NotFound: there is no such account, or something is not the id of a message.
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
        message_ids=_seen(wanted, reporter_id, account.id, now) if wanted else (),
    )
    reports.put(report, clock.ttl_seconds(now + 1000 * KEPT_SECONDS))
    return Made(report, account)


def _seen(wanted: list[MessageId], reporter_id: str, author_id: str, now: int) -> tuple[MessageId, ...]:
    found, relations = gather(
        partial(message_items.get_many, wanted),
        partial(relationships.between, reporter_id, [author_id], now, VISIBILITY_KINDS),
    )
    return tuple(each for each in wanted if each in found and not why_hidden(found[each], reporter_id, relations, now))


def listed(limit: int, now: int, *, resolved: bool = False) -> list[Listed]:
    """Return the oldest open reports, or resolved ones; 1 RRU per 3 to 20 of them, 1 a message, 0.5 an account.

    Accounts that are suspended, and their messages, are shown.
    """
    found = reports.of_state(reports.RESOLVED if resolved else reports.OPEN, limit, now)
    wanted = {message_id for report in found for message_id in report.message_ids}
    people = {user_id for report in found for user_id in (report.reporter_id, report.account_id)}
    written, known = gather(partial(message_items.get_many, wanted), partial(user_items.get_many, people, away=True))
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
        NotFound: none with this id is open.
    """
    try:
        parsed = MessageId.parse(report_id)
    except ValueError:
        parsed = None
    if parsed is None or not reports.resolve(parsed):
        raise NotFound(f"There is no open report {report_id}")
