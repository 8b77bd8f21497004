"""Large numbers of users and messages, written with as few calls as possible."""

from collections.abc import Collection, Iterable, Sequence

from fstream_app.core import ids, packing
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message, User
from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout
from fstream_app.repository import batch, log, messages, users
from fstream_app.tables import EdgeItem, LogItem
from tests.support import delivery

TEXT = "x" * 140
DAY = 86_400
HOUR = 3600


def make_users(number: int, name: str, now: int) -> list[User]:
    made = [
        User(id=ids.new_user_id(), name=f"{name}{each}", created_at=now, password_hash="hash") for each in range(number)
    ]
    for user in made:
        users.create(user)
    return made


def strangers(number: int) -> list[str]:
    """Return new user ids without stored users, to be used in edges and log entries only."""
    return [ids.new_user_id() for _ in range(number)]


def let_follow(followers: Collection[str], followed: Collection[str]) -> None:
    """Write the edges with which every follower follows every followed user; counts are not updated."""
    batch.put(EdgeItem(one, edge(EdgeKind.FOLLOW, other)) for one in followers for other in followed)


def let_block(blockers: Collection[str], blocked: str) -> None:
    """Write the edges by which a user's pages know that these users block the user."""
    batch.put(EdgeItem(blocked, edge(EdgeKind.BLOCKED_BY, blocker)) for blocker in blockers)


def write(authors: Iterable[User], times: Iterable[int]) -> list[Message]:
    """Write a message of each author at each of the times (ms), undelivered."""
    made = [Message(id=MessageId.new(author.id, time), text=TEXT, lifetime=DAY) for author in authors for time in times]
    batch.put(messages.item(message) for message in made)
    return made


def deliver(posted: Sequence[Message], now: int) -> None:
    """Fan messages out, in batches of a hundred."""
    for some in batch.chunks(posted, 100):
        assert delivery.deliver(delivery.changes_of(message.id for message in some), now) == set()


def deliver_briefly(posted: Sequence[Message], now: int) -> None:
    """Append messages to the log and rebuild their authors' heads, which is all that home timelines need."""
    log.append(sorted(message.entry for message in posted), 0, now)
    for author_id in {message.author_id for message in posted}:
        fanout.rebuild_head(author_id)


def write_of_strangers(number: int, start: int) -> None:
    """Append this many messages to the log from a time (ms) on, 1 ms apart, each in a separate item."""
    batch.put(
        LogItem(
            f"{start // log.HOUR}#0",
            ids.encode(start + each, 10) + ids.encode(each, 5),
            entries=packing.pack_log([Message(MessageId.new(author, start + each), TEXT, DAY).entry]),
            expires_at=start // 1000 + DAY,
        )
        for each, author in enumerate(strangers(number))
    )
