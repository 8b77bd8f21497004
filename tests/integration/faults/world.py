"""Users who write to each other, and the reads that are expected once everything is delivered."""

from fstream_app.core import settings
from fstream_app.core.entities import Message, User, Window
from fstream_app.core.ids import new_user_id
from fstream_app.core.notices import NotificationKind
from fstream_app.core.packing import Visibility
from fstream_app.feed import timelines
from fstream_app.feed.home import read as read_home
from fstream_app.feed.timelines import Tags
from fstream_app.messages import notifications, posting, reactions, reading
from fstream_app.messages.posting import Draft
from fstream_app.people import following, users
from fstream_app.repository import users as user_items
from ops.pump import Pump
from tests.integration.reference_model import Network
from tests.integration.reference_state import Event, agree
from tests.support.clock import Clock
from tests.support.engines import cool_down

SETTLING = 1500
NEWEST = Window(limit=40)
OLDEST = Window(limit=40, oldest_first=True)
HOUR = 3600


class World:
    """Users, the model of what they must read, and the pump that delivers."""

    def __init__(self, clock: Clock, pump: Pump, dead_letters: list[dict[str, object]]) -> None:
        self.clock = clock
        self.pump = pump
        self.dead_letters = dead_letters
        clock.advance(60)  # right after a full hour, new messages would be read from the heads
        self.begin()

    def begin(self) -> None:
        """Begin again with a new network and no users."""
        self.tag = f"tag{self.clock.advance(1)}"
        self.network = Network(settling=SETTLING, tag=self.tag)
        self.people: list[User] = []
        self.favourites: list[tuple[str, Message]] = []
        """Not delivered yet."""

    def join(self, *names: str) -> list[User]:
        joined = []
        for name in names:
            unique = f"{name}_{self.tag}"
            user = User(id=new_user_id(), name=unique, created_at=self.clock.now, password_hash="hash")
            user_items.create(user)
            joined.append(user)
        self.people += joined
        return joined

    def follow(self, one: User, other: User) -> None:
        following.follow(one.id, other.id, self.clock.now)
        self.network.follow(one.id, other.id)

    def unfollow(self, one: User, other: User) -> None:
        following.unfollow(one.id, other.id, self.clock.now)
        self.network.unfollow(one.id, other.id)

    def post(
        self,
        author: User,
        text: str = "hello",
        *,
        to: Message | None = None,
        visibility: Visibility = Visibility.PUBLIC,
        mentioned: User | None = None,
    ) -> Message:
        """Advance the clock by 0.1 s, then post with this network's hashtag."""
        text = f"{text} #{self.tag}" + (f" @{mentioned.name}" if mentioned else "")
        draft = Draft(text, visibility=visibility, in_reply_to=str(to.id) if to else None, lifetime=7 * 24 * HOUR)
        message = posting.post(author, draft, self.clock.advance(0.1))
        self.network.post(message, draft.lifetime)
        return message

    def delete(self, message: Message) -> None:
        posting.delete(str(message.id), message.author_id, self.clock.now)
        self.network.delete(message.id)

    def favourite(self, user: User, message: Message) -> None:
        reactions.favourite(user.id, str(message.id), self.clock.advance(0.1))
        self.favourites.append((user.id, message))

    def deliver(self) -> None:
        """Run the stream functions on all records, then let everything settle, however late it was."""
        self.pump.drain()
        for posted in self.network.posted.values():
            if not posted.deleted:
                self.network.deliver(posted.message.id, self.clock.now)
        for user_id, message in self.favourites:
            self.network.favourite(user_id, message.id, self.clock.now)
        self.favourites.clear()
        self.clock.advance(settings.get().settling_bound + SETTLING / 1000)

    def check(self) -> None:
        """Assert that all users read what the model predicts, through a warm and a cold function."""
        for reader in self.people:
            self._check_home(reader, NEWEST, polled=False)  # from the tail
            self._check_tag(reader, self.clock.now)
            self._check_notifications(reader, self.clock.now)
            self._check_counts(reader, self.clock.now)
        cool_down()
        self.clock.advance(HOUR)
        for reader in self.people:
            self._check_home(reader, OLDEST, polled=True)  # from the heads

    def _check_home(self, reader: User, window: Window, *, polled: bool) -> None:
        sure, possible = self.network.home(reader.id, self.clock.now, polled=polled)
        assert not possible
        assert [message.id for message in read_home(reader.id, window, self.clock.now).messages] == sure

    def _check_tag(self, reader: User, now: int) -> None:
        sure, possible = self.network.tagged(reader.id, now)
        assert not possible
        assert [message.id for message in timelines.tag(Tags((self.tag,)), reader.id, NEWEST, now).messages] == sure

    def _check_notifications(self, reader: User, now: int) -> None:
        shown = [each.notification for each in notifications.of_user(reader.id, NEWEST, now).shown]
        sure, possible = self.network.notified(reader.id, now)
        assert not possible
        events = [
            Event(reader.id, each.kind, each.actor_id, each.message_id, each.id.time)
            for each in shown
            if each.message_id
        ]
        assert agree(events, sure)
        followers = [one for one, other in self.network.following if other == reader.id]
        assert sorted(each.actor_id for each in shown if each.kind is NotificationKind.FOLLOW) == sorted(followers)

    def _check_counts(self, reader: User, now: int) -> None:
        following = self.network.following
        user = users.get(reader.id, consistent=True)
        assert user.following_count == sum(one == reader.id for one, _ in following)
        assert user.followers_count == sum(other == reader.id for _, other in following)
        written = [
            each for each in self.network.posted.values() if each.message.author_id == reader.id and not each.deleted
        ]
        counted = [each for each in written if each.message.visibility is not Visibility.DIRECT]
        assert users.activity(user, now).messages == len(counted)
        for posted in written:
            message = reading.get(str(posted.message.id), reader.id, now)
            counts = message.favourites_count, message.replies_count(now)
            assert counts == self.network.counts(message.id, now)


def something_of_everything(world: World) -> None:
    """Follow, post, reply, delete and favourite, so that every part of fan-out has work."""
    ada, bob, cyd = world.join("ada", "bob", "cyd")
    for one, other in ((bob, ada), (cyd, ada), (ada, bob), (cyd, bob)):
        world.follow(one, other)
    first = world.post(ada, mentioned=bob)
    answer = world.post(bob, to=first)
    world.post(ada, visibility=Visibility.PRIVATE)
    world.post(cyd, to=answer, visibility=Visibility.UNLISTED)
    world.delete(world.post(ada, mentioned=cyd))
    world.post(cyd, visibility=Visibility.DIRECT, mentioned=ada)
    for user in (bob, cyd):
        world.favourite(user, first)
