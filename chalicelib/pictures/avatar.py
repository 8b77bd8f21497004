"""Avatars: a creature that looks out of the water."""

from math import pi

from chalicelib.pictures import features, png
from chalicelib.pictures.canvas import Canvas, waves
from chalicelib.pictures.features import Face
from chalicelib.pictures.palette import BODY, DEEP, GLOW, SKY, WATER, Dice, palette

SIZE = 192


def draw(user_id: str) -> bytes:
    """Draw a user's avatar."""
    dice = Dice(user_id)
    colors = palette(dice)
    canvas = Canvas(SIZE, SIZE, SKY)
    _sun(canvas, dice)
    _somebody(canvas, dice)
    _water(canvas, dice)
    return png.encode(SIZE, SIZE, canvas.pixels, colors)


def _sun(canvas: Canvas, dice: Dice) -> None:
    match dice.below(4):
        case 0:
            canvas.circle(0.5, 0.5, 0.40, GLOW)
        case 1:
            canvas.circle(dice.choose((0.2, 0.8)), 0.22, 0.13, GLOW)
        case 2:
            canvas.circle(0.5, 0.62, 0.46, GLOW)
        case _:
            pass


def _somebody(canvas: Canvas, dice: Dice) -> None:
    top = dice.between(0.22, 0.30)
    half = dice.between(0.27, 0.35)
    head = dice.between(0.26, 0.38)
    power = dice.choose((2.0, 2.0, 2.6, 3.6))
    eyes = top + 0.11 + head * dice.between(0.25, 0.4)
    face = Face(top, half, eyes, half * dice.between(0.38, 0.52), dice.choose((-0.02, 0.0, 0.02)))

    def body(at: float) -> float:
        over = max(0.0, (top + head - at) / head)
        return float(half * max(0.0, 1 - over**power) ** (1 / power))

    dice.choose(features.EARS)(canvas, face)
    canvas.shape(0.5, top, 1, body, BODY)
    dice.choose(features.MARKS)(canvas, face)
    dice.choose(features.EYES)(canvas, face)
    dice.choose(features.MOUTHS)(canvas, face)


def _water(canvas: Canvas, dice: Dice) -> None:
    level = dice.between(0.76, 0.82)
    high = dice.between(0.012, 0.03)
    turns = dice.choose((1.0, 1.5, 2.0))
    phase = dice.between(0, 2 * pi)
    canvas.below(waves(level, high, turns, phase), WATER)
    canvas.below(waves(level + 0.1, high, turns, phase), DEEP)
