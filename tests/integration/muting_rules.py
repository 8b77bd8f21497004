"""Rules of the model-based test: conversations are muted, and followers are notified of each message."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.entities import Window
from fstream_app.core.errors import NotFound
from fstream_app.core.following import FollowChange
from fstream_app.core.notices import NotificationKind, Query
from fstream_app.feed import inbox
from fstream_app.messages import muting, reading
from fstream_app.people import following
from tests.integration.acting import Acting, anything, somebody


class MutingRules(Acting):
    """What users choose about notifications."""

    @precondition(lambda self: self.network.posted)
    @rule(who=somebody, which=anything, muted=st.sampled_from([True, True, False]))
    def still(self, who: int, which: int, muted: bool) -> None:
        user_id, message_id = self.who(who), self.message(which)
        change = muting.mute if muted else muting.unmute
        if not self.network.may_see(user_id, self.network.posted[message_id], self.clock.now):
            with pytest.raises(NotFound):
                change(user_id, str(message_id), self.clock.now)
            return
        change(user_id, str(message_id), self.clock.now)
        self.network.still(user_id, message_id, self.clock.now, muted=muted)

    @precondition(lambda self: self.network.following)
    @rule(which=anything, wanted=st.sampled_from([True, True, False]))
    def notify(self, which: int, wanted: bool) -> None:
        pairs = sorted(self.network.following)
        one, other = pairs[which % len(pairs)]
        following.follow(one, other, self.clock.now, FollowChange(notify=wanted))
        if wanted:
            self.network.notifying.setdefault((one, other), self.clock.now)
        else:
            self.network.notifying.pop((one, other), None)

    @invariant()
    def followers_are_notified_of_what_the_model_says(self) -> None:
        """One reader per step reads these notifications, and whether a conversation is muted."""
        self.network.notifying = {
            pair: since for pair, since in self.network.notifying.items() if pair in self.network.following
        }
        if not self.people or not self.network.posted:
            return
        reader, message_id, now = self.who(self.step), self.message(self.step), self.clock.now
        sure, possible = self.network.announced(reader, now)
        read = inbox.of_user(reader, Window(limit=200), now, Query(kinds={NotificationKind.STATUS})).shown
        found = [each.notification.id for each in read]
        assert [each for each in found if each not in possible] == sure
        if self.network.may_see(reader, self.network.posted[message_id], now):
            shown = reading.show(str(message_id), reader, now)
            is_muted = shown.messages[0].root in shown.reactions.muted
            assert self.network.is_muted(reader, message_id, now) in {None, is_muted}
