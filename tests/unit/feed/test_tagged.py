"""What the tail knows of hashtags."""

from collections.abc import Sequence

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from fstream_app.core import packing, tagging
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry, Visibility
from fstream_app.feed import tagged
from fstream_app.feed.tagged import Tagged
from fstream_app.repository.log import Appended

NAMES = ("tea", "milk", "ζ")
AUTHORS = ("0" * 13, "z" * 13)
posts = st.tuples(st.integers(0, 200_000), st.sampled_from(AUTHORS), st.sets(st.sampled_from(NAMES)))
histories = st.lists(posts, max_size=40, unique_by=lambda post: post[:2])
"""Messages in the order in which they are delivered: time, author, hashtags."""


def item(some: Sequence[tuple[Entry, set[str]]]) -> Appended:
    packed = packing.pack_log([entry for entry, _ in some])
    return Appended("0", 0, packed, tags=tagging.pack([sorted(names) for _, names in some]))


@settings(max_examples=40)
@given(histories, st.integers(1, 20), st.sets(st.integers(0, 9)))
def test_nothing_is_missing_from_the_time_on_from_which_it_is_said_to_be_complete(
    history: list[tuple[int, str, set[str]]], capacity: int, old: set[int]
) -> None:
    known = Tagged(capacity)
    posted = [(Entry(MessageId(time, by, 7), 10**6, Visibility.PUBLIC, False), names) for time, by, names in history]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tagged, "PER_TAG", 4)
        for number, start in enumerate(range(0, len(posted), 4)):
            made = item(posted[start : start + 4])
            known.add(made._replace(tags=b"") if number in old else made)
            known.add(made)
            known.trim(0)
    for name, found in known.of(NAMES).items():
        listed = list(tagging.ascending(found.packed))
        assert listed == sorted(set(listed)) == list(tagging.descending(found.packed))[::-1]
        wanted = {entry for entry, names in posted if name in names}
        assert {entry for entry in wanted if entry.id.time >= found.since} <= set(listed) <= wanted


@settings(max_examples=40)
@given(histories, st.integers(1, 3), st.integers(0, 200_000))
def test_hashtags_rank_by_accounts_and_those_of_one_account_fill_one_place(
    history: list[tuple[int, str, set[str]]], number: int, since: int
) -> None:
    known = Tagged(100)
    for time, by, names in history:
        known.add(item([(Entry(MessageId(time, by, 7), 60, Visibility.PUBLIC, False), names)]))
    now = 220_000
    live = [post for post in history if post[0] > max(since, now - 60_000)]
    users = {tagging.hash_of(name): {by for _, by, names in live if name in names} for name in NAMES}
    several = {each for each, accounts in users.items() if len(accounts) > 1}
    single = {next(iter(accounts)) for accounts in users.values() if len(accounts) == 1}
    found = [each for each, _ in known.most_used(number, since, now)]
    assert len(found) == len(set(found)) == min(number, len(several) + len(single))
    assert set(found[: len(several)]) <= several
    rest = [users[each] for each in found[len(several) :]]
    assert set().union(*rest) <= single
    assert len(set().union(*rest)) == len(rest)
