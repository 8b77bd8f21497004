"""Looking for keywords in texts, regardless of case. Pure functions of texts, in linear memory.

Both are case-folded as Unicode defines it, so `STRASSE` is found in `Straße`. A keyword that must be whole words begins
and ends at a boundary of words, but only where it begins or ends with a character of words: `#cat` is found in `a#cat`,
and `cat` in `#cat`, but not in `cats`. As in Mastodon, letters, digits and `_` make words; a mark belongs to what it is
on, so an emoji with a variation selector is no word. Every white space counts as a space: keywords have no other.

A boundary is written into the texts as a character that these don't have. So a keyword, whatever it is, is found with
one search for a substring, and no keyword makes matching slow: see the limits in `fstream_app.messages.filters`.
"""

import re
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from fstream_app.core.cleaning import is_mark

_BOUNDARY = "\0"
"""Not in any text: `fstream_app.core.cleaning` removes control characters."""
_WHITE_SPACE = re.compile(r"\s")


class Keyword(NamedTuple):
    """A keyword, prepared for the search."""

    sought: str
    """Case-folded; with boundaries if it is whole words."""
    length: int
    """Number of characters that it matches in a case-folded text."""
    is_whole: bool


class Text:
    """A text in which keywords are looked for."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._folded = _WHITE_SPACE.sub(" ", text.casefold())
        self._bounded: str | None = None

    def first(self, keywords: Iterable[Keyword]) -> str | None:
        """Return the first part of the text that is one of these keywords, as the text has it; None if it has none.

        Of several keywords that are found at the same place, the first one counts.
        """
        places = [(place, number, each) for number, each in enumerate(keywords) if (place := self._find(each)) >= 0]
        if not places:
            return None
        place, _, found = min(places)
        return self._as_written(place, place + found.length)

    def _find(self, keyword: Keyword) -> int:
        """Return where a keyword is first found in the case-folded text; -1 if it is not."""
        if not keyword.is_whole:
            return self._folded.find(keyword.sought)
        if self._bounded is None:
            self._bounded = _with_boundaries(self._folded)
        found = self._bounded.find(keyword.sought)
        return found - self._bounded.count(_BOUNDARY, 0, found) if found >= 0 else found

    def _as_written(self, first: int, last: int) -> str:
        """Return the characters of the text that have a part of the case-folded text: some fold to several."""
        ends = list(accumulate(len(each.casefold()) for each in self._text))
        begins = [0, *ends]
        return "".join(
            each for each, begin, end in zip(self._text, begins, ends, strict=False) if begin < last and end > first
        )


def prepare(keyword: str, *, whole_word: bool) -> Keyword:
    """Prepare a keyword for the search."""
    folded = keyword.casefold()
    return Keyword(_with_boundaries(folded) if whole_word else folded, len(folded), whole_word)


def _with_boundaries(text: str) -> str:
    parts: list[str] = []
    inside = False
    for character in text:
        if inside is not (character.isalnum() or character == "_") and not is_mark(character):
            inside = not inside
            parts.append(_BOUNDARY)
        parts.append(character)
    return "".join(parts) + (_BOUNDARY if inside else "")
