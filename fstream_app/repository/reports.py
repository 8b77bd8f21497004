"""The reports table: open and resolved reports. Two indexes find them by reporter and by reported account."""

from collections.abc import Iterable
from typing import Any

from pynamodb.exceptions import DoesNotExist

from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Report
from fstream_app.repository import batch
from fstream_app.repository.transactions import Writes
from fstream_app.tables import ReportedIndex, ReporterIndex, ReportItem

OPEN, RESOLVED = "open", "resolved"
Key = tuple[str, str]
"""State and report id."""


class _NotOpen(Exception):
    """The report is no longer open."""


def put(report: Report, expires_at: int) -> None:
    """Put an open report, which expires (s): key `open`, `id`; 1 WRU per KB, 1 in each index."""
    _item(OPEN, report, expires_at).save()


def of_state(state: str, limit: int, now: int) -> list[Report]:
    """Read the oldest open or resolved reports: key `state`, consistent; 1 RRU per 4 KB (3 to 20 reports)."""
    items = ReportItem.query(
        state, filter_condition=ReportItem.expires_at > now // 1000, limit=limit, page_size=limit, consistent_read=True
    )
    return [_report(item) for item in items]


def resolve(report_id: MessageId) -> bool:
    """Move a report from `open` to `resolved`, in one transaction; 1 RRU, 4 WRU per KB, 2 in each index.

    Keys: `open`, `id`, present; `resolved`, `id`.

    Returns:
        Whether the report was open.
    """
    try:
        item = ReportItem.get(OPEN, str(report_id), consistent_read=True)
    except DoesNotExist:
        return False
    writes = Writes()
    writes.delete(ReportItem(OPEN, str(report_id)), ReportItem.id.exists(), otherwise=_NotOpen)
    writes.save(_item(RESOLVED, _report(item), item.expires_at))
    try:
        writes.commit()
    except _NotOpen:
        return False
    return True


def by(reporter_id: str, after: str | None, limit: int) -> list[Key]:
    """Read the keys of at most `limit` reports by a user.

    Index key `reporter_id`, `id` above `after`, eventually consistent; 0.5 RRU.
    """
    condition = ReporterIndex.id > after if after else None
    return [(item.state, item.id) for item in ReportItem.by_reporter.query(reporter_id, condition, limit=limit)]


def about(account_id: str, after: str | None, limit: int) -> list[Key]:
    """Read the keys of at most `limit` reports about a user.

    Index key `account_id`, `id` above `after`, eventually consistent; 0.5 RRU.
    """
    condition = ReportedIndex.id > after if after else None
    return [(item.state, item.id) for item in ReportItem.by_account.query(account_id, condition, limit=limit)]


def delete(keys: Iterable[Key]) -> None:
    """Delete reports: keys `state`, `id`; 1 WRU per KB, 1 in each index."""
    batch.delete(ReportItem, keys)


def _item(state: str, report: Report, expires_at: int) -> ReportItem:
    return ReportItem(
        state,
        str(report.id),
        reporter_id=report.reporter_id,
        account_id=report.account_id,
        category=report.category,
        comment=report.comment or None,
        message_ids=[str(message_id) for message_id in report.message_ids] or None,
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
    )
