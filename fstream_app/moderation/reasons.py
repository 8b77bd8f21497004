"""A moderator's reason, which is shown to the user concerned."""

from fstream_app.core import cleaning
from fstream_app.core.errors import Invalid

MAX_REASON = 500


def validate(reason: str) -> str:
    """Return a reason cleaned for storage as one line.

    Raises:
        Invalid: the reason is too long.
    """
    why = cleaning.one_line(reason)
    if len(why) > MAX_REASON:
        raise Invalid(f"A reason can have at most {MAX_REASON} characters", "reason", "ERR_TOO_LONG")
    return why
