"""Boosts in the reference model: who sees which, and how pages show each message once."""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from tests.integration.reference_state import Event, Posted


@dataclass
class Boosts:
    """All users' boosts: the wrappers. The model of everything else inherits them."""

    posted: dict[MessageId, Posted] = field(default_factory=dict)
    wrappers: dict[MessageId, Posted] = field(default_factory=dict)
    boostless: set[tuple[str, str]] = field(default_factory=set)
    """Follows without boosts."""
    blocking: set[tuple[str, str]] = field(default_factory=set)
    muting: dict[tuple[str, str], float] = field(default_factory=dict)
    events: dict[Event, bool] = field(default_factory=dict)

    def everything(self) -> list[Posted]:
        """Return all messages, with and without text."""
        return [*self.posted.values(), *self.wrappers.values()]

    def original(self, message_id: MessageId) -> MessageId:
        """Return the message that a wrapper shows, or the message itself."""
        wrapper = self.wrappers.get(message_id)
        return wrapper.message.boost_of if wrapper and wrapper.message.boost_of else message_id

    def boost(self, wrapper: Message, now: int, *, notifies: bool) -> None:
        """Add a boost, which is counted, and notified at this time if the author wants that."""
        original = self.posted[self.original_of(wrapper)]
        seconds = (original.expires_at - wrapper.id.time) // 1000
        self.wrappers[wrapper.id] = Posted(wrapper, seconds, wrapper.id.time + 1000 * seconds, None)
        author, booster = original.message.author_id, wrapper.author_id
        if notifies and author != booster:
            self.events[Event(author, "reblog", booster, original.message.id, now)] = True

    def unboost(self, wrapper_id: MessageId) -> None:
        """End a boost."""
        self.wrappers[wrapper_id].deleted = True
        for event in list(self.events):
            if (event.kind, event.actor, event.message_id) == (
                "reblog",
                wrapper_id.author_id,
                self.original(wrapper_id),
            ):
                del self.events[event]

    @staticmethod
    def original_of(wrapper: Message) -> MessageId:
        assert wrapper.boost_of
        return wrapper.boost_of

    def boosters(self, message_id: MessageId) -> set[str]:
        """Return the users who boost a message."""
        boosts = (each.message for each in self.wrappers.values() if not each.deleted)
        return {each.author_id for each in boosts if each.boost_of == message_id}

    @staticmethod
    def may_boost(user: str, message: Message) -> bool:
        """Return whether a user may boost a message that the user sees."""
        return message.visibility <= (Visibility.PRIVATE if message.author_id == user else Visibility.UNLISTED)

    def hides_the_boost(self, posted: Posted, reader: str, now: int) -> bool:
        """Return whether a message is a wrapper that home and lists do not show to a reader who sees its original."""
        message = posted.message
        if message.boost_of is None:
            return False
        original = self.posted[message.boost_of].message
        people = {original.author_id, *(each.user_id for each in original.mentions)}
        is_unwanted = any(
            self.muting.get((reader, each), 0) > now or (reader, each) in self.blocking for each in people
        )
        return is_unwanted or (reader, message.author_id) in self.boostless

    def agrees(
        self,
        pages: Sequence[Sequence[MessageId]],
        ordered: Sequence[MessageId],
        sure: Collection[MessageId],
        possible: Collection[MessageId],
    ) -> None:
        """Assert that pages show what they must and may, each message once on a page: in its first place there.

        Args:
            pages: the ids on each page, in reading order.
            ordered: what must and may be shown, in reading order.
            sure: what must be shown.
            possible: what may be shown.
        """
        rank = {each: number for number, each in enumerate(ordered)}
        read = [each for page in pages for each in page]
        assert [each for each in read if each not in possible] == [
            each for each in ordered if each in {*sure} & {*read}
        ]
        assert all(rank[one] < rank[other] for one, other in itertools.pairwise(read))
        for page in pages:
            assert len({self.original(each) for each in page}) == len(page)
        for each in {*sure} - {*read}:
            before = [page for page in pages if page and rank[page[0]] < rank[each]]
            assert before
            shown = {self.original(one) for one in before[-1] if rank[one] < rank[each]}
            assert self.original(each) in shown
