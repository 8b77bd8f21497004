"""Rosters in the table: an edition is complete, and functions find what others have published."""

from functools import partial
from unittest import mock

import pytest

from fstream_app.core import ids
from fstream_app.core.database import connection
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed import rosters as in_memory
from fstream_app.feed import tail
from fstream_app.feed.rosters import Rosters
from fstream_app.feed.tail import Tail
from fstream_app.repository import log, rosters
from fstream_app.repository.log import HOUR
from fstream_app.repository.rosters import PART, Group
from fstream_app.tables import LogItem
from ops.meter import metered

NOW = 500_000 * HOUR
WEEK = 168 * HOUR
LARGE = Group(86_400, NOW, NOW + 1, NOW + WEEK, (PART, 64), (3, 1), first=0)
SMALL = Group(3_600, NOW, NOW + 1, NOW + HOUR, (128,), (1,), first=0)


def test_an_edition_is_read_as_it_was_put_and_replaced_by_the_next(mocked: None) -> None:
    assert rosters.header(500_000) is None
    rosters.put(500_000, NOW + 5, [(LARGE, b"x" * PART + b"y" * 64), (SMALL, b"z" * 128)], NOW + WEEK)
    header = rosters.header(500_000)
    assert header is not None
    assert header.until == NOW + 5
    assert [group.first for group in header.groups] == [0, 2]
    assert rosters.read(500_000, header.edition, header.groups[0]) == b"x" * PART + b"y" * 64
    assert rosters.read(500_000, header.edition, header.groups[1]) == b"z" * 128
    rosters.put(500_000, NOW + 9, [(SMALL, b"a" * 128)], NOW + WEEK)
    newer = rosters.header(500_000)
    assert newer is not None
    assert rosters.read(500_000, newer.edition, newer.groups[0]) == b"a" * 128
    assert rosters.read(500_000, header.edition, header.groups[1]) == b"z" * 128  # for who has read the header before


def test_an_edition_without_all_its_parts_is_not_read(mocked: None) -> None:
    rosters.put(500_000, NOW, [(LARGE, b"x" * (PART + 64))], NOW + WEEK)
    header = rosters.header(500_000)
    assert header is not None
    key = {"hour": {"S": "roster#500000#1"}, "appended_at": {"S": header.edition}}
    connection().client.delete_item(TableName=LogItem.table_name(), Key=key)
    with pytest.raises(rosters.Incomplete):
        rosters.read(500_000, header.edition, header.groups[0])


def test_a_roster_takes_one_call_for_each_part_and_one_for_its_header(mocked: None) -> None:
    with metered() as cost:
        rosters.put(500_000, NOW, [(LARGE, b"x" * (PART + 64))], NOW + WEEK)
    assert [call.operation for call in cost.calls] == ["PutItem"] * 3
    with metered() as cost:
        header = rosters.header(500_000)
        assert header is not None
        rosters.read(500_000, header.edition, header.groups[0])
    assert [call.operation for call in cost.calls] == ["Query"] * 3


def function() -> Tail:
    """A function whose tail is soon full."""
    make = partial(Rosters, overlap=5_000, room=1_000_000, longest=WEEK, store=rosters)
    return Tail(log.read, shards=1, capacity=4, refresh_every=0, overlap=5_000, rosters=make)


def test_a_cold_function_loads_what_another_has_published(mocked: None) -> None:
    authors = [ids.new_user_id() for _ in range(20)]
    warm, cold = function(), function()
    with mock.patch.multiple(in_memory, LOOKS=1, FRESH=0), mock.patch.object(tail, "PAGE", 3):
        for number in range(30):
            now = NOW + number * HOUR // 5
            entry = Entry(MessageId.new(authors[number % 20], now - 500), 86_400, Visibility.PUBLIC, is_reply=False)
            log.append([entry], 0, now)
            assert warm.refresh(now + 1)
        assert cold.refresh(now + 1)
        for _ in range(4):
            cold.extend(NOW + HOUR)
    known, complete = (each.snapshot(()).rosters for each in (warm, cold))
    assert known.complete_from <= NOW + HOUR
    assert complete.complete_from == NOW + 5_000
    assert sum(group.count for group in complete.groups) >= 25
