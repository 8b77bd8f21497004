"""Reports of accounts and their messages, for moderators.

A report holds ids, a comment and the rules that it names. It does not extend a message's lifetime: `listed` shows
messages only while they are live, read from `messages`. Because that can be too short to act, a report also keeps a
sealed copy of them for a limited time: see `evidence`. Reports are kept for 90 days, resolved or not. A report is
deleted, with its copy, with the reporter's account, because the reporter wrote the comment, and with the reported
account, because nothing is left to moderate.

The reported author learns nothing of a report. The reporter can see only whether it is resolved: see `of_reporter`.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from fstream_app.core import cleaning, clock, rules, settings
from fstream_app.core.edges import EdgeKind
from fstream_app.core.entities import Message, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.notices import Report, ReportCategory
from fstream_app.core.parallel import gather
from fstream_app.core.settings import DAY
from fstream_app.messages import reading
from fstream_app.messages.visibility import why_hidden
from fstream_app.moderation import evidence
from fstream_app.people import users
from fstream_app.repository import messages as message_items
from fstream_app.repository import relationships, reports
from fstream_app.repository import users as user_items
from fstream_app.text import limits

KEPT_SECONDS = 90 * DAY
MAX_COMMENT = 1000
MAX_MESSAGES = 20
_DECIDING = (EdgeKind.FOLLOW, EdgeKind.BLOCKED_BY)
"""The kinds of the reporter's edges that decide which messages a report can have."""


class Complaint(msgspec.Struct, frozen=True):
    """A report as submitted, not yet validated."""

    account_id: str
    message_ids: tuple[str, ...] = ()
    category: ReportCategory = "other"
    comment: str = ""
    rule_ids: tuple[str, ...] = ()


class Made(NamedTuple):
    """A new report and the reported account."""

    report: Report
    account: User


class Own(NamedTuple):
    """What reporters can see of their reports."""

    id: MessageId
    resolved: bool


class Listed(NamedTuple):
    """A report with the current state of its accounts and messages."""

    report: Report
    reporter: User | None
    """None: the account was deleted, and the report will be deleted soon."""
    account: User | None
    messages: list[Message]
    """The reported messages that are still live."""


def make(reporter_id: str, complaint: Complaint, now: int) -> Made:
    """Report an account, optionally with messages. A sealed copy of these is kept.

    2.5 RRU, 3 WRU up to 1 KB. With messages 2 RRU more, and 1 for each; with a copy 3 WRU more, and 2 per KB of it.
    With boosts, in another round trip, 1 RRU for each original, and 2.5 for each author and booster.

    A boost means its original, whether the account has boosted or written that, because the boost has no text. What the
    account has only boosted is not copied: a copy is deleted with the accounts of the report, not with a third one.

    Messages that the reporter cannot see, such as expired ones, are left out. A block by the reporter does not count:
    people who are harassed block first, and report then. If a report names rules, its category is `violation`.

    Raises:
        Invalid: the comment is too long, there are too many messages, the account has neither written nor boosted a
            message, a rule does not exist, or the account is the reporter's own.
        NotFound: no such account, or an id is not a message id.
    """
    comment = cleaning.clean(complaint.comment)
    limits.check("A comment", "comment", MAX_COMMENT, comment)
    wanted = _wanted(complaint)
    broken = _rules(complaint.rule_ids)
    if complaint.account_id == reporter_id:
        raise Invalid("You can't report yourself", "account_id")
    account = users.get(complaint.account_id)
    seen = _visible(wanted, reporter_id, account, now) if wanted else []
    report = Report(
        id=MessageId.new(reporter_id, now),
        account_id=account.id,
        category="violation" if broken else complaint.category,
        comment=comment,
        message_ids=tuple(message.id for message in seen),
        rules=broken,
    )
    _put(report, [message for message in seen if message.author_id == account.id], now)
    if not user_items.staying([reporter_id, account.id]).keys() >= {reporter_id, account.id}:
        reports.delete([(reports.OPEN, str(report.id))])
        raise NotFound("Account not found")
    return Made(report, account)


def _wanted(complaint: Complaint) -> list[MessageId]:
    wanted = [reading.parse(message_id) for message_id in dict.fromkeys(complaint.message_ids)]
    if len(wanted) > MAX_MESSAGES:
        raise Invalid(f"A report can have at most {MAX_MESSAGES} messages", "status_ids", "ERR_TOO_MANY")
    return wanted


def _rules(rule_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the texts of rules, in the order of the instance's list."""
    chosen = set(rule_ids)
    found = [rule for rule in rules.parse(settings.get().rules) if rule.id in chosen]
    if len(found) < len(chosen):
        raise Invalid("This instance has no such rule", "rule_ids")
    return tuple(rule.text for rule in found)


def _visible(wanted: list[MessageId], reporter_id: str, account: User, now: int) -> list[Message]:
    """Return the messages that the reporter sees, the originals instead of boosts, in order.

    Raises:
        Invalid: the account has neither written nor boosted a message.
    """
    found, relations = gather(
        partial(message_items.get_many, wanted),
        partial(relationships.between, reporter_id, [account.id], now, _DECIDING),
    )
    boosted = {each: found[each].boost_of or each for each in wanted if each in found}
    if any(account.id not in {each.author_id, boosted.get(each, each).author_id} for each in wanted):
        raise Invalid("All messages in a report must be by the reported account", "status_ids")
    authors = {account.id: account}
    if originals := set(boosted.values()) - found.keys():
        people = {each.author_id for each in found.keys() | originals}
        read, relations, authors = gather(
            partial(message_items.get_many, originals),
            partial(relationships.between, reporter_id, people, now, _DECIDING),
            partial(user_items.get_many, people),
        )
        found |= read
    seen = {
        message_id
        for message_id, message in found.items()
        if (author := authors.get(message.author_id)) is not None
        and not author.has_cleared(message.written)
        and not why_hidden(message, reporter_id, relations, now)
    }
    return [found[each] for each in dict.fromkeys(boosted[each] for each in boosted if each in seen) if each in seen]


def _put(report: Report, seen: list[Message], now: int) -> None:
    expires_at = clock.ttl_seconds(now + 1000 * KEPT_SECONDS)
    copy = evidence.sealed(report.id, seen)
    if copy is None:
        reports.put(report, expires_at)
    else:
        until = now + 1000 * evidence.KEPT_SECONDS
        reports.put(msgspec.structs.replace(report, copied_until=until), expires_at, copy)


def of_reporter(reporter_id: str, limit: int, now: int, before: MessageId = HIGHEST) -> list[Own]:
    """Return a user's newest reports, below an id, with nothing but whether they are resolved; 0.5 RRU.

    It reads keys only: what a report contains is for moderators.
    """
    found = reports.newest_by(reporter_id, str(before), limit)
    own = [Own(MessageId.parse(report_id), state == reports.RESOLVED) for state, report_id in found]
    return [each for each in own if now < each.id.time + 1000 * KEPT_SECONDS]


def copy_of(report_id: str, private_keys: Iterable[str], now: int) -> tuple[evidence.Copy, ...]:
    """Open the sealed copy of an open report's messages; 1 RRU per 4 KB.

    Raises:
        NotFound: the report has no copy: it was resolved, 14 days have passed, or none was made.
        Unreadable: no key fits, or the copy was changed.
    """
    parsed = _parsed(report_id)
    content = reports.copy(parsed, now) if parsed else None
    if parsed is None or content is None:
        raise NotFound(f"There is no copy of the messages of a report {report_id}")
    return evidence.opened(parsed, content, private_keys)


def listed(limit: int, now: int, *, resolved: bool = False) -> list[Listed]:
    """Return the oldest open or resolved reports; 1 RRU per 3 to 20 reports, 1 per message, 0.5 per account.

    Includes suspended accounts and their messages.
    """
    found = reports.of_state(reports.RESOLVED if resolved else reports.OPEN, limit, now)
    wanted = {message_id for report in found for message_id in report.message_ids}
    people = {user_id for report in found for user_id in (report.reporter_id, report.account_id)}
    people |= {message_id.author_id for message_id in wanted}  # others than the account, if it has boosted them
    written, known = gather(
        partial(message_items.get_many, wanted), partial(user_items.get_many, people, include_hidden=True)
    )
    return [
        Listed(
            report=report if _has_copy(report, now) else msgspec.structs.replace(report, copied_until=None),
            reporter=known.get(report.reporter_id),
            account=known.get(report.account_id),
            messages=_live(report, written, known, now),
        )
        for report in found
    ]


def _live(report: Report, written: Mapping[MessageId, Message], known: Mapping[str, User], now: int) -> list[Message]:
    left = [written[each] for each in report.message_ids if each in written and written[each].is_live(now)]
    authors = [known.get(message.author_id) for message in left]
    return [
        message
        for message, author in zip(left, authors, strict=True)
        if author is None or not author.has_cleared(message.written)
    ]


def _has_copy(report: Report, now: int) -> bool:
    return report.copied_until is not None and now < report.copied_until


def resolve(report_id: str) -> None:
    """Mark a report as resolved, and delete the copy of its messages; 1 RRU, 10 WRU up to 1 KB.

    Raises:
        NotFound: no open report has this id.
    """
    parsed = _parsed(report_id)
    if parsed is None or not reports.resolve(parsed):
        raise NotFound(f"There is no open report {report_id}")


def _parsed(report_id: str) -> MessageId | None:
    try:
        return MessageId.parse(report_id)
    except ValueError:
        return None
