"""A lifetime as the last word of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app import text
from fstream_app.core import cleaning

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
lifetimes = st.builds("#{}{}".format, st.integers(0, 10**12), st.sampled_from("smhdwSMHDW"))
texts = st.text(st.sampled_from("ab1m #\u3000\n@\u200b。/.:é😀\u0301")).map(cleaning.clean)


@pytest.mark.parametrize(
    ("word", "seconds"),
    [
        ("#5m", 300),
        ("#5M", 300),
        ("#90s", 90),
        ("#1h", 3600),
        ("#2D", 172_800),
        ("#1w", 604_800),
        ("#005m", 300),
        ("#0s", 0),
        ("\uff035m", 300),  # full-width
        ("\uff03\uff15\uff4d", 300),
        ("#\uff15\uff2d", 300),
        ("#\u0665m", 300),  # Arabic-Indic
        ("#1\u0966m", 600),  # with a digit of Devanagari
        ("#" + "0" * 7000 + "5m", 300),
        ("#" + "9" * 7000 + "m", float("inf")),
    ],
)
def test_the_last_word_is_split_off_as_seconds(word: str, seconds: float) -> None:
    for before in ("bye ", "bye\n", "bye\u3000", "さようなら。", "「bye」", "@bob https://a.test/ #tea "):
        assert text.split_lifetime(before + word) == (before.rstrip(), seconds)
    assert text.split_lifetime(word) == ("", seconds)


@pytest.mark.parametrize("behind", ["", "\u200b", "\u200f", "\u2069", " \u200b ", "\u2800", "\u3164"])
def test_what_shows_nothing_may_follow(behind: str) -> None:
    assert text.split_lifetime(f"bye #5m{behind}") == ("bye", 300)


@pytest.mark.parametrize(
    "ordinary",
    [
        *("bye", "#5m bye", "#5m @bob", "#5m #tea", "bye #5m.", "bye #5m!", "bye (#5m)", "bye #5m 😀"),
        *("bye#5m", "é#5m", "/#5m", "##5m", "bye.#5m", "@#5m", "1#5m"),  # where no word begins
        *("#5min", "#5x", "#5", "#m", "5m", "# 5m", "#5 m", "#-5m", "#+5m", "#1.5h", "#1h30m", "#5_m", "#1e3s"),
        *("#\u00b2m", "#\u2460m", "#\u4e94m", "#5\u017f", "#5\u212a", "#5m\u0301", "#5m\ufe0f", "#5m\u20e3"),
        *("https://a.test/#5m", "https://a.test/-#5m", "https://a.test/)#5m", "ftp://a.test/.#5m"),
        *("", " ", "#"),
    ],
)
def test_anything_else_is_left_alone(ordinary: str) -> None:
    assert text.split_lifetime(cleaning.clean(ordinary)) is None


def test_only_one_word_is_split_off() -> None:
    assert text.split_lifetime("bye #1h #5m") == ("bye #1h", 300)
    assert text.split_lifetime("#5m #5m") == ("#5m", 300)


@given(texts, lifetimes)
def test_a_word_that_is_added_is_split_off_and_nothing_else(before: str, word: str) -> None:
    found = text.split_lifetime(f"{before} {word}")
    assert found == (before, int(word[1:-1]) * UNITS[word[-1].lower()])


@given(texts)
def test_what_is_split_off_was_at_the_end_and_the_rest_is_clean(written: str) -> None:
    if found := text.split_lifetime(written):
        assert written.startswith(found.text)
        assert cleaning.clean(found.text) == found.text
        assert written.removeprefix(found.text).count("#") == 1


@given(st.integers(1, 10**8))
def test_a_lifetime_is_written_as_a_word_that_is_read_again(seconds: int) -> None:
    assert text.split_lifetime(text.lifetime_word(seconds)) == ("", seconds)


@pytest.mark.parametrize(
    ("seconds", "word"), [(60, "#1m"), (61, "#61s"), (86_400, "#1d"), (604_800, "#1w"), (5400, "#90m")]
)
def test_the_largest_unit_is_written(seconds: int, word: str) -> None:
    assert text.lifetime_word(seconds) == word
