"""How long a text may be: in characters as people count them, and in bytes."""

from fstream_app.core import settings
from fstream_app.core.errors import Invalid
from fstream_app.text import graphemes, tokens

BYTES_A_CHARACTER = 16
"""A character can have many code points, and a link counts 23 however long it is, so bytes have a limit too."""


def check(what: str, parameter: str, most: int, plain: str, linked: str = "") -> None:
    """Refuse a text that is too long.

    Args:
        what: what the text is, for the error message.
        parameter: the parameter that it comes from.
        most: how many characters it may have, and 16 times as many bytes.
        plain: a text that is shown as it is.
        linked: a text that is shown with links, which count 23.

    Raises:
        Invalid: the two together are too long.
    """
    # Bytes first: they are counted in no time.
    if len(plain.encode()) + len(linked.encode()) > BYTES_A_CHARACTER * most:
        limit = f"{most} characters, and {BYTES_A_CHARACTER * most} bytes"
    elif graphemes.count(plain) + tokens.length(linked, settings.get().host) > most:
        limit = f"{most} characters"
    else:
        return
    raise Invalid(f"{what} can have at most {limit}", parameter, "ERR_TOO_LONG")
