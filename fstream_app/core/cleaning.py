"""Cleaning of text before it is stored: Unicode normalisation, control characters, excess marks, invisible texts."""

import re
import unicodedata

MAX_MARKS = 30
"""Limit of consecutive combining marks, from Unicode's stream-safe text format (https://unicode.org/reports/tr15)."""

_LINE_BREAK = re.compile(r"\r\n|[\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
"""The line breaks of `str.splitlines` other than LF.

Unicode's (https://unicode.org/reports/tr14) are CRLF, VT, FF, CR, NEL, LS and PS; the separators FS, GS and RS divide
records of text, whose words must not run together.
"""
_BLANK = re.compile(
    "["
    # Default_Ignorable_Code_Point (DerivedCoreProperties.txt of Unicode 16), which `unicodedata` does not have:
    # fillers, joiners, variation selectors, tags, and code points that are reserved for more of them.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Characters whose glyph is empty: Braille without dots, a note without a head, hieroglyphs' controls and blanks.
    "\u2800\U0001d159\U00013430-\U00013442"
    # Noncharacters.
    "\ufdd0-\ufdef" + "".join(chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)) + "]"
)
"""Characters that show nothing, in addition to the categories of `_INVISIBLE`."""
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"})
"""Categories that show nothing on their own: controls, separators, and marks without a letter.

Unassigned code points count as visible, because they may be emoji that are newer than Python's tables.
"""
_SIGNS = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
"""Prepended_Concatenation_Mark: visible signs of numbers in category Cf."""
_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Bidirectional embeddings, overrides and isolates, which can reverse what is shown after them."""
_REMOVED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text in the form in which it is stored.

    The result is in NFC, with LF for every line break. Control characters except tab and LF, lone surrogates, trailing
    white space, and combining marks after the 30th in a row are removed. A text in which nothing is visible is empty.
    """
    cleaned = composed(_REMOVED.sub("", _LINE_BREAK.sub("\n", text))).rstrip()
    return cleaned if any(map(is_visible, cleaned)) else ""


def is_visible(character: str) -> bool:
    """Return whether a character shows something on its own. Spaces, controls, fillers and combining marks do not."""
    if unicodedata.category(character) in _INVISIBLE:
        return _SIGNS.match(character) is not None
    return _BLANK.match(character) is None


def one_line(text: str) -> str:
    """Return a text cleaned for storage as one line: every run of white space becomes one space."""
    return " ".join(clean(text).split())


def name(text: str) -> str:
    """Return a text cleaned for storage as a name: one line that does not change the direction of what surrounds it."""
    return one_line(_DIRECTIONS.sub("", text))


def is_mark(character: str) -> bool:
    """Return whether a character is a combining mark."""
    return unicodedata.category(character).startswith("M")


def composed(text: str) -> str:
    """Return a text in NFC, with at most 30 consecutive combining marks."""
    # Normalising sorts each run of marks in quadratic time, so runs are shortened first. NFC decomposes some marks
    # into two, so runs are shortened again afterwards, which makes this function idempotent.
    return text if text.isascii() else _with_few_marks(unicodedata.normalize("NFC", _with_few_marks(text)))


def _with_few_marks(text: str) -> str:
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if is_mark(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)
