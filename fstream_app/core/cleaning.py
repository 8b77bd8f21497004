"""Cleaning of text before it is stored: Unicode normalisation, control characters, excess combining marks."""

import re
import unicodedata

MAX_MARKS = 30
"""Limit of consecutive combining marks, from Unicode's stream-safe text format (https://unicode.org/reports/tr15)."""

_LINE_BREAK = re.compile(r"\r\n|[\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
"""The line breaks of `str.splitlines` other than LF.

Unicode's (https://unicode.org/reports/tr14) are CRLF, VT, FF, CR, NEL, LS and PS; the separators FS, GS and RS divide
records of text, whose words must not run together.
"""
_REMOVED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Return a text in the form in which it is stored.

    The result is in NFC, with LF for every line break. Control characters except tab and LF, lone surrogates, trailing
    white space, and combining marks after the 30th in a row are removed.
    """
    return composed(_REMOVED.sub("", _LINE_BREAK.sub("\n", text))).rstrip()


def one_line(text: str) -> str:
    """Return a text cleaned for storage as one line: every run of white space becomes one space."""
    return " ".join(clean(text).split())


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
