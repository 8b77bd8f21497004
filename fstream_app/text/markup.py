"""A text as HTML: escaped, with URLs, mentions and hashtags as links."""

import html
import re
from collections.abc import Container
from urllib.parse import quote

from fstream_app.text.tokens import Kind, Token, tokens


def to_html(text: str, *, base_url: str, mentions: Container[str], host: str) -> str:
    """Return a text as HTML: escaped, in paragraphs, with URLs, mentions and hashtags as links.

    Args:
        text: the text.
        base_url: the origin of this instance, without a slash at its end.
        mentions: the names in lower case that are linked; others stay text.
        host: the instance's own name in mentions.
    """
    # Links contain no newlines, so these can be turned into markup last.
    body = _linked(text, base_url, mentions, host).strip("\n")
    if not body:
        return ""
    return "<p>" + re.sub("\n{2,}", "</p><p>", body).replace("\n", "<br />") + "</p>"


def line_to_html(text: str, *, base_url: str, mentions: Container[str], host: str) -> str:
    """Return a text as one line of HTML, which a paragraph or table cell can hold; arguments as for `to_html`."""
    return _linked(text, base_url, mentions, host).strip("\n").replace("\n", " ")


def _linked(text: str, base_url: str, mentions: Container[str], host: str) -> str:
    def render(token: Token) -> str:
        if token.kind is Kind.URL:
            return _url_link(token)
        if token.kind is Kind.TAG:
            return _tag_link(token, base_url)
        if token.is_mention_at(host) and token.name in mentions:
            return _mention_link(token, base_url)
        return html.escape(token.text)

    return "".join(map(render, tokens(text)))


def _url_link(token: Token) -> str:
    url = html.escape(token.text)
    return f'<a href="{url}" target="_blank" rel="nofollow noopener noreferrer">{url}</a>'


def _tag_link(token: Token, base_url: str) -> str:
    href = html.escape(f"{base_url}/tags/{quote(token.name)}")
    name = html.escape(token.text[1:])
    # Always an ASCII `#`, even for a full-width sign: clients recognise a hashtag's link by it.
    return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'


def _mention_link(token: Token, base_url: str) -> str:
    href = html.escape(f"{base_url}/@{token.name}")
    name = html.escape(token.without_host[1:])
    return f'<span class="h-card"><a href="{href}" class="u-url mention">@<span>{name}</span></a></span>'
