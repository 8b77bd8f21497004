"""The client API's entities that are about quotes, except `Quote`, which has a status in it."""

from typing import Annotated, Literal

import msgspec

from chalicelib.shapes import rule

QuotePolicy = Literal["public", "followers", "nobody"]
QuoteState = Literal["accepted", "deleted", "unauthorized", "blocked_account", "muted_account", "revoked"]


class QuoteApproval(msgspec.Struct, frozen=True, kw_only=True):
    """Who may quote a status, without asking: nobody is asked."""

    automatic: tuple[Annotated[str, rule(enum=["public", "followers"])], ...]
    """`public` or `followers`, besides the author; or empty."""
    manual: tuple[str, ...] = ()
    """Always empty."""
    current_user: Annotated[str, rule(enum=["automatic", "denied"])]
    """Whether the reader may quote the status."""
