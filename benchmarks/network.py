"""A network of any size, written directly into the tables in the state that the API and the fan-out would produce."""

import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

from fstream_app.access import oauth
from fstream_app.core import clock, ids, packing
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message, User
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Entry
from fstream_app.core.parallel import gather_all
from fstream_app.feed import tail
from fstream_app.repository import batch, heads, log, messages, users
from fstream_app.repository import timelines as views
from fstream_app.repository.users import PREFIX_LENGTH
from fstream_app.tables import EdgeItem, UserItem
from ops import provisioning

AUTHORS = 1_000
"""Default number of authors, who post in turn."""
FOLLOWED = 100
"""Number of authors, the first ones, that each reader follows."""
TEXT = ("The quick brown fox jumps over the lazy dog, and nobody remembers it. " * 2)[:140]
LIFETIME = 7 * 86_400
_SPAN = 50 * 60_000
"""Age of the first message (ms), which leaves time for 100,000 messages."""
_STEP = 30
"""Time between two messages (ms)."""
_DELIVERED_AFTER = 500
"""Time from a post to its entry in the log (ms)."""
_DELIVERED_TOGETHER = 100
"""Messages in a fan-out batch, which is the maximum."""
_NAME_LENGTH = 10
_WRITTEN_TOGETHER, _WRITERS = 250, 4

Progress = Callable[[str], None]
"""Shows the current step."""


class Network:
    """Readers who follow the same 100 authors, a writer, a celebrity, and everybody else."""

    def __init__(self, readers: int = 1, authors: int = AUTHORS) -> None:
        provisioning.provision()
        self.now = clock.now()
        """Time of creation (ms); all messages are older."""
        self.everybody: list[User] = []
        self.message_count = 0
        self.followers: list[User] = []
        """Followers of the celebrity."""
        self._newest: dict[str, deque[Entry]] = defaultdict(lambda: deque(maxlen=packing.HEAD_CAPACITY))
        self._application = oauth.register("benchmarks", (oauth.OUT_OF_BAND,), "read write follow", None, self.now)
        self.readers = [self._sign_up(f"reader{number}") for number in range(readers)]
        self.writer, self.celebrity = self._sign_up("writer"), self._sign_up("celebrity")
        self._roles = len(self.everybody)
        self.authors = self._crowd(authors)
        _put(
            EdgeItem(reader.id, edge(EdgeKind.FOLLOW, author.id))
            for reader in self.readers
            for author in self.authors[:FOLLOWED]
        )

    @property
    def reader(self) -> User:
        """The first reader."""
        return self.readers[0]

    def _sign_up(self, name: str) -> User:
        user = User(id=ids.new_user_id(), name=name, created_at=self.now, password_hash="none")
        users.create(user)
        self.everybody.append(user)
        return user

    def _crowd(self, number: int) -> list[User]:
        """Create many users at once, with random names."""
        made = [
            User(
                id=ids.new_user_id(),
                name=ids.encode(secrets.randbits(5 * _NAME_LENGTH), _NAME_LENGTH),
                created_at=self.now,
                password_hash="none",
            )
            for _ in range(number)
        ]
        _put(item for user in made for item in _items(user))
        self.everybody += made
        return made

    def secret(self, user: User) -> str:
        """Log a user in; return the access token's secret."""
        application = self._application.application
        return oauth.for_user(application, user, application.scopes, self.now).secret

    def grow_users(self, count: int) -> None:
        """Add users up to a total of `count`."""
        self._crowd(max(0, count - len(self.everybody)))

    def grow_followers(self, count: int) -> None:
        """Add followers of the celebrity up to a total of `count`, and users if there are too few."""
        self.grow_users(count + self._roles)
        new = self.everybody[self._roles + len(self.followers) : self._roles + count]
        _put(EdgeItem(user.id, edge(EdgeKind.FOLLOW, self.celebrity.id)) for user in new)
        self.followers += new
        UserItem(self.celebrity.id).update([UserItem.followers_count.set(count)])

    @property
    def newest_author(self) -> User:
        """Author of the newest message."""
        return self.authors[(self.message_count - 1) % len(self.authors)]

    def newest_followed(self) -> MessageId:
        """Return the id of the newest message by an author whom the readers follow."""
        return max(self._newest[author.id][-1].id for author in self.authors[:FOLLOWED])

    def grow_messages(self, count: int) -> None:
        """Add public messages up to a total of `count`: to their table, the log, heads and the public timeline."""
        posted = (self._message(number) for number in range(self.message_count, count))
        touched = set()
        while together := list(islice(posted, _DELIVERED_TOGETHER)):
            _put(messages.item(message) for message in together)
            _put(item for message in together for item in views.items(message))
            log.append([message.entry for message in together], 0, together[-1].id.time + _DELIVERED_AFTER)
            for message in together:
                self._newest[message.author_id].append(message.entry)
                touched.add(message.author_id)
        self.message_count = max(self.message_count, count)
        self._write_heads(touched)

    def _message(self, number: int) -> Message:
        author = self.authors[number % len(self.authors)]
        return Message(
            id=MessageId.new(author.id, self.now - _SPAN - 10_000 + _STEP * number), text=TEXT, lifetime=LIFETIME
        )

    def _write_heads(self, author_ids: Iterable[str]) -> None:
        for author_id in author_ids:
            entries = self._newest[author_id]
            heads.put(author_id, packing.pack_head(entries), max(entry.expires_at for entry in entries) // 1000 + 1)


def remember_all(now: int) -> None:
    """Load the whole log into this process's tail, as in a function that has been warm for an hour."""
    tail.shared.clear()
    remembered = tail.shared()
    remembered.refresh(now)
    while (floor := remembered.floor) > now - 2 * log.HOUR:
        remembered.extend(now - 2 * log.HOUR)
        if remembered.floor == floor:
            return


def _put(items: Iterable[batch.Item]) -> None:
    """Write many items, with several concurrent calls."""
    for parts in batch.chunks(batch.chunks(items, _WRITTEN_TOGETHER), _WRITERS):
        gather_all([partial(batch.put, part) for part in parts])


def _items(user: User) -> tuple[batch.Item, batch.Item]:
    """Return the two items of a user, as `repository.users.create` writes them."""
    return (
        UserItem(users.reservation(user.name), user_id=user.id),
        UserItem(
            user.id,
            name=user.name,
            name_prefix=user.name[:PREFIX_LENGTH],
            created_at=user.created_at,
            password_hash=user.password_hash,
            discoverable=True,
        ),
    )
