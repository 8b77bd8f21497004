"""The part of the model-based test that is about quotes: users quote and revoke, and read what is quoted."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.entities import Message, Page, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuoteState
from fstream_app.feed import home
from fstream_app.messages import posting, quotes, quoting, reading
from fstream_app.messages.posting import Draft
from fstream_app.people import users
from tests.integration.acting import Acting, anything, somebody

NARROW = Visibility.PRIVATE
"""Messages that are narrower than this are quoted by nobody, and such as this by their authors alone."""


class QuoteRules(Acting):
    """What users do with quotes."""

    @precondition(lambda self: self.network.posted)
    @rule(
        author=somebody,
        which=anything,
        visibility=st.sampled_from([Visibility.PUBLIC, Visibility.UNLISTED, Visibility.PRIVATE]),
        lifetime=st.sampled_from([60, 3600, 7 * 86_400]),
    )
    def quote(self, author: int, which: int, visibility: Visibility, lifetime: int) -> None:
        user_id, quoted, now = self.who(author), self.network.posted[self.message(which)], self.clock.advance(0.001)
        draft = Draft("look #tag", lifetime, visibility, quoted=str(quoted.message.id))
        is_own = user_id == quoted.message.author_id
        may_quote = quoted.message.visibility < NARROW + is_own
        if not may_quote or not self.network.may_see(user_id, quoted, now):
            with pytest.raises(NotFound):
                posting.post(users.get(user_id), draft, now)
            return
        message = posting.post(users.get(user_id), draft, now)
        assert message.visibility == max(visibility, NARROW if quoted.message.visibility == NARROW else visibility)
        self.network.post(message, lifetime)
        self.record(message.id, inserted=True)

    @precondition(lambda self: self.network.quoting())
    @rule(which=anything)
    def revoke(self, which: int) -> None:
        """The quoted author takes the message out of a quote, if both are there."""
        found = self.network.quoting()
        quoting_one, quoted = found[which % len(found)]
        author, now = quoted.message.author_id, self.clock.now
        if self.network.may_see(author, quoted, now) and self.network.may_see(
            quoting_one.message.author_id, quoting_one, now
        ):
            quotes.revoke(author, str(quoted.message.id), str(quoting_one.message.id), now)
            quoting_one.revoked = True
            self.react(quoting_one.message.author_id, f"quote#{quoting_one.message.id}")

    @invariant()
    def everybody_sees_of_quoted_messages_what_the_model_says(self) -> None:
        """One reader per step, in turn, reads home, one of the quotes, and the count of quotes of what it quotes."""
        found = self.network.quoting()
        if not self.people or not found:
            return
        reader, now = self.who(self.step), self.clock.now
        self._check(home.read(reader, Window(limit=40), now), reader)
        quoting_one, quoted = found[self.step % len(found)]
        if self.network.may_see(reader, quoting_one, now):
            self._check(reading.show(str(quoting_one.message.id), reader, now), reader)
        if self.network.may_see(reader, quoted, now):
            message = reading.get(str(quoted.message.id), reader, now)
            assert message.quotes_count(now) == self.network.quotes_count(message.id, now)

    def _check(self, page: Page, reader: str) -> None:
        for message in page.messages:
            if message.quote is None:
                continue
            state, quoted = (
                quoting.state(message.quote, page.originals, page.reactions),
                page.originals.get(message.quote.of),
            )
            assert state == self.network.state(reader, message.id, self.clock.now)
            assert isinstance(quoted, Message) == state.is_shown or state is QuoteState.REVOKED
