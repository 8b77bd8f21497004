"""Who hears of what: the followers who are online, those who follow a hashtag, and those who listen to topics.

Indexes only suggest readers. What each of them sees is decided in `fstream_app.live.readers`, by consistent reads.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice

from fstream_app.core import metrics, settings
from fstream_app.core.entities import Part, ReactionKind, User
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather_all
from fstream_app.core.streams import Socket, Stream, Subscription
from fstream_app.live.entries import Entries, Reach, Removal
from fstream_app.live.online import Online
from fstream_app.live.stories import Batch, Story
from fstream_app.repository import audience, reactors

_MOST_BOOSTERS = 20
_PUBLIC_TOPICS = tuple(str(Subscription(stream).topic) for stream in (Stream.PUBLIC, Stream.LOCAL))


@dataclass
class Reader:
    """What may concern a reader who is online."""

    id: str
    sockets: list[Socket]
    followed: list[Story] = field(default_factory=list)
    """Messages of the reader and of accounts that the reader seems to follow."""
    tagged: list[Story] = field(default_factory=list)
    """Messages with hashtags that the reader seems to follow."""
    listed: list[Story] = field(default_factory=list)
    """Messages on topics to which a socket of the reader listens."""
    removed: set[MessageId] = field(default_factory=set)
    """Messages that are gone from where the reader may have seen them, topics apart."""
    unlisted: dict[str, set[MessageId]] = field(default_factory=dict)
    """By topic: messages that are gone from it, as far as that is known."""
    notified: set[MessageId] = field(default_factory=set)
    """Stored notifications."""
    filters_changed_at: int = 0
    """When the reader's filters have changed (ms); 0 if they have not."""

    @property
    def hears_notifications(self) -> bool:
        """Whether any of the sockets gets notifications."""
        return any(_hears_notifications(socket) for socket in self.sockets)

    @property
    def stories(self) -> list[Story]:
        """All messages that may concern the reader."""
        return list({each.message.id: each for each in (*self.followed, *self.tagged, *self.listed)}.values())


class Readers:
    """The readers of a batch, found among those who are online.

    Args:
        online: those who are online.
        hashtags: returns those of some hashtags that a message had, which may be gone, or all that it may have had.
    """

    def __init__(self, online: Online, hashtags: Callable[[MessageId, Collection[str]], Collection[str]]) -> None:
        self._online = online
        self._hashtags = hashtags
        self._users = online.users()
        self._found: dict[str, Reader] = {}

    def all(self) -> list[Reader]:
        """Return the readers who were found."""
        return list(self._found.values())

    def add(self, entries: Iterable[Entries], batch: Batch, removals: Sequence[Removal]) -> None:
        """Find the readers of a batch.

        RRU: as `audience.followers_among` for each author, and for each hashtag of a public message, if anybody else is
        online. Topics cost nothing.
        """
        for each in entries:
            for notice in each.notified:
                for reader in self._of([notice.user_id]):
                    reader.notified.add(MessageId.parse(notice.id))
            for change in each.filtering:
                for reader in self._of([change.user_id]):
                    reader.filters_changed_at = change.time
        near = [each for each in removals if each.reach >= Reach.FOLLOWERS]
        removals = [*removals, *chain.from_iterable(gather_all([partial(_wrappers, each) for each in near]))]
        followers, tagged = self._followers(batch, removals)
        for story in batch.stories:
            self._add_story(story, followers, tagged)
        for removal in removals:
            self._take_back(removal, followers)

    def _of(self, user_ids: Iterable[str]) -> list[Reader]:
        """Return those of these users who are online, as readers."""
        for user_id, sockets in self._online.of_users(set(user_ids) - self._found.keys()).items():
            self._found[user_id] = Reader(user_id, sockets)
        return [self._found[each] for each in user_ids if each in self._found]

    def _followers(
        self, batch: Batch, removals: Collection[Removal]
    ) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
        """Return which of the users who are online follow each author, and each hashtag, as far as indexes show."""
        authors = {each.message.author_id for each in batch.stories}
        authors |= {MessageId.parse(each.id).author_id for each in removals if each.reach >= Reach.FOLLOWERS}
        public = (each.message for each in batch.stories if each.message.visibility is Visibility.PUBLIC)
        tags = {name for message in public for name in message.tags}
        most = settings.get().live_followers
        by_author = [partial(self._following, author_id, batch.users.get(author_id), most) for author_id in authors]
        by_tag = [partial(self._following_tag, name, most // len(tags)) for name in tags]
        found = gather_all([*by_author, *by_tag])
        return (
            dict(zip(authors, found[: len(authors)], strict=True)),
            dict(zip(tags, found[len(authors) :], strict=True)),
        )

    def _following(self, author_id: str, author: User | None, most: int) -> set[str]:
        others = self._users - {author_id}
        if not others:
            return set()
        expected = author.followers_count if author else 0
        return _counted(audience.followers_among(author_id, others, most, expected))

    def _following_tag(self, name: str, most: int) -> set[str]:
        return _counted(audience.tag_followers_among(name, self._users, most)) if self._users else set()

    def _add_story(self, story: Story, followers: Mapping[str, set[str]], tagged: Mapping[str, set[str]]) -> None:
        message = story.message
        near = {message.author_id, *followers[message.author_id]}
        for reader in self._of(near):
            reader.followed.append(story)
        by_tag = {user_id for name in message.tags for user_id in tagged.get(name, ())}
        for reader in self._of(by_tag):
            reader.tagged.append(story)
        for reader in self._of({each.user_id for topic in story.topics for each in self._online.listening(topic)}):
            reader.listed.append(story)

    def _take_back(self, removal: Removal, followers: Mapping[str, set[str]]) -> None:
        message_id = MessageId.parse(removal.id)
        near = {message_id.author_id, *removal.people, *followers.get(message_id.author_id, ())}
        for reader in self._of(near if removal.reach >= Reach.FOLLOWERS else {message_id.author_id, *removal.people}):
            reader.removed.add(message_id)
        if removal.reach >= Reach.EVERYBODY:
            for topic in self._topics_of(message_id):
                for reader in self._of({each.user_id for each in self._online.listening(topic)}):
                    reader.unlisted.setdefault(topic, set()).add(message_id)

    def _topics_of(self, message_id: MessageId) -> list[str]:
        """Return the topics on which a public message that is gone may have been."""
        by_topic = self._online.hashtag_topics()
        names = self._hashtags(message_id, set(by_topic.values())) if by_topic else ()
        return [*_PUBLIC_TOPICS, *(topic for topic, name in by_topic.items() if name in names)]


def _wrappers(removal: Removal) -> list[Removal]:
    """Return the boosts of a message that is gone, which show nothing any more; those of the first boosters.

    1 RRU, and 1 for each booster.
    """
    message_id, part = MessageId.parse(removal.id), Part(_MOST_BOOSTERS)
    boosters = chain.from_iterable(
        islice(reactors.by_message(ReactionKind.BOOST, message_id, part, private=private), _MOST_BOOSTERS)
        for private in (False, True)
    )
    wrappers = reactors.wrappers({(user_id, message_id) for user_id in boosters})
    return [Removal(str(each), int(Reach.FOLLOWERS)) for each in wrappers.values()]


def hears_notifications(socket: Socket, subscription: Subscription) -> bool:
    """Return whether a subscription of a socket brings notifications: also that to `user`, with the scope for them."""
    return subscription.stream.is_private and "read:notifications" in socket.scopes


def _hears_notifications(socket: Socket) -> bool:
    return any(hears_notifications(socket, each) for each in socket.subscriptions)


def _counted(found: audience.Found) -> set[str]:
    metrics.count(Metric.LIVE_CUT, int(found.is_cut))
    return found.user_ids
