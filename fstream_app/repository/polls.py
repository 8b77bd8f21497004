"""A message's poll and its counts, as attributes of the message's item."""

from typing import Any

from pynamodb.expressions.update import Action

from fstream_app.core.polls import MAX_OPTIONS, Poll
from fstream_app.tables import MessageItem
from fstream_app.tables.base import Table

VERSION = "poll_version"
"""The attribute whose value an item's counts of votes belong to: see `counting.Owner`."""
VOTERS = "voters_count"
TALLIES = tuple(f"votes_{index}" for index in range(MAX_OPTIONS))
"""The counts of votes, by option."""


def attributes(poll: Poll | None) -> dict[str, Any]:
    """Return the attributes of a message's item that hold a new poll, without any votes."""
    if poll is None:
        return {}
    return {
        "poll_options": list(poll.options),
        "poll_closes_at": poll.closes_at,
        "poll_multiple": poll.multiple or None,
        "poll_hides_totals": poll.hides_totals or None,
        VERSION: poll.version,
    }


def from_values(values: dict[str, Any]) -> Poll | None:
    """Return the poll in an item's values (`wire.values`), with its votes."""
    options = values.get("poll_options")
    if not options:
        return None
    return Poll(
        options=tuple(option["S"] for option in options),
        closes_at=int(values["poll_closes_at"]),
        multiple=bool(values.get("poll_multiple")),
        hides_totals=bool(values.get("poll_hides_totals")),
        version=int(values[VERSION]),
        voters=int(values.get(VOTERS) or 0),
        votes=tuple(int(values.get(name) or 0) for name in TALLIES[: len(options)]),
    )


def changes(old: Poll | None, new: Poll | None) -> list[Action]:
    """Return the changes to a message's item that replace its poll, and discard all votes if the version changes.

    They belong in an update whose condition is that nobody else has edited the message.
    """
    stored = attributes(new)
    names = ["poll_options", "poll_closes_at", "poll_multiple", "poll_hides_totals", VERSION]
    actions = [_change(MessageItem, name, stored.get(name)) for name in names]
    if old is not None and (new is None or new.version != old.version):
        actions += [getattr(MessageItem, name).remove() for name in (VOTERS, *TALLIES)]
    return actions


def _change(model: type[Table], name: str, value: object) -> Action:
    attribute = getattr(model, name)
    action: Action = attribute.remove() if value is None else attribute.set(value)
    return action
