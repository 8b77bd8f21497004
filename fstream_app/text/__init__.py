"""Parsing of a message's text: links, mentions and hashtags, a lifetime at its end, length, HTML."""

from fstream_app.text.lifetimes import lifetime_word, split_lifetime
from fstream_app.text.markup import line_to_html, to_html
from fstream_app.text.tokens import (
    JOINERS,
    MAX_TAG_LENGTH,
    SIGNS,
    URL_LENGTH,
    length,
    names_mentioned,
    normalise_tag,
    tags,
)

__all__ = [
    "JOINERS",
    "MAX_TAG_LENGTH",
    "SIGNS",
    "URL_LENGTH",
    "length",
    "lifetime_word",
    "line_to_html",
    "names_mentioned",
    "normalise_tag",
    "split_lifetime",
    "tags",
    "to_html",
]
