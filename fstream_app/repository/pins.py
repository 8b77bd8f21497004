"""Pinned messages: the author's item in the users table lists their ids, and each message is marked.

The list gives a profile what to read, and the mark shows on every page whether a message is pinned. Both change in one
transaction, and only if the list is still as it was read: so neither is lost when two requests pin at the same time.
"""

from collections.abc import Sequence

from pynamodb.exceptions import DoesNotExist

from fstream_app.core.ids import MessageId
from fstream_app.repository import messages, users
from fstream_app.repository.transactions import Writes
from fstream_app.tables import MessageItem, UserItem


class Changed(Exception):
    """The list is not as it was read, or its user is hidden."""


class Gone(Exception):
    """The message no longer exists."""


def of_user(user_id: str) -> list[MessageId]:
    """Read the ids of a user's pinned messages, the last pinned first: key `id`, consistent; 1 RRU.

    Those that have expired or are deleted remain until the user pins or unpins another one.
    """
    try:
        item = UserItem.get(user_id, consistent_read=True)
    except DoesNotExist:
        return []
    return [MessageId.parse(each) for each in item.pinned or ()]


def replace(before: Sequence[MessageId], after: Sequence[MessageId], changed: MessageId) -> None:
    """Replace an author's list of pinned messages, and mark the one message that is pinned, or no longer.

    Keys `id` and `author_id`, `id`, in one transaction; 4 WRU.

    Args:
        before: the list as it was read.
        after: the new list.
        changed: a message that is only in one of them.

    Raises:
        Changed: the list has changed since, or the user is hidden.
        Gone: the message was deleted.
    """
    unchanged = UserItem.pinned == list(map(str, before)) if before else UserItem.pinned.does_not_exist()
    stored = UserItem.pinned.set(list(map(str, after))) if after else UserItem.pinned.remove()
    mark = MessageItem.pinned.set(True) if changed in after else MessageItem.pinned.remove()
    writes = Writes()
    writes.update(messages.address(changed), [mark], MessageItem.id.exists(), otherwise=Gone)
    writes.update(UserItem(changed.author_id), [stored], users.present() & unchanged, otherwise=Changed)
    writes.commit()
