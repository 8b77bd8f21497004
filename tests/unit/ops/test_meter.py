"""The meter counts as DynamoDB does."""

import threading
from typing import Any

import pytest

from fstream_app.repository import batch, heads
from fstream_app.tables import HeadItem
from ops import meter
from ops.meter import Call, Cost, item_size, metered


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "ä"}, 2),
        ({"N": "7"}, 2),
        ({"N": "1234567890"}, 6),
        ({"N": "-12"}, 3),
        ({"B": b"1234"}, 4),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + 2 + 3),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
    ],
)
def test_a_value_has_its_size_and_its_name(value: dict[str, Any], size: int) -> None:
    assert item_size({"name": value}) == 4 + size


@pytest.mark.parametrize(
    ("size", "consistent", "units"), [(1, True, 1), (1, False, 0.5), (4096, True, 1), (4097, True, 2), (0, False, 0.5)]
)
def test_a_read_costs_by_four_kilobytes(size: int, consistent: bool, units: float) -> None:
    assert meter._units([size], consistent=consistent) == units


def test_calls_at_the_same_time_are_one_round_trip() -> None:
    def call(began: float, ended: float) -> Call:
        return Call("GetItem", "users", began, ended, 1, 0, 0, 0)

    cost = Cost([call(0, 1), call(0.1, 0.9), call(1, 2), call(1.5, 2.5), call(2.5, 3)])
    assert cost.round_trips == 3


def test_reads_and_writes_of_all_threads_are_counted_and_only_inside_the_block(mocked: None) -> None:
    heads.put("a", b"x", 4_000_000_000)
    with metered() as cost:
        thread = threading.Thread(target=heads.get, args=["a"])
        thread.start()
        thread.join()
        list(batch.get(HeadItem, ["a", "b"], consistent=True))
    heads.get("a")
    assert [(call.operation, call.table, call.read_units) for call in cost.calls] == [
        ("GetItem", "heads", 0.5),
        ("BatchGetItem", "heads", 2),
    ]
    assert cost.bytes_received > 0
    assert cost.bytes_sent > 0
    assert "2.5 RRU" in str(cost)
