"""Rules of the model-based test: accounts are locked, and requests to follow them are decided."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from fstream_app.core.entities import Part
from fstream_app.core.user_changes import UserChange
from fstream_app.people import following, unlocking, users
from fstream_app.people.unlocking import Unlocking
from tests.integration.acting import Acting, anything, somebody

_ALL = 200


class RequestRules(Acting):
    """What users do with requests to follow them."""

    @rule(who=somebody, locked=st.sampled_from([True, True, False]))
    def lock(self, who: int, locked: bool) -> None:
        """A user locks or unlocks the account, which accepts all requests."""
        user_id = self.who(who)
        users.update(user_id, UserChange(locked=locked), self.clock.now)
        assert locked or unlocking.resume([Unlocking("1", user_id, self.clock.now)], self.clock.now) == set()
        (self.network.locked.add if locked else self.network.unlock)(user_id)

    @precondition(lambda self: self.network.requests)
    @rule(which=anything, accepted=st.booleans())
    def decide(self, which: int, accepted: bool) -> None:
        requester, user_id = sorted(self.network.requests)[which % len(self.network.requests)]
        (following.authorize if accepted else following.reject)(user_id, requester, self.clock.now)
        (self.network.authorize if accepted else self.network.unfollow)(requester, user_id)

    def find_requests(self, reader: str, now: int) -> None:
        page = following.requested(reader, Part(_ALL), now)
        assert {user.id for user in page.users} == {one for one, other in self.network.requests if other == reader}
