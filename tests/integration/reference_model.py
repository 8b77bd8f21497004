"""What users see of each other, as simply as possible: sets in memory, without delivery, pages or caches.

Where delivery decides whether a message is visible yet, the model returns what must and what may be visible.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.lists import RepliesPolicy
from fstream_app.core.packing import Visibility
from tests.integration.reference_quotes import Quotes
from tests.integration.reference_state import BATCH, TAG, Event, Filtering, Listed, Posted, Still

_LONGEST = 7 * 86_400_000


@dataclass
class Network(Quotes):
    """All users' relationships, messages and notifications. Times are milliseconds."""

    settling: int = 1500
    tag: str = TAG  # most messages have it
    bound: int = 30_000
    """Milliseconds for which timelines wait for messages that have not been delivered."""
    following: set[tuple[str, str]] = field(default_factory=set)
    following_tag: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    requests: set[tuple[str, str]] = field(default_factory=set)
    """Requests to follow: requester and locked account."""
    silencing: set[tuple[str, str]] = field(default_factory=set)  # mutes that include notifications
    stills: dict[tuple[str, MessageId], Still] = field(default_factory=dict)
    """Conversations that users have muted or unmuted, by user and first message."""
    notifying: dict[tuple[str, str], int] = field(default_factory=dict)
    """Since when users are notified of the messages of accounts that they follow."""
    lifetimes: dict[tuple[str, Visibility], int | None] = field(default_factory=dict)
    """Users' default lifetimes (seconds), by visibility. If one is missing, the default is a day."""
    cleared: dict[str, int] = field(default_factory=dict)
    lists: dict[str, Listed] = field(default_factory=dict)
    filters: dict[tuple[str, str], Filtering] = field(default_factory=dict)
    """Users' filters, by user and keyword, which is the title as well."""
    late_at: int = 0  # when a message was last delivered after the settling time

    def follow(self, follower: str, followed: str) -> bool:
        if self._are_apart(follower, followed):
            return False
        pair = (follower, followed)
        (self.requests if followed in self.locked and pair not in self.following else self.following).add(pair)
        return True

    def unfollow(self, follower: str, followed: str) -> None:
        self.following.discard((follower, followed))
        self.requests.discard((follower, followed))

    def unlock(self, user: str) -> None:
        """Accept all requests to follow a user, who is open from then on."""
        self.locked.discard(user)
        accepted = {pair for pair in self.requests if pair[1] == user}
        self.requests -= accepted
        self.following |= accepted

    def authorize(self, requester: str, user: str) -> None:
        self.requests.remove((requester, user))
        self.following.add((requester, user))

    def block(self, blocker: str, blocked: str) -> None:
        self.blocking.add((blocker, blocked))
        self.following -= {(blocker, blocked), (blocked, blocker)}
        self.requests -= {(blocker, blocked), (blocked, blocker)}

    def unblock(self, blocker: str, blocked: str) -> None:
        self.blocking.discard((blocker, blocked))

    def mute(self, muter: str, muted: str, until: float, *, notifications: bool) -> None:
        self.muting[muter, muted] = until
        self.silencing.discard((muter, muted))
        if notifications:
            self.silencing.add((muter, muted))

    def unmute(self, muter: str, muted: str) -> None:
        self.muting.pop((muter, muted), None)
        self.silencing.discard((muter, muted))

    def still(self, user: str, message_id: MessageId, now: int, *, muted: bool) -> None:
        """Mute or unmute a message's conversation. One that is muted again is so from the first time on."""
        key = (user, self.root(message_id))
        known = self.stills.get(key)
        if muted:
            self.stills[key] = Still(known.since if known else now, None, now + 2 * _LONGEST)
        elif known and known.until is None:
            self.stills[key] = Still(known.since, now, now + _LONGEST)

    def root(self, message_id: MessageId) -> MessageId:
        return [*self.above(message_id), message_id][0]

    def is_muted(self, user: str, message_id: MessageId, now: int) -> bool | None:
        """Return whether a conversation is muted; None once that may have expired, or been prolonged."""
        still = self.stills.get((user, self.root(message_id)))
        return None if still and now >= still.expires_at else still is not None and still.until is None

    def is_quiet(self, user: str, message_id: MessageId, time: int, now: int) -> bool | None:
        """Return whether what happened to a message at a time is left out of notifications; None if it may be."""
        still = self.stills.get((user, self.root(message_id)))
        if still is None:
            return False
        time = max(time, message_id.time)
        ends = {still.since, still.since if still.until is None else still.until}
        if now >= still.expires_at or any(abs(time - end) < BATCH for end in ends):
            return None
        return still.since <= time and (still.until is None or time < still.until)

    def announced(self, reader: str, now: int) -> tuple[list[MessageId], set[MessageId]]:
        """Return the messages that the reader must be notified of as a follower, and those that may also notify."""
        sure, possible = self.home(reader, now, polled=True)
        wanted = [
            each
            for each in [*sure, *possible]
            if each in self.posted
            and each.time >= self.notifying.get((reader, each.author_id), now + 1)
            and not self.posted[each].message.is_reply
            and each.time > self.cleared.get(reader, -1)
        ]
        quiet = {each: self.is_quiet(reader, each, each.time, now) for each in wanted}
        certain = [each for each in wanted if quiet[each] is False and each not in possible]
        return certain, {each for each in wanted if not quiet[each]} - set(certain)

    def post(self, message: Message, wanted: int | None, *, ends: bool = False) -> None:
        """Post a message with the lifetime that its author wants, if any; the first one of a thread may end the thread.

        How long it lives, the model decides by itself.
        """
        above, time = self.posted[message.in_reply_to] if message.in_reply_to else None, message.id.time
        if wanted is None and above and message.visibility is Visibility.DIRECT:
            wanted = max(60, above.seconds)
        seconds = wanted or self.lifetimes.get((message.author_id, message.visibility)) or 86_400
        expires_at = time + 1000 * seconds
        thread_ends_at = above.thread_ends_at if above else expires_at if ends else None
        if thread_ends_at is not None and thread_ends_at < expires_at:
            seconds, expires_at = -(-(thread_ends_at - time) // 1000), thread_ends_at
        self.posted[message.id] = Posted(message, seconds, expires_at, thread_ends_at)

    def delete(self, message_id: MessageId) -> None:
        self.posted[message_id].deleted = True

    def deliver(self, message_id: MessageId, now: int) -> None:
        """Fan a message out, once or again: notify the users mentioned, replied to and quoted, if they may see it."""
        posted = self.posted.get(message_id) or self.wrappers[message_id]
        message = posted.message
        if not message.is_due(now):
            posted.notified_at, posted.delivered = message_id.time, True
            self.events |= dict.fromkeys(posted.early(), True)
            return
        since = {(mention.user_id, "mention"): mention.since for mention in message.mentions}
        notified = [
            (receiver, kind)
            for receiver, kind in posted.addressed()
            if self.may_see(receiver, posted, now) and not self.silences(receiver, message.author_id, now)
        ]
        is_counted = (message.is_counted or message.is_counted_quote) and self.may_see(message.author_id, posted, now)
        if posted.notified_at is None and (notified or is_counted):
            posted.notified_at = now
        for receiver, kind in notified:
            time = since.get((receiver, kind)) or posted.notified_at or now
            event = Event(receiver, kind, message.author_id, message_id, time)
            self.events.setdefault(event, not posted.delivered)
        posted.delivered = True
        if now - message_id.time > self.settling:
            self.late_at = now

    def favourite(self, user: str, message_id: MessageId, now: int) -> None:
        """Add a favourite, which is counted and notified at this time."""
        posted = self.posted[message_id]
        author = message_id.author_id
        if user not in posted.favourites and user != author and not self.silences(author, user, now):
            self.events[Event(author, "favourite", user, message_id, now)] = True
        posted.favourites.add(user)

    def unfavourite(self, user: str, message_id: MessageId) -> None:
        self.posted[message_id].favourites.discard(user)
        for event in list(self.events):
            if (event.kind, event.actor, event.message_id) == ("favourite", user, message_id):
                del self.events[event]

    def leave(self, user: str) -> None:
        """Delete a user and everything of theirs."""
        for pairs in (self.following, self.requests, self.blocking, self.silencing):
            pairs -= {pair for pair in pairs if user in pair}
        self.muting = {pair: until for pair, until in self.muting.items() if user not in pair}
        self.filters = {key: each for key, each in self.filters.items() if key[0] != user}
        for posted in self.everything():
            posted.deleted |= posted.message.author_id == user
            posted.favourites.discard(user)
            posted.bookmarks.discard(user)
        self.events = {event: sure for event, sure in self.events.items() if user not in {event.actor, event.receiver}}

    def matching(self, reader: str, message_id: MessageId, now: int) -> set[str]:
        """Return the titles of the reader's filters that a message matches."""
        if message_id.author_id == reader:
            return set()
        said = self.posted[message_id].message.text.split()
        return {
            word
            for (user, word), each in self.filters.items()
            if user == reader and now < each.expires_at and (word in said or message_id in each.messages)
        }

    def favourites(self) -> list[tuple[str, MessageId]]:
        return [(user, each) for each, posted in self.posted.items() for user in sorted(posted.favourites)]

    def clear(self, user: str, now: int) -> None:
        self.cleared[user] = now - self.settling

    def kept(self, reader: str, kind: str, now: int) -> list[MessageId]:
        """Return the reader's favourites or bookmarks, newest first."""
        kept = [each for each in self.posted.values() if reader in getattr(each, kind)]
        return sorted((each.message.id for each in kept if self.may_see(reader, each, now)), reverse=True)

    def notified(self, reader: str, now: int) -> tuple[set[Event], set[Event]]:
        """Return the notifications that the reader must see, and those that may also be shown."""
        shown = {event for event in self.events if event.receiver == reader and self._is_notified(event, now)}
        cleared, settled = self.cleared.get(reader, -1) + BATCH, now - self.settling
        quiet = {event: self.is_quiet(reader, event.message_id, event.time, now) for event in shown}
        shown = {event for event in shown if not quiet[event]}
        sure = {
            event
            for event in shown
            if self.events[event] and cleared <= event.time <= settled and quiet[event] is False
        }
        return sure, shown - sure

    def _is_notified(self, event: Event, now: int) -> bool:
        if not self.cleared.get(event.receiver, -1) < event.time < now - self.settling + BATCH:
            return False
        if self._are_apart(event.receiver, event.actor) or self.silences(event.receiver, event.actor, now):
            return False
        return self.may_see(event.receiver, self.posted[event.message_id], now) and self.is_quoted(event, now)

    def tagged(self, reader: str, now: int) -> tuple[list[MessageId], set[MessageId]]:
        """Return what must be on the timeline of the common hashtag, newest first, and what may also be on it."""
        settled = [each for each in self.posted.values() if each.message.id.time <= now - self.settling]
        shown = [each for each in settled if each.is_tagged(self.tag) and self._is_read(each, reader, now)]
        sure = [each.message.id for each in shown if each.delivered and not self._waits(each, now)]
        return sorted(sure, reverse=True), {each.message.id for each in shown} - set(sure)

    def _waits(self, posted: Posted, now: int) -> bool:
        """Return whether timelines may hold a message back: one before it is missing, or deliveries have been late."""
        if now - self.late_at <= 11_000 and now - posted.message.id.time <= self.bound:
            return True
        return any(
            not each.delivered
            and each.message.id < posted.message.id
            and now - each.message.id.time <= self.bound + 1000
            for each in self.everything()
        )

    def above(self, message_id: MessageId) -> list[MessageId]:
        """Return a message's ancestors, visible or not, oldest first."""
        answered = self.posted[message_id].message.in_reply_to
        return [*self.above(answered), answered] if answered else []

    def thread(
        self, message_id: MessageId, reader: str, now: int
    ) -> tuple[list[MessageId], list[MessageId], set[MessageId]]:
        """Return a message's visible ancestors; its descendants that must be shown, in order; those that may be."""
        above = [each for each in self.above(message_id) if self._is_read(self.posted[each], reader, now)]
        paths = {each: [*self.above(each), each] for each in self.posted}
        below = sorted((each for each, path in paths.items() if message_id in path[:-1]), key=lambda each: paths[each])
        seen = [each for each in below if self._is_read(self.posted[each], reader, now)]
        sure = [each for each in seen if self.posted[each].delivered or each.author_id == reader]
        return above, sure, set(seen) - set(sure)

    def counts(self, message_id: MessageId, now: int) -> tuple[int, int]:
        """Return the numbers of a message's favourites and of its live and counted public or unlisted replies."""
        replies = [
            each
            for each in self.posted.values()
            if each.message.in_reply_to == message_id
            and each.message.visibility <= Visibility.UNLISTED
            and each.delivered
            and not each.deleted
            and now < each.expires_at
            and each.message.is_due(now)
        ]
        return len(self.posted[message_id].favourites), len(replies)

    def home(self, reader: str, now: int, *, polled: bool) -> tuple[list[MessageId], set[MessageId]]:
        """Return what must be on the reader's home timeline, newest first, and what may also be on it.

        Other users' messages whose record has not been processed may be there. A polling reader (with a lower
        bound) who follows somebody not muted sees even their own messages only once they have settled, and those whose
        record has not been processed may be waited for.
        """
        shown = [each for each in self.everything() if self._belongs(each, reader, now)]
        follows = any(
            follower == reader and self.muting.get((reader, followed), 0) <= now and followed not in self.apart(reader)
            for follower, followed in self.following
        )
        waits_for_others = polled and (follows or reader in self.following_tag)
        if waits_for_others:
            shown = [each for each in shown if each.message.id.time <= now - self.settling]
        sure = [
            each.message.id
            for each in shown
            if (each.delivered or (each.message.author_id == reader and not waits_for_others))
            and not ((waits_for_others or each.message.author_id != reader) and self._waits(each, now))
        ]
        return sorted(sure, reverse=True), {each.message.id for each in shown} - set(sure)

    def may_see(self, reader: str, posted: Posted, now: int) -> bool:
        """Return whether the reader may see a message."""
        message = posted.message
        if posted.deleted or now >= posted.expires_at or not message.is_due(now):
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
        if not self._is_seen_in_full(posted, reader, now):
            return False
        if author == reader:
            return True
        followed = {followed for follower, followed in self.following if follower == reader}
        if reader in self.following_tag and posted.is_tagged(self.tag) and author not in self.apart(reader):
            return self._is_read(posted, reader, now) and posted.message.id.time <= now - self.settling
        return author not in self.apart(reader) and self._is_of(posted, followed, reader, followed, now)

    def _is_of(
        self, posted: Posted, authors: Collection[str], reader: str, answering: Collection[str], now: int
    ) -> bool:
        """Return whether a message is by one of these authors, and if it is a reply, answers one of the others."""
        author, answered = posted.message.author_id, posted.message.in_reply_to
        if author not in authors or self.muting.get((reader, author), 0) > now:
            return False
        if answered and answered.author_id not in {author, reader, *answering}:
            return False
        return posted.message.id.time <= now - self.settling and self._is_seen_in_full(posted, reader, now)

    def _is_seen_in_full(self, posted: Posted, reader: str, now: int) -> bool:
        """Return whether a reader may see a message, and, if it is a boost, wants to see what it shows."""
        original = self.posted[posted.message.boost_of] if posted.message.boost_of else posted
        is_seen = self.may_see(reader, posted, now) and self.may_see(reader, original, now)
        return is_seen and not self.hides_the_boost(posted, reader, now)

    def apart(self, reader: str) -> set[str]:
        """Return the members of the reader's exclusive lists."""
        return {
            each for made in self.lists.values() if made.exclusive and made.owner == reader for each in made.members
        }

    def listed(self, name: str, now: int) -> tuple[list[MessageId], set[MessageId]]:
        """Return what must be on the timeline of a list, newest first, and what may also be on it."""
        made = self.lists[name]
        followed = {followed for follower, followed in self.following if follower == made.owner}
        answering = {RepliesPolicy.LIST: made.members, RepliesPolicy.FOLLOWED: followed, RepliesPolicy.NONE: set()}
        shown = [
            each
            for each in self.everything()
            if self._is_of(each, made.members, made.owner, answering[made.policy], now)
        ]
        sure = [each.message.id for each in shown if each.delivered and not self._waits(each, now)]
        return sorted(sure, reverse=True), {each.message.id for each in shown} - set(sure)

    def soon(self, reader: str, now: int) -> tuple[list[MessageId], set[MessageId]]:
        """Return what must be on home and expires within the hour, the soonest first, and what may also be there."""
        shown = [each for each in self.everything() if self._belongs(each, reader, now)]
        soon = [each for each in shown if self.end(each.message.id) <= now + 3_600_000]
        sure = [
            each.message.id
            for each in soon
            if each.delivered and each.message.id.time <= now - self.settling and not self._waits(each, now)
        ]
        return sorted(sure, key=lambda each: (self.end(each), each)), {each.message.id for each in soon} - set(sure)

    def end(self, message_id: MessageId) -> int:
        """Return when a message expires, in whole seconds after it was posted, as heads and the log have it."""
        posted = self.posted.get(message_id) or self.wrappers[message_id]
        return message_id.time + 1000 * posted.seconds

    def _is_read(self, posted: Posted, reader: str, now: int) -> bool:
        return self.may_see(reader, posted, now) and self.muting.get((reader, posted.message.author_id), 0) <= now

    def silences(self, user: str, other: str, now: int) -> bool:
        return (user, other) in self.silencing and self.muting[user, other] > now

    def _are_apart(self, one: str, other: str) -> bool:
        return not {(one, other), (other, one)}.isdisjoint(self.blocking)
