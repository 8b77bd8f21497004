"""The reason that a moderator gives, which the person concerned reads."""

from fstream_app.core import cleaning
from fstream_app.text import limits

MAX_REASON = 500


def validate(reason: str) -> str:
    """Return a reason as it is stored: one line.

    Raises:
        Invalid: it is too long.
    """
    why = cleaning.one_line(reason)
    limits.check("A reason", "reason", MAX_REASON, why)
    return why
