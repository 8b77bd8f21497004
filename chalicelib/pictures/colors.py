"""Colors by lightness, chroma and hue, so that palettes of different hues are equally light and vivid.

Source: Björn Ottosson, "A perceptual color space for image processing" (OKLab).
"""

from math import cos, radians, sin

from chalicelib.pictures.png import Color


def oklch(lightness: float, chroma: float, hue: float) -> Color:
    """Return an OKLCH color in sRGB; the chroma is reduced until the color exists there."""
    while True:
        a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
        linear = _linear(lightness, a, b)
        if chroma <= 0 or all(-0.001 <= part <= 1.001 for part in linear):
            red, green, blue = (_gamma(part) for part in linear)
            return red, green, blue
        chroma -= 0.01


def mix(one: Color, other: Color, share: float) -> Color:
    """Return a color between two, `share` of the way from the first."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _linear(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    value = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(255 * value)
