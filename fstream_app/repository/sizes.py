"""Number of items in tables, as reported by DynamoDB."""

from functools import partial

from fstream_app import tables
from fstream_app.core import database
from fstream_app.core.parallel import gather_all


def items(*names: str) -> list[int]:
    """Return the approximate number of items of tables, by name without app and stage.

    DescribeTable, which DynamoDB updates every six hours; no units, one round trip for all. Items that have expired are
    counted until TTL removes them.
    """
    models = {model.base_name(): model for model in tables.ALL}
    return gather_all([partial(_count, models[name].table_name()) for name in names])


def _count(table: str) -> int:
    described = database.connection().dispatch("DescribeTable", {"TableName": table})
    return int(described["Table"].get("ItemCount", 0))
