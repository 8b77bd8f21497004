"""The user's policy for notifications, applied on reading: which are shown, which wait among the requests.

The rules are those of Mastodon, except that there is no time after which a new follower counts as a follower. People
whom the user has accepted are exempt; people whom the user follows are exempt from all choices but `not_followers`.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial

import msgspec

from fstream_app.core import packing
from fstream_app.core.entities import Message, User
from fstream_app.core.notices import Held, Notification, NotificationKind, Query
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather
from fstream_app.core.policies import OPEN, Choice, strictest
from fstream_app.core.relations import Relations
from fstream_app.repository import edges, senders

_ALWAYS_SHOWN = frozenset({"status", "poll", "update", "quoted_update", "moderation_warning"})
SCREENED = frozenset(kind for kind in NotificationKind if kind not in _ALWAYS_SHOWN)
"""The kinds to which a policy applies: what others do, and not what the user has asked for."""
MOST_OF_A_SENDER = 40
"""Notifications of one sender are counted among the held ones up to this number."""
_NEW = 30 * 86_400_000
"""Milliseconds for which an account is new."""


class Screen:
    """A user's policy during one read of notifications.

    Args:
        user_id: the user.
        relations: the user's relationships, with the policy.
        now: milliseconds.
        query: which notifications are read, and what the read does with those that are filtered.
    """

    def __init__(self, user_id: str, relations: Relations, now: int, query: Query) -> None:
        self._user_id = user_id
        self._policy = relations.policy
        self._following = relations.following
        self._now = now
        self._held = query.held
        self._of_one_sender = query.actor_id is not None
        self._met: Counter[str] = Counter()
        self._known: set[str] = set()
        self._unwanted: set[str] = set()
        self._accepted: set[str] = set()
        self._followers: set[str] = set()

    def passes_over(self, notification: Notification) -> bool:
        """Return whether a notification is left out, as far as is known without reading.

        All of a sender's are once the policy has left out one of them because of who the sender is. A read of held
        notifications alone leaves out what one sender has sent before the newest `MOST_OF_A_SENDER`. So nobody can make
        such a read expensive, or hide what others have sent, by sending a lot.
        """
        applies = self._applies(notification)
        if self._held is not Held.ALONE or not applies:
            return self._held is Held.ALONE or (applies and notification.actor_id in self._unwanted)
        self._met[notification.actor_id] += 1
        return self._met[notification.actor_id] > MOST_OF_A_SENDER and not self._of_one_sender

    @property
    def leaves_nothing(self) -> bool:
        """Whether the read returns nothing: held notifications alone, when the policy filters none."""
        return self._held is Held.ALONE and Choice.FILTER not in msgspec.structs.astuple(self._policy)

    def learn(self, chunk: Collection[Notification]) -> None:
        """Read which senders are accepted, and who follows the user if the policy asks for it; 1 RRU each."""
        asked = {each.actor_id for each in chunk if self._applies(each)} - self._known
        followers = asked if self._policy.not_followers is not Choice.ACCEPT else ()
        accepted, following = gather(
            partial(senders.among, self._user_id, asked), partial(edges.followers_among, self._user_id, followers)
        )
        self._known |= asked
        self._accepted |= accepted
        self._followers |= following

    def choice(self, notification: Notification, actor: User, message: Message | None) -> Choice:
        """Return what the policy says of a notification of which `learn` knows."""
        if not self._applies(notification) or notification.actor_id in self._accepted:
            return Choice.ACCEPT
        because_of_sender = strictest(list(self._choices(actor)))
        if because_of_sender is not Choice.ACCEPT and not self.shows(because_of_sender):
            self._unwanted.add(actor.id)
        return strictest([because_of_sender, self._choice_of_message(actor, message)])

    def shows(self, choice: Choice) -> bool:
        """Return whether the read returns notifications of which the policy says this."""
        match choice:
            case Choice.ACCEPT:
                return self._held is not Held.ALONE
            case Choice.FILTER:
                return self._held is not Held.LEFT_OUT
            case Choice.DROP:
                return False

    def _applies(self, notification: Notification) -> bool:
        actor_id = notification.actor_id
        if self._policy == OPEN or notification.kind not in SCREENED or actor_id == self._user_id:
            return False
        return actor_id not in self._following or self._policy.not_followers is not Choice.ACCEPT

    def _choices(self, actor: User) -> Iterator[Choice]:
        if actor.id not in self._followers:
            yield self._policy.not_followers
        if actor.id in self._following:
            return
        yield self._policy.not_following
        if actor.created_at > self._now - _NEW:
            yield self._policy.new_accounts

    def _choice_of_message(self, actor: User, message: Message | None) -> Choice:
        if actor.id in self._following or message is None or message.author_id == self._user_id:
            return Choice.ACCEPT
        if message.visibility is not Visibility.DIRECT or self._is_answer(message):
            return Choice.ACCEPT
        return self._policy.private_mentions

    def _is_answer(self, message: Message) -> bool:
        """Return whether a message, or what its author adds to it, answers a direct message of the user."""
        above = (each.author_id for each in reversed(packing.unpack_ids(message.ancestors)))
        return message.answers_direct and self._user_id == next(
            (each for each in above if each != message.author_id), None
        )
