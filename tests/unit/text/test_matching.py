"""Keywords are found regardless of case, and whole words only between boundaries of words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import cleaning
from fstream_app.text.matching import Text, prepare

LETTERS = st.text("aAbB_1 .#-\u00df\u0130\u03c3\u0301", max_size=12)


def first(text: str, *keywords: str, whole_word: bool = True) -> str | None:
    return Text(text).first([prepare(each, whole_word=whole_word) for each in keywords])


@pytest.mark.parametrize(
    ("keyword", "text", "whole", "part"),
    [
        ("cat", "A Cat.", "Cat", "Cat"),
        ("cat", "cats", None, "cat"),
        ("cat", "bobcat", None, "cat"),
        ("cat", "#cat, my_cat", "cat", "cat"),
        ("cat", "my_cat", None, "cat"),
        ("cat", "cat2", None, "cat"),
        ("#cat", "so#cat", "#cat", "#cat"),
        ("#cat", "#cats", None, "#cat"),
        ("c++", "abc++11", None, "c++"),
        ("c++", "use c++11", "c++", "c++"),
        ("!!", "a!!b", "!!", "!!"),
        ("black cat", "a BLACK CAT", "BLACK CAT", "BLACK CAT"),
        ("black cat", "black  cat", None, None),
        ("strasse", "Die Stra\u00dfe", "Stra\u00dfe", "Stra\u00dfe"),
        ("STRA\u00dfE", "strasse", "strasse", "strasse"),
        ("\u03c3\u03bf\u03c6\u03cc\u03c2", "\u03a3\u039f\u03a6\u038c\u03a3!", *2 * ["\u03a3\u039f\u03a6\u038c\u03a3"]),
        ("\u043a\u043e\u0442", "\u041a\u041e\u0422\u042b", None, "\u041a\u041e\u0422"),
        ("\u0939\u093f\u0928", "\u0939\u093f\u0928\u094d\u0926\u0940", None, "\u0939\u093f\u0928"),
        ("\u732b", "\u732b\u304c", None, "\u732b"),
        ("s", "gro\u00df", None, "\u00df"),
        ("stan", "x\u0130stanbul", None, "stan"),
        ("\U0001f600", "a\U0001f600b", "\U0001f600", "\U0001f600"),
        ("\u2764\ufe0f", "I\u2764\ufe0fyou", "\u2764\ufe0f", "\u2764\ufe0f"),
        ("\u2764", "I\u2764\ufe0fyou", "\u2764", "\u2764"),
        ("nul !", "Nul\u00a0!", "Nul\u00a0!", "Nul\u00a0!"),
        ("black cat", "black\ncats", None, "black\ncat"),
    ],
)
def test_a_keyword_is_found_as_the_text_has_it(keyword: str, text: str, whole: str | None, part: str | None) -> None:
    assert first(text, keyword) == whole
    assert first(text, keyword, whole_word=False) == part


def test_of_several_keywords_the_first_in_the_text_counts_and_then_the_first_one() -> None:
    assert first("one two three", "three", "two") == "two"
    assert first("onetwo", "onetwo", "one", whole_word=False) == "onetwo"
    assert first("onetwo", "one", "onetwo", whole_word=False) == "one"


@given(keyword=LETTERS.filter(bool), text=LETTERS)
def test_whole_words_are_what_a_pattern_with_boundaries_finds(keyword: str, text: str) -> None:
    """As Mastodon's pattern: a boundary only where the keyword ends with a character of words."""
    keyword, text = cleaning.composed(keyword), cleaning.composed(text)
    word = "[\\w\u0300-\u036f]"
    whole, part = _without_lone_marks(keyword.casefold()), re.escape(keyword.casefold())
    before = f"(?<!{word})" if re.match(word, whole) else ""
    after = f"(?!{word})" if re.fullmatch(word, whole[-1]) else ""
    for is_whole, pattern in ((True, before + re.escape(whole) + after), (False, part)):
        expected = re.search(pattern, _without_lone_marks(text.casefold()) if is_whole else text.casefold())
        found = first(text, keyword, whole_word=is_whole)
        assert (found is None) is (expected is None)
        assert found is None or (expected and expected[0].replace("\ue000", "\u0301") in found.casefold())
        assert found is None or found in text


def _without_lone_marks(text: str) -> str:
    """Return a text with a private character, which makes no words, for each mark that is not on a letter."""
    return re.sub("(?<![\\w\u0300-\u036f])\u0301+", lambda found: "\ue000" * len(found[0]), text)
