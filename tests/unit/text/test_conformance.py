"""twitter-text's conformance cases, and where Mastodon's rules or ours differ."""

# ruff: noqa: RUF001 (signs that look alike are what is tested)

import json
from pathlib import Path

import pytest

from fstream_app import text
from fstream_app.text.tokens import Kind, tokens

HOST = "fstream.example"
DATA = Path(__file__).parent / "data" / "conformance.txt"

NO_SCHEME = "an address without a scheme is no link, as on Mastodon's own pages: names of files would be links"
NO_TLDS = "no list of top-level domains: it would have to be updated, and hosts of a local network have none"
SIGNS = "Mastodon refuses only = and / and words before an @"
JAPANESE = "Mastodon's hashtags have no tildes, wave dashes and ditto marks"
SEMITIC = "Mastodon's hashtags have no Hebrew punctuation"
TIBETAN = "Mastodon's hashtags have no tsheg"
SLASH = "no hashtag right after a slash, as on Mastodon: it may be in an address without a scheme"
TCO = "twitter's own shortener"
WORD = "no mention right after a word, as on Mastodon, in any script"

DIFFERENT: dict[tuple[str, str], tuple[str, object]] = {
    ("mentions", "の@usernameに到着を待っている"): (WORD, []),
    ("mentions", "RT@username RT:@mention RT @test"): (WORD, ["mention", "test"]),
    ("mentions", "f!@kn"): (SIGNS, ["kn"]),
    ("mentions", "f#@kn"): (SIGNS, ["kn"]),
    ("mentions", "f$@kn"): (SIGNS, ["kn"]),
    ("mentions", "f%@kn"): (SIGNS, ["kn"]),
    ("mentions", "f&@kn"): (SIGNS, ["kn"]),
    ("mentions", "f*@kn"): (SIGNS, ["kn"]),
    ("urls", "text http://no-tld"): (NO_TLDS, ["http://no-tld"]),
    ("urls", "text http://domain.com-that-you-should-have-put-a-space-after"): (
        NO_TLDS,
        ["http://domain.com-that-you-should-have-put-a-space-after"],
    ),
    ("urls", "いまなにしてるhttp://example.comいまなにしてる"): (NO_TLDS, ["http://example.comいまなにしてる"]),
    ("urls", "foo.com foo.net foo.org"): (NO_SCHEME, []),
    ("urls", "test http://twitter-.com"): ("browsers look such hosts up", ["http://twitter-.com"]),
    ("urls", "http://256.1.2.3/"): ("a browser says that it is no address", ["http://256.1.2.3/"]),
    ("urls", "I really like http://t.co/pbY2NfTZ's website"): (TCO, ["http://t.co/pbY2NfTZ's"]),
    ("hashtags", "#各〃"): (JAPANESE, ["各"]),
    ("hashtags", "#メ～テレ"): (JAPANESE, ["メ"]),
    ("hashtags", "#メ〜テレ"): (JAPANESE, ["メ"]),
    ("hashtags", "#עַל־יְדֵי #וכו׳ #מ״כ"): (SEMITIC, ["עַל", "וכו", "מ"]),
    ("hashtags", "#བོད་སྐད་ #བོད་སྐད"): (TIBETAN, ["བོད"]),
    ("hashtags", "text #dodge/#answer"): (SLASH, ["dodge"]),
    ("hashtags", "text dodge/#answer"): (SLASH, []),
    ("lengths", "test.com"): (NO_SCHEME, 8),
}
"""By case: the reason for the difference, and the tokens that are extracted."""

CASES = [json.loads(line) for line in DATA.read_text().splitlines() if not line.startswith("#")]


def extracted(what: str, source: str) -> object:
    match what:
        case "mentions":
            return text.names_mentioned(source, HOST)
        case "hashtags":
            return text.tags(source)
        case "urls":
            return [token.text for token in tokens(source) if token.kind is Kind.URL]
        case _:
            return text.length(source, HOST)


@pytest.mark.parametrize(("what", "source", "expected"), CASES)
def test_what_is_extracted_conforms_to_twitter_text(what: str, source: str, expected: object) -> None:
    if (what, source) in DIFFERENT:
        expected = DIFFERENT[what, source][1]
    elif what == "hashtags" and isinstance(expected, list):
        expected = [text.normalise_tag(name) for name in expected]
    assert extracted(what, source) == expected


def test_the_listed_differences_are_cases_and_different() -> None:
    cases = {(what, source): expected for what, source, expected in CASES}
    assert DIFFERENT.keys() <= cases.keys()
    assert [case for case, (_, ours) in DIFFERENT.items() if ours == cases[case]] == []
