"""Bloom filters of numbers that are uniformly random, such as those that user ids encode (65 bits).

A filter answers "certainly not added" or "perhaps added". All bits of a number are in one block of 64 bytes, so asking
takes one look, and the bits within a block (the number's *mask*) can be computed once for many filters. Both are taken
from the number itself, without hashing. With ten bits per number, a full filter gives a false "perhaps" in about one
answer of eighty (measured in `tests/unit/core/test_bloom.py`).
"""

from typing import Self

BITS = 10
"""Bits per number, in a full filter."""
_BLOCK = 64
"""Bytes of a block; nine bits of a number choose a bit in it."""


def mask(number: int) -> int:
    """Return the bits of a number within its block, from its upper 45 bits; its block follows from all."""
    return (
        1 << (number >> 56)
        | 1 << (number >> 47 & 511)
        | 1 << (number >> 38 & 511)
        | 1 << (number >> 29 & 511)
        | 1 << (number >> 20 & 511)
    )


class Filter:
    """A Bloom filter with room for `capacity` numbers; with more, more answers are false."""

    __slots__ = ("_bits", "_blocks", "count")

    def __init__(self, capacity: int) -> None:
        self._blocks = max(1, -(-BITS * capacity // (8 * _BLOCK)))
        self._bits = bytearray(_BLOCK * self._blocks)
        self.count = 0
        """Numbers that were added, except those that seemed to be in it already."""

    @classmethod
    def unpack(cls, packed: bytes, count: int) -> Self:
        """Return the filter of these bits, with this count.

        Raises:
            ValueError: the length is not a whole number of blocks.
        """
        if not packed or len(packed) % _BLOCK:
            raise ValueError("not a packed filter")
        made = cls(0)
        made._bits, made._blocks, made.count = bytearray(packed), len(packed) // _BLOCK, count
        return made

    def pack(self) -> bytes:
        """Return the bits."""
        return bytes(self._bits)

    @property
    def size(self) -> int:
        """Number of bytes of the bits."""
        return len(self._bits)

    @property
    def is_full(self) -> bool:
        """Whether it holds as many numbers as it has room for."""
        return BITS * self.count >= 8 * len(self._bits)

    def add(self, number: int) -> None:
        """Add a number."""
        start = number % self._blocks * _BLOCK
        block = int.from_bytes(self._bits[start : start + _BLOCK])
        grown = block | mask(number)
        if grown != block:
            self._bits[start : start + _BLOCK] = grown.to_bytes(_BLOCK)
            self.count += 1

    def has(self, number: int, mask: int) -> bool:
        """Return whether a number, given with its mask, was perhaps added; False is certain."""
        start = number % self._blocks * _BLOCK
        return int.from_bytes(self._bits[start : start + _BLOCK]) & mask == mask
