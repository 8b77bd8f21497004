"""A reader's reactions among the messages of a page, however many a query returns."""

from collections import Counter

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
FAVOURITE, BOOST, VOTE, BOOKMARK = ReactionKind
READERS: dict[str, Pattern] = {
    "00000000000aa": {},
    "00000000000bb": {FAVOURITE: "0123456"},
    "00000000000cc": {BOOST: "0123456"},
    "00000000000dd": {FAVOURITE: "02356", BOOST: "125", VOTE: "034", BOOKMARK: "01346"},
    "00000000000ff": {BOOST: "06", VOTE: "0123456"},
    "00000000000ee": {FAVOURITE: "01", BOOST: "6", BOOKMARK: "0123456"},
}


def put(reader: str, pattern: Pattern) -> set[Reaction]:
    """Store a pattern of reactions, and of each of its kinds those to the other messages; return all of them."""
    made = {(kind, each) for kind, text in pattern.items() for each in (*(MESSAGES[int(n)] for n in text), *OTHERS)}
    unknown = [f"gone#{each}" for each in MESSAGES]
    # A poll has two votes of somebody who has voted again.
    ends = {kind: [".0", ".0.1"] if kind is VOTE else [""] for kind in ReactionKind}
    keys = [*(reactions.sort_key(*each) + end for each in made for end in ends[each[0]]), *unknown]
    batch.put([ReactionItem(reader, key, choices="1", expires_at=2_000_000_000) for key in keys])
    return made


def found(known: Reactions, among: list[MessageId]) -> set[Reaction]:
    votes = Counter(voted for voted, _ in known.votes if voted in among)
    assert reactions._PAGE == 1 or set(votes.values()) <= {2}
    kinds = {FAVOURITE: known.favourites, BOOST: known.boosts, VOTE: frozenset(votes), BOOKMARK: known.bookmarks}
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
