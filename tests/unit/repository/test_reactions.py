"""A reader's reactions among the messages of a page, however many a query returns."""

import pytest

from fstream_app.core.entities import Reaction, ReactionKind, Reactions
from fstream_app.core.ids import MessageId
from fstream_app.repository import batch, reactions
from fstream_app.tables import ReactionItem

AUTHOR = "0000000000zzz"
MESSAGES = [MessageId(1_000 * number, AUTHOR, 0) for number in range(20, 27)]
OTHERS = [MessageId(1_000 * number, AUTHOR, 0) for number in (1, 2, 90, 91)]
"""Messages below and above all pages."""
Pattern = dict[ReactionKind, str]
"""The numbers of the messages to which somebody reacts."""
FAVOURITE, BOOST, BOOKMARK = ReactionKind.FAVOURITE, ReactionKind.BOOST, ReactionKind.BOOKMARK
READERS: dict[str, Pattern] = {
    "00000000000aa": {},
    "00000000000bb": {FAVOURITE: "0123456"},
    "00000000000cc": {BOOST: "0123456"},
    "00000000000dd": {FAVOURITE: "02356", BOOST: "125", BOOKMARK: "01346"},
    "00000000000ee": {FAVOURITE: "01", BOOST: "6", BOOKMARK: "0123456"},
}


def put(reader: str, pattern: Pattern) -> set[Reaction]:
    """Store a pattern of reactions, and of each of its kinds those to the other messages; return all of them."""
    made = {(kind, each) for kind, text in pattern.items() for each in (*(MESSAGES[int(n)] for n in text), *OTHERS)}
    unknown = [f"gone#{each}" for each in MESSAGES]
    keys = [*(reactions.sort_key(*each) for each in made), *unknown]
    batch.put([ReactionItem(reader, key, expires_at=2_000_000_000) for key in keys])
    return made


def found(known: Reactions, among: list[MessageId]) -> set[Reaction]:
    kinds = {FAVOURITE: known.favourites, BOOST: known.boosts, BOOKMARK: known.bookmarks}
    return {(kind, each) for kind, theirs in kinds.items() for each in theirs if each in among}


@pytest.mark.parametrize("fits", [1, 2, 3, 6, 100])
def test_a_page_and_each_message_show_the_readers_reactions(
    mocked: None, monkeypatch: pytest.MonkeyPatch, fits: int
) -> None:
    monkeypatch.setattr(reactions, "_PAGE", fits)
    for reader, pattern in READERS.items():
        made = put(reader, pattern)
        for page in (MESSAGES, MESSAGES[2:5], MESSAGES[:1], MESSAGES[::3]):
            expected = {each for each in made if each[1] in page}
            assert found(reactions.of_page(reader, page), page) == expected
        for each in MESSAGES:
            assert found(reactions.of_message(reader, each), [each]) == {one for one in made if one[1] == each}
