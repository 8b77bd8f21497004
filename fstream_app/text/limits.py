"""Length limits for texts, in grapheme clusters and in bytes."""

from fstream_app.core import settings
from fstream_app.core.errors import Invalid
from fstream_app.text import graphemes, tokens

BYTES_A_CHARACTER = 16
"""Maximum average of bytes per character: a character can have many code points, and a long link counts as 23."""


def check(what: str, parameter: str, most: int, plain: str, linked: str = "") -> None:
    """Refuse a text that is too long.

    Args:
        what: the name of the text in the error message.
        parameter: the parameter that it comes from.
        most: the limit in characters; in bytes, it is 16 times this.
        plain: a text that is shown as it is.
        linked: a text that is shown with links, which count as 23.

    Raises:
        Invalid: the two texts together are too long.
    """
    # Bytes first, because counting them is cheap.
    if len(plain.encode()) + len(linked.encode()) > BYTES_A_CHARACTER * most:
        limit = f"{most} characters, and {BYTES_A_CHARACTER * most} bytes"
    elif graphemes.count(plain) + tokens.length(linked, settings.get().host) > most:
        limit = f"{most} characters"
    else:
        return
    raise Invalid(f"{what} can have at most {limit}", parameter, "ERR_TOO_LONG")
