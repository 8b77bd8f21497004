"""Pictures of the instance: the icon (three fading waves) and the wide thumbnail."""

from math import pi

from chalicelib.pictures import png
from chalicelib.pictures.canvas import Canvas, waves
from chalicelib.pictures.colors import mix
from chalicelib.pictures.png import Color

WIDTH, HEIGHT = 1200, 630
"""Size of the thumbnail: the usual size for link previews."""

SAFE = 0.8
"""Scale in which the waves keep inside the circle that no shape cuts (Web Application Manifest, "maskable")."""

_TEAL: Color = (15, 107, 117)
_WHITE: Color = (255, 255, 255)
_EMBER: Color = (255, 166, 107)
_PAPER: Color = (214, 236, 239)
_PEACH: Color = (255, 226, 205)
_FADING = (1.0, 0.62, 0.34)
_TABS = (16, 32, 48)
_MOST_SAMPLES = 1024
"""Width of the largest canvas that is drawn and averaged."""


def icon(size: int, scale: float = 1.0) -> bytes:
    """Draw the icon, `size` pixels wide and high, with waves in this scale."""
    factor = max(1, min(4, _MOST_SAMPLES // size))
    canvas = Canvas(size * factor, size * factor)
    turns = 1 / 0.6 / scale
    phase = pi / 3 + 2 * pi * turns * (scale - 1) / 2
    for number in range(len(_FADING)):
        wave = waves(_scaled(0.3 + 0.21 * number, scale), 0.075 * scale, turns, phase)
        canvas.line(wave, _scaled(0.2, scale), _scaled(0.8, scale), 0.105 * scale, number + 1)
    pixels, colors = canvas.shrunk(factor, [_TEAL, *(mix(_TEAL, _WHITE, share) for share in _FADING)])
    return png.encode(size, size, pixels, colors)


def _scaled(place: float, scale: float) -> float:
    return 0.5 + (place - 0.5) * scale


def favicon() -> bytes:
    """Draw the icon in the sizes of browsers' tabs, as an ICO file."""
    return png.icon([(size, icon(size)) for size in _TABS])


def thumbnail() -> bytes:
    """Draw a wide picture of a sun above water, in the icon's colors."""
    sky = [mix(_PAPER, _PEACH, number / 5) for number in range(6)]
    sea = [mix(mix(_TEAL, _WHITE, 0.45), mix(_TEAL, (0, 0, 0), 0.35), number / 4) for number in range(5)]
    colors = [*sky, _EMBER, *sea]
    canvas = Canvas(WIDTH, HEIGHT)
    for number in range(1, 6):
        canvas.circle(1.2, 0.56, 1.25 - 0.2 * number, number)
    canvas.circle(1.2, 0.5, 0.19, len(sky))
    for number in range(len(sea)):
        surface = waves(0.55 + 0.095 * number, 0.028, 0.9 - 0.08 * number, 1.9 * number)
        canvas.below(surface, len(sky) + 1 + number)
    return png.encode(WIDTH, HEIGHT, canvas.pixels, colors)
