"""Rules of the model-based test: users boost messages and wrappers, undo it, and hide the boosts of others."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from fstream_app.core.errors import Forbidden, NotFound
from fstream_app.core.following import FollowChange
from fstream_app.core.packing import Visibility
from fstream_app.messages import boosting, posting, reading
from fstream_app.people import following, relationships, users
from fstream_app.repository import messages
from tests.integration.acting import Acting, anything, somebody
from tests.integration.reading import forwards


class BoostRules(Acting):
    """What users do with boosts."""

    @precondition(lambda self: self.network.posted)
    @rule(
        who=somebody,
        which=anything,
        wrapped=st.booleans(),
        visibility=st.sampled_from([None, Visibility.UNLISTED, Visibility.PRIVATE]),
    )
    def boost(self, who: int, which: int, wrapped: bool, visibility: Visibility | None) -> None:
        """A user boosts a message, by its id or that of a wrapper."""
        user_id, network = self.who(who), self.network
        wrappers = list(network.wrappers)
        asked = wrappers[which % len(wrappers)] if wrapped and wrappers else self.message(which)
        original = network.posted[network.original(asked)]
        now = self.clock.advance(0.001)
        seen = [network.posted.get(asked) or network.wrappers[asked], original]
        is_seen = all(network.may_see(user_id, each, now) for each in seen)
        lasts = original.expires_at - now >= 1000
        if not is_seen or not network.may_boost(user_id, original.message) or not lasts:
            with pytest.raises((NotFound, Forbidden) if is_seen else NotFound):
                boosting.boost(users.get(user_id), str(asked), visibility, now)
            return
        wrapper_id = boosting.boost(users.get(user_id), str(asked), visibility, now)
        if wrapper_id not in network.wrappers:
            assert user_id not in network.boosters(original.message.id)
            wrapper = messages.get(wrapper_id)
            assert wrapper
            assert (wrapper.boost_of, wrapper.text) == (original.message.id, "")
            assert original.message.visibility <= wrapper.visibility <= Visibility.PRIVATE
            network.boost(wrapper, now, notifies=not network.silences(original.message.author_id, user_id, now))
            self.record(wrapper_id, inserted=True)
        self.react(user_id, f"forwarded#{original.message.id}")

    @precondition(lambda self: any(not each.deleted for each in self.network.wrappers.values()))
    @rule(which=anything, how=st.sampled_from(["by the original", "by the wrapper", "deleted"]))
    def unboost(self, which: int, how: str) -> None:
        """A user undoes a boost."""
        left = [each for each, posted in self.network.wrappers.items() if not posted.deleted]
        wrapper_id = left[which % len(left)]
        user_id, original, now = wrapper_id.author_id, self.network.original(wrapper_id), self.clock.now
        if how != "deleted":
            boosting.undo(user_id, str(original if how == "by the original" else wrapper_id))
        elif self.network.may_see(user_id, self.network.wrappers[wrapper_id], now):
            posting.delete(str(wrapper_id), user_id, now)
        else:
            return
        self.network.unboost(wrapper_id)
        for reader in self.people:  # before any stream function knows
            assert all(wrapper_id not in page for page in forwards(reader, now, 40))
            with pytest.raises(NotFound):
                reading.show(str(wrapper_id), reader, now)
        self.react(user_id, f"forwarded#{original}")
        self.record(wrapper_id, inserted=False)

    @precondition(lambda self: self.network.following)
    @rule(which=anything, wanted=st.sampled_from([True, False, False]))
    def show_boosts(self, which: int, wanted: bool) -> None:
        """A user chooses whether to see the boosts of somebody followed."""
        pairs = sorted(self.network.following)
        pair = pairs[which % len(pairs)]
        following.follow(*pair, self.clock.now, FollowChange(reblogs=wanted))
        (self.network.boostless.discard if wanted else self.network.boostless.add)(pair)

    @precondition(lambda self: self.network.wrappers)
    @rule(who=somebody, which=anything, whom=anything, blocks=st.booleans())
    def turn_away(self, who: int, which: int, whom: int, blocks: bool) -> None:
        """A user mutes or blocks the author of a boosted message, or somebody whom it mentions."""
        wrappers, user_id = list(self.network.wrappers), self.who(who)
        original = self.network.posted[self.network.original(wrappers[which % len(wrappers)])].message
        shown = {original.author_id, *(each.user_id for each in original.mentions)}
        others = [each for each in self.people if each in shown and each != user_id]
        if not others:
            return
        pair = user_id, others[whom % len(others)]
        if blocks:
            self.network.block(*pair)
            relationships.block(*pair, self.clock.now)
        else:
            self.network.mute(*pair, float("inf"), notifications=False)
            relationships.mute(*pair, self.clock.now, notifications=False, seconds=0)

    @invariant()
    def a_wrapper_is_seen_with_its_original(self) -> None:
        """One wrapper and one reader per step."""
        network, now = self.network, self.clock.now
        network.boostless &= network.following
        if not self.people or not network.wrappers:
            return
        wrappers, reader = list(network.wrappers), self.who(self.step)
        wrapper_id = wrappers[self.step % len(wrappers)]
        original = network.original(wrapper_id)
        both = network.wrappers[wrapper_id], network.posted[original]
        if all(network.may_see(reader, each, now) for each in both):
            page = reading.show(str(wrapper_id), reader, now)
            assert original in page.originals
            message = reading.get(str(wrapper_id), reader, now)
            assert (message.id, message.boosts_count) == (original, len(network.boosters(original)))
        else:
            with pytest.raises(NotFound):
                reading.show(str(wrapper_id), reader, now)
