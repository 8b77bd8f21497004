"""Groups of notifications: their keys, and that pages of groups are parts of one list."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import grouping, ids
from fstream_app.core.entities import Window
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.messages.paging import GroupPager, Slice, consider
from fstream_app.messages.sources import InOrder

AUTHOR = "b" * ids.USER_ID_LENGTH
HOUR = 3_600_000
Placed = dict[MessageId, str]
"""Entries by id, with their groups."""


def page(entries: Placed, hidden: set[MessageId], window: Window) -> Slice[MessageId]:
    """Read a page of groups as a list of notifications is read."""
    bounds = window.bounds()
    within = [each for each in sorted(entries) if bounds and bounds[0] <= each <= bounds[1]]
    candidates = InOrder(within if window.oldest_first else within[::-1])
    pager: GroupPager[MessageId] = GroupPager(window, entries.__getitem__)
    while pager.wanted:
        chunk = consider(candidates, pager.wanted, at_most=pager.left)
        pager.add(chunk, {each: each for each in chunk.kept if each not in hidden})
    return pager.slice()


@st.composite
def lists(draw: st.DrawFn) -> tuple[Placed, set[MessageId]]:
    runs = draw(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([1, 1, 2, 30])), max_size=40))
    keys = [key for key, times in runs for _ in range(times)]
    entries = {MessageId(1000 + place, AUTHOR, 0): key for place, key in enumerate(keys)}
    hidden = draw(st.sets(st.sampled_from(sorted(entries)))) if entries else set()
    return entries, hidden


@given(lists(), st.integers(1, 6), st.booleans())
def test_pages_lose_and_repeat_nothing_whether_a_client_goes_on_by_link_or_by_its_last_group(
    made: tuple[Placed, set[MessageId]], limit: int, by_group: bool
) -> None:
    entries, hidden = made
    found: list[MessageId] = []
    window, most = Window(limit=limit), 2 * max(limit, 20)
    while True:
        read = page(entries, hidden, window)
        found += read.shown
        assert len({entries[each] for each in read.shown}) <= limit
        assert len(read.shown) <= most
        if read.older is None:
            break
        newest_of = {entries[each]: each for each in read.shown[::-1]}
        last = min(newest_of, key=newest_of.__getitem__) if read.shown else ""
        lowest = min((each for each in read.shown if entries[each] == last), default=read.older)
        assert read.older <= lowest
        window = Window(limit=limit, before=lowest if by_group else read.older)
    assert found == [each for each in sorted(entries, reverse=True) if each not in hidden]


@given(lists(), st.integers(1, 6))
def test_polling_upwards_loses_and_repeats_nothing(made: tuple[Placed, set[MessageId]], limit: int) -> None:
    entries, hidden = made
    found: list[MessageId] = []
    window = Window(limit=limit, oldest_first=True)
    while (read := page(entries, hidden, window)).newer is not None:
        found += read.shown[::-1]
        window = Window(limit=limit, oldest_first=True, after=read.newer)
        if not read.shown:
            break
    assert found == [each for each in sorted(entries) if each not in hidden]


def test_each_entry_is_asked_for_its_group_a_few_times_however_many_there_are() -> None:
    entries = [MessageId(1000 + place, AUTHOR, 0) for place in range(900)]
    asked: Counter[MessageId] = Counter()

    def key(entry: MessageId) -> str:
        asked[entry] += 1
        return "a"

    pager, candidates = GroupPager(Window(limit=1000), key), InOrder(entries)
    while pager.wanted:
        chunk = consider(candidates, pager.wanted, at_most=pager.left)
        pager.add(chunk, {each: each for each in chunk.kept})
    assert len(pager.slice().shown) == len(entries)
    assert asked.total() < 5 * len(entries)


def made(kind: str, time: int, message_id: MessageId | None = None) -> Notification:
    return Notification(AUTHOR, MessageId(time, AUTHOR, 7), NotificationKind(kind), time + HOUR, message_id)


def test_a_group_is_of_one_kind_and_message_within_twelve_hours_and_its_key_finds_it_again() -> None:
    message, other = MessageId(50 * HOUR, AUTHOR, 0), MessageId(51 * HOUR, AUTHOR, 0)
    every = [
        *(made("favourite", 50 * HOUR + hours * HOUR, message) for hours in (0, 11, 12, 25)),
        made("favourite", 52 * HOUR, other),
        *(made("follow", hours * HOUR) for hours in (49, 59, 60)),
        *(made("mention", hours * HOUR, message) for hours in (51, 52)),
    ]
    keys = [grouping.key(each) for each in every]
    assert Counter(Counter(keys).values()) == {2: 2, 1: 6}
    assert keys[0] == keys[1]
    assert keys[5] == keys[6]
    for each, key in zip(every, keys, strict=True):
        group = grouping.parse(key)
        assert group.after < each.id < group.before
        assert each.kind in group.kinds
        assert group.about in {None, each.message_id}
        alone = grouping.key(each, kinds=())
        assert alone == f"ungrouped-{each.id}"
        assert grouping.parse(alone).after == each.id.previous()


@pytest.mark.parametrize("key", ["", "follow", "follow-01", "follow--1", "mention-1", "ungrouped-1", "favourite-1-1"])
def test_what_is_not_a_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not the key"):
        grouping.parse(key)
