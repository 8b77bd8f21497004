"""Rules of the model-based test: messages are scheduled, moved to another time, and cancelled."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.entities import Message, Window
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.packing import Visibility
from fstream_app.messages import scheduling
from fstream_app.messages.posting import Draft
from fstream_app.people import users
from tests.integration.acting import Acting, anything, somebody

_AHEAD = st.sampled_from([300, 301.5, 3600, 4000])
"""Seconds. The waits of the test end before, at and after these."""


class ScheduledRules(Acting):
    """What users post for later."""

    def _waiting(self, user_id: str) -> list[Message]:
        """Return what a user has scheduled, as the model says, in the order of writing, the last first."""
        made = [each.message for each in self.network.posted.values() if not each.deleted]
        found = [each for each in made if each.author_id == user_id and not each.is_due(self.clock.now)]
        return sorted(found, key=lambda each: each.written, reverse=True)

    @rule(author=somebody, visibility=st.sampled_from(Visibility), mentioned=somebody, which=anything, ahead=_AHEAD)
    def schedule(self, author: int, visibility: Visibility, mentioned: int, which: int, ahead: float) -> None:
        user, now = users.get(self.who(author)), self.clock.now
        seen = [each for each in self.network.posted.values() if self.network.may_see(user.id, each, now)]
        answered = seen[which % len(seen)] if seen and which % 3 else None
        due = now + round(1000 * ahead)
        reply = str(answered.message.id) if answered else None
        text = f"later @{self.names[self.who(mentioned)]} #tag"
        draft = Draft(text, visibility=visibility, in_reply_to=reply)
        if answered and answered.thread_ends_at is not None and answered.thread_ends_at <= due:
            with pytest.raises(Invalid):
                scheduling.post(user, draft, due, now)
            return
        message = scheduling.post(user, draft, due, now)
        self.network.post(message, None)
        assert message.expires_at == self.network.posted[message.id].expires_at
        self.record(message.id, inserted=True)

    @precondition(lambda self: any(map(self._waiting, self.people)))
    @rule(which=anything, ahead=_AHEAD, cancelled=st.booleans())
    def change(self, which: int, ahead: float, cancelled: bool) -> None:
        every = [message for user_id in self.people for message in self._waiting(user_id)]
        message, now = every[which % len(every)], self.clock.now
        scheduled = str(message.written)
        if cancelled:
            scheduling.cancel(message.author_id, scheduled, now)
        else:
            due = now + round(1000 * ahead)
            posted = self.network.posted[message.id]
            is_over = posted.thread_ends_at is not None and posted.thread_ends_at <= due
            if due != message.id.time and (is_over or message.id.time < now + 10_000):
                with pytest.raises(Invalid):
                    scheduling.move(message.author_id, scheduled, due, now)
                return
            moved = scheduling.move(message.author_id, scheduled, due, now)
            if moved.id == message.id:
                return
            self.network.post(moved, moved.lifetime)
            self.record(moved.id, inserted=True)
        self.network.delete(message.id)
        self.react(message.author_id, f"reply#{message.id}")
        self.record(message.id, inserted=False)

    @invariant()
    def authors_find_what_they_have_scheduled(self) -> None:
        """One user per step lists these messages; one of them that is due is not found any more."""
        if not self.people:
            return
        user_id, now = self.who(self.step), self.clock.now
        found, _ = scheduling.of_user(user_id, Window(limit=100), now)
        assert [each.id for each in found] == [each.id for each in self._waiting(user_id)]
        due = [each.message for each in self.network.posted.values() if each.message.scheduled]
        for message in [each for each in due if each.is_due(now)][:1]:
            with pytest.raises(NotFound):
                scheduling.get(message.author_id, str(message.written), now)
