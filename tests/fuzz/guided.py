"""Coverage-guided fuzzing with atheris: `python -m tests.fuzz.guided TARGET [options of libFuzzer]`.

It ends with an error, and writes the input to a file, if a target raises anything but an error of the domain, takes
more than five seconds, or if memory grows beyond the limit of libFuzzer.
"""

import contextlib
import sys
from collections.abc import Callable
from html.parser import HTMLParser

import atheris

with atheris.instrument_imports(include=["chalicelib", "fstream_app", "multipart"]):
    import multipart  # noqa: F401  # instrumented here, because it is imported only when it is needed

    from chalicelib import bodies, profiles, statuses
    from fstream_app import text
    from fstream_app.core import cleaning
    from fstream_app.core.errors import DomainError
    from fstream_app.text import limits
    from tests.support.parsers import MULTIPART, event

TYPES = (bodies.FORM, bodies.JSON, MULTIPART, "", "text/json; charset=x")
STRUCTS = (statuses.NewStatus, profiles.NewProfile)
MARKUP: dict[str, set[str]] = {"p": set(), "br": set(), "a": {"href", "target", "rel", "class"}, "span": {"class"}}
"""The elements of a message's HTML and their attributes."""
OPTIONS = ("-timeout=5", "-rss_limit_mb=1024", "-max_len=65536", "-print_final_stats=1")


class Checked(HTMLParser):
    """HTML that has nothing but `MARKUP`, and no links but those to the web."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in MARKUP, tag
        attributes = dict(attrs)
        assert attributes.keys() <= MARKUP[tag], attrs
        assert (attributes.get("href") or "https://").lower().startswith(("http://", "https://")), attrs


def read_body(data: bytes) -> None:
    """Read a body; its first byte chooses the type."""
    first, rest = data[:1] or b"\0", data[1:]
    asked = event(rest, TYPES[first[0] % len(TYPES)])
    for struct in STRUCTS:
        with contextlib.suppress(DomainError):
            bodies.read(asked, struct)


def render(data: bytes) -> None:
    """Clean, measure and render a text as a message."""
    content = cleaning.clean(data.decode(errors="surrogateescape"))
    assert cleaning.clean(content) == content
    with contextlib.suppress(DomainError):
        limits.check("Text", "status", 5000, "", content)
        checked = Checked()
        checked.feed(text.to_html(content, base_url="https://a.test", mentions={"a", "b"}, host="a.test"))
        checked.close()
        assert "".join(token.text for token in text.tokens.tokens(content)) == content


TARGETS: dict[str, Callable[[bytes], None]] = {"bodies": read_body, "renderer": render}

if __name__ == "__main__":
    atheris.Setup([sys.argv[0], *OPTIONS, *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
