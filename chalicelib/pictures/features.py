"""Features of avatars besides shape and color: ears, marks, eyes, mouths. A new one changes existing avatars."""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

from chalicelib.pictures.canvas import Canvas
from chalicelib.pictures.palette import BLUSH, BODY, EMBER, INK, SHADE, WHITE


class Face(NamedTuple):
    """Positions of the parts of a face. Its middle is at 0.5."""

    top: float
    half: float
    """Half the body's width."""
    eyes: float
    """The height of the eyes."""
    apart: float
    """Distance from the middle to an eye."""
    look: float
    """Distance of the pupils from the middle of the eyes."""

    def sides(self, distance: float) -> tuple[float, float]:
        """Return both points at this distance from the middle."""
        return 0.5 - distance, 0.5 + distance


Feature = Callable[[Canvas, Face], None]


def _nothing(canvas: Canvas, face: Face) -> None:
    """Draw nothing."""


def _round_ears(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.half * 0.72):
        canvas.circle(x, face.top + 0.03, 0.10, BODY)
        canvas.circle(x, face.top + 0.03, 0.05, SHADE)


def _pointed_ears(canvas: Canvas, face: Face) -> None:
    """Draw ears that are upright outside and slanted inside."""
    tip, outer, width = face.top - 0.09, face.half * 0.92, face.half * 0.77

    def inner(at: float) -> float:
        return outer - width * min(1.0, (at - tip) / 0.2)

    canvas.band(tip, face.top + 0.2, lambda at: (0.5 - outer, 0.5 - inner(at)), BODY)
    canvas.band(tip, face.top + 0.2, lambda at: (0.5 + inner(at), 0.5 + outer), BODY)


def _long_ears(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.half * 0.46):
        canvas.ellipse(x, face.top - 0.03, 0.06, 0.19, BODY)
        canvas.ellipse(x, face.top - 0.03, 0.03, 0.13, SHADE)


def _horns(canvas: Canvas, face: Face) -> None:
    tip = face.top - 0.09
    for x in face.sides(face.half * 0.6):
        canvas.shape(x, tip, face.top + 0.13, lambda at: 0.15 * sqrt(at - tip), EMBER)


def _feelers(canvas: Canvas, face: Face) -> None:
    for x in face.sides(0.10):
        canvas.shape(x, face.top - 0.12, face.top + 0.1, lambda _: 0.011, SHADE)
        canvas.circle(x, face.top - 0.13, 0.04, EMBER)


def _sprout(canvas: Canvas, face: Face) -> None:
    canvas.shape(0.5, face.top - 0.10, face.top + 0.05, lambda _: 0.012, SHADE)
    canvas.ellipse(0.57, face.top - 0.11, 0.07, 0.035, EMBER)
    canvas.ellipse(0.45, face.top - 0.13, 0.05, 0.03, EMBER)


def _tuft(canvas: Canvas, face: Face) -> None:
    for x, height in ((0.44, 0.065), (0.5, 0.09), (0.56, 0.065)):
        canvas.ellipse(x, face.top + 0.02, 0.045, height, SHADE)


def _belly(canvas: Canvas, face: Face) -> None:
    canvas.ellipse(0.5, 0.93, face.half * 0.62, 0.22, SHADE)


def _stripes(canvas: Canvas, face: Face) -> None:
    outer, inner = face.half, face.half * 0.72
    for y in (0.58, 0.66):
        canvas.band(y, y + 0.035, lambda _: (0.5 - outer, 0.5 - inner), SHADE)
        canvas.band(y, y + 0.035, lambda _: (0.5 + inner, 0.5 + outer), SHADE)


def _freckles(canvas: Canvas, face: Face) -> None:
    for x, y in ((-0.05, 0.055), (0.02, 0.035), (0.075, 0.06)):
        canvas.circle(0.5 + x, face.top + y, 0.017, SHADE)


def _cheeks(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.half * 0.7):
        canvas.ellipse(x, face.eyes + 0.12, 0.045, 0.03, BLUSH)


def _wide_eyes(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.apart):
        canvas.circle(x, face.eyes, 0.075, WHITE)
        canvas.circle(x + face.look, face.eyes, 0.038, INK)


def _raised_eyes(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.apart):
        canvas.circle(x, face.eyes, 0.075, WHITE)
        canvas.circle(x + face.look, face.eyes - 0.02, 0.038, INK)


def _button_eyes(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.apart):
        canvas.circle(x, face.eyes, 0.04, INK)
        canvas.circle(x + 0.014, face.eyes - 0.014, 0.013, WHITE)


def _one_eye(canvas: Canvas, face: Face) -> None:
    canvas.circle(0.5, face.eyes, 0.115, WHITE)
    canvas.circle(0.5 + face.look, face.eyes, 0.06, INK)
    canvas.circle(0.52 + face.look, face.eyes - 0.02, 0.018, WHITE)


def _sleepy_eyes(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.apart):
        canvas.circle(x, face.eyes, 0.075, WHITE)
        canvas.circle(x + face.look, face.eyes + 0.012, 0.038, INK)
        _part_of_disc(canvas, x, face.eyes, 0.08, (face.eyes - 0.08, face.eyes - 0.012), SHADE)


def _happy_eyes(canvas: Canvas, face: Face) -> None:
    for x in face.sides(face.apart):
        _bent(canvas, x, face.eyes, 0.055, -0.05)


def _smile(canvas: Canvas, face: Face) -> None:
    _bent(canvas, 0.5, _mouth(face), 0.075, 0.05)


def _little_smile(canvas: Canvas, face: Face) -> None:
    _bent(canvas, 0.5, _mouth(face), 0.05, 0.04)


def _laugh(canvas: Canvas, face: Face) -> None:
    y = _mouth(face) - 0.02
    _part_of_disc(canvas, 0.5, y, 0.08, (y, y + 0.08), INK)
    _part_of_disc(canvas, 0.5, y, 0.075, (y + 0.045, y + 0.08), BLUSH)


def _gasp(canvas: Canvas, face: Face) -> None:
    canvas.circle(0.5, _mouth(face) + 0.01, 0.028, INK)


def _beak(canvas: Canvas, face: Face) -> None:
    y = _mouth(face)
    canvas.shape(0.5, y - 0.03, y + 0.06, lambda at: 0.07 - abs(at - y + 0.005) * 1.1, EMBER)


def _cats_mouth(canvas: Canvas, face: Face) -> None:
    for x in face.sides(0.045):
        _bent(canvas, x, _mouth(face), 0.045, 0.035)


def _mouth(face: Face) -> float:
    """Return the height of the mouth."""
    return face.eyes + 0.145


def _bent(canvas: Canvas, x: float, y: float, half: float, depth: float) -> None:
    """Draw a line that bends down, or up if the depth is negative."""
    canvas.line(lambda at: y + depth * (0.5 - ((at - x) / half) ** 2), x - half, x + half, 0.022, INK)


def _part_of_disc(canvas: Canvas, x: float, y: float, radius: float, between: tuple[float, float], color: int) -> None:
    """Fill the part of a disc between two heights."""
    canvas.shape(x, *between, lambda at: sqrt(max(0.0, radius * radius - (at - y) ** 2)), color)


EARS: tuple[Feature, ...] = (
    _round_ears, _pointed_ears, _long_ears, _horns, _feelers, _sprout, _tuft, _nothing,
)  # fmt: skip
MARKS: tuple[Feature, ...] = (_belly, _stripes, _freckles, _cheeks, _cheeks, _nothing)
EYES: tuple[Feature, ...] = (_wide_eyes, _raised_eyes, _button_eyes, _one_eye, _sleepy_eyes, _happy_eyes)
MOUTHS: tuple[Feature, ...] = (_smile, _little_smile, _laugh, _gasp, _beak, _cats_mouth)
