"""Writing palette PNGs, and icons that contain them.

Source: "Portable Network Graphics (PNG) Specification (Third Edition)", W3C, sections 5 and 11.
"""

import struct
from collections.abc import Sequence

Color = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_INDEXED = 3
_MOST_COLORS = 256


def encode(width: int, height: int, pixels: bytes | bytearray, palette: Sequence[Color]) -> bytes:
    """Write a PNG with a byte per pixel, which compresses better than four bits per pixel.

    Args:
        width: in pixels.
        height: in pixels.
        pixels: an index into the palette for each pixel, one byte each, row by row from the top.
        palette: at most 256 colors.

    Raises:
        ValueError: the palette has more than 256 colors, or the number of pixels is not `width * height`.
    """
    import zlib  # not needed for a cold start

    if len(palette) > _MOST_COLORS or len(pixels) != width * height:
        raise ValueError("not a picture of this size with at most 256 colors")
    # Each line begins with its filter, 0: none.
    lines = b"".join([b"\0" + pixels[start : start + width] for start in range(0, len(pixels), width)])

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, _INDEXED, 0, 0, 0)
    colors = b"".join(map(bytes, palette))
    chunks = ((b"IHDR", header), (b"PLTE", colors), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(chunk(kind, content) for kind, content in chunks)


def icon(pictures: Sequence[tuple[int, bytes]]) -> bytes:
    """Write an ICO file of square PNGs, given as size in pixels (at most 256) and content."""
    places, position = [], 6 + 16 * len(pictures)
    for size, content in pictures:
        places.append(struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(content), position))
        position += len(content)
    return struct.pack("<HHH", 0, 1, len(pictures)) + b"".join(places) + b"".join(content for _, content in pictures)
