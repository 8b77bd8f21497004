"""Rules of the model-based test: polls are made and voted in, and their results and ends are read."""

from collections.abc import Mapping

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core import polls as core_polls
from fstream_app.core.entities import Window
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import NotificationKind, Query
from fstream_app.core.packing import Visibility
from fstream_app.messages import notifications, polls, reading
from fstream_app.messages.posting import Draft
from tests.integration.acting import Acting, anything, somebody

OPTIONS = ("red", "green", "blue")


class PollRules(Acting):
    """What users ask and answer."""

    def __init__(self) -> None:
        super().__init__()
        self.ballots: dict[MessageId, dict[str, list[set[int]]]] = {}
        """Polls, with the options that users have chosen, request by request."""

    @rule(
        author=somebody,
        visibility=st.sampled_from([Visibility.PUBLIC, *Visibility]),
        lifetime=st.sampled_from([60, 3600, 7 * 86_400]),
        seconds=st.sampled_from([300, 3600]),
        multiple=st.booleans(),
    )
    def ask(self, author: int, visibility: Visibility, lifetime: int, seconds: int, multiple: bool) -> None:
        poll = polls.Draft(OPTIONS, seconds, multiple)
        self._post(author, Draft("which?", lifetime, visibility, poll=poll))
        self.ballots[list(self.network.posted)[-1]] = {}

    @precondition(lambda self: self.ballots)
    @rule(who=somebody, which=anything, choices=st.sets(st.integers(0, 3), min_size=1, max_size=3))
    def vote(self, who: int, which: int, choices: set[int]) -> None:
        user_id, message_id = self.who(who), self._poll(which)
        posted, now = self.network.posted[message_id], self.clock.now
        if not self.network.may_see(user_id, posted, now):
            with pytest.raises(NotFound):
                polls.vote(user_id, str(message_id), choices, now)
            return
        poll, cast = posted.message.poll, self.ballots[message_id].get(user_id, [])
        assert poll is not None
        new = choices.difference(*cast)
        is_open = now < min(poll.closes_at, posted.expires_at) and user_id != message_id.author_id
        is_allowed = (len(choices) == 1 and not cast) or (poll.multiple and new)
        if not is_open or max(choices) >= len(OPTIONS) or not is_allowed:
            with pytest.raises(Invalid):
                polls.vote(user_id, str(message_id), choices, now)
            return
        polls.vote(user_id, str(message_id), choices, now)
        self.ballots[message_id].setdefault(user_id, []).append(new)
        for key in [f"{choice}" for choice in new] if cast else [""]:
            self.react(user_id, f"given#{message_id}.0" + (f".{key}" if key else ""))

    def _poll(self, which: int) -> MessageId:
        return list(self.ballots)[which % len(self.ballots)]

    def _given(self, message_id: MessageId) -> Mapping[str, set[int]]:
        """Return what the users who are still there have voted for."""
        given = self.ballots[message_id].items()
        return {user_id: set().union(*cast) for user_id, cast in given if user_id in self.people}

    @invariant()
    def everybody_sees_the_result(self) -> None:
        """One reader per step reads a poll, and which polls have ended."""
        if not self.people or not self.ballots:
            return
        reader, message_id, now = self.who(self.step), self._poll(self.step), self.clock.now
        given = self._given(message_id)
        if self.network.may_see(reader, self.network.posted[message_id], now):
            shown = reading.show(str(message_id), reader, now)
            poll = shown.messages[0].poll
            assert poll is not None
            votes = tuple(sum(index in chosen for chosen in given.values()) for index in range(len(OPTIONS)))
            own = tuple(sorted(given.get(reader, ())))
            assert core_polls.result(poll, message_id, shown.reactions.votes) == (votes, len(given), own)
        read = notifications.of_user(reader, Window(limit=200), now, Query(kinds={NotificationKind.POLL})).shown
        found = [each.message.id for each in read if each.message]
        ended = {each for each in self.ballots if self._has_ended(each, reader, now)}
        assert sorted(found) == sorted(ended & set(found))
        if not (self.network.cleared or self.network.muting or self.network.stills):
            assert {each for each in ended if each.author_id != reader} <= set(found)

    def _has_ended(self, message_id: MessageId, reader: str, now: int) -> bool:
        """Return whether a reader may be notified that a poll has ended: its author, or who has voted."""
        posted = self.network.posted[message_id]
        poll = posted.message.poll
        assert poll is not None
        concerned = reader == message_id.author_id or reader in self._given(message_id)
        is_over = poll.closes_at + self.network.settling <= now and poll.closes_at < posted.expires_at
        return concerned and is_over and self.network.may_see(reader, posted, now)
