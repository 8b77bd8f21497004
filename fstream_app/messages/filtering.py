"""Which of a reader's filters a message matches.

As in Mastodon, the server leaves out nothing: it says of every message which filters it matches, whatever the place,
and clients warn or hide. The reader's own messages match nothing.
"""

from fstream_app.core.entities import Message
from fstream_app.core.filters import Filter, Filters, Match
from fstream_app.text.matching import Keyword, Text, prepare


class Matcher:
    """A reader's filters, prepared to look through the messages of a page at a time (ms)."""

    def __init__(self, filters: Filters, now: int) -> None:
        self._reader_id = filters.user_id
        self._filters: list[tuple[Filter, list[Keyword]]] = [
            (each, [prepare(one.text, whole_word=one.whole_word) for one in each.keywords])
            for each in filters.all
            if each.expires_at is None or now < each.expires_at
        ]

    def matches(self, message: Message) -> list[Match]:
        """Return the filters that a message matches: by its words as typed, or by its id."""
        if not self._filters or message.author_id == self._reader_id:
            return []
        options = message.poll.options if message.poll else ()
        text = Text("\n\n".join((message.spoiler, message.text, *options)))
        found = (
            Match(each, text.first(keywords), any(one.message_id == message.id for one in each.messages))
            for each, keywords in self._filters
        )
        return [match for match in found if match.keyword is not None or match.is_single]
