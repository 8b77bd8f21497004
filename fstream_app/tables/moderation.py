"""Reports."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from fstream_app.tables.base import Expiry, Table, described, texts


class ReporterIndex(GlobalSecondaryIndex["ReportItem"]):  # type: ignore[no-untyped-call]
    """Reports by reporter, for deletion with the reporter's account."""

    class Meta:  # noqa: D106
        index_name = "reporter-index"
        projection = KeysOnlyProjection()

    reporter_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ReportedIndex(GlobalSecondaryIndex["ReportItem"]):  # type: ignore[no-untyped-call]
    """Reports by reported account, for deletion with that account."""

    class Meta:  # noqa: D106
        index_name = "account-index"
        projection = KeysOnlyProjection()

    account_id = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)


class ReportItem(Table):
    """A report with the state `open` or `resolved`: ids and a comment, never the text of a message."""

    Meta = described("reports")
    state = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    """Same layout as a message id: time, reporter, 15 random bits."""
    reporter_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    category = UnicodeAttribute()
    comment = UnicodeAttribute(null=True)
    message_ids = texts(null=True)
    expires_at = Expiry()
    by_reporter = ReporterIndex()
    by_account = ReportedIndex()
