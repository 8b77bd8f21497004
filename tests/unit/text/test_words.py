"""The beginning and end of hashtags and mentions: separators, emoji, invisible characters."""

# ruff: noqa: RUF001 (full-width and other signs that look alike are what is tested)

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app import text
from fstream_app.text.tokens import MAX_TAG_LENGTH, tokens

HOST = "fstream.example"
ZWNJ, ZWJ, VS15, VS16, KEYCAP = "\u200c", "\u200d", "\ufe0e", "\ufe0f", "\u20e3"
EMOJI = [
    *("❤️", f"❤{VS15}", "☀️", "1️⃣", f"7{KEYCAP}", "*️⃣", "#️⃣", "ℹ️", "🅰️", "Ⓜ️", "㊙️", "‼️", "©️", "™️"),
    *("✌🏽", "👩🏿‍🚀", "👨‍👩‍👧", "❤️‍🔥", "🏳️‍🌈", "🇨🇭", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "💩", "🫨", "☃", "♥"),
]
ALPHABET = st.sampled_from(
    [*"aZé字ーßŀﷺİ1_ #＃@.:/·・･\u0387\n", ZWNJ, ZWJ, VS16, KEYCAP, "\ufe00", "\U000e0100", *"්ර\u0301❤️"]
)
TEXTS = st.one_of(st.text(max_size=30), st.text(ALPHABET, max_size=30), st.lists(st.sampled_from(EMOJI)).map("".join))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("#col·legi, #paral·lel", ["col·legi", "paral·lel"]),
        ("#coŀlegi #col\u0387legi", ["col·legi"]),
        ("#スター・ウォーズ。", ["スター・ウォーズ"]),
        ("#ｽﾀｰ･ｳｫｰｽﾞ", ["スター・ウォーズ"]),
        (f"#می{ZWNJ}خواهم!", [f"می{ZWNJ}خواهم"]),
        (f"#ශ්{ZWJ}රී", [f"ශ්{ZWJ}රී"]),
        ("#a·b・c #a··b #a_·_b #1·a", ["a·b・c", "a··b", "a_·_b", "1·a"]),
        (f"#a· #b・, #c{ZWNJ} #d·{ZWNJ}・", ["a", "b", "c", "d"]),
        (f"#a{ZWJ}b", ["a"]),
        ("＃tag ＃日本語", ["tag", "日本語"]),
        ("#葛\U000e0100飾区 #葛飾区", ["葛飾区"]),
        ("a#b＃c #d＃e ＃f#g", ["d", "f"]),
        (f"#{'a' * 49}·{'b' * 50}", [f"{'a' * 49}·{'b' * 50}"]),
    ],
)
def test_separators_and_full_width_signs_belong_to_hashtags(source: str, found: list[str]) -> None:
    assert text.tags(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "#·a",
        "#・",
        f"#{ZWNJ}a",
        "##·",
        "＃",
        "x＃a",
        "＃＃a",
        "/＃a",
        "#1·2",
        f"#{'a' * 50}·{'b' * 50}",
        f"#{'·' * 200}",
    ],
)
def test_separators_alone_make_no_hashtag(source: str) -> None:
    assert text.tags(source) == []


@pytest.mark.parametrize("emoji", EMOJI)
def test_an_emoji_neither_begins_nor_continues_a_word(emoji: str) -> None:
    assert text.tags(f"{emoji}#love I {emoji}#peace{emoji} #a·b{emoji}") == ["love", "peace", "a·b"]
    assert text.names_mentioned(f"{emoji}@bob thanks {emoji}@ann{emoji}", HOST) == ["bob", "ann"]
    assert text.tags(f"#{emoji}") == text.tags(f"#{emoji}#{emoji}") == []


def test_a_sign_that_is_itself_in_an_emoji_begins_nothing() -> None:
    assert text.tags("#️⃣tag #⃣tag") == []


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS", "ftp", "ssh", "gemini"])
@pytest.mark.parametrize("sign", ["#", "＃", "@"])
def test_a_sign_before_an_address_makes_neither_hashtag_nor_mention(sign: str, scheme: str) -> None:
    source = f"{sign}{scheme}://a.example/#tag?@bob"
    assert text.tags(source) == text.names_mentioned(source, HOST) == []
    assert "<a" not in text.to_html(source, base_url="https://x", mentions={scheme, "bob"}, host=HOST)


def test_an_address_right_after_a_hashtag_is_not_part_of_it() -> None:
    parts = [token.text for token in tokens("#タグhttps://a.example/b #taghttps://a.example @bob://x")]
    assert parts[:2] == ["#タグ", "https://a.example/b"]
    assert text.tags("#taghttps://a.example") == []
    assert text.names_mentioned("@bob://x", HOST) == []


@given(TEXTS)
def test_the_tokens_are_the_text(source: str) -> None:
    assert "".join(token.text for token in tokens(source)) == source


@given(TEXTS)
def test_what_is_found_can_be_looked_up_and_written_again(source: str) -> None:
    for name in text.tags(source):
        assert text.normalise_tag(name) == name
        assert text.tags(f"#{name}") == text.tags(f"＃{name}") == [name]
        assert len(name) <= MAX_TAG_LENGTH


@given(TEXTS)
def test_a_hashtag_as_written_is_a_name_too(source: str) -> None:
    for token in tokens(source):
        if token.kind.name == "TAG":
            assert text.normalise_tag(token.text[1:]) == token.name


@pytest.mark.parametrize(
    "piece",
    ["#a·", "#·", "·", f"#a{ZWNJ}", f"#්{ZWJ}", "#a\ufe00", "#1️⃣", "@1️⃣", "#http://", "@a://", "#a\U000e0100", "#a://"],
)
def test_time_is_linear(piece: str) -> None:
    def seconds(count: int) -> float:
        source = "#a" + piece * count
        times = []
        for _ in range(5):
            start = time.process_time()
            list(tokens(source))
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(16_000) < 24 * seconds(2_000) + 0.01  # 8 times as much text: 64 times the time if quadratic
