"""The part of the model-based test that is about filters: users make, change and delete them, and read what matches."""

from collections.abc import Iterator

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.entities import Message, Page, Window
from fstream_app.feed import home, timelines
from fstream_app.feed.timelines import Tags
from fstream_app.messages import filters, notifications, reading, threads
from fstream_app.messages.filter_changes import Change, KeywordChange
from fstream_app.messages.filtering import Matcher
from tests.integration.acting import Acting, anything
from tests.integration.reference_state import Filtering


class FilterRules(Acting):
    """What users do with filters."""

    @rule(who=anything, word=st.sampled_from(["hello", "indeed", "hell"]), seconds=st.sampled_from([None, None, 60]))
    def filter(self, who: int, word: str, seconds: int | None) -> None:
        """A user makes a filter, or changes how long the one with this keyword lasts."""
        user_id, now = self.who(who), self.clock.now
        expires_at = float("inf") if seconds is None else now + 1000 * seconds
        if known := self.network.filters.get((user_id, word)):
            filters.update(user_id, self._filter(user_id, word), Change(lifetime=seconds), now)
            known.expires_at = expires_at
        else:
            keyword = KeywordChange(text=word.upper())
            filters.create(user_id, Change(word, ["home"], lifetime=seconds, keywords=[keyword]), now)
            self.network.filters[user_id, word] = Filtering(expires_at)

    @precondition(lambda self: self.network.filters and self.network.posted)
    @rule(which=anything, message=anything)
    def filter_message(self, which: int, message: int) -> None:
        """A user adds a single message to a filter, or deletes the filter if it has the message already."""
        user_id, word = sorted(self.network.filters)[which % len(self.network.filters)]
        message_id, filtering = self.message(message), self.network.filters[user_id, word]
        if message_id in filtering.messages:
            filters.delete(user_id, self._filter(user_id, word), self.clock.now)
            del self.network.filters[user_id, word]
        elif self.network.may_see(user_id, self.network.posted[message_id], self.clock.now):
            filters.add_message(user_id, self._filter(user_id, word), str(message_id), self.clock.now)
            filtering.messages.add(message_id)

    def _filter(self, user_id: str, title: str) -> str:
        (found,) = (each.id for each in filters.all_of(user_id, self.clock.now) if each.title == title)
        return str(found)

    @invariant()
    def everybody_reads_what_their_filters_match(self) -> None:
        """One reader per step, in turn, reads a page of some kind. From the first step on, two people have filters."""
        if self.step == 1:
            for who, seconds in ((0, None), (1, 60)):
                self.filter(who, "hello", seconds)
            for number in range(len(self.network.posted)):
                self.filter_message(number, number)
        if not self.network.filters:
            return
        readers = sorted({user_id for user_id, _ in self.network.filters})
        reader, now = readers[self.step % len(readers)], self.clock.now
        for page in self._pages(reader, now):
            matcher = Matcher(page.filters, now)
            for message in page.messages:
                original = page.originals[message.boost_of] if message.boost_of else message
                assert isinstance(original, Message)
                found = {match.filter.title for match in matcher.matches(original)}
                assert found == self.network.matching(reader, original.id, now)

    def _pages(self, reader: str, now: int) -> Iterator[Page]:
        window, message_id = Window(limit=40), self.message(self.step)
        match self.step % 4:
            case 0:
                yield home.read(reader, window, now)
            case 1:
                yield timelines.tag(Tags(("tag",)), reader, window, now)
                yield timelines.of_account(message_id.author_id, reader, window, now)
            case 2:
                page = notifications.of_user(reader, window, now)
                yield Page([each.message for each in page.shown if each.message], {}, filters=page.filters)
            case _ if self.network.may_see(reader, self.network.posted[message_id], now):
                yield reading.show(str(message_id), reader, now)
                thread = threads.around(str(message_id), reader, now)
                yield from (thread.ancestors, thread.descendants)
