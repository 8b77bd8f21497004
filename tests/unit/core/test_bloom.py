"""Bloom filters: what was added is always found, and little else."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core.bloom import Filter, mask

NUMBERS = st.lists(st.integers(0, (1 << 65) - 1), max_size=50)


@given(NUMBERS, st.integers(0, 100))
def test_what_was_added_is_found_even_if_it_did_not_fit_and_after_packing(numbers: list[int], capacity: int) -> None:
    made = Filter(capacity)
    for number in numbers:
        made.add(number)
    again = Filter.unpack(made.pack(), made.count)
    assert all(each.has(number, mask(number)) for each in (made, again) for number in numbers)
    assert made.count == again.count <= len(set(numbers))
    assert again.size == made.size == len(made.pack())


@pytest.mark.parametrize(("room", "share"), [(1.0, 0.011), (1.3, 0.004), (2.0, 0.001)])
def test_false_answers_are_rare_and_rarer_with_more_room(room: float, share: float) -> None:
    random = Random(1)
    made = Filter(int(10_000 * room))
    for _ in range(10_000):
        made.add(random.getrandbits(65))
    others = [random.getrandbits(65) for _ in range(30_000)]
    assert sum(made.has(each, mask(each)) for each in others) / 30_000 == pytest.approx(share, rel=0.4)


def test_a_filter_is_full_when_it_has_ten_bits_per_number() -> None:
    random, made = Random(1), Filter(1_000)
    assert made.size == pytest.approx(1_250, abs=64)
    while not made.is_full:
        made.add(random.getrandbits(65))
    assert made.count == pytest.approx(1_000, abs=60)


@pytest.mark.parametrize("packed", [b"", b"x" * 65])
def test_what_is_no_filter_is_not_unpacked(packed: bytes) -> None:
    with pytest.raises(ValueError, match="not a packed filter"):
        Filter.unpack(packed, 1)
