"""Rules of the model-based test: messages are edited, and hashtags are followed."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.entities import Message
from fstream_app.core.errors import NotFound
from fstream_app.feed import editing
from fstream_app.feed.editing import Change
from fstream_app.messages import polls, reading
from fstream_app.people import tags, users
from tests.integration.acting import Acting, anything, somebody
from tests.integration.reference_model import Network
from tests.integration.reference_state import TAG, Event, Posted, receivers


def same_poll(message: Message) -> polls.Draft | None:
    """Return the draft of the poll that a message has, as apps send it with an edit."""
    poll = message.poll
    if poll is None:
        return None
    seconds = (poll.closes_at - message.id.time) // 1000
    return polls.Draft(poll.options, min(seconds, polls.durations().longest), poll.multiple)


def replace(network: Network, message: Message, now: int) -> None:
    """Replace a message in the model, and notify users whom only the new version reaches."""
    posted = network.posted[message.id]
    before = _reached(network, posted, now)
    posted.message = message
    after = _reached(network, posted, now)
    outdated = {(user, "mention", message.id) for user in before ^ after}
    network.events = {
        e: sure for e, sure in network.events.items() if (e.receiver, e.kind, e.message_id) not in outdated
    }
    for user in after - before:
        if network.may_see(user, posted, now) and not network.silences(user, message.author_id, now):
            network.events[Event(user, "mention", message.author_id, message.id, now)] = True


def _reached(network: Network, posted: Posted, now: int) -> set[str]:
    """Return the users whom a message mentions, and the one whom it answers and who sees it without a mention."""
    made = posted.message
    return {user for user in receivers(made) if made.mentions_user(user) or network.may_see(user, posted, now)}


class EditsRules(Acting):
    """What authors change, and who follows the common hashtag."""

    @precondition(lambda self: self.network.posted)
    @rule(which=anything, mentioned=somebody, text=st.sampled_from(["hello @{}", "hello @{} #tag", "#tag", "well"]))
    def edit(self, which: int, mentioned: int, text: str) -> None:
        message_id = self.message(which)
        author, poll = message_id.author_id, same_poll(self.network.posted[message_id].message)
        change = Change(text.format(self.names[self.who(mentioned)]), poll=poll)
        if author not in self.people:
            return
        self.clock.advance(0.001)  # so that a repeated edit has another time
        user = users.get(author)
        if not self.network.may_see(author, self.network.posted[message_id], self.clock.now):
            with pytest.raises(NotFound):
                editing.edit(user, str(message_id), change, self.clock.now)
            return
        edited = editing.edit(user, str(message_id), change, self.clock.now)
        replace(self.network, edited, self.clock.now)

    @rule(who=somebody, wanted=st.booleans())
    def follow_the_hashtag(self, who: int, wanted: bool) -> None:
        user_id = self.who(who)
        if wanted:
            tags.follow(user_id, TAG, self.clock.now)
            self.network.following_tag.add(user_id)
        else:
            tags.unfollow(user_id, TAG)
            self.network.following_tag.discard(user_id)

    @invariant()
    def nobody_reads_a_former_version(self) -> None:
        """One reader per step reads a message."""
        if not self.people or not self.network.posted:
            return
        reader, message_id, now = self.who(self.step), self.message(self.step), self.clock.now
        posted = self.network.posted[message_id]
        if self.network.may_see(reader, posted, now):
            found = reading.get(str(message_id), reader, now)
            assert (found.text, found.tags, found.mentions) == (
                posted.message.text,
                posted.message.tags,
                posted.message.mentions,
            )
