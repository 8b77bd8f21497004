"""A person's colors and choices, all derived from the account's id."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from chalicelib.pictures.colors import oklch
from chalicelib.pictures.png import Color

SKY, GLOW, BODY, SHADE, WATER, DEEP, INK, WHITE, EMBER, BLUSH = range(10)
"""Indices into the palette."""

T = TypeVar("T")


@dataclass
class Dice:
    """Choices derived from a text: the same text makes the same choices in the same order."""

    seed: str
    _left: int = field(init=False)

    def __post_init__(self) -> None:
        self._left = int.from_bytes(sha256(self.seed.encode()).digest())

    def below(self, number: int) -> int:
        """Return a whole number from 0 to below `number`."""
        self._left, chosen = divmod(self._left, number)
        return chosen

    def choose(self, values: Sequence[T]) -> T:
        """Return one of the values."""
        return values[self.below(len(values))]

    def between(self, low: float, high: float) -> float:
        """Return one of 64 numbers from `low` to `high`."""
        return low + (high - low) * self.below(64) / 63


# Lightness and chroma of sky, glow and water. No sky is as light as a white page or as dark as a dark one.
_DAY = (0.86, 0.075), (0.93, 0.055), (0.60, 0.10)
_EVENING = (0.77, 0.11), (0.88, 0.09), (0.52, 0.11)
_NIGHT = (0.47, 0.10), (0.57, 0.10), (0.38, 0.09)
_HUES = tuple(range(0, 360, 15))
_NIGHT_HUES = tuple(range(180, 360, 15))
_WATER_HUES = tuple(range(180, 315, 15))
"""Excludes browns: dark yellow and dark orange."""


def palette(dice: Dice) -> list[Color]:
    """Return a person's colors, in the order of the indices."""
    time = dice.choose((_DAY, _DAY, _EVENING, _NIGHT))
    sky, glow, water = time
    hue = dice.choose(_NIGHT_HUES if time is _NIGHT else _HUES)
    body = (hue + dice.choose((105, 135, 165, 195, 225, 255))) % 360
    sea = dice.choose(_WATER_HUES)
    # Dark yellow is olive, so yellow bodies are lighter.
    light = 0.80 if _is_yellow(body) else 0.74 if time is _NIGHT else 0.66
    return [
        oklch(*sky, hue),
        oklch(*glow, hue + 25),
        oklch(light, 0.16, body),
        oklch(light - 0.12, 0.14, body),
        oklch(*water, sea),
        oklch(water[0] - 0.09, water[1], sea),
        oklch(0.24, 0.05, body),
        (255, 255, 255),
        oklch(0.82, 0.16, 80) if not _is_yellow(body) else oklch(0.68, 0.18, 45),
        oklch(0.68, 0.18, 18),
    ]


def _is_yellow(hue: float) -> bool:
    return 70 <= hue <= 125
