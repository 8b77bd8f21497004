"""The beginning and end of addresses."""

# ruff: noqa: RUF001 (full-width and other signs that look alike are what is tested)

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.text.tokens import Kind, tokens

INVISIBLE = {
    "ZWSP": "\u200b",
    "ZWNJ": "\u200c",
    "ZWJ": "\u200d",
    "LRM": "\u200e",
    "RLM": "\u200f",
    "ALM": "\u061c",
    "LRE": "\u202a",
    "PDF": "\u202c",
    "RLO": "\u202e",
    "WJ": "\u2060",
    "invisible plus": "\u2064",
    "LRI": "\u2066",
    "PDI": "\u2069",
    "deprecated": "\u206e",
    "BOM": "\ufeff",
    "SHY": "\u00ad",
    "CGJ": "\u034f",
    "MVS": "\u180e",
    "Hangul filler": "\u3164",
    "LS": "\u2028",
    "annotation": "\ufffb",
    "VS1": "\ufe00",
    "VS15": "\ufe0e",
    "VS16": "\ufe0f",
    "VS17": "\U000e0100",
    "language tag": "\U000e0001",
    "tag space": "\U000e0020",
    "tag a": "\U000e0061",
    "cancel tag": "\U000e007f",
    "hieroglyph joiner": "\U00013430",
}


def urls(source: str) -> list[str]:
    return [token.text for token in tokens(source) if token.kind is Kind.URL]


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example/b", "https://a.example/b?c=(d)#e", "http://[::1]"]
)
def test_what_nobody_sees_at_the_end_is_not_part_of_an_address(url: str, character: str) -> None:
    for around in ("{}", "{} and", "({}).", f"{{}}{character}", f"{character}{{}}.", f"{{}}.{character}"):
        assert urls(around.format(url + character)) == [url], around


@pytest.mark.parametrize(
    "url",
    [
        *("https://a.example/می\u200cخواهم", "https://fa.example/می\u200cخواهم/b", "https://👩\u200d🚀.example/x"),
        *("https://a.example/❤️", "https://a.example/🏴󠁧󠁢󠁳󠁣󠁴󠁿", "https://a.example/葛󠄀"),
        *(
            "https://a.example/❤\ufe0e",
            "https://a.example/1\ufe0f\u20e3",
            "https://a.example/👍🏽",
            "https://a.example/🇨🇭",
        ),
    ],
)
def test_what_is_seen_is_part_of_an_address(url: str) -> None:
    assert urls(f"({url}).") == [url]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://💩.la/x",
            "https://☃.net",
            "http://✪df.ws/ejp",
            "https://❤️.ws",
            "https://♥.example/",
            "https://🇨🇭.example",
        ),
        *(
            "https://1️⃣.ws/",
            "https://☀.example:8443/x?y#z",
            "https://🫨.example",
            "https://a.💩.la",
            "https://ada@💩.la/",
        ),
        *("https://bücher.example/ä", "https://日本.example/本", "https://пример.испытание", "https://مثال.إختبار/"),
        *("https://xn--ls8h.la/", "http://192.168.0.1/index.html", "http://ada:secret@a.example:8080/b"),
        *(
            "http://[::1]",
            "http://[::1]/",
            "http://[2001:db8::1]:8080/x",
            "https://[::ffff:192.0.2.1]/",
            "http://[fe80::1]?q#f",
        ),
    ],
)
def test_hosts_may_begin_with_a_symbol_or_be_addresses(url: str) -> None:
    assert urls(url) == [url]
    assert urls(f"see ({url}), {{{url}}} [{url}] “{url}” {url}.") == [url] * 5


@pytest.mark.parametrize(
    "source",
    [
        *(
            "https://",
            "https:///a",
            "https://.",
            "https://-a.example",
            "https://_a.example",
            "https://?a",
            "https://#a",
        ),
        *(
            "https://@bob",
            "https://!@bob",
            "https://a@",
            "https://a@-b",
            "https://…",
            "https://%e2%98%83.net",
            "https://{a}",
        ),
        *(
            "http://[",
            "http://[]",
            "http://[::1",
            "http://[x]",
            "http://[1:2]",
            "http://[:::1]",
            "http://[fe80::1%25eth0]",
        ),
        *("http://[::1]x", "http://[::g]", "http://[link](https", "https://+a", "https://~a", "https://\u0301a"),
        *(
            "#https://a.example",
            "＃https://a.example",
            "@https://a.example",
            "＠https://a.example",
            "$https://a.example",
        ),
    ],
)
def test_what_has_no_host_is_no_link(source: str) -> None:
    assert urls(source) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("{https://a.example}", "https://a.example"),
        ("{https://a.example/b}.", "https://a.example/b"),
        ("https://a.example/{b}/c", "https://a.example/{b}/c"),
        ("{https://a.example/{b}}", "https://a.example/{b}"),
        ("({[https://a.example/b]})", "https://a.example/b"),
        ("https://a.example/b}c", "https://a.example/b}c"),
        ("\\url{https://a.example/b}", "https://a.example/b"),
        ("`https://a.example/b`", "https://a.example/b"),
        ("**https://a.example/b**", "https://a.example/b"),
        ("|https://a.example/b|", "https://a.example/b"),
        ("（https://a.example/b）", "https://a.example/b"),
        ("【https://a.example/b】", "https://a.example/b"),
        ("［https://a.example/b］", "https://a.example/b"),
        ("｛https://a.example/b｝", "https://a.example/b"),
        ("｢https://a.example/b｣", "https://a.example/b"),
        ("https://a.example/b｡ https", "https://a.example/b"),
    ],
)
def test_brackets_around_an_address_are_not_part_of_it(source: str, found: str) -> None:
    assert urls(source) == [found]


@given(st.ip_addresses(v=6), st.integers(1, 65535), st.sampled_from(["", "/", "/a", "?b", "#c"]))
def test_every_ipv6_address_is_a_host(address: IPv6Address, port: int, rest: str) -> None:
    for url in (f"http://[{address}]{rest}", f"https://[{address.exploded}]:{port}{rest}"):
        assert urls(f"({url}), {url}\u200b") == [url, url]


@pytest.mark.parametrize(
    "surplus", ["\ufe0f\ufe0f", "\U000e0001", "\u200d\ufe0f", "\ufe0f\U000e0061", "\ufe0f\U000e007f", "\ufe00"]
)
def test_only_what_belongs_to_an_emoji_stays_at_the_end(surplus: str) -> None:
    (found,) = urls(f"https://a.example/❤{surplus}")
    assert found == "https://a.example/❤" + "\ufe0f" * surplus.startswith("\ufe0f")


SELECTORS = "\ufe0e\ufe0f\U000e0061\U000e007f"
"""Invisible characters that may belong to an emoji."""


@given(st.text("a.:/@[]{}()#?%-_💩☃é1 \u0600\ufe00\U000e0001\u200b\u200d" + SELECTORS, max_size=30))
def test_a_link_is_in_the_text_and_ends_with_nothing_invisible(rest: str) -> None:
    source = f"https://{rest}"
    for url in urls(source):
        assert url in source
        seen = url.rstrip(SELECTORS)
        assert seen == url or seen[-1] in "💩☃"
        assert not url.endswith("\ufe00") or url[-2] == "é"
        invisible = {*INVISIBLE.values(), "\u0600"} - {*SELECTORS, "\ufe00"}
        assert seen[-1] not in "".join(invisible) + ".:?"
        assert not url[len("https://")].isspace()
