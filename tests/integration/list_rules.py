"""Rules of the model-based test: users make lists, and read their timelines and Going soon."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.entities import Window
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.lists import RepliesPolicy
from fstream_app.feed import lists as timelines
from fstream_app.people import lists
from tests.integration.acting import Acting, anything, somebody
from tests.integration.reference_state import Listed

policies = st.sampled_from(RepliesPolicy)


class ListRules(Acting):
    """What users do with lists."""

    def a_list(self, which: int) -> tuple[str, Listed]:
        return sorted(self.network.lists.items())[which % len(self.network.lists)]

    @rule(owner=somebody, policy=policies, exclusive=st.booleans(), members=st.sets(somebody))
    def make_a_list(self, owner: int, policy: RepliesPolicy, exclusive: bool, members: set[int]) -> None:
        user_id = self.who(owner)
        made = lists.create(user_id, "list", policy, self.clock.now, exclusive=exclusive).id
        self.network.lists[f"{user_id} {made}"] = Listed(user_id, policy, exclusive)
        for member in members:
            self._add(f"{user_id} {made}", self.who(member))

    @precondition(lambda self: self.network.lists)
    @rule(which=anything, who=somebody, added=st.sampled_from([True, True, False]))
    def change_the_members(self, which: int, who: int, added: bool) -> None:
        name, made = self.a_list(which)
        if added:
            self._add(name, self.who(who))
        else:
            lists.remove(made.owner, name.split()[1], [self.who(who)])
            made.members.discard(self.who(who))

    def _add(self, name: str, member: str) -> None:
        made = self.network.lists[name]
        if (made.owner, member) not in self.network.following or member in made.members:
            with pytest.raises(Invalid if member in made.members else NotFound):
                lists.add(made.owner, name.split()[1], [member])
        else:
            lists.add(made.owner, name.split()[1], [member])
            made.members.add(member)

    @precondition(lambda self: self.network.lists)
    @rule(which=anything, policy=policies, exclusive=st.booleans())
    def change_a_list(self, which: int, policy: RepliesPolicy, exclusive: bool) -> None:
        name, made = self.a_list(which)
        lists.change(made.owner, name.split()[1], title=None, policy=policy, exclusive=exclusive)
        made.policy, made.exclusive = policy, exclusive

    @precondition(lambda self: self.network.lists)
    @rule(which=anything)
    def delete_a_list(self, which: int) -> None:
        name, made = self.a_list(which)
        lists.delete(made.owner, name.split()[1])
        del self.network.lists[name]

    @invariant()
    def lists_show_what_the_model_says(self) -> None:
        """One list per step, and one reader's Going soon."""
        self.network.lists = {name: each for name, each in self.network.lists.items() if each.owner in self.people}
        for each in self.network.lists.values():
            each.members = {member for member in each.members if (each.owner, member) in self.network.following}
        if self.network.lists:
            name, made = self.a_list(self.step)
            page = timelines.read(made.owner, name.split()[1], Window(limit=200), self.clock.now)
            sure, possible = self.network.listed(name, self.clock.now)
            read = [message.id for message in page.messages]
            self.network.agrees([read], sorted({*sure, *possible}, reverse=True), sure, possible)
        if self.people:
            pages = self._pages_of_soon(self.who(self.step))
            sure, possible = self.network.soon(self.who(self.step), self.clock.now)
            ordered = sorted({*sure, *possible}, key=lambda each: (self.network.end(each), each))
            self.network.agrees(pages, ordered, sure, possible)

    def _pages_of_soon(self, reader: str) -> list[list[MessageId]]:
        """Read Going soon to its end, by the last id of each page; return the ids on each."""
        read: list[list[MessageId]] = []
        before = HIGHEST
        while page := timelines.read(reader, "going-soon", Window(before=before, limit=4), self.clock.now).messages:
            read.append([message.id for message in page])
            before = read[-1][-1]
        return read
