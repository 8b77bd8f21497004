"""The links, mentions and hashtags in a text, and its length.

One tokenizer serves all of these and the HTML, so that a mention whose host is not counted is also linked and notified.
The rules are Mastodon's and twitter-text's, where these have one. Every function takes linear time.
"""

import re
import unicodedata
from collections.abc import Iterator
from enum import Enum, auto
from ipaddress import IPv6Address
from typing import NamedTuple

from fstream_app.core.cleaning import composed, is_mark
from fstream_app.text import graphemes

MAX_NAME_LENGTH = 30
"""Maximum length of a user's name, in characters."""
MAX_TAG_LENGTH = 100
"""Maximum length of a hashtag in characters, as written and as normalised."""
URL_LENGTH = 23
"""Characters that a URL counts as, whatever its length."""
SIGNS = "#\uff03"
"""The signs with which a hashtag begins."""
_SEPARATORS = "\u00b7\u0387\u30fb\uff65\u200c"
"""Characters that join the words of a hashtag (`#col·legi`): the middle dots and the zero-width non-joiner."""
_ZWJ = "\u200d"
JOINERS = _SEPARATORS + _ZWJ
"""Characters that are allowed inside a hashtag, but not as its first or last."""

URL_END = (
    r'\s<>"«»\u2018-\u201f\u3000-\u303f\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff5f-\uff64'
    r"\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
)
"""Characters that no URL contains, as part of a pattern's set.

White space, quotation marks, the punctuation of scripts without spaces (ideographic, full- and half-width), and
invisible characters that separate words or change the direction of writing.
"""
_CANDIDATE = re.compile(
    rf"""
    (?<![A-Za-z0-9_]) (?P<scheme>[A-Za-z0-9_]++) :// (?P<rest>[^{URL_END}]*+)
    | @ (?P<name>[A-Za-z0-9_]++) (?:@ (?P<host>[A-Za-z0-9] (?:[A-Za-z0-9_.-]*[A-Za-z0-9])? (?: :[0-9]++)?))?
    | [{SIGNS}]
    """,
    re.VERBOSE,
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_TRAILING = ".,:;!?'…`*|"
# Other invisible format characters and blanks. A copied address ends with them only by accident.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u200c\u200d\u2061\u2062\u2063\u2064\u2065"
    "\u206a\u206b\u206c\u206d\u206e\u206f\u3164\uffa0\ufff9\ufffa\ufffb\U0001bca0\U0001bca1\U0001bca2\U0001bca3"
    "\U0001d173\U0001d174\U0001d175\U0001d176\U0001d177\U0001d178\U0001d179\U0001d17a"
)
_PICTOGRAPH_REST = re.compile("[\ufe0e\ufe0f]?(?:[\U000e0020-\U000e007e]+\U000e007f)?")
"""What may follow the pictograph of an emoji: a presentation selector, and a flag's tags with their end."""
_NOT_BEFORE_URL = SIGNS + "@\uff20$"
_NOT_BEFORE_MENTION = "@/="
_NOT_BEFORE_TAG = SIGNS + "/=&"
# Marks in Unicode, but not part of a word. Variation selectors select a form of a letter, such as 葛󠄀, and may be
# inside a hashtag. The presentation selectors and enclosing marks change or enclose the character before them.
_VARIATIONS = "".join(map(chr, (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))))
_WITHOUT_VARIATIONS = dict.fromkeys(map(ord, _VARIATIONS))
_PRESENTATION = "\ufe0e\ufe0f\u20dd\u20de\u20df\u20e0\u20e1\u20e2\u20e3\u20e4"
_EMOJI = re.compile("[0-9]\ufe0f?\u20e3|\u2139\ufe0f")
"""Emoji that begin with a letter or digit."""
_VIRAMA = 9
"""Combining class of the signs after which a joiner makes a conjunct (Sinhala, Malayalam)."""
ASCII_WORD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"


class Kind(Enum):
    """The kind of a part of a text."""

    TEXT = auto()
    URL = auto()
    MENTION = auto()
    TAG = auto()


class Token(NamedTuple):
    """A part of a text."""

    kind: Kind
    text: str
    """The part as written. Joined, the parts of all tokens are the text."""
    name: str = ""
    """A mention's name in lower case, or a hashtag's normalised name."""
    host: str = ""
    """A mention's host in lower case; empty if it has none."""

    def is_mention_at(self, host: str) -> bool:
        """Return whether this mentions a user of this host."""
        return self.kind is Kind.MENTION and self.host in {"", host.lower()}

    @property
    def without_host(self) -> str:
        """A mention as written, without its host."""
        return self.text[: 1 + len(self.name)]


def names_mentioned(text: str, host: str) -> list[str]:
    """List the names of this host's users that a text mentions, in lower case, each once, in order.

    A mention is `@name` or `@name@host`; `@name@elsewhere` is not a mention.
    """
    return list(dict.fromkeys(token.name for token in tokens(text) if token.is_mention_at(host)))


def tags(text: str) -> list[str]:
    """List the hashtags of a text, normalised, each once, in order."""
    return list(dict.fromkeys(token.name for token in tokens(text) if token.kind is Kind.TAG))


def normalise_tag(name: str) -> str:
    """Return the form in which a hashtag (without `#`) is compared and stored.

    Raises:
        ValueError: it is too long, has no letter, or has anything but letters, marks, digits, `_` and separators.
    """
    if len(name) > MAX_TAG_LENGTH:
        raise ValueError("too long for a hashtag")
    # Normalised twice, because case folding can undo it.
    tag = unicodedata.normalize("NFKC", name.translate(_WITHOUT_VARIATIONS))
    tag = unicodedata.normalize("NFKC", tag.casefold()).rstrip(JOINERS)
    if len(tag) > MAX_TAG_LENGTH:
        raise ValueError("too long for a hashtag")
    if not _is_name(name) or not _is_name(tag) or not any(map(str.isalpha, tag)):
        raise ValueError("not a hashtag")
    return tag


def length(text: str, host: str) -> int:
    """Count the characters of a text: grapheme clusters in NFC. A URL counts as 23; a mention's host does not count."""
    return graphemes.count("".join(_counted(token, host) for token in tokens(composed(text))))


def _counted(token: Token, host: str) -> str:
    if token.kind is Kind.URL:
        return URL_LENGTH * "x"
    return token.without_host if token.is_mention_at(host) else token.text


def tokens(text: str) -> Iterator[Token]:
    """Split a text into its links, mentions and hashtags, and the text between them."""
    done = start = 0
    while candidate := _CANDIDATE.search(text, start):
        token = _recognise(candidate)
        if token is None:
            start = candidate.start() + 1
            continue
        if done < candidate.start():
            yield Token(Kind.TEXT, text[done : candidate.start()])
        yield token
        done = start = candidate.start() + len(token.text)
    if done < len(text):
        yield Token(Kind.TEXT, text[done:])


def _recognise(candidate: re.Match[str]) -> Token | None:
    if candidate["scheme"]:
        return _url(candidate)
    if candidate["name"]:
        return _mention(candidate)
    return _tag(candidate)


def _url(candidate: re.Match[str]) -> Token:
    before = _before(candidate)
    is_web = candidate["scheme"].lower() in {"http", "https"}
    if not is_web or before in _NOT_BEFORE_URL or not _has_host(candidate["rest"]):
        # Still one token: anything like a mention or hashtag in it is part of the address.
        return Token(Kind.TEXT, candidate[0])
    return Token(Kind.URL, _without_punctuation(candidate[0]))


def _has_host(rest: str) -> bool:
    """Return whether an address, without its scheme, has a host that a browser can look up."""
    authority = re.split("[/?#]", rest, maxsplit=1)[0]
    user, at, host = authority.rpartition("@")
    if at and not _begins_name(user):
        return False
    return _is_ipv6(host) if host.startswith("[") else _begins_name(host)


def _begins_name(host: str) -> bool:
    # International names may contain emoji and other symbols, and characters newer than this Python's Unicode.
    first = host[:1]
    return first.isalnum() or (first > "\x7f" and unicodedata.category(first) in {"Sc", "Sk", "Sm", "So", "Cn"})


def _is_ipv6(host: str) -> bool:
    address, closing, rest = host[1:].partition("]")
    if not closing or (rest and _is_word(rest[0]) and rest[0] not in _INVISIBLE):
        return False
    try:
        return IPv6Address(address).scope_id is None
    except ValueError:
        return False


def _without_punctuation(url: str) -> str:
    """Drop invisible characters, and punctuation and closing brackets that belong to the sentence around a URL."""
    surplus = {closing: url.count(closing) - url.count(opening) for closing, opening in _CLOSING.items()}
    end = _visible_end(url, len(url))
    while url[end - 1] in _TRAILING or surplus.get(url[end - 1], 0) > 0:
        end -= 1
        if url[end] in surplus:
            surplus[url[end]] -= 1
        end = _visible_end(url, end)
    return url[:end]


def _visible_end(url: str, end: int) -> int:
    """Return the end of a URL's first `end` characters without the invisible ones after the last visible one.

    Those that select the form of an emoji or of a letter such as 葛󠄀 are kept.
    """
    last = end - 1
    while _is_invisible(url[last]):
        last -= 1
    rest = last + 1
    if graphemes.is_pictograph(url[last]) and (kept := _PICTOGRAPH_REST.match(url, rest, end)):
        return kept.end()
    selects = rest < end and url[rest] in _VARIATIONS and url[last].isalnum() and not url[last].isascii()
    return rest + 1 if selects else rest


def _is_invisible(character: str) -> bool:
    is_selector = character in _VARIATIONS or character in "\ufe0e\ufe0f"
    return is_selector or character in _INVISIBLE or unicodedata.category(character) == "Cf"


def _mention(candidate: re.Match[str]) -> Token | None:
    text, written, name = candidate.string, candidate[0], candidate["name"]
    before = _before(candidate)
    if _EMOJI.match(text, candidate.end() - 1) and not candidate["host"]:
        written, name = written[:-1], name[:-1]
    if _is_word(before) or before in _NOT_BEFORE_MENTION or not 0 < len(name) <= MAX_NAME_LENGTH:
        return None
    if _continues_mention(text, candidate.start() + len(written)):
        return None
    return Token(Kind.MENTION, written, name.lower(), (candidate["host"] or "").lower())


def _continues_mention(text: str, end: int) -> bool:
    if text.startswith(("@", "://"), end):
        return True
    # A letter that has a case continues the word (@josé); scripts without case do not use spaces (@joさん).
    after = text[end : end + 1]
    has_case = after.isalpha() and (after.isupper() or after.islower())
    return (has_case or (after != "" and is_mark(after) and _is_word(after))) and not _EMOJI.match(text, end)


def _tag(candidate: re.Match[str]) -> Token | None:
    text, start = candidate.string, candidate.end()
    before = _before(candidate)
    if _is_word(before) or before in _NOT_BEFORE_TAG:
        return None
    end = _name_end(text, start)
    name = text[start:end]
    if _EMOJI.match(text, end - 1):
        name = name[:-1]
    elif text.startswith("://", end):  # the word ends with the scheme of an address
        name = name.rstrip(ASCII_WORD)
    name = name.rstrip(JOINERS)
    try:
        return Token(Kind.TAG, candidate[0] + name, normalise_tag(name))
    except ValueError:
        return None


def _is_name(name: str) -> bool:
    return _name_end(name, 0) == len(name)


def _name_end(text: str, start: int) -> int:
    """Return the end of a hashtag's name (however long), or `start` if none begins there.

    It begins and ends with a word, variation selectors may follow each character, and separators join its words.
    """
    end = position = start
    while position < len(text) and end - start <= MAX_TAG_LENGTH:
        character = text[position]
        if _is_word(character) or (start < end == position and character in _VARIATIONS):
            end = position + 1
        elif end == start or not _joins(text, position):
            break
        position += 1
    return end


def _joins(text: str, position: int) -> bool:
    if text[position] == _ZWJ:
        return unicodedata.combining(text[position - 1]) == _VIRAMA
    return text[position] in _SEPARATORS


def _before(candidate: re.Match[str]) -> str:
    """Return the character before; at the text's start, a newline."""
    return candidate.string[candidate.start() - 1] if candidate.start() else "\n"


def _is_word(character: str) -> bool:
    if character == "_" or character.isalnum():
        return True
    return is_mark(character) and character not in _VARIATIONS and character not in _PRESENTATION
