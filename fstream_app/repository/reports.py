"""The reports table: open and resolved reports, and the sealed copies of their messages.

Two indexes find reports by reporter and by reported account. A copy has the id of its report, and exists only while the
report is open.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from pynamodb.exceptions import DoesNotExist

from fstream_app.core import clock
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Report
from fstream_app.repository import batch
from fstream_app.repository.transactions import Writes
from fstream_app.tables import ReportedIndex, ReporterIndex, ReportItem, has_expired

OPEN, RESOLVED = "open", "resolved"
COPY = "copy"
"""The state of a copy, which is an item of its own."""
Key = tuple[str, str]
"""State and report id."""


class _NotOpen(Exception):
    """The report is no longer open."""


def put(report: Report, expires_at: int, copy: bytes | None = None) -> None:
    """Put an open report, which expires (s), and the copy of its messages, if any, which expires earlier.

    Key `open`, `id`; 1 WRU per KB, 1 in each index. With a copy, key `copy`, `id`, in one transaction: 2 WRU per KB of
    each, 2 in each index.
    """
    if copy is None or report.copied_until is None:
        _item(OPEN, report, expires_at).save()
        return
    writes = Writes()
    writes.save(_item(OPEN, report, expires_at))
    writes.save(ReportItem(COPY, str(report.id), sealed=copy, expires_at=clock.ttl_seconds(report.copied_until)))
    writes.commit()


def copy(report_id: MessageId, now: int) -> bytes | None:
    """Read the copy of a report's messages: key `copy`, `id`, consistent; 1 RRU per 4 KB. None once it has expired."""
    try:
        item = ReportItem.get(COPY, str(report_id), consistent_read=True)
    except DoesNotExist:
        return None
    return None if has_expired(item.expires_at, now) else item.sealed


def of_state(state: str, limit: int, now: int) -> list[Report]:
    """Read the oldest open or resolved reports: key `state`, consistent; 1 RRU per 4 KB (3 to 20 reports)."""
    items = ReportItem.query(
        state, filter_condition=ReportItem.expires_at > now // 1000, limit=limit, page_size=limit, consistent_read=True
    )
    return [_report(item) for item in items]


def resolve(report_id: MessageId) -> bool:
    """Move a report from `open` to `resolved` and delete its copy, in one transaction.

    Keys: `open`, `id`, present; `resolved`, `id`; `copy`, `id`. 1 RRU, 4 WRU per KB, 2 in each index, and 2 WRU per KB
    of the copy.

    Returns:
        Whether the report was open.
    """
    try:
        item = ReportItem.get(OPEN, str(report_id), consistent_read=True)
    except DoesNotExist:
        return False
    writes = Writes()
    writes.delete(ReportItem(OPEN, str(report_id)), ReportItem.id.exists(), otherwise=_NotOpen)
    writes.delete(ReportItem(COPY, str(report_id)))
    writes.save(_item(RESOLVED, msgspec.structs.replace(_report(item), copied_until=None), item.expires_at))
    try:
        writes.commit()
    except _NotOpen:
        return False
    return True


def by(reporter_id: str, after: str | None, limit: int) -> list[Key]:
    """Read the keys of at most `limit` reports by a user, oldest first.

    Index key `reporter_id`, `id` above `after`, eventually consistent; 0.5 RRU.
    """
    condition = ReporterIndex.id > after if after else None
    return [(item.state, item.id) for item in ReportItem.by_reporter.query(reporter_id, condition, limit=limit)]


def newest_by(reporter_id: str, before: str, limit: int) -> list[Key]:
    """Read the keys of a user's newest reports, as `by`: index key `reporter_id`, `id` below `before`; 0.5 RRU."""
    condition = ReporterIndex.id < before
    found = ReportItem.by_reporter.query(reporter_id, condition, limit=limit, scan_index_forward=False)
    return [(item.state, item.id) for item in found]


def about(account_id: str, after: str | None, limit: int) -> list[Key]:
    """Read the keys of at most `limit` reports about a user.

    Index key `account_id`, `id` above `after`, eventually consistent; 0.5 RRU.
    """
    condition = ReportedIndex.id > after if after else None
    return [(item.state, item.id) for item in ReportItem.by_account.query(account_id, condition, limit=limit)]


def delete(keys: Iterable[Key]) -> None:
    """Delete reports with their copies: keys `state`, `id`; 1 WRU per KB, 1 in each index, and 1 per KB of a copy."""
    reported = list(keys)
    batch.delete(ReportItem, [*reported, *((COPY, report_id) for state, report_id in reported if state == OPEN)])


def _item(state: str, report: Report, expires_at: int) -> ReportItem:
    return ReportItem(
        state,
        str(report.id),
        reporter_id=report.reporter_id,
        account_id=report.account_id,
        category=report.category,
        comment=report.comment or None,
        message_ids=[str(message_id) for message_id in report.message_ids] or None,
        rules=list(report.rules) or None,
        copied_until=report.copied_until,
        expires_at=expires_at,
    )


def _report(item: ReportItem) -> Report:
    category: Any = item.category
    return Report(
        id=MessageId.parse(item.id),
        account_id=item.account_id,
        category=category,
        comment=item.comment or "",
        message_ids=tuple(MessageId.parse(message_id) for message_id in item.message_ids or ()),
        rules=tuple(item.rules or ()),
        copied_until=None if item.copied_until is None else int(item.copied_until),
    )
