"""A user's relationships, as one read returns them."""

from collections.abc import Iterable, Mapping

import msgspec

from fstream_app.core.filters import FilterMark
from fstream_app.core.following import PLAIN, FollowOptions, Still
from fstream_app.core.ids import MessageId
from fstream_app.core.policies import OPEN, Policy


class Relations(msgspec.Struct, frozen=True):
    """A user's relationships: follows, blocks (both directions) and mutes, without timed mutes that have ended."""

    following: frozenset[str] = frozenset()
    blocking: frozenset[str] = frozenset()
    blocked_by: frozenset[str] = frozenset()
    muting: frozenset[str] = frozenset()
    muting_notifications: frozenset[str] = frozenset()
    muted_until: Mapping[str, int] = {}
    """End of timed mutes, in milliseconds, by user id."""
    followed_by: frozenset[str] = frozenset()
    """Filled only on request, because these edges are in the other users' partitions."""
    tags: frozenset[str] = frozenset()
    """Hashtags that the user follows, normalised."""
    requested: frozenset[str] = frozenset()
    """Users whom the user has asked to be allowed to follow."""
    requested_by: frozenset[str] = frozenset()
    """Users who have asked the user; filled only on request, like `followed_by`."""
    lists: Mapping[str, frozenset[str]] = {}
    """The ids of the user's lists that followed users are in, by user id."""
    apart: frozenset[str] = frozenset()
    """Followed users who are in an exclusive list, which keeps their messages off home."""
    follow_options: Mapping[str, FollowOptions] = {}
    """Options of follows and requests, by the other user's id, as far as any were chosen."""
    stills: Mapping[MessageId, Still] = {}
    """Conversations that the user has muted or unmuted, by their first message; read with all edges only."""
    notes: Mapping[str, str] = {}
    """Private notes about others, by their ids; filled only on request, like `followed_by`."""
    blockers_read_to: str | None = None
    """If many users block the user: the id up to which `blocked_by` was read, in the order of ids. None: all of it."""
    blockers_asked: frozenset[str] = frozenset()
    """Users above that id who were looked up: `blocked_by` has those who block the user."""
    policy: Policy = OPEN
    filters: FilterMark | None = None
    """The mark of the user's filters; None if the user has no filters, or if only edges to some users were read."""

    def hides(self, user_id: str) -> bool:
        """Return whether either user blocks the other, so that they do not see each other."""
        return user_id in self.blocking or user_id in self.blocked_by

    def members(self, list_id: str) -> frozenset[str]:
        """Return the followed users who are in one of the user's lists."""
        return frozenset(user_id for user_id, lists in self.lists.items() if list_id in lists)

    def options(self, user_id: str) -> FollowOptions:
        """Return the options of the follow of a user, or of the request."""
        return self.follow_options.get(user_id, PLAIN)

    @property
    def muted_conversations(self) -> frozenset[MessageId]:
        """The first messages of the conversations that the user mutes."""
        return frozenset(root for root, still in self.stills.items() if still.until is None)

    def unsure(self, user_ids: Iterable[str]) -> set[str]:
        """Return the users whose block of this user, if any, has not been read."""
        known_to = self.blockers_read_to
        return set() if known_to is None else {each for each in user_ids if each > known_to} - self.blockers_asked


NO_RELATIONS = Relations()
"""Relations of a reader without a login."""
