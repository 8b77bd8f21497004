"""Reading palette PNGs and icons strictly, and blurring pictures."""

import struct
import zlib
from dataclasses import dataclass
from math import cos, pi

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


@dataclass(frozen=True)
class Png:
    """A decoded PNG."""

    width: int
    height: int
    palette: list[tuple[int, ...]]
    pixels: bytes
    """Indices into the palette, row by row."""

    def color(self, x: int, y: int) -> tuple[int, ...]:
        return self.palette[self.pixels[y * self.width + x]]


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    """Return kind and content of each chunk; fail if a length or a checksum is wrong."""
    assert content.startswith(_SIGNATURE)
    found, position = [], len(_SIGNATURE)
    while position < len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        body = content[position + 8 : position + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, position + 8 + length)
        assert (len(body), zlib.crc32(kind + body)) == (length, checksum)
        found.append((kind, body))
        position += 12 + length
    return found


def decode(content: bytes) -> Png:
    """Decode a PNG of the kind that FSTREAM writes; fail if anything in it is wrong."""
    kinds = [kind for kind, _ in chunks(content)]
    assert kinds == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    header, colors, data, end = (body for _, body in chunks(content))
    width, height, depth, color_type, *rest = struct.unpack(">IIBBBBB", header)
    assert (depth, color_type, rest, end) == (8, 3, [0, 0, 0], b"")
    assert 0 < len(colors) <= 768
    assert len(colors) % 3 == 0
    lines = zlib.decompress(data)
    assert len(lines) == (width + 1) * height
    rows = [lines[start : start + width + 1] for start in range(0, len(lines), width + 1)]
    assert {row[0] for row in rows} == {0}
    pixels = b"".join(row[1:] for row in rows)
    palette = [tuple(colors[start : start + 3]) for start in range(0, len(colors), 3)]
    assert max(pixels) < len(palette)
    return Png(width, height, palette, pixels)


def icons(content: bytes) -> list[tuple[int, Png]]:
    """Decode an ICO file of PNGs; return each with the size that the file's directory gives."""
    reserved, kind, number = struct.unpack_from("<HHH", content)
    assert (reserved, kind) == (0, 1)
    found, position = [], 6 + 16 * number
    for place in range(number):
        width, height, _, _, planes, bits, length, start = struct.unpack_from("<BBBBHHII", content, 6 + 16 * place)
        assert (height, planes, bits, start) == (width, 1, 32, position)
        found.append((width, decode(content[start : start + length])))
        position += length
    assert position == len(content)
    return found


def blurhash(picture: Png, columns: int, rows: int) -> str:
    """Return a picture's BlurHash, of every eighth pixel. Source: "BlurHash Algorithm", github.com/woltapp/blurhash."""
    factors = [_factor(picture, i, j) for j in range(rows) for i in range(columns)]
    average, others = factors[0], factors[1:]
    largest = max(abs(value) for factor in others for value in factor)
    scale = max(0, min(82, int(largest * 166 - 0.5)))
    text = _base83(columns - 1 + (rows - 1) * 9, 1) + _base83(scale, 1)
    text += _base83(sum(_to_srgb(value) << shift for value, shift in zip(average, (16, 8, 0), strict=True)), 4)
    for factor in others:
        quantized = [_quantize(value / ((scale + 1) / 166)) for value in factor]
        text += _base83(quantized[0] * 361 + quantized[1] * 19 + quantized[2], 2)
    return text


def _factor(picture: Png, i: int, j: int) -> list[float]:
    linear = [[_to_linear(part) for part in color] for color in picture.palette]
    places = [(x, y) for y in range(0, picture.height, 8) for x in range(0, picture.width, 8)]
    total = [0.0, 0.0, 0.0]
    for x, y in places:
        basis = cos(pi * i * x / picture.width) * cos(pi * j * y / picture.height)
        color = linear[picture.pixels[y * picture.width + x]]
        total = [old + basis * part for old, part in zip(total, color, strict=True)]
    return [value * (1 if i == j == 0 else 2) / len(places) for value in total]


def _quantize(value: float) -> int:
    root = abs(value) ** 0.5 * (1 if value >= 0 else -1)
    return max(0, min(18, int(root * 9 + 9.5)))


def _to_linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _to_srgb(value: float) -> int:
    part = max(0.0, min(1.0, value))
    return int((part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055) * 255 + 0.5)


def _base83(number: int, length: int) -> str:
    return "".join(_DIGITS[number // 83 ** (length - place) % 83] for place in range(1, length + 1))
