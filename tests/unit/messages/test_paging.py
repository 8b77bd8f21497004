"""A walk along the cursors shows everything that the reader may see, once, and takes no empty page for the end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from fstream_app.core.entities import Window
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId
from fstream_app.messages.paging import Pager, consider
from fstream_app.messages.sources import Merge, Pages

RUNS = st.lists(st.tuples(st.sampled_from(["shown", "hidden", "passed over"]), st.integers(1, 400)), max_size=6)


def message_id(number: int) -> MessageId:
    return MessageId(number, "0" * 13, 0)


def page(kinds: list[str], window: Window) -> tuple[list[int], MessageId | None, int]:
    """Return the numbers on a page, the cursor of the next one, and how many candidates were looked at."""
    ids = [message_id(number) for number in range(1, len(kinds) + 1)]
    ids = [each for each in ids if window.after < each < window.before]
    ordered = ids if window.oldest_first else ids[::-1]
    source = Pages(iter([ordered[start : start + 30] for start in range(0, len(ordered), 30)]), window)
    merge, pager, looked_at = Merge([source], window), Pager[MessageId](window), 0
    while pager.wanted:
        chunk = consider(merge, pager.wanted, lambda each: kinds[each.time - 1] == "passed over", at_most=pager.left)
        looked_at += len(chunk.kept)
        pager.add(chunk, {each: each for each in chunk.kept if kinds[each.time - 1] == "shown"})
    found = pager.slice()
    numbers = [each.time for each in found.shown]
    return (numbers[::-1], found.newer, looked_at) if window.oldest_first else (numbers, found.older, looked_at)


@settings(max_examples=40)
@given(RUNS, st.booleans(), st.integers(1, 40))
def test_a_walk_shows_all_of_it_once_however_much_is_hidden(
    runs: list[tuple[str, int]], oldest_first: bool, limit: int
) -> None:
    kinds = [kind for kind, length in runs for _ in range(length)]
    wanted = [number for number, kind in enumerate(kinds, 1) if kind == "shown"]
    walked: list[int] = []
    cursor: MessageId | None = LOWEST if oldest_first else HIGHEST
    while cursor is not None and len(walked) < len(wanted):
        bound = {"after": cursor} if oldest_first else {"before": cursor}
        numbers, cursor, _ = page(kinds, Window(limit=limit, oldest_first=oldest_first, **bound))
        assert numbers, "a client takes an empty page for the end"
        walked += numbers
    assert walked == (wanted if oldest_first else wanted[::-1])


def test_a_page_looks_at_no_more_than_a_bounded_number_of_candidates() -> None:
    hidden = ["hidden"] * 20_000
    numbers, cursor, looked_at = page(hidden, Window(limit=40))
    assert (numbers, cursor is not None) == ([], True)
    assert looked_at <= 36 * 80
    _, cursor, looked_at = page(["passed over"] * 20_000, Window(limit=40))
    assert (looked_at, cursor) == (0, message_id(15_001))
