"""A canvas of palette indices, filled row by row: filling a run of bytes is fast even in Python."""

from collections.abc import Callable, Sequence
from math import pi, sin, sqrt

from chalicelib.pictures.png import Color


def waves(level: float, height: float, turns: float, phase: float) -> Callable[[float], float]:
    """Return a wavy line: its height at each x, with `turns` waves in the height of a picture."""
    return lambda x: level + height * sin(2 * pi * turns * x + phase)


class Canvas:
    """A picture to draw on. Coordinates are fractions of its height, from the top left."""

    def __init__(self, width: int, height: int, color: int = 0) -> None:
        self.width, self.height = width, height
        self.pixels = bytearray([color]) * (width * height)

    def run(self, row: int, left: float, right: float, color: int) -> None:
        """Fill a row's pixels from `left` to `right`, both in pixels."""
        begin, end = max(0, round(left)), min(self.width, round(right))
        if begin < end and 0 <= row < self.height:
            start = row * self.width
            self.pixels[start + begin : start + end] = bytes([color]) * (end - begin)

    def rows(self, top: float, bottom: float) -> range:
        """Return the rows between two heights."""
        return range(max(0, round(top * self.height)), min(self.height, round(bottom * self.height)))

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: int) -> None:
        """Fill an ellipse around a point."""
        self.shape(x, y - ry, y + ry, lambda at: rx * sqrt(max(0.0, 1 - ((at - y) / ry) ** 2)), color)

    def circle(self, x: float, y: float, radius: float, color: int) -> None:
        """Fill a circle around a point."""
        self.ellipse(x, y, radius, radius, color)

    def shape(self, x: float, top: float, bottom: float, half: Callable[[float], float], color: int) -> None:
        """Fill a shape symmetric around the vertical line at `x`, given half its width at each height."""
        size = self.height
        for row in self.rows(top, bottom):
            width = half((row + 0.5) / size) * size
            self.run(row, x * size - width, x * size + width, color)

    def band(self, top: float, bottom: float, edges: Callable[[float], tuple[float, float]], color: int) -> None:
        """Fill the area between a left and a right edge, given for each height."""
        size = self.height
        for row in self.rows(top, bottom):
            left, right = edges((row + 0.5) / size)
            self.run(row, left * size, right * size, color)

    def below(self, surface: Callable[[float], float], color: int) -> None:
        """Fill everything below a line, given its height at each x."""
        size, width, pixels = self.height, self.width, self.pixels
        for column in range(width):
            first = min(size, max(0, round(surface((column + 0.5) / size) * size)))
            start = first * width + column
            pixels[start::width] = bytes([color]) * (size - first)

    def line(self, height: Callable[[float], float], begin: float, end: float, thickness: float, color: int) -> None:
        """Draw a line with round ends, given its height at each x."""
        steps = round((end - begin) / thickness * 6)
        for step in range(steps + 1):
            x = begin + (end - begin) * step / steps
            self.circle(x, height(x), thickness / 2, color)

    def shrunk(self, factor: int, palette: Sequence[Color]) -> tuple[bytes, list[Color]]:
        """Return the picture with blocks of `factor` by `factor` pixels averaged, and its palette."""
        size, width = factor * factor, self.width
        lines = [self.pixels[start : start + width] for start in range(0, len(self.pixels), width)]
        parts = [b"".join(lines[row::factor])[column::factor] for row in range(factor) for column in range(factor)]
        colors: dict[Color, int] = {}
        known: dict[tuple[int, ...], int] = {}
        pixels = bytearray()
        for block in zip(*parts, strict=True):
            index = known.get(block)
            if index is None:
                red, green, blue = (sum(part) // size for part in zip(*(palette[each] for each in block), strict=True))
                index = known[block] = colors.setdefault((red, green, blue), len(colors))
            pixels.append(index)
        return bytes(pixels), list(colors)
