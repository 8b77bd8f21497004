"""Text as it is stored: normalised, and without characters that nobody can see or that cost too much."""

import re
import unicodedata

MAX_MARKS = 30
"""Combining marks in a row, as in Unicode's stream-safe text (https://unicode.org/reports/tr15)."""

_LINE_BREAK = re.compile(r"\r\n|[\x0b\x0c\r\x85\u2028\u2029]")
"""Unicode's line breaks other than LF (https://unicode.org/reports/tr14): CRLF, VT, FF, CR, NEL, LS and PS."""
_REMOVED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text as it is stored.

    In NFC, with LF for every line break; without other control characters than tabs, lone surrogates, trailing white
    space, and what exceeds 30 combining marks in a row.
    """
    return composed(_REMOVED.sub("", _LINE_BREAK.sub("\n", text))).rstrip()


def one_line(text: str) -> str:
    """Return a text as it is stored where it has to stay on a line: clean, and with single blanks."""
    return " ".join(clean(text).split())


def is_mark(character: str) -> bool:
    """Whether a character is a combining mark."""
    return unicodedata.category(character).startswith("M")


def composed(text: str) -> str:
    """Return a text in NFC, with at most 30 combining marks in a row."""
    # Normalising sorts each run of marks, in quadratic time, so the runs are shortened first. It makes two of
    # some marks, hence the second time: a composed text is its own composed form.
    return text if text.isascii() else _with_few_marks(unicodedata.normalize("NFC", _with_few_marks(text)))


def _with_few_marks(text: str) -> str:
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if is_mark(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)
