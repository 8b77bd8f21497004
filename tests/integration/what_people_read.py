"""The machine of the model-based test: what users read, compared with the reference model after each event."""

import itertools
from collections import defaultdict

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from fstream_app.core.entities import Window
from fstream_app.core.errors import Forbidden, NotFound
from fstream_app.core.grants import Token
from fstream_app.core.ids import MessageId
from fstream_app.core.notices import KINDS, NotificationKind, Query
from fstream_app.core.packing import Visibility
from fstream_app.core.user_changes import UserChange
from fstream_app.feed import reactions as counted
from fstream_app.feed import tail, timelines
from fstream_app.feed.changes import Change
from fstream_app.feed.reactions import Reacted
from fstream_app.feed.tail import Tail
from fstream_app.feed.timelines import Tags
from fstream_app.messages import notifications, posting, reactions, reading, threads
from fstream_app.messages.posting import Draft
from fstream_app.people import departures, following, profiles, relationships, users
from fstream_app.people.departures import Departure
from fstream_app.repository import log, oauth
from tests.integration.acting import PEOPLE, anything, somebody
from tests.integration.boosts_rules import BoostRules
from tests.integration.edits_rules import EditsRules
from tests.integration.filter_rules import FilterRules
from tests.integration.list_rules import ListRules
from tests.integration.muting_rules import MutingRules
from tests.integration.policy_rules import PolicyRules
from tests.integration.polls_rules import PollRules
from tests.integration.quote_rules import QuoteRules
from tests.integration.reading import backwards, forwards
from tests.integration.reference_model import Network
from tests.integration.reference_state import Event, agree
from tests.integration.request_rules import RequestRules
from tests.integration.scheduled_rules import ScheduledRules
from tests.support.clock import Clock
from tests.support.delivery import deliver
from tests.support.engines import fresh_tables

LIMIT = 4
MANY = 200
SETTLING = 1500


class WhatPeopleRead(
    ScheduledRules, RequestRules, MutingRules, ListRules, FilterRules, BoostRules, QuoteRules, PolicyRules, PollRules,
    EditsRules,
):  # fmt: skip
    """Users act, records are delivered late, time passes; after each step users read."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = fresh_tables("moto")
        self.tables.__enter__()
        self.clock = Clock()
        self.network = Network(settling=SETTLING)
        self.people: list[str] = []
        self.names: dict[str, str] = {}
        self.pending: dict[str, list[Change]] = defaultdict(list)
        self.processed: list[list[Change]] = []
        self.sequence = itertools.count(1)
        self.step = 0

    def teardown(self) -> None:
        try:
            for reader in self.people:
                for polled in (False, True):
                    self._find_home(reader, polled=polled)
        finally:
            self.tables.__exit__()

    @initialize(
        capacity=st.sampled_from([4, 12, 1000]),
        follows=st.lists(st.sampled_from([True, True, True, False]), min_size=9, max_size=9),
        posts=st.lists(
            st.tuples(st.sampled_from([90, 3600, 7 * 86_400]), st.sampled_from(Visibility)), min_size=3, max_size=7
        ),
        replies=st.lists(st.tuples(somebody, anything), min_size=2, max_size=4),
        boosts=st.lists(st.tuples(somebody, anything), min_size=2, max_size=3),
        turned=st.lists(st.tuples(somebody, anything, anything, st.booleans()), max_size=1),
    )
    def begin(
        self,
        capacity: int,
        follows: list[bool],
        posts: list[tuple[int, Visibility]],
        replies: list[tuple[int, int]],
        boosts: list[tuple[int, int]],
        turned: list[tuple[int, int, int, bool]],
    ) -> None:
        """Three users, most following each other, with messages, replies and boosts, some muted or blocked."""
        self.tail = Tail(log.read, shards=1, capacity=capacity, refresh_every=1, overlap=5000)
        tail.shared.use(self.tail)
        for _ in range(3):
            self.sign_up()
        for (one, other), wanted in zip(itertools.product(range(3), repeat=2), follows, strict=True):
            if wanted:
                self.follow(one, other)
        for number, (lifetime, visibility) in enumerate(posts):
            self.post(number, visibility, lifetime, mentioned=number + 1, times=1)
            self.clock.advance(0.7)
        for author, which in replies:
            self.reply(author, which)
        for booster, which in boosts:
            self.boost(booster, which, wrapped=False, visibility=None)
        for who, which, whom, blocks in turned if self.network.wrappers else ():
            self.turn_away(who, which, whom, blocks)
        self.deliver_all()

    def pair(self, one: int, other: int) -> tuple[str, str] | None:
        first, second = self.who(one), self.who(other)
        return None if first == second else (first, second)

    @precondition(lambda self: len(self.people) < PEOPLE)
    @rule()
    def sign_up(self) -> None:
        name = f"user{len(self.names)}"
        user = users.sign_up(name, "password", self.clock.now)
        self.people.append(user.id)
        self.names[user.id] = name

    @precondition(lambda self: len(self.people) > 2)
    @rule(who=somebody)
    def leave(self, who: int) -> None:
        """A user deletes their account; their earlier messages may be delivered afterwards."""
        user_id = self.who(who)
        token = Token("hash", "application", "tests", ("write",), self.clock.now, user_id)
        oauth.put_token(token, user_id)
        departures.leave(user_id, token.hash, "password", self.clock.now)
        assert departures.resume([Departure("1", user_id, 1)]) == set()
        self.network.leave(user_id)
        self.people.remove(user_id)

    @rule(one=somebody, other=somebody)
    def follow(self, one: int, other: int) -> None:
        if pair := self.pair(one, other):
            if self.network.follow(*pair):
                following.follow(*pair, self.clock.now)
            else:
                with pytest.raises(Forbidden):
                    following.follow(*pair, self.clock.now)

    @rule(verb=st.sampled_from(["unfollow", "block", "unblock", "unmute"]), one=somebody, other=somebody)
    def end(self, verb: str, one: int, other: int) -> None:
        if pair := self.pair(one, other):
            getattr(self.network, verb)(*pair)
            getattr(following if verb == "unfollow" else relationships, verb)(*pair, self.clock.now)

    @rule(one=somebody, other=somebody, seconds=st.sampled_from([0, 1, 60]), silently=st.booleans())
    def mute(self, one: int, other: int, seconds: int, silently: bool) -> None:
        if pair := self.pair(one, other):
            whole_second = -(-self.clock.now // 1000)
            until = 1000 * (whole_second + seconds) if seconds else float("inf")
            self.network.mute(*pair, until, notifications=silently)
            relationships.mute(*pair, self.clock.now, notifications=silently, seconds=seconds)

    @rule(
        author=somebody,
        visibility=st.sampled_from(Visibility),
        lifetime=st.sampled_from([None, 60, 90, 3600, 7 * 86_400]),
        mentioned=somebody,
        times=st.integers(1, 5),
    )
    def post(self, author: int, visibility: Visibility, lifetime: int | None, mentioned: int, times: int) -> None:
        for _ in range(times):
            text = f"hello @{self.names[self.who(mentioned)]} #tag"
            self._post(author, Draft(text, lifetime, visibility, ends_thread=mentioned % 2 == 1))
            self.clock.advance(0.001)

    @precondition(lambda self: self.network.posted)
    @rule(
        author=somebody,
        which=anything,
        visibility=st.sampled_from([Visibility.PUBLIC, *Visibility]),
        lifetime=st.sampled_from([None, 60, 3600, 7 * 86_400]),
    )
    def reply(
        self, author: int, which: int, visibility: Visibility = Visibility.PUBLIC, lifetime: int | None = None
    ) -> None:
        posted = self.network.posted[self.message(which)]
        draft = Draft("indeed #tag", lifetime, visibility, in_reply_to=str(posted.message.id))
        if self.network.may_see(self.who(author), posted, self.clock.now):
            self._post(author, draft)
        else:
            with pytest.raises(NotFound):
                self._post(author, draft)

    def _post(self, author: int, draft: Draft) -> None:
        """Post a message, every other one with its lifetime at the end of the text."""
        user, wanted = users.get(self.who(author)), draft.lifetime
        if wanted and len(self.network.posted) % 2:
            draft = msgspec.structs.replace(draft, text=f"{draft.text} #{wanted}s", lifetime=None)
        message = posting.post(user, draft, self.clock.now)
        self.network.post(message, wanted, ends=bool(draft.ends_thread))
        assert message.expires_at == self.network.posted[message.id].expires_at
        self.record(message.id, inserted=True)

    @rule(who=somebody, lifetime=st.sampled_from([None, 60, 3600]))
    def prefer(self, who: int, lifetime: int | None) -> None:
        users.update(self.who(who), UserChange(public_lifetime=lifetime), self.clock.now)
        self.network.lifetimes[self.who(who), Visibility.PUBLIC] = lifetime

    @precondition(lambda self: self.network.posted)
    @rule(which=anything)
    def delete(self, which: int) -> None:
        message_id = self.message(which)
        author = message_id.author_id
        if self.network.may_see(author, self.network.posted[message_id], self.clock.now):
            posting.delete(str(message_id), author, self.clock.now)
            self.network.delete(message_id)
            for kind in ("reply", "quote"):
                self.react(author, f"{kind}#{message_id}")
            self.record(message_id, inserted=False)

    @precondition(lambda self: self.network.posted)
    @rule(who=somebody, which=anything)
    def favourite(self, who: int, which: int) -> None:
        user_id, message_id = self.who(who), self.message(which)
        if not self.network.may_see(user_id, self.network.posted[message_id], self.clock.now):
            with pytest.raises(NotFound):
                reactions.favourite(user_id, str(message_id), self.clock.now)
            return
        self.clock.advance(0.001)  # so that a repeated favourite has another time
        reactions.favourite(user_id, str(message_id), self.clock.now)
        self.network.favourite(user_id, message_id, self.clock.now)
        self.react(user_id, f"favourite#{message_id}")

    @precondition(lambda self: self.network.favourites())
    @rule(which=anything)
    def unfavourite(self, which: int) -> None:
        favourites = self.network.favourites()
        user_id, message_id = favourites[which % len(favourites)]
        if self.network.may_see(user_id, self.network.posted[message_id], self.clock.now):
            reactions.unfavourite(user_id, str(message_id), self.clock.now)
            self.network.unfavourite(user_id, message_id)
            self.react(user_id, f"favourite#{message_id}")

    def react(self, user_id: str, reaction: str) -> None:
        """Deliver a change of a reaction, twice."""
        for _ in range(2):
            assert counted.deliver([Reacted("1", (user_id, reaction))], self.clock.now) == set()

    @precondition(lambda self: self.network.posted)
    @rule(who=somebody, which=anything, keep=st.booleans())
    def bookmark(self, who: int, which: int, keep: bool) -> None:
        user_id, message_id = self.who(who), self.message(which)
        posted = self.network.posted[message_id]
        if self.network.may_see(user_id, posted, self.clock.now):
            if keep:
                reactions.bookmark(user_id, str(message_id), self.clock.now)
                posted.bookmarks.add(user_id)
            else:
                reactions.unbookmark(user_id, str(message_id), self.clock.now)
                posted.bookmarks.discard(user_id)

    @rule(who=somebody)
    def clear_notifications(self, who: int) -> None:
        self.network.clear(self.who(who), self.clock.now)
        notifications.clear(self.who(who), self.clock.now)

    def record(self, message_id: MessageId, *, inserted: bool) -> None:
        self.pending[message_id.author_id].append(Change(str(next(self.sequence)), message_id, inserted))

    @rule(seconds=st.sampled_from([0.001, 1, 1.499, 1.5, 30, 60, 3600, 4000, 90_000]), cold=st.booleans())
    def wait(self, seconds: float, cold: bool) -> None:
        """Time passes; afterwards the function may be a cold one."""
        self.clock.advance(seconds)
        if cold:
            self.tail.clear()
            profiles.memory.clear()

    @precondition(lambda self: any(self.pending.values()))
    @rule(counts=st.lists(st.integers(0, 4), min_size=PEOPLE, max_size=PEOPLE))
    def deliver(self, counts: list[int]) -> None:
        """Deliver a batch: some of each author's oldest records."""
        batch = []
        for author, count in zip(self.people, counts, strict=False):
            batch += self.pending[author][:count]
            del self.pending[author][:count]
        self._deliver(batch)

    @precondition(lambda self: any(self.pending.values()))
    @rule()
    def deliver_all(self) -> None:
        batch = [change for changes in self.pending.values() for change in changes]
        self.pending.clear()
        self._deliver(batch)

    @precondition(lambda self: self.processed)
    @rule(which=anything)
    def repeat(self, which: int) -> None:
        """Deliver a batch again."""
        self._deliver(self.processed[which % len(self.processed)])

    def _deliver(self, batch: list[Change]) -> None:
        if batch:
            self.clock.advance(0.001)  # within one millisecond the tail is not refreshed again
            assert deliver(batch, self.clock.now) == set()
            self.processed.append(batch)
            for change in batch:
                self.network.deliver(change.message_id, self.clock.now)

    @invariant()
    def everybody_reads_what_the_model_says(self) -> None:
        """Half of the readers read home to its end, some from the newest and some from the oldest message on."""
        for number, reader in enumerate(self.people):
            if number % 2 == self.step % 2:
                self._find_home(reader, polled=number // 2 == self.step // 2 % 2)

    def _find_home(self, reader: str, *, polled: bool) -> None:
        read = (forwards if polled else backwards)(reader, self.clock.now, LIMIT)
        sure, possible = self.network.home(reader, self.clock.now, polled=polled)
        self.network.agrees(read, sorted({*sure, *possible}, reverse=not polled), sure, possible)

    @invariant()
    def everybody_finds_what_the_model_says(self) -> None:
        """One reader per step, in turn, reads lists, notifications, the hashtag, a thread and counts."""
        self.step += 1
        if not self.people or not self.network.posted:
            return
        reader, message_id, now = self.who(self.step), self.message(self.step), self.clock.now
        self._find_what_is_kept(reader, now)
        self._find_notifications(reader, now)
        self.find_requests(reader, now)
        self._find_what_is_tagged(reader, now)
        if self.network.may_see(reader, self.network.posted[message_id], now):
            self._find_the_thread(reader, message_id, now)

    def _find_what_is_kept(self, reader: str, now: int) -> None:
        for kind, read in (("favourites", reactions.favourites), ("bookmarks", reactions.bookmarks)):
            page = read(reader, Window(limit=MANY), now)
            assert [message.id for message in page.messages] == self.network.kept(reader, kind, now)
            assert getattr(page.reactions, kind).issuperset(message.id for message in page.messages)

    def _find_notifications(self, reader: str, now: int) -> None:
        kinds = KINDS - {NotificationKind.POLL}  # see `PollRules`
        shown = notifications.of_user(reader, Window(limit=MANY), now, Query(kinds=kinds)).shown
        read = [each.notification for each in shown]
        found = {
            Event(reader, each.kind, each.actor_id, each.message_id, each.id.time) for each in read if each.message_id
        }
        sure, possible = self.network.notified(reader, now)
        assert len(found) == len(read)
        assert agree(found, self.shown_of(reader, sure), self.shown_of(reader, possible))
        self.find_what_is_held(reader, now, sure, possible)

    def _find_what_is_tagged(self, reader: str, now: int) -> None:
        page = timelines.tag(Tags(("tag",)), reader, Window(limit=MANY), now)
        sure, possible = self.network.tagged(reader, now)
        assert [message.id for message in page.messages if message.id not in possible] == sure

    def _find_the_thread(self, reader: str, message_id: MessageId, now: int) -> None:
        thread = threads.around(str(message_id), reader, now)
        above, sure, possible = self.network.thread(message_id, reader, now)
        assert [message.id for message in thread.ancestors.messages] == above
        assert [message.id for message in thread.descendants.messages if message.id not in possible] == sure
        message = reading.get(str(message_id), reader, now)
        assert (message.favourites_count, message.replies_count(now)) == self.network.counts(message_id, now)
