"""Muting of conversations: from then on, nothing that happens in a conversation notifies the user.

A conversation is known by the first message of its thread, whose id each reply keeps, whether or not that message still
exists. Notifications are left out when they are read (`fstream_app.messages.notifications`), so muting costs nobody a
write. Timelines are not changed.
"""

from collections.abc import Iterable
from functools import partial

from fstream_app.core import clock, settings
from fstream_app.core.entities import Message
from fstream_app.core.errors import Invalid
from fstream_app.core.following import Still
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather_all
from fstream_app.core.relations import Relations
from fstream_app.messages import reading
from fstream_app.messages.viewer import Viewer
from fstream_app.people import relationships
from fstream_app.repository import stills, users

MOST = 50
"""Limit of conversations that a user has muted at a time, or unmuted of late. Their edges then take one read unit."""


def mute(user_id: str, message_id: str, now: int) -> None:
    """Mute the conversation of a message; 2 RRU and those of `reading.get`, 1 WRU.

    Idempotent. It stays muted for twice the longest lifetime of a message, or until its thread ends. `renew` prolongs
    that for as long as anything in the conversation would notify the user. If there is no room, the conversation that
    was unmuted first is forgotten.

    Raises:
        Invalid: the user has muted as many conversations as a user can.
        NotFound: the message does not exist, or is hidden from this user.
    """
    message = reading.get(message_id, user_id, now)
    known = stills.of_user(user_id, now)
    if message.root not in known and len(known) >= MOST:
        unmuted = [(still.until, root) for root, still in known.items() if still.until is not None]
        if not unmuted:
            raise Invalid(f"You can mute at most {MOST} conversations. Unmute one of them first.", code="ERR_TOO_MANY")
        stills.delete(user_id, min(unmuted)[1])
    stills.put(user_id, message.root, now, _expiry(message, now))
    if user_id not in users.staying([user_id]):
        stills.delete(user_id, message.root)


def unmute(user_id: str, message_id: str, now: int) -> None:
    """Unmute the conversation of a message; RRU as `reading.get`, 1 WRU. Idempotent.

    Raises:
        NotFound: the message does not exist, or is hidden from this user.
    """
    # Until then, notifications of what happened while it was muted could come back.
    expires_at = clock.ttl_seconds(now + 1000 * settings.get().max_lifetime)
    stills.end(user_id, reading.get(message_id, user_id, now).root, now, expires_at)


def muted(user_id: str, now: int) -> dict[MessageId, Still]:
    """Return the conversations that a user mutes, by their first messages, without those that the user may not see.

    1 RRU per 136 edges, and as `Viewer.hydrate` for each.
    """
    viewer = Viewer(user_id, relationships.of_reader(user_id, now), now)
    stills = {root: still for root, still in viewer.relations.stills.items() if still.until is None}
    hydrated = viewer.hydrate(stills)
    return {root: stills[root] for root in sorted(stills) if hydrated.why_hidden(root, viewer.why_not) is None}


def silences(relations: Relations, message: Message, time: int) -> bool:
    """Return whether something that happened at a time (ms) to a message does not notify a user with these relations.

    The relations must be those of all edges.
    """
    still = relations.stills.get(message.root)
    return still is not None and still.covers(time)


def renew(user_id: str, relations: Relations, met: Iterable[Message], now: int) -> None:
    """Prolong the muting of the conversations of messages that a read has met; seldom 1 WRU for each.

    A conversation that goes on is prolonged once in a longest lifetime. If nothing in it would have notified the user
    for so long, the muting ends. One that was unmuted is not prolonged.
    """
    wanted: dict[MessageId, int] = {}
    for message in met:
        still, expiry = relations.stills.get(message.root), _expiry(message, now)
        if still is not None and still.until is None and still.expires_at < expiry - settings.get().max_lifetime:
            wanted[message.root] = expiry
    gather_all([partial(stills.renew, user_id, root, expiry) for root, expiry in wanted.items()])


def _expiry(message: Message, now: int) -> int:
    """Return until when (s) a conversation stays muted."""
    longest = now + 2000 * settings.get().max_lifetime
    ends_at = message.thread_ends_at
    return clock.ttl_seconds(longest if ends_at is None else min(longest, ends_at))
