"""Counting characters as people see them."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.text import graphemes

DATA = Path(__file__).parent / "data" / "graphemes.txt"
CLASSES = "a\u0308\u200d\u200c\u0903\u0915\u094d\u0600\u1100\u1160\u11a8\uac00\uac01🇨👩🏽❤\ufe0f\r\n\u200b"
TEXTS = st.one_of(st.text(max_size=20), st.text(CLASSES, max_size=20))


def cases() -> list[tuple[str, int]]:
    lines = [line.split(";") for line in DATA.read_text().splitlines() if not line.startswith("#")]
    return [("".join(chr(int(code, 16)) for code in codes.split()), int(count)) for codes, count in lines]


def test_sequences_are_counted_as_by_unicodes_rules() -> None:
    assert len(cases()) > 2000
    assert [
        (ascii(text), graphemes.count(text), count) for text, count in cases() if graphemes.count(text) != count
    ] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *(
            ("", 0),
            ("abc", 3),
            ("a\r\nb", 3),
            ("a\n\nb", 4),
            ("é", 1),
            ("e\u0301", 1),
            ("👩🏿‍🚀", 1),
            ("👨‍👩‍👧‍👦", 1),
            ("🇨🇭", 1),
        ),
        *(("🇨🇭🇫", 2), ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", 1), ("1️⃣", 1), ("❤️", 1), ("❤️‍🔥", 1), ("क्षत्रिय", 3), ("தமிழ்", 3), ("ภาษาไทย", 7), ("각", 1)),
        *(("\u1100\u1161\u11a8", 1), ("日本語", 3), ("z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A", 2), ("\u200b", 1), ("سلام", 4), ("שָׁלוֹם", 4)),
    ],
)
def test_what_people_see_as_one_character_counts_one(text: str, count: int) -> None:
    assert graphemes.count(text) == count


@given(TEXTS, TEXTS)
def test_a_line_break_separates(before: str, after: str) -> None:
    parts = graphemes.count(before), graphemes.count(after)
    assert graphemes.count(f"{before}\n\n{after}") in {sum(parts) + 2, sum(parts) + 1}  # one less: CR and LF are one
    assert (graphemes.count(f"{before}\n{after}") == sum(parts)) == before.endswith("\r")


@given(TEXTS, TEXTS)
def test_a_part_has_no_more_characters_than_the_whole(before: str, after: str) -> None:
    whole = graphemes.count(before + after)
    assert max(graphemes.count(before), graphemes.count(after)) <= whole <= len(before + after)
    assert whole <= graphemes.count(before) + graphemes.count(after)


@given(TEXTS)
def test_marks_and_joiners_count_nothing(text: str) -> None:
    assert graphemes.count(f"{text}a\u0308\u200d\ufe0f\u0903") == graphemes.count(f"{text}a")


@pytest.mark.parametrize(
    "piece", ["a\u0301", "👩\u200d", "\u094d", "क\u094d", "\u0600", "\u1100", "\u1161", "🇨", "\u200d", "\ufe0f"]
)
def test_time_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        times = []
        for _ in range(5):
            start = time.process_time()
            graphemes.count("é" + piece * count)
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(40_000) < 24 * seconds(5_000) + 0.01  # 8 times as much text: 64 times the time if quadratic


def test_ascii_needs_no_tables() -> None:
    code = "from fstream_app.text import graphemes as g; g.count('a' * 500); print(g._exceptions.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split() == [b"0"]
