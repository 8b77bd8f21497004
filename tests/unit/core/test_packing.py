"""The packed entries of heads and of the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import ids, packing
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility

AUTHOR = "0123456789abc"


def entries(author_ids):
    message_ids = st.builds(MessageId, st.integers(0, ids.MAX_TIME), author_ids, st.integers(0, (1 << 15) - 1))
    lifetimes, flag = st.integers(0, packing.MAX_LIFETIME), st.booleans()
    return st.builds(Entry, message_ids, lifetimes, st.sampled_from(Visibility), flag, flag)


HEADS = st.lists(entries(st.just(AUTHOR)), max_size=packing.HEAD_CAPACITY)
LOGS = st.lists(entries(st.sampled_from([AUTHOR, "0" * 13, "z" * 13])), max_size=20)


def an_entry(time=1_700_000_000_000, lifetime=60):
    return Entry(MessageId(time, AUTHOR, 7), lifetime, Visibility.PRIVATE, is_reply=True)


def unpack_head(packed):
    return list(packing.ascending(AUTHOR, packed))


@given(HEADS)
def test_a_head_gives_back_its_entries_oldest_first(head):
    packed = packing.pack_head(head)
    assert unpack_head(packed) == sorted(head)
    assert packing.count(packed) == len(head)
    assert list(packing.times(packed)) == [entry.id.time for entry in sorted(head)]


@given(HEADS)
def test_a_head_without_boosts_has_all_other_entries(head):
    left = unpack_head(packing.without_boosts(packing.pack_head(head)))
    assert left == sorted(entry for entry in head if not entry.is_boost)


@given(HEADS)
def test_a_head_gives_back_its_entries_newest_first(head):
    assert list(packing.descending(AUTHOR, packing.pack_head(head))) == sorted(head, reverse=True)


@given(HEADS, st.data())
def test_a_part_of_a_head_is_what_a_filter_by_time_leaves(head, data):
    packed, head = packing.pack_head(head), sorted(head)
    moments = [entry.id.time + shift for entry in head for shift in (-1, 0, 1)] + [0, ids.MAX_TIME]
    time = data.draw(st.sampled_from([moment for moment in moments if 0 <= moment <= ids.MAX_TIME]))
    later = [entry for entry in head if entry.id.time >= time]
    assert list(packing.ascending(AUTHOR, packed, time)) == later
    assert unpack_head(packing.from_time(packed, time)) == later
    earlier = [entry for entry in head if entry.id.time <= time]
    assert list(packing.descending(AUTHOR, packed, time)) == earlier[::-1]


@given(HEADS)
def test_entries_inserted_in_any_order_and_twice_make_the_same_head(head):
    head = list({entry.id: entry for entry in head}.values())
    packed = b""
    for entry in head + head[::-1]:
        packed = packing.insert(packed, entry)
    assert packed == packing.pack_head(head)


@given(LOGS)
def test_a_log_batch_is_unpacked_as_it_was_packed(log):
    assert list(packing.unpack_log(packing.pack_log(log))) == log


@given(HEADS, LOGS)
def test_an_entry_is_12_bytes_in_a_head_and_20_in_the_log(head, log):
    assert len(packing.pack_head(head)) == 12 * len(head)
    assert len(packing.pack_log(log)) == 20 * len(log)


@given(HEADS, LOGS)
def test_packed_entries_sort_as_their_ids(head, log):
    # Two entries of one id differ in their lifetime at most, and never do in life.
    head = {entry.id: entry for entry in head}.values()
    log = {entry.id: entry for entry in log}.values()
    assert sorted(head, key=lambda entry: packing.pack_head([entry])) == sorted(head)
    assert sorted(log, key=lambda entry: packing.pack_log([entry])) == sorted(log)


@pytest.mark.parametrize("length", [1, 11, 13, 23])
def test_a_head_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="not a packed head"):
        unpack_head(bytes(length))
    with pytest.raises(ValueError, match="not a packed head"):
        list(packing.descending(AUTHOR, bytes(length)))
    with pytest.raises(ValueError, match="not a packed head"):
        packing.from_time(bytes(length), 0)


@pytest.mark.parametrize("length", [1, 12, 19, 21, 39])
def test_a_log_batch_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="not a packed log batch"):
        list(packing.unpack_log(bytes(length)))


@pytest.mark.parametrize("pack", [packing.pack_head, packing.pack_log])
@pytest.mark.parametrize("lifetime", [-1, packing.MAX_LIFETIME + 1])
def test_a_lifetime_that_does_not_fit_is_refused(pack, lifetime):
    with pytest.raises(ValueError, match="lifetime"):
        pack([an_entry(lifetime=lifetime)])


@pytest.mark.parametrize("lifetime", [0, packing.MAX_LIFETIME])
def test_a_lifetime_at_the_limit_is_kept(lifetime):
    entry = an_entry(lifetime=lifetime)
    assert unpack_head(packing.pack_head([entry])) == [entry]
    assert list(packing.unpack_log(packing.pack_log([entry]))) == [entry]


def test_a_message_is_gone_from_the_millisecond_of_its_expiry():
    entry = an_entry(time=1_000_000, lifetime=60)
    assert entry.expires_at == 1_060_000
    assert entry.is_live(1_059_999)
    assert not entry.is_live(1_060_000)


@given(HEADS, st.data())
def test_live_entries_but_direct_ones_are_counted_as_if_each_were_asked(head, data):
    moments = [entry.expires_at + shift for entry in head for shift in (-1, 0)]
    now = data.draw(st.sampled_from(moments) if moments else st.just(0))
    times = [entry.id.time for entry in head if entry.is_live(now) and entry.visibility is not Visibility.DIRECT]
    assert packing.activity(packing.pack_head(head), now) == (len(times), max(times, default=None))


def test_writing_a_full_head_costs_one_unit():
    packed = packing.pack_head([an_entry()] * packing.HEAD_CAPACITY)
    # DynamoDB counts names and strings as UTF-8, binary as its bytes, a number of 10 digits as 6.
    size = len("author_id") + ids.USER_ID_LENGTH + len("entries") + len(packed) + len("expires_at") + len("number")
    assert size <= 1024


@given(LOGS)
def test_the_authors_in_the_log_are_those_of_its_entries(log):
    found = list(packing.authors_in_log(packing.pack_log(log)))
    assert [(time, ids.encode(author, 13), lifetime) for time, author, lifetime in found] == [
        (entry.id.time, entry.id.author_id, entry.lifetime) for entry in log
    ]
    with pytest.raises(ValueError, match="not a packed log batch"):
        list(packing.authors_in_log(packing.pack_log(log) + b"x"))
