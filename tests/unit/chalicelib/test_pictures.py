"""The pictures as they are drawn: valid, small, always the same, and different for different people."""

import subprocess
import sys
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import images
from chalicelib.pictures import avatar, header, instance, png
from chalicelib.pictures.canvas import Canvas
from chalicelib.pictures.colors import mix, oklch
from chalicelib.pictures.palette import BODY, SKY, WATER, Dice, palette
from fstream_app.core import ids
from tests.support import pngs

USERS = st.integers(0, 2**65 - 1).map(lambda number: ids.encode(number, ids.USER_ID_LENGTH))
SOME = [ids.encode(number * 0x1_2345_6789_ABCD_EF01 % 2**65, ids.USER_ID_LENGTH) for number in range(200)]
MOST_BYTES = 1300
PAGES = {"white": (255, 255, 255), "light": (238, 243, 244), "dark": (16, 28, 31), "black": (0, 0, 0)}


def luminance(color: tuple[int, ...]) -> float:
    """Return a color's relative luminance. Source: Web Content Accessibility Guidelines 2.2."""
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in
                        (part / 255 for part in color))  # fmt: skip
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@settings(max_examples=40)
@given(USERS)
def test_an_avatar_is_a_small_valid_square(user_id: str) -> None:
    content = avatar.draw(user_id)
    picture = pngs.decode(content)
    assert (picture.width, picture.height) == (avatar.SIZE, avatar.SIZE)
    assert len(content) <= MOST_BYTES
    assert content == avatar.draw(user_id)


@settings(max_examples=20)
@given(USERS)
def test_a_header_is_a_small_valid_picture_three_times_as_wide_as_high(user_id: str) -> None:
    content = header.draw(user_id)
    picture = pngs.decode(content)
    assert picture.width == 3 * picture.height == header.WIDTH
    assert len(content) <= MOST_BYTES
    assert content == header.draw(user_id)


def test_an_avatar_is_usually_less_than_a_kilobyte() -> None:
    sizes = sorted(len(avatar.draw(user_id)) for user_id in SOME)
    assert sizes[len(sizes) // 2] < 950


def test_two_people_hardly_ever_look_alike() -> None:
    assert len({avatar.draw(user_id) for user_id in SOME}) == len(SOME)
    assert len({header.draw(user_id) for user_id in SOME}) == len(SOME)


def test_people_differ_in_many_pixels_not_in_details() -> None:
    pictures = [pngs.decode(avatar.draw(user_id)) for user_id in SOME[:12]]
    for one, other in combinations(pictures, 2):
        places = [(x, y) for x in range(4, avatar.SIZE, 8) for y in range(4, avatar.SIZE, 8)]
        assert sum(one.color(*place) != other.color(*place) for place in places) > len(places) / 4


def test_an_avatar_is_the_same_in_every_process() -> None:
    draw = "from chalicelib.pictures import avatar; import sys; sys.stdout.buffer.write(avatar.draw('0' * 13))"
    for seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", draw], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        assert done.stdout == avatar.draw("0" * 13)


@pytest.mark.parametrize("page", PAGES)
def test_the_figure_differs_from_the_page(page: str) -> None:
    for user_id in SOME:
        colors = palette(Dice(user_id))
        assert max(contrast(colors[part], PAGES[page]) for part in (SKY, BODY, WATER)) > 2.5, user_id
        assert contrast(colors[SKY], PAGES[page]) > 1.1, user_id


def test_the_figure_differs_from_the_sky() -> None:
    for user_id in SOME:
        colors = palette(Dice(user_id))
        distance = sum(abs(a - b) for a, b in zip(colors[SKY], colors[BODY], strict=True))
        assert distance > 120, user_id


@pytest.mark.parametrize("size", images.ICONS)
def test_an_icon_has_the_size_that_is_asked_for_and_smooth_edges(size: int) -> None:
    picture = pngs.decode(instance.icon(size))
    assert (picture.width, picture.height) == (size, size)
    assert len(picture.palette) > 4
    assert picture.color(0, 0) == picture.color(size - 1, size - 1) == (15, 107, 117)


def test_the_favicon_has_the_sizes_of_tabs() -> None:
    found = pngs.icons(instance.favicon())
    assert [size for size, _ in found] == [16, 32, 48]
    assert all((picture.width, picture.height) == (size, size) for size, picture in found)


def test_the_thumbnail_has_the_size_of_previews_and_is_small() -> None:
    content = instance.thumbnail()
    picture = pngs.decode(content)
    assert (picture.width, picture.height) == (1200, 630)
    assert len(content) < 6000


def test_the_blurred_thumbnail_is_that_of_the_thumbnail() -> None:
    assert pngs.blurhash(pngs.decode(instance.thumbnail()), 4, 3) == images.BLURHASH


@given(st.integers(1, 20), st.integers(1, 20), st.data())
def test_what_is_encoded_can_be_decoded(width: int, height: int, data: st.DataObject) -> None:
    colors = data.draw(st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=256))
    size = width * height
    pixels = bytes(data.draw(st.lists(st.integers(0, len(colors) - 1), min_size=size, max_size=size)))
    assert pngs.decode(png.encode(width, height, pixels, colors)) == pngs.Png(width, height, colors, pixels)


@pytest.mark.parametrize(("pixels", "colors"), [(3, 2), (5, 2), (4, 257)])
def test_what_is_no_picture_is_not_encoded(pixels: int, colors: int) -> None:
    with pytest.raises(ValueError, match="not a picture"):
        png.encode(2, 2, bytes(pixels), [(0, 0, 0)] * colors)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.001, 2), st.floats(0.001, 2))
def test_what_is_outside_of_the_canvas_is_not_drawn(x: float, y: float, rx: float, ry: float) -> None:
    canvas = Canvas(12, 8)
    canvas.ellipse(x, y, rx, ry, 1)
    canvas.below(lambda at: y + at, 2)
    canvas.line(lambda _: y, x, x + 0.5, 0.1, 3)
    assert len(canvas.pixels) == 96


def test_averaged_blocks_have_the_colors_between() -> None:
    canvas = Canvas(4, 2)
    canvas.run(0, 1, 3, 1)
    canvas.run(1, 2, 3, 1)
    pixels, colors = canvas.shrunk(2, [(0, 0, 0), (200, 100, 40)])
    assert [colors[index] for index in pixels] == [(50, 25, 10), (100, 50, 20)]


@given(st.floats(0, 1), st.floats(0, 0.4), st.floats(-360, 720))
def test_every_color_exists(lightness: float, chroma: float, hue: float) -> None:
    color = oklch(lightness, chroma, hue)
    assert all(0 <= part <= 255 for part in color)
    assert mix(color, (255, 255, 255), 0) == color


def test_known_colors() -> None:
    assert (oklch(0, 0, 0), oklch(1, 0, 0)) == ((0, 0, 0), (255, 255, 255))
    # Source: the OKLCH values of sRGB's primaries, CSS Color Module Level 4.
    assert max(abs(a - b) for a, b in zip(oklch(0.6279, 0.2576, 29.23), (255, 0, 0), strict=True)) <= 8


@given(st.text(max_size=30), st.lists(st.integers(1, 100), max_size=20))
def test_choices_are_in_range_and_repeat(seed: str, numbers: list[int]) -> None:
    one, other = Dice(seed), Dice(seed)
    chosen = [one.below(number) for number in numbers]
    assert all(0 <= value < number for value, number in zip(chosen, numbers, strict=True))
    assert chosen == [other.below(number) for number in numbers]
