"""Rules of the model-based test: users choose from whom notifications are shown, and accept senders."""

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from fstream_app.core.entities import Window
from fstream_app.core.grouping import key
from fstream_app.core.notices import Held, Query
from fstream_app.core.policies import Choice
from fstream_app.feed import held
from fstream_app.messages import notifications
from fstream_app.messages.paging import GroupPager
from tests.integration.acting import Acting, anything, somebody
from tests.integration.reference_state import Event, agree


@dataclass
class Screening:
    """A user's policy, and the senders whom the user has accepted."""

    not_following: Choice
    not_followers: Choice
    accepted: set[str]


class PolicyRules(Acting):
    """What users choose about notifications of others, and what they are shown then."""

    screening: dict[str, Screening]

    def __init__(self) -> None:
        super().__init__()
        self.screening = {}

    @rule(who=somebody, following=st.sampled_from(Choice), followers=st.sampled_from(Choice))
    def choose(self, who: int, following: Choice, followers: Choice) -> None:
        user_id = self.who(who)
        held.change_policy(user_id, {"not_following": following, "not_followers": followers})
        accepted = self.screening[user_id].accepted if user_id in self.screening else set()
        self.screening[user_id] = Screening(following, followers, accepted)

    @precondition(lambda self: self.screening)
    @rule(which=anything)
    def accept(self, which: int) -> None:
        users = sorted(self.screening.keys() & set(self.people))
        if users:
            user_id = users[which % len(users)]
            for each in held.all_of(user_id, self.clock.now).shown[:1]:
                held.accept(user_id, each.sender.id, self.clock.now)
                self.screening[user_id].accepted.add(each.sender.id)

    def shown_of(self, reader: str, events: set[Event], choice: Choice = Choice.ACCEPT) -> set[Event]:
        """Return the notifications of which the reader's policy says this."""
        return {event for event in events if self._choice(reader, event.actor) is choice}

    def _choice(self, reader: str, sender: str) -> Choice:
        chosen = self.screening.get(reader)
        if chosen is None or sender in chosen.accepted:
            return Choice.ACCEPT
        following, followed_by = ((reader, sender), (sender, reader))
        choices = [chosen.not_following] if following not in self.network.following else []
        choices += [chosen.not_followers] if followed_by not in self.network.following else []
        return max(choices, key=list(Choice).index, default=Choice.ACCEPT)

    def find_what_is_held(self, reader: str, now: int, sure: set[Event], possible: set[Event]) -> None:
        """Check the reader's requests, and a page of groups."""
        for blocker, blocked in self.network.blocking:
            if blocker in self.screening:
                self.screening[blocker].accepted.discard(blocked)
        if reader not in self.screening:
            return
        read = [each.notification for request in held.all_of(reader, now).shown for each in request.notifications]
        found = {
            Event(reader, each.kind, each.actor_id, each.message_id, each.id.time) for each in read if each.message_id
        }
        assert agree(found, *(self.shown_of(reader, events, Choice.FILTER) for events in (sure, possible)))
        query, window = Query(held=Held.INCLUDED), Window(limit=2)
        listed = notifications.of_user(reader, Window(limit=200), now, query).shown
        page = notifications.of_user(
            reader, window, now, query, pager=GroupPager(window, lambda each: key(each.notification))
        )
        assert page.shown == listed[: len(page.shown)]
        assert (page.older is None) == (len(page.shown) == len(listed))
