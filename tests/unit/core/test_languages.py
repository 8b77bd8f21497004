"""Languages as clients write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import languages

WRITTEN = {
    "en": [
        *("en", "EN", "En", "eng", "ENG", "english", "English", "ENGLISH", "\uff25\uff4e", "en-", "en_", "en,de"),
        *("en;q=0.9", "en.UTF-8", "en@euro", "en-!!", "English (UK)"),
    ],
    "en-US": ["en-US", "en_US", "en-us", "EN_us", "en_US.UTF-8", "eng-US", "english_US", "en-US,en;q=0.9", " en-US\n"],
    "pt-BR": ["pt-BR", "pt_BR", "pt_br", "por-br"],
    "de": ["de", "DE", "ger", "deu", "deutsch", "Deutsch", "German", "German (Germany)"],
    "fr": ["français", "French", "fre", "fra", "FR", "franc\u0327ais"],
    "es-419": ["es-419", "es_419", "Spanish-419"],
    "zh": ["zh", "Chinese", "中文", "chi", "zho", "Chinese (Simplified)"],
    "zh-Hans-CN": ["zh-Hans-CN", "zh_hans_cn", "ZH-HANS-CN", "zh_Hans_CN.UTF-8"],
    "zh-Hant": ["zh-Hant", "zh_hant"],
    "zh-yue": ["zh-YUE"],
    "he": ["iw", "he", "heb", "עברית"],
    "ja": ["ja", "日本語", "Japanese", "jpn"],
    "nb-NO": ["nb_NO", "nob-NO"],
    "gsw": ["gsw", "GSW"],
    "sl-rozaj": ["sl-rozaj", "slv-ROZAJ"],
    "en-x-pirate": ["en-x-pirate", "en-X-Pirate"],
    "de-1996": ["de-1996"],
}
NO_LANGUAGE = [
    *("", " ", "-", "_", "e", "x-pirate", "123", "klingonese", "null", "undefined", "none", "default", "C", "POSIX"),
    *("und", "UND", "und-US", "English!", "<b>", "x" * 1000, "en" * 200, "\x00", "🏴", "q=0.9", "ę", "и", "éé", "a1"),
]


@pytest.mark.parametrize(("tag", "written"), [(tag, each) for tag, spellings in WRITTEN.items() for each in spellings])
def test_every_way_to_write_a_language_is_read(tag: str, written: str) -> None:
    assert languages.tag(written) == tag


@pytest.mark.parametrize("text", NO_LANGUAGE)
def test_what_is_no_language_is_none(text: str) -> None:
    assert languages.tag(text) is None


@given(st.text(max_size=120) | st.text("aenUS-_x1.,;@ ", max_size=20))
def test_any_text_is_a_tag_or_none_and_a_tag_is_its_own(text: str) -> None:
    found = languages.tag(text)
    if found is not None:
        assert re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", found)
        assert languages.tag(found) == found


@given(
    st.from_regex(r"[a-z]{2}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", fullmatch=True).filter(
        lambda tag: tag[:2] not in {"iw", "in", "ji", "jw", "mo"}
    ),
    st.sampled_from([str.upper, str.lower, str.title, str]),
    st.sampled_from(["-", "_"]),
)
def test_case_and_separator_make_no_difference(tag: str, write: type[str], separator: str) -> None:
    assert languages.tag(write(tag).replace("-", separator)) == tag


def test_no_alias_is_another_languages_code() -> None:
    aliases = languages._aliases()
    codes = set(aliases.values())
    assert len(codes) == 183
    assert not codes & {alias for alias, code in aliases.items() if alias != code and len(alias) == 2} - codes
    assert {code for code in codes if languages.tag(code) != code} == set()
