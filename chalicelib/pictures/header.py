"""Headers: the water of a user's avatar as a wide, calm picture, without the creature."""

from math import pi

from chalicelib.pictures import png
from chalicelib.pictures.canvas import Canvas, waves
from chalicelib.pictures.colors import mix
from chalicelib.pictures.palette import DEEP, GLOW, SKY, WATER, Dice, palette

WIDTH, HEIGHT = 600, 200


def draw(user_id: str) -> bytes:
    """Draw the header of a user's profile."""
    dice = Dice(user_id)
    colors = palette(dice)
    haze, far = len(colors), len(colors) + 1
    colors += [mix(colors[SKY], colors[GLOW], 0.5), mix(colors[SKY], colors[WATER], 0.45)]
    canvas = Canvas(WIDTH, HEIGHT, SKY)
    sun, height = dice.between(0.5, 2.5), dice.between(0.36, 0.5)
    canvas.circle(sun, height, 0.34, haze)
    canvas.circle(sun, height, 0.2, GLOW)
    for level, color in ((0.56, far), (0.70, WATER), (0.84, DEEP)):
        turns, phase = dice.choose((1.0, 1.5, 2.0)), dice.between(0, 2 * pi)
        canvas.below(waves(level, 0.045, turns / 3, phase), color)
    return png.encode(WIDTH, HEIGHT, canvas.pixels, colors)
