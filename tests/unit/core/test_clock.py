"""Times as TTL attributes hold them."""

from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import clock


@given(st.integers(0, 2**48))
def test_ttl_never_precedes_an_expiry_and_follows_it_within_a_second(time: int) -> None:
    assert time <= 1000 * clock.ttl_seconds(time) < time + 1000
