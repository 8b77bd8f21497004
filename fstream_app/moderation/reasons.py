"""A moderator's reason, which is shown to the user concerned."""

from fstream_app.core import cleaning
from fstream_app.text import limits

MAX_REASON = 500


def validate(reason: str) -> str:
    """Return a reason cleaned for storage as one line.

    Raises:
        Invalid: the reason is too long.
    """
    why = cleaning.one_line(reason)
    limits.check("A reason", "reason", MAX_REASON, why)
    return why
