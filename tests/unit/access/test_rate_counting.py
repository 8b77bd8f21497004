"""Counting requests: in the memory of warm functions, and for which client address."""

import threading
from collections import Counter
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rates import address
from fstream_app.access import rates
from fstream_app.access.rates import Memory, RateWindow
from fstream_app.core.errors import Unavailable
from fstream_app.core.settings import Rate, Settings

WINDOW = RateWindow("key", 300, 300_000)


class Table:
    """The limits table, with the semantics of `repository.rates.add`."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.writes = 0
        self.is_broken = False

    def add(self, key: str, number: int, expires_at: int) -> int:
        if self.is_broken:
            raise Unavailable from ValueError()
        self.writes += 1
        self.taken[key] += number
        return self.taken[key]


@given(
    st.integers(1, 120),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), max_size=40),
)
def test_functions_together_let_through_less_than_a_step_each_too_many(limit: int, runs: list[tuple[int, int]]) -> None:
    table = Table()
    functions = [Memory(table.add) for _ in range(4)]
    window = RateWindow("key", limit, 0)
    passed = asked = 0
    for function, number in runs:
        for _ in range(number):
            passed += functions[function].take(window) <= limit
            asked += 1
    step = max(1, min(rates.STEP, limit // 10))
    active = len({function for function, _ in runs})
    assert min(asked, limit) <= passed <= limit + max(0, active - 1) * (step - 1)


def test_one_function_is_exact_though_its_threads_ask_at_once() -> None:
    memory = Memory(Table().add)
    passed: list[bool] = []

    def ask() -> None:
        passed.extend(memory.take(WINDOW) <= WINDOW.limit for _ in range(100))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 300


@pytest.mark.parametrize(("limit", "writes"), [(1, 2), (19, 20), (20, 10), (90, 10), (100, 10), (1000, 100)])
def test_every_tenth_request_is_written_to_the_table_and_more_often_for_a_small_limit(limit: int, writes: int) -> None:
    table = Table()
    memory = Memory(table.add)
    for _ in range(3 * limit):
        memory.take(RateWindow("key", limit, 0))
    assert table.writes == writes  # none once the window is used up


def test_what_was_not_written_to_the_table_is_written_at_the_next_step() -> None:
    table = Table()
    memory = Memory(table.add)
    table.is_broken = True
    assert [memory.take(WINDOW) for _ in range(15)] == list(range(1, 16))
    table.is_broken = False
    assert [memory.take(WINDOW) for _ in range(5)] == list(range(16, 21))
    assert (table.taken["key"], table.writes) == (20, 1)


def test_a_function_remembers_a_bounded_number_of_windows() -> None:
    memory = Memory(Table().add, capacity=2)
    taken = [memory.take(RateWindow(key, 300, 0)) for key in ("a", "b", "a", "c", "a", "b")]
    assert taken == [1, 1, 2, 1, 3, 1]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "caller"),
    [
        ("0", None, "198.51.100.1"),
        ("0", "192.0.2.66", "198.51.100.1"),  # a client that calls API Gateway directly can send anything
        ("0", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("1", "192.0.2.1, 198.51.100.1", "192.0.2.1"),  # CloudFront appends the viewer, the gateway the edge
        ("1", "192.0.2.66, 192.0.2.1, 198.51.100.1", "192.0.2.1"),
        ("1", "192.0.2.1,198.51.100.1", "192.0.2.1"),
        ("2", "192.0.2.66, 192.0.2.1, 130.176.0.1, 198.51.100.1", "192.0.2.1"),
        ("1", None, "198.51.100.1"),  # bypassed the proxies
        ("1", "192.0.2.66", "198.51.100.1"),
        ("2", "192.0.2.66, 198.51.100.1", "198.51.100.1"),
        ("1", "x, 198.51.100.1", "198.51.100.1"),
        ("1", ", 198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_address_is_the_one_that_a_trusted_proxy_has_seen(
    configure: Callable[..., None], proxies: str, forwarded: str | None, caller: str
) -> None:
    configure(trusted_proxies=proxies)
    assert address_of("198.51.100.1", forwarded) == caller


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("test-invoke-source-ip", "test-invoke-source-ip"),  # API Gateway's console
    ],
)
def test_ipv6_counts_by_network(source: str, counted: str) -> None:
    assert address_of(source, None) == counted


def address_of(caller: str, forwarded: str | None) -> str:
    request: Any = SimpleNamespace(
        context={"identity": {"sourceIp": caller}},
        headers={} if forwarded is None else {"x-forwarded-for": forwarded},
    )
    return address(request)


def test_every_action_has_a_limit_and_a_setting_of_its_own() -> None:
    assert rates._LIMITS.keys() == set(rates.Action)
    for action, limit in rates._LIMITS.items():
        changed = Settings.from_environment({f"FSTREAM_RATE_{action.upper()}": "7/77"})
        assert limit.rate(changed) == Rate(7, 77)
