"""Edits of messages. Nothing of the previous version is left: not in the item, and not in views.

A version is known by the time of its edit, so of two edits at the same time, one fails and is made again from the other
one's version. An edit changes an item that exists, and never puts one, so it brings back nothing that was deleted.
"""

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app.core.entities import Message
from fstream_app.repository import batch, conditional, messages, polls, timelines, updates
from fstream_app.repository.transactions import ACTIONS, Writes
from fstream_app.tables import MessageItem, TimelineItem

_EDITED = ("text", "spoiler", "sensitive", "language", "mentions", "added_mentions", "tags", "edited_at")
"""The attributes that an edit replaces, beside those of the poll. All others stay as they are, such as counts."""


class _Changed(Exception):
    """The message is gone, hidden, or of another version."""


def replace(old: Message, new: Message) -> bool:
    """Replace a version of a message by another one: key `author_id`, `id`, of the old version and not hidden; 1 WRU.

    If the poll has another version, the counts of its votes go in the same write.

    If the message leaves or enters views, one transaction changes them together with the message: 2 WRU for the message
    and for each of these views (keys as `timelines.items`). If these are too many for one, because many people are no
    longer mentioned, the others are left afterwards; no read relies on it. The transaction also puts a mark if the
    message is boosted: see `updates`; 2 WRU, or 1 RRU if it is not.

    Returns:
        Whether the message was of the old version.
    """
    item, actions = messages.address(new.id), _actions(old, new)
    added, removed = _moves(old, new)
    if updates.is_boosted(old):
        added.append(updates.mark(new))
    if not added and not removed:
        return conditional.update(item, actions, _is_still(old))
    writes = Writes()
    writes.update(item, actions, _is_still(old), otherwise=_Changed)
    for each in added:
        writes.save(each)
    room = ACTIONS - 1 - len(added)
    for view in removed[:room]:
        writes.delete(TimelineItem(view, str(new.id)))
    try:
        writes.commit()
    except _Changed:
        return False
    timelines.remove_from(removed[room:], new)
    return True


def leave(old: Message, new: Message | None) -> None:
    """Delete the items of views that only a former version of a message has: keys as `timelines.items`; 1 WRU each.

    Args:
        old: the former version.
        new: the current one; None if the message was deleted.
    """
    kept = _by_view(new) if new else {}
    batch.delete(TimelineItem, [(view, str(old.id)) for view in _by_view(old).keys() - kept])


def _is_still(old: Message) -> Condition:
    edited_at = MessageItem.edited_at
    is_shown = MessageItem.id.exists() & messages.hidden_mark(old).does_not_exist()
    is_old: Condition = (edited_at == old.edited_at) if old.edited_at else edited_at.does_not_exist()
    still: Condition = is_shown & is_old
    return still


def _actions(old: Message, new: Message) -> list[Action]:
    item = messages.item(new)
    values = [(getattr(MessageItem, name), getattr(item, name)) for name in _EDITED]
    said = [attribute.remove() if value is None else attribute.set(value) for attribute, value in values]
    return said if new.poll == old.poll else [*said, *polls.changes(old.poll, new.poll)]


def _moves(old: Message, new: Message) -> tuple[list[batch.Item], list[str]]:
    """Return the items of views that an edit puts, and the keys of the views that it takes the message out of."""
    before = {view: item.serialize() for view, item in _by_view(old).items()}
    after = _by_view(new)
    return [item for view, item in after.items() if before.get(view) != item.serialize()], [*before.keys() - after]


def _by_view(message: Message) -> dict[str, TimelineItem]:
    return {item.timeline: item for item in timelines.items(message) if isinstance(item, TimelineItem)}
