"""The options of a follow, and of a request to follow, as attributes of the edge. Most edges have none of them."""

from collections.abc import Sequence

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app.core.following import PLAIN, FollowChange, FollowOptions
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeItem

_SINCE, _HIDES = str(EdgeItem.since.attr_name), str(EdgeItem.hides_boosts.attr_name)
_LANGUAGES = str(EdgeItem.languages.attr_name)


def add(item: EdgeItem, options: FollowOptions) -> EdgeItem:
    """Return an edge that is to be put, with options."""
    item.since = options.notifies_from
    item.hides_boosts = None if options.shows_boosts else True
    item.languages = " ".join(options.languages) or None
    return item


def of(item: WireItem) -> FollowOptions:
    """Return the options of an edge as DynamoDB sends it."""
    if not {_SINCE, _HIDES, _LANGUAGES} & item.keys():
        return PLAIN
    return FollowOptions(
        int(item[_SINCE]["N"]) if _SINCE in item else None,
        _HIDES not in item,
        tuple(item[_LANGUAGES]["S"].split()) if _LANGUAGES in item else (),
    )


def of_edge(item: EdgeItem) -> FollowOptions:
    """Return the options of an edge."""
    since = None if item.since is None else int(item.since)
    return FollowOptions(since, not item.hides_boosts, tuple((item.languages or "").split()))


def replacing(options: FollowOptions) -> list[Action]:
    """Return the update that replaces all options of an edge."""
    return [
        EdgeItem.since.remove() if options.notifies_from is None else EdgeItem.since.set(options.notifies_from),
        EdgeItem.hides_boosts.remove() if options.shows_boosts else EdgeItem.hides_boosts.set(True),
        EdgeItem.languages.set(" ".join(options.languages)) if options.languages else EdgeItem.languages.remove(),
    ]


def changing(change: FollowChange, now: int) -> Sequence[Action]:
    """Return the update that makes a change at this time (ms); empty if nothing changes."""
    actions: list[Action] = []
    if change.notify is not None:
        actions.append(EdgeItem.since.set(EdgeItem.since | now) if change.notify else EdgeItem.since.remove())
    if change.reblogs is not None:
        actions.append(EdgeItem.hides_boosts.remove() if change.reblogs else EdgeItem.hides_boosts.set(True))
    if change.languages is not None:
        chosen = " ".join(change.languages)
        actions.append(EdgeItem.languages.set(chosen) if chosen else EdgeItem.languages.remove())
    return actions


def unchanged(options: FollowOptions) -> Condition:
    """Return the condition that an edge exists and has these options."""
    wanted = add(EdgeItem(), options)
    condition: Condition = EdgeItem.edge.exists()
    for attribute, value in (
        (EdgeItem.since, wanted.since),
        (EdgeItem.hides_boosts, wanted.hides_boosts),
        (EdgeItem.languages, wanted.languages),
    ):
        condition &= attribute.does_not_exist() if value is None else attribute == value
    return condition
