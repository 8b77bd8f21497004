"""What the text of a message means: its links, mentions and hashtags, its length, its HTML.

One tokenizer serves them all, so that a mention which is counted without its host is also linked and notified. The
rules are those of Mastodon and twitter-text where these have one. Every function takes linear time.
"""

import html
import re
import unicodedata
from collections.abc import Container, Iterator
from enum import Enum, auto
from itertools import takewhile
from typing import NamedTuple
from urllib.parse import quote

from fstream_app.core.cleaning import composed, is_mark
from fstream_app.people import names

MAX_TAG_LENGTH = 100
"""Limit of characters in a hashtag, both as written and as normalised."""
URL_LENGTH = 23
"""Characters that a URL counts as, whatever its length."""

# White space, quotation marks, and the punctuation of scripts without spaces: ideographic and full-width.
_URL_END = r'\s<>"«»\u2018-\u201f\u3000-\u303f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f'
_CANDIDATE = re.compile(
    rf"""
    (?<![A-Za-z0-9_]) (?P<scheme>[A-Za-z0-9_]++) :// (?P<rest>[^{_URL_END}]*+)
    | @ (?P<name>[A-Za-z0-9_]++) (?:@ (?P<host>[A-Za-z0-9] (?:[A-Za-z0-9_.-]*[A-Za-z0-9])? (?: :[0-9]++)?))?
    | [#]
    """,
    re.VERBOSE,
)
_CLOSING = {")": "(", "]": "["}
_TRAILING = ".,:;!?'…"
_NOT_BEFORE_MENTION = "@/="
_NOT_BEFORE_TAG = "#/=&"


class _Kind(Enum):
    TEXT = auto()
    URL = auto()
    MENTION = auto()
    TAG = auto()


class _Token(NamedTuple):
    kind: _Kind
    text: str
    """The token as written. Joined, the tokens are the whole text."""
    name: str = ""
    """A mention's name in lower case, or a normalised hashtag."""
    host: str = ""
    """A mention's host in lower case; empty if it has none."""

    def is_mention_at(self, host: str) -> bool:
        """Return whether this mentions a user of this host."""
        return self.kind is _Kind.MENTION and self.host in {"", host.lower()}


def names_mentioned(text: str, host: str) -> list[str]:
    """List the names of this host's users that a text mentions: in lower case, without duplicates, in order.

    `@name` and `@name@host` are mentions; `@name@elsewhere` is not.
    """
    return list(dict.fromkeys(token.name for token in _tokens(text) if token.is_mention_at(host)))


def tags(text: str) -> list[str]:
    """List the hashtags of a text: normalised, without duplicates, in order."""
    return list(dict.fromkeys(token.name for token in _tokens(text) if token.kind is _Kind.TAG))


def normalise_tag(name: str) -> str:
    """Return the form in which a hashtag (without `#`) is compared and stored.

    Raises:
        ValueError: it contains other characters than letters, marks, digits and `_`, has no letter, or is too long.
    """
    if len(name) > MAX_TAG_LENGTH:
        raise ValueError("too long for a hashtag")
    # Normalised twice, because case folding can undo it.
    tag = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    if len(tag) > MAX_TAG_LENGTH:
        raise ValueError("too long for a hashtag")
    if not all(map(_is_word, name + tag)) or not any(map(str.isalpha, tag)):
        raise ValueError("not a hashtag")
    return tag


def length(text: str, host: str) -> int:
    """Count the characters of a text: code points in NFC, except that a URL counts 23 and a mention's host nothing."""
    return sum(_token_length(token, host) for token in _tokens(composed(text)))


def to_html(text: str, *, base_url: str, mentions: Container[str], host: str) -> str:
    """Return a text as HTML: escaped, in paragraphs, with URLs, mentions and hashtags as links.

    Args:
        text: the text.
        base_url: the origin of this instance, without a trailing slash.
        mentions: the names, in lower case, whose mentions are linked; others stay text.
        host: the instance's own host name in mentions.
    """

    def render(token: _Token) -> str:
        if token.kind is _Kind.URL:
            return _url_link(token)
        if token.kind is _Kind.TAG:
            return _tag_link(token, base_url)
        if token.is_mention_at(host) and token.name in mentions:
            return _mention_link(token, base_url)
        return html.escape(token.text)

    # Links contain no newlines, so these can be turned into markup last.
    body = "".join(map(render, _tokens(text))).strip("\n")
    if not body:
        return ""
    return "<p>" + re.sub("\n{2,}", "</p><p>", body).replace("\n", "<br />") + "</p>"


def _url_link(token: _Token) -> str:
    url = html.escape(token.text)
    return f'<a href="{url}" target="_blank" rel="nofollow noopener noreferrer">{url}</a>'


def _tag_link(token: _Token, base_url: str) -> str:
    href = html.escape(f"{base_url}/tags/{quote(token.name)}")
    name = html.escape(token.text[1:])
    return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'


def _mention_link(token: _Token, base_url: str) -> str:
    href = html.escape(f"{base_url}/@{token.name}")
    name = html.escape(_without_host(token)[1:])
    return f'<span class="h-card"><a href="{href}" class="u-url mention">@<span>{name}</span></a></span>'


def _without_host(token: _Token) -> str:
    return token.text[: 1 + len(token.name)]


def _token_length(token: _Token, host: str) -> int:
    if token.kind is _Kind.URL:
        return URL_LENGTH
    if token.is_mention_at(host):
        return len(_without_host(token))
    return len(token.text)


def _tokens(text: str) -> Iterator[_Token]:
    done = start = 0
    while candidate := _CANDIDATE.search(text, start):
        token = _recognise(candidate)
        if token is None:
            start = candidate.start() + 1
            continue
        if done < candidate.start():
            yield _Token(_Kind.TEXT, text[done : candidate.start()])
        yield token
        done = start = candidate.start() + len(token.text)
    if done < len(text):
        yield _Token(_Kind.TEXT, text[done:])


def _recognise(candidate: re.Match[str]) -> _Token | None:
    if candidate["scheme"]:
        return _url(candidate)
    if candidate["name"]:
        return _mention(candidate)
    return _tag(candidate)


def _url(candidate: re.Match[str]) -> _Token:
    if candidate["scheme"].lower() not in {"http", "https"} or not candidate["rest"][:1].isalnum():
        # Still one token: whatever looks like a mention or hashtag in it is part of the address.
        return _Token(_Kind.TEXT, candidate[0])
    return _Token(_Kind.URL, _without_punctuation(candidate[0]))


def _without_punctuation(url: str) -> str:
    """Drop trailing punctuation that ends the sentence, or closes the brackets around the URL, rather than the URL."""
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    end = len(url)
    while url[end - 1] in _TRAILING or surplus.get(url[end - 1], 0) > 0:
        end -= 1
        if url[end] in surplus:
            surplus[url[end]] -= 1
    return url[:end]


def _mention(candidate: re.Match[str]) -> _Token | None:
    before, after = _neighbours(candidate)
    if _is_word(before) or before in _NOT_BEFORE_MENTION or len(candidate["name"]) > names.MAX_LENGTH:
        return None
    # A letter that has a case continues the word (@josé). Scripts without case have no spaces between words (@joさん).
    if after == "@" or after.isupper() or after.islower() or is_mark(after):
        return None
    return _Token(_Kind.MENTION, candidate[0], candidate["name"].lower(), (candidate["host"] or "").lower())


def _tag(candidate: re.Match[str]) -> _Token | None:
    before, _ = _neighbours(candidate)
    if _is_word(before) or before in _NOT_BEFORE_TAG:
        return None
    text, start = candidate.string, candidate.end()
    # One character more than the limit, so that longer hashtags are refused and not cut.
    name = "".join(takewhile(_is_word, text[start : start + MAX_TAG_LENGTH + 1]))
    try:
        return _Token(_Kind.TAG, "#" + name, normalise_tag(name))
    except ValueError:
        return None


def _neighbours(candidate: re.Match[str]) -> tuple[str, str]:
    """Return the characters before and after; a newline if the text starts or ends there."""
    text, start, end = candidate.string, candidate.start(), candidate.end()
    return (text[start - 1] if start else "\n"), (text[end] if end < len(text) else "\n")


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum() or is_mark(character)
