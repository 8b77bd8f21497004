"""What a home timeline is, said as plainly as possible: lists in memory, no delivery, no pages, no caches."""

from dataclasses import dataclass, field

from fstream_app.entities import Message
from fstream_app.ids import MessageId
from fstream_app.packing import Visibility


@dataclass
class Posted:
    """A message and what has happened to it."""

    message: Message
    deleted: bool = False
    delivered: bool = False


@dataclass
class Network:
    """Everybody, what they think of each other and what they wrote. Times are milliseconds."""

    settling: int
    following: set[tuple[str, str]] = field(default_factory=set)
    blocking: set[tuple[str, str]] = field(default_factory=set)
    muting: dict[tuple[str, str], float] = field(default_factory=dict)
    posted: dict[MessageId, Posted] = field(default_factory=dict)

    def follow(self, follower: str, followed: str) -> bool:
        if self._are_apart(follower, followed):
            return False
        self.following.add((follower, followed))
        return True

    def unfollow(self, follower: str, followed: str) -> None:
        self.following.discard((follower, followed))

    def block(self, blocker: str, blocked: str) -> None:
        self.blocking.add((blocker, blocked))
        self.following -= {(blocker, blocked), (blocked, blocker)}

    def unblock(self, blocker: str, blocked: str) -> None:
        self.blocking.discard((blocker, blocked))

    def mute(self, muter: str, muted: str, until: float) -> None:
        self.muting[muter, muted] = until

    def unmute(self, muter: str, muted: str) -> None:
        self.muting.pop((muter, muted), None)

    def post(self, message: Message) -> None:
        self.posted[message.id] = Posted(message)

    def delete(self, message_id: MessageId) -> None:
        self.posted[message_id].deleted = True

    def home(self, reader: str, now: int, *, polled: bool) -> tuple[list[MessageId], set[MessageId]]:
        """Return what must be on the reader's home timeline, newest first, and what may be there besides.

        What may or may not be is others' messages whose record has not been processed. Who polls, with a lower
        bound, and follows somebody who is not muted gets the own messages too only when they have settled.
        """
        shown = [each for each in self.posted.values() if self._belongs(each, reader, now)]
        if polled and any(
            follower == reader and self.muting.get((reader, followed), 0) <= now
            for follower, followed in self.following
        ):
            shown = [each for each in shown if each.message.id.time <= now - self.settling]
        sure = [each.message.id for each in shown if each.delivered or each.message.author_id == reader]
        return sorted(sure, reverse=True), {each.message.id for each in shown} - set(sure)

    def may_see(self, reader: str, posted: Posted, now: int) -> bool:
        """Tell whether the reader may see a message."""
        message = posted.message
        if posted.deleted or now >= message.id.time + 1000 * message.lifetime:
            return False
        if reader == message.author_id:
            return True
        if self._are_apart(reader, message.author_id):
            return False
        mentioned = reader in {mention.user_id for mention in message.mentions}
        follows = (reader, message.author_id) in self.following
        return {
            Visibility.PUBLIC: True,
            Visibility.UNLISTED: True,
            Visibility.PRIVATE: follows or mentioned,
            Visibility.DIRECT: mentioned,
        }[message.visibility]

    def _belongs(self, posted: Posted, reader: str, now: int) -> bool:
        message = posted.message
        author = message.author_id
        if not self.may_see(reader, posted, now):
            return False
        if author == reader:
            return True
        if (reader, author) not in self.following or self.muting.get((reader, author), 0) > now:
            return False
        answered = message.in_reply_to.author_id if message.in_reply_to else author
        if answered not in {author, reader} and (reader, answered) not in self.following:
            return False
        return message.id.time <= now - self.settling

    def _are_apart(self, one: str, other: str) -> bool:
        return not {(one, other), (other, one)}.isdisjoint(self.blocking)
