"""User and message ids in lower-case Crockford base32. Message ids sort, as text, by time.

A user id has 13 characters (65 random bits). It is random so that follower lists split into even key ranges.
A message id has 26 characters: the time in milliseconds (10), the author's id (13), random (3). It sorts by time across
authors. It is also the message's address: the author's id in it is the hash key of the item.
The alphabet and the 10 characters of time are those of ULID (https://github.com/ulid/spec).
"""

import secrets
from typing import NamedTuple, Self

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
USER_ID_LENGTH = 13
MESSAGE_ID_LENGTH = 26
CONVERSATION_ID_LENGTH = 36
MAX_TIME = (1 << 48) - 1  # ULID's limit, the year 10889; a packed id then fits 16 bytes

_TIME_LENGTH = 10
_RANDOM_LENGTH = 3
_RANDOM_BITS = 5 * _RANDOM_LENGTH
_USER_BITS = 5 * USER_ID_LENGTH
_COMPLEMENTS = str.maketrans(ALPHABET, ALPHABET[::-1])
_PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")
"""From this alphabet to the digits of Python's `int`."""
_VALUES = {character: value for value, character in enumerate(ALPHABET)}


def encode(number: int, length: int) -> str:
    """Encode a number as base32 text of the given length.

    Raises:
        ValueError: the number is negative or needs more characters.
    """
    if number < 0 or number >> (5 * length):
        raise ValueError(f"does not fit {length} characters")
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(10 * ((length - 1) // 2), -1, -10)]
    return "".join(pairs)[-length:]  # the first pair of an odd length begins with a zero


def decode(text: str) -> int:
    """Decode base32 text; strict, without upper case or look-alikes.

    Raises:
        ValueError: a character is not in the alphabet.
    """
    if not _VALUES.keys() >= set(text):
        raise ValueError("not base32")
    return int("0" + text.translate(_DIGITS), 32)


def complement(text: str) -> str:
    """Return base32 text with each digit subtracted from the highest, so that texts sort in the opposite order."""
    return text.translate(_COMPLEMENTS)


def new_user_id() -> str:
    """Return a new random user id."""
    return encode(secrets.randbits(_USER_BITS), USER_ID_LENGTH)


def is_user_id(text: str) -> bool:
    """Return whether a text has the format of a user id."""
    return len(text) == USER_ID_LENGTH and all(character in _VALUES for character in text)


class MessageId(NamedTuple):
    """A parsed message id; sorts in the same order as its text."""

    time: int
    """Milliseconds since the epoch."""
    author_id: str
    random: int
    """15 random bits."""

    @classmethod
    def new(cls, author_id: str, time: int) -> Self:
        """Return a new id for a message that this author posts at this time (ms)."""
        return cls(time, author_id, secrets.randbits(_RANDOM_BITS))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an id from its 26 characters.

        Raises:
            ValueError: it is not a message id.
        """
        if len(text) != MESSAGE_ID_LENGTH or text[0] > "7":
            raise ValueError("not a message id")
        decode(text[_TIME_LENGTH:-_RANDOM_LENGTH])
        return cls(decode(text[:_TIME_LENGTH]), text[_TIME_LENGTH:-_RANDOM_LENGTH], decode(text[-_RANDOM_LENGTH:]))

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Unpack an id from 16 bytes.

        Raises:
            ValueError: it is not 16 bytes long.
        """
        if len(packed) != 16:
            raise ValueError("not a packed message id")
        number = int.from_bytes(packed)
        author = encode(number >> _RANDOM_BITS & (1 << _USER_BITS) - 1, USER_ID_LENGTH)
        return cls(number >> _RANDOM_BITS + _USER_BITS, author, number & (1 << _RANDOM_BITS) - 1)

    def pack(self) -> bytes:
        """Pack the id into 16 bytes (ULID's binary form), which sort in the same order as the text."""
        number = (self.time << _USER_BITS | decode(self.author_id)) << _RANDOM_BITS | self.random
        return number.to_bytes(16)

    def next(self) -> "MessageId":
        """Return the next higher id; HIGHEST returns itself."""
        return self if self == HIGHEST else MessageId.unpack((int.from_bytes(self.pack()) + 1).to_bytes(16))

    def previous(self) -> "MessageId":
        """Return the next lower id; LOWEST returns itself."""
        return self if self == LOWEST else MessageId.unpack((int.from_bytes(self.pack()) - 1).to_bytes(16))

    def __str__(self) -> str:
        time, number = self.time, self.random
        if time < 0 or time >> 50 or number < 0 or number >> _RANDOM_BITS:
            raise ValueError("not a message id")
        # As `encode`, but without its loops: a page writes some ninety ids.
        pairs = _PAIRS
        first = pairs[time >> 40] + pairs[time >> 30 & 1023] + pairs[time >> 20 & 1023] + pairs[time >> 10 & 1023]
        return f"{first}{pairs[time & 1023]}{self.author_id}{ALPHABET[number >> 10]}{pairs[number & 1023]}"


LOWEST = MessageId(0, "0" * USER_ID_LENGTH, 0)
HIGHEST = MessageId(MAX_TIME, ALPHABET[-1] * USER_ID_LENGTH, (1 << _RANDOM_BITS) - 1)


def highest_at(time: int) -> MessageId:
    """Return the highest possible id of a message posted at this time (ms), as a bound for ranges."""
    return MessageId(time, HIGHEST.author_id, HIGHEST.random)


def lowest_at(time: int) -> MessageId:
    """Return the lowest possible id of a message posted at this time (ms), as a bound for ranges."""
    return MessageId(min(max(time, 0), MAX_TIME), LOWEST.author_id, LOWEST.random)
