"""A lifetime as the last word of a text: `#5m`, for apps that have no field for it.

Such a word is a sign, a whole number and a unit, in either case: seconds, minutes, hours, days or weeks. Full-width
characters and the digits of any script mean the same as ASCII ones. Anywhere else in a text it is a hashtag.
"""

import re
import unicodedata
from typing import NamedTuple

from fstream_app.core import cleaning
from fstream_app.text.tokens import SIGNS, URL_END

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_UNITS = "smhdwSMHDW"
_FULL_WIDTH = "".join(chr(ord(unit) + 0xFEE0) for unit in _UNITS)
# The word begins the text, or follows a character that ends an address, so it is never part of one.
_LAST_WORD = re.compile(rf"(?<![^{URL_END}])[{SIGNS}](?P<number>\d+)(?P<unit>[{_UNITS}{_FULL_WIDTH}])\Z")


class Lasting(NamedTuple):
    """A text without the lifetime at its end."""

    text: str
    seconds: float
    """The lifetime. Infinite if the number is too large for a float."""


def split_lifetime(text: str) -> Lasting | None:
    """Split a cleaned text into what comes before a lifetime at its end, cleaned again, and the lifetime.

    White space and invisible characters may follow the word.

    Returns:
        None if the last word is not a lifetime.
    """
    end = len(text)
    while end and not (cleaning.is_visible(text[end - 1]) or cleaning.is_mark(text[end - 1])):
        end -= 1
    word = _LAST_WORD.search(text[:end])
    if word is None:
        return None
    unit = unicodedata.normalize("NFKC", word["unit"]).lower()
    # `int` refuses thousands of digits.
    return Lasting(cleaning.clean(text[: word.start()]), float(word["number"]) * _SECONDS[unit])


def lifetime_word(seconds: int) -> str:
    """Write a lifetime as such a word, in the largest unit that divides it: `#1w`."""
    unit = next(unit for unit, size in reversed(_SECONDS.items()) if seconds % size == 0)
    return f"#{seconds // _SECONDS[unit]}{unit}"
