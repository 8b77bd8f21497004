"""Reports, and the sealed copies of what was reported."""

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
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
    """A report with the state `open` or `resolved`, or the sealed copy of a report's messages with the state `copy`.

    The copy is an item of its own beside its report, because TTL deletes whole items and the report is kept longer. It
    has no other attributes than the keys, `sealed` and `expires_at`, so it is in no index. Nothing else in a report has
    the text of a message.
    """

    Meta = described("reports")
    state = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute(range_key=True)
    """Same layout as a message id: time, reporter, 15 random bits. A copy has its report's id."""
    reporter_id = UnicodeAttribute(null=True)
    account_id = UnicodeAttribute(null=True)
    category = UnicodeAttribute(null=True)
    comment = UnicodeAttribute(null=True)
    message_ids = texts(null=True)
    rules = texts(null=True)
    copied_until = NumberAttribute(null=True)
    """In an open report with a copy: when the copy expires (ms)."""
    sealed = BinaryAttribute(null=True, legacy_encoding=False)
    expires_at = Expiry()
    by_reporter = ReporterIndex()
    by_account = ReportedIndex()
