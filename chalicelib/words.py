"""Words of HTML pages and of errors, in the reader's language: that of the address, or else what the client prefers.

Only pages of routes that are declared as translated speak another language than English: others may be cached for
everybody. A page that is opened with `lang` in its query, as by the web client, passes it on in its forms and links.
Errors in JSON, which no route lets anybody cache, follow `Accept-Language` alone.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from string import Template
from typing import NamedTuple

from chalice.app import Request

from chalicelib import negotiation

LANGUAGES = ("en", "de")
"""Names of the modules in `chalicelib.languages`; the first one is for readers who understand none of them."""
PARAMETER = "lang"
"""The name of the language in the query, as Mastodon has it."""
UNKNOWN = "…"
"""What stands for any text in the sentences of `Language.problems`, as in docs/errors.md."""
_PLACES = ("one", "two", "three")
"""The names of unknown parts in translations, in the order in which the English sentence has them."""
_LONGEST = 300
"""Characters of an error that has a translation. Longer ones have what a client has sent."""


class Plural(NamedTuple):
    """Words that depend on the number `n`."""

    one: str
    other: str


class Language(NamedTuple):
    """The words of a language. `$name` in them is a value.

    A phrase with `<` or `&` in it is HTML, which templates alone may use.
    """

    phrases: Mapping[str, str | Plural]
    """By a key such as `missing.title`."""
    scopes: Mapping[str, str]
    """What each scope lets an application do, as the end of the sentence "This app will be able to …"."""
    problems: Mapping[str, str]
    """By the sentence of an error in English, exact ones and those with `…`, special ones first. `$one`, `$two` and
    `$three` are its unknown parts, in order. Errors that are not among them stay English.
    """
    parts: Mapping[str, str]
    """The same for parts of sentences."""
    months: tuple[str, ...]
    separator: str
    """What separates thousands."""


class Choice(NamedTuple):
    """The language of a request."""

    code: str
    named: bool
    """Whether the address names it."""


_choice: ContextVar[Choice | None] = ContextVar("choice", default=None)


def choose(request: Request) -> Choice:
    """Return the language for a request."""
    query = request.query_params
    named = str(query.get(PARAMETER, "") if query else "").lower().partition("-")[0]
    if named in LANGUAGES:
        return Choice(named, named=True)
    return Choice(preferred(request), named=False)


@contextmanager
def speaking(choice: Choice | None) -> Iterator[None]:
    """Use a language for the pages that the block makes; without a choice, English."""
    token = _choice.set(choice)
    try:
        yield
    finally:
        _choice.reset(token)


def is_chosen() -> bool:
    """Return whether the page depends on the reader's language."""
    return _choice.get() is not None


def code() -> str:
    """Return the code of the language in use."""
    choice = _choice.get()
    return choice.code if choice else LANGUAGES[0]


def language() -> Language:
    """Return the language in use, which is imported when it is first needed."""
    found: Language = import_module(f"chalicelib.languages.{code()}").LANGUAGE
    return found


def phrase(key: str, n: object = None) -> str:
    """Return a phrase with the names of its values, the singular if `n` is 1.

    Raises:
        KeyError: no such phrase.
    """
    found = language().phrases[key]
    if isinstance(found, Plural):
        return found.one if n == 1 else found.other
    return found


def say(key: str, **values: str | int) -> str:
    """Return a phrase as plain text.

    Args:
        key: its key.
        values: its values; numbers are grouped, and `n` chooses between singular and plural.

    Raises:
        KeyError: no such phrase, or a value is missing.
    """
    return Template(phrase(key, values.get("n"))).substitute(
        {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
    )


def number(value: int) -> str:
    """Write a number: `2,000`."""
    return f"{value:,}".replace(",", language().separator)


def preferred(request: Request) -> str:
    """Return the code of the language that a client prefers."""
    return negotiation.language(request.headers.get("accept-language", ""), LANGUAGES)


def problem(text: str, *, is_own: bool = True, **values: str) -> str | None:
    """Return the sentence of an error in the language in use, or None if it has none.

    Args:
        text: the sentence in English.
        is_own: whether all of it is FSTREAM's own. Otherwise, what follows a colon may be a moderator's, and stays.
        values: what may take the place of unknown parts.
    """
    known = language().problems
    if not is_own:
        sentence, colon, reason = text.partition(": ")
        return f"{known[sentence]}{colon}{reason}" if sentence in known else None
    return _translated(text, known, values) if len(text) <= _LONGEST else None


def _translated(text: str, known: Mapping[str, str], values: Mapping[str, str]) -> str | None:
    if text in known and UNKNOWN not in text:
        return Template(known[text]).substitute(values)
    for sentence, meaning in known.items():
        beginning, unknown, _ = sentence.partition(UNKNOWN)
        if not unknown or not text.startswith(beginning):  # which is much faster to find out than a match
            continue
        if match := re.fullmatch(re.escape(sentence).replace(UNKNOWN, "(.+)"), text):
            parts = {name: _part(part) for name, part in zip(_PLACES, match.groups(), strict=False)}
            return Template(meaning).substitute(parts, **values)
    return None


def _part(text: str) -> str:
    return _translated(text, language().parts, {}) or text


def linked(address: str) -> str:
    """Return the address of another translated page, with the language if this page's address names it."""
    choice = _choice.get()
    if choice is None or not choice.named:
        return address
    separator = "" if address.endswith("?") else "&" if "?" in address else "?"
    return f"{address}{separator}{PARAMETER}={choice.code}"
