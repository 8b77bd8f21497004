"""A message's text: mentions, hashtags, length, cleaning, HTML."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fstream_app import text
from fstream_app.core import cleaning

HOST = "127.0.0.1:8000"
BASE = "https://fstream.example"
ALLOWED = {
    "p": set(),
    "br": set(),
    "span": {"class"},
    "a": {"href", "class", "rel", "target"},
}
PIECES = [
    *(
        "@bob",
        "@Bob",
        "@bob@other.example",
        "@ann",
        "#tag",
        "#Straße",
        "#हिन्दी",
        "https://a.example/b?c=(d)&e",
    ),
    *(
        "http://",
        "\n",
        "\n\n",
        " ",
        "(",
        ")",
        ".",
        "&",
        "<",
        ">",
        '"',
        "'",
        "@",
        "#",
        "/",
        "é",
        "\u0301",
        "\r",
    ),
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=15).map("".join)


class Page(HTMLParser):
    """HTML as a browser parses it: text, elements and links."""

    def __init__(self, source):
        super().__init__()
        self.text = ""
        self.attributes = []
        self.links = []
        self.feed(source)
        self.close()

    def handle_data(self, data):
        self.text += data

    def handle_starttag(self, tag, attrs):
        self.attributes.append((tag, {name for name, _ in attrs}))
        self.links += [value for name, value in attrs if name == "href"]
        if tag == "br":
            self.text += "\n"
        elif tag == "p" and self.text:
            self.text += "\n\n"


def render(source, *names):
    return text.to_html(source, base_url=BASE, mentions=dict.fromkeys(names, "id"), host=HOST)


def link(url):
    return f'<a href="{url}" target="_blank" rel="nofollow noopener noreferrer">{url}</a>'


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("@bob", ["bob"]),
        ("@Bob and @ANN_1", ["bob", "ann_1"]),
        ("@bob @ann @BOB", ["bob", "ann"]),
        ("@bob. (@ann) @cid's .@dan @eve-lyn", ["bob", "ann", "cid", "dan", "eve"]),
        (f"@bob@{HOST}. @ann@{HOST}: hi", ["bob", "ann"]),
        ("\n@bob\n", ["bob"]),
        ("@joさん", ["jo"]),
        (f"@{'a' * 30}", ["a" * 30]),
    ],
)
def test_a_name_after_an_at_sign_is_a_mention(source, names):
    assert text.names_mentioned(source, HOST) == names


@pytest.mark.parametrize(
    "source",
    [
        *("", "@", "@ bob", "a@bob", "é@bob", "x\u0302@bob", "_@bob", "@@bob", "//@bob", "a=@bob", "@josé"),
        *("a.b@bob.example", "https://x/@bob", "ftp://x/?@bob", "http://@bob", "@bob@", "@bob@ann@cid"),
        *(
            "@bob@other.example",
            "@bob@127.0.0.1",
            f"@bob@{HOST}1",
            "@bob@bücher.example",
            "@bob@日本.example",
        ),
        f"@{'a' * 31}",
    ],
)
def test_what_is_part_of_a_word_an_address_or_another_host_is_no_mention(source):
    assert text.names_mentioned(source, HOST) == []


def test_the_own_host_is_recognised_in_any_case():
    assert text.names_mentioned("@bob@FStream.Example", "fstream.exAMPLE") == ["bob"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("#tag", ["tag"]),
        ("#Tag #tag #other", ["tag", "other"]),
        ("#Straße #STRASSE", ["strasse"]),
        ("#ＡＢＣ #abc", ["abc"]),  # noqa: RUF001
        ("#cafe\u0301 #café", ["café"]),
        ("#हिन्दी, #日本語。", ["हिन्दी", "日本語"]),
        ("(#a) .#b #c's #d-e #f_1", ["a", "b", "c", "d", "f_1"]),
        ("#1a #2024", ["1a"]),
        (f"#{'a' * 100}", ["a" * 100]),
    ],
)
def test_a_word_after_a_number_sign_is_a_hashtag(source, found):
    assert text.tags(source) == found


@pytest.mark.parametrize(
    "source",
    [
        *(
            "",
            "#",
            "# a",
            "a#b",
            "é#b",
            "x\u0302#b",
            "##a",
            "/#a",
            "&#39;",
            "&#x27;",
            "https://x/#a",
            "@bob#a",
        ),
        *("#123", "#_", "#1_2", "#١٢", "#½", "#\u0301", "#️⃣", f"#{'a' * 101}", f"#{'ﷺ' * 10}"),
    ],
)
def test_what_is_part_of_a_word_or_address_or_has_no_letter_is_no_hashtag(source):
    assert text.tags(source) == []


@given(st.one_of(st.text(max_size=12), st.text("aß_1ﷺİ½\u0301#- ", max_size=101)))
def test_a_name_is_a_hashtag_exactly_when_it_can_be_normalised(name):
    try:
        tag = text.normalise_tag(name)
    except ValueError:
        assert name not in text.tags(f"#{name}")
    else:
        assert text.tags(f"#{name}") == [tag] == [text.normalise_tag(tag)]


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("four", 4),
        ("a\nb", 3),
        ("e\u0301", 1),
        ("🙂", 1),
        ("https://a.example", 23),
        (f"(https://a.example/{'b' * 500}).", 23 + 3),
        (f"@bob@{HOST}", 4),
        ("@bob@other.example", 18),
        ("a@bob.example", 13),
        ("ftp://a.example", 15),
    ],
)
def test_a_url_counts_23_and_a_mention_its_name(source, count):
    assert text.length(source, HOST) == count


@pytest.mark.parametrize(
    ("source", "cleaned"),
    [
        ("a\r\nb", "a\nb"),
        ("a\tb\n\nc", "a\tb\n\nc"),
        ("a\rb\r\rc\r\nd\n\re", "a\nb\n\nc\nd\n\ne"),
        ("a\vb\fc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
        ("a\r\x00\nb", "a\n\nb"),
        ("a\x85\r\n\v\u2028", "a"),
        ("a\x00b\x07c\x7fd\x84e\x1bf\x1fg", "abcdefg"),
        ("a\ud800b", "ab"),
        ("e\u0301", "é"),
        ("  a \n\t\u2003", "  a"),
        (" \r\n", ""),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_cleaning_leaves_what_can_be_stored_and_shown(source, cleaned):
    assert cleaning.clean(source) == cleaned


@pytest.mark.parametrize(
    "line_break", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_every_line_break_is_one(line_break):
    assert cleaning.clean(f"a{line_break}b{line_break * 2}c{line_break}") == "a\nb\n\nc"
    assert cleaning.one_line(f"a{line_break}b{line_break * 2} c{line_break}") == "a b c"
    assert render(cleaning.clean(f"@bob{line_break}#tag"), "bob").count("<br />") == 1
    assert text.tags(cleaning.clean(f"a{line_break}#tag{line_break}b")) == ["tag"]


@given(TEXTS)
@example("\u0344" * 31)
@example("a" + "\u0301" * 40)
def test_a_clean_text_is_its_own_clean_form_and_can_be_encoded(source):
    cleaned = cleaning.clean(source)
    assert cleaning.clean(cleaned) == cleaned
    assert cleaned.encode().decode() == cleaned


@pytest.mark.parametrize(
    ("source", "markup"),
    [
        ("", ""),
        ("\n\n", ""),
        ("a", "<p>a</p>"),
        ("a\nb\n\nc\n\n\nd", "<p>a<br />b</p><p>c</p><p>d</p>"),
        ("<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#x27;</p>"),
    ],
)
def test_html_is_escaped_and_in_paragraphs(source, markup):
    assert render(source) == markup


@pytest.mark.parametrize("name", ["@Bob", f"@Bob@{HOST}"])
def test_a_mention_links_to_the_profile(name):
    href = f"{BASE}/@bob"
    linked = f'<span class="h-card"><a href="{href}" class="u-url mention">@<span>Bob</span></a></span>'
    assert render(f"hi {name}!", "bob") == f"<p>hi {linked}!</p>"


@pytest.mark.parametrize("source", ["@ann", "@bob@other.example", f"@ann@{HOST}", "a@bob"])
def test_a_name_that_is_not_to_be_linked_stays_text(source):
    assert render(source, "bob") == f"<p>{source}</p>"


def test_a_hashtag_links_to_its_normalised_name_and_shows_it_as_written():
    href = f"{BASE}/tags/%C3%A9t%C3%A9"
    linked = f'<a href="{href}" class="mention hashtag" rel="tag">#<span>Été</span></a>'
    assert render("#Été!") == f"<p>{linked}!</p>"


@pytest.mark.parametrize(
    ("source", "url", "rest"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e", ""),
        ("HTTP://a.example", "HTTP://a.example", ""),
        ("https://a.example/b.,!?:;", "https://a.example/b", ".,!?:;"),
        ("https://a.example/b_(c)", "https://a.example/b_(c)", ""),
        ("https://a.example/b_(c)).", "https://a.example/b_(c)", ")."),
        ("https://a.example/b)", "https://a.example/b", ")"),
        ("https://a.example/b](c)", "https://a.example/b](c)", ""),
        ("https://日本.example/本。", "https://日本.example/本", "。"),
        ("https://a.example/@bob", "https://a.example/@bob", ""),
        ("http://localhost:8000/a", "http://localhost:8000/a", ""),
    ],
)
def test_a_url_is_linked_without_the_punctuation_around_it(source, url, rest):
    assert render(source, "bob") == f"<p>{link(url)}{rest}</p>"


@pytest.mark.parametrize("source", ["javascript:a()", "ftp://a.example", "http://", "https:///a", "xhttp://a"])
def test_only_http_addresses_are_linked(source):
    assert render(source) == f"<p>{source}</p>"


def assert_harmless(page):
    assert all(attributes <= ALLOWED[tag] for tag, attributes in page.attributes)
    assert all(re.match("https?://", href, re.IGNORECASE) for href in page.links)


@given(TEXTS)
def test_html_holds_the_text_exactly_and_no_other_markup_than_ours(source):
    page = Page(render(source, "bob"))
    assert page.text == re.sub("\n{2,}", "\n\n", source.strip("\n"))
    assert_harmless(page)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg/onload=alert(1)>',
        'https://a.example/"onmouseover="alert(1)',
        "https://a.example/'onmouseover='alert(1)",
        "https://a.example/<script>alert(1)</script>",
        "https://a.example/&quot;onclick=alert(1)",
        "https://a.example/`onclick=alert(1)`",
        "javascript:alert(1)",
        "JaVaScRiPt://a.example/%0aalert(1)",
        "data://text/html,<script>alert(1)</script>",
        "https://javascript:alert(1)@a.example",
        '#tag"onclick="alert(1)',
        "#<script>",
        '@bob"onclick="alert(1)',
        '@bob@<img src="x">',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;",
        "<!-- --><![CDATA[<script>]]>",
        "</p></div><iframe src=https://a.example>",
        "<a href='java\nscript:alert(1)'>",
    ],
)
def test_markup_in_a_message_is_only_text(source):
    page = Page(render(source, "bob"))
    assert page.text == source
    assert_harmless(page)


@given(TEXTS)
def test_any_text_has_names_tags_and_a_length(source):
    assert all(re.fullmatch("[a-z0-9_]{1,30}", name) for name in text.names_mentioned(source, HOST))
    assert all(text.normalise_tag(tag) == tag for tag in text.tags(source))
    assert text.length(source, HOST) >= 0


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece",
    [
        *("a", "@", "#", "@a", "#a ", "@a@b", "@a@b-", "#a\u0300", "\u0300\u0323", "\u0f73", "é", "&", "\n"),
        *(
            "://",
            "a://",
            "http://",
            "https://a",
            "https://a ",
            "(",
            ")",
            ").",
            "[(",
            "a\n \n",
            "@a@b:",
            " @a@b.",
        ),
    ],
)
def test_no_text_takes_more_than_linear_time(piece):
    source = piece * (100_000 // len(piece))
    cleaning.clean(source)
    text.length(source, HOST)
    render("https://a/" + source, "a")
