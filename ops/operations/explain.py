"""Explains where a message is, and why a reader does not see it: ids and reasons, never text.

It walks the way that a message takes: record, log, head, tail, timelines, and the rules of visibility. It writes
nothing, and asks the same functions that serve the reader.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fstream_app.core import packing, settings
from fstream_app.core.entities import Message, Page, User, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.filters import NO_FILTERS
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import HIGHEST, MessageId
from fstream_app.core.lists import UserList
from fstream_app.core.notices import Held, Notification, NotificationKind, Query
from fstream_app.core.packing import Visibility
from fstream_app.core.relations import Relations
from fstream_app.feed import home, tail
from fstream_app.feed import lists as timelines_of_lists
from fstream_app.feed.tail import PAGE
from fstream_app.messages import reading
from fstream_app.messages.addressing import Receiver, addressed
from fstream_app.messages.hydration import Hydrated
from fstream_app.messages.muting import silences
from fstream_app.messages.notifications import of_message, of_user
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import earliest_live, settled_before, why_not_home, why_not_listed
from fstream_app.people import names
from fstream_app.repository import heads, lists, log, messages, notifications, relationships, timelines, users
from fstream_app.repository.log import HOUR
from ops.operations.errors import OperationError

_THERE, _MISSING = "there", "MISSING"
_LEFT_OUT = "left out, because the message has expired"


MEANING: Mapping[Hidden, str] = {
    Hidden.EXPIRED: "Its lifetime is over.",
    Hidden.DELETED: "It no longer exists.",
    Hidden.BLOCKED: "One of the two blocks the other.",
    Hidden.MUTED: "The reader mutes the author.",
    Hidden.NOT_FOLLOWED: "The reader does not follow the author, or, if it is public, a hashtag that it has.",
    Hidden.NOT_MENTIONED: "It is direct and does not mention the reader.",
    Hidden.IN_EXCLUSIVE_LIST: "The reader has the author in a list that keeps its members off home.",
    Hidden.REPLY_TO_STRANGER: "It replies to an account that the reader does not follow, or that the list leaves out.",
    Hidden.IS_BOOST: "It is a boost, which public and hashtag timelines leave out.",
    Hidden.BOOSTS_HIDDEN: "The reader follows the booster without boosts.",
    Hidden.ORIGINAL_GONE: "The message that it boosts has expired or was deleted, or its author is gone.",
    Hidden.ORIGINAL_HIDDEN: "The reader may not see the message that it boosts, or mutes its author.",
    Hidden.MENTIONS_HIDDEN: "It boosts a message that mentions an account that the reader blocks or mutes.",
    Hidden.OTHER_LANGUAGE: "The reader follows the author in other languages than the message's.",
    Hidden.SUSPENDED: "The author is suspended.",
    Hidden.LEAVING: "The author has left or is leaving.",
    Hidden.NOT_DUE: "It is scheduled for later.",
    Hidden.NOT_SETTLED: "It is younger than FSTREAM_SETTLING_TIME, or timelines wait for earlier messages whose "
    "delivery is late, for at most FSTREAM_SETTLING_BOUND. Look again in a moment.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the explanation."""

    place: str
    found: str

    def __str__(self) -> str:
        return f"  {self.place:<18}{self.found}"


def explain(message: str, reader: str, now: int) -> str:
    """Return the explanation, as lines of text.

    Some 10 RRU, 0.5 per 4 KB of the log since the message was posted, 1 per 136 edges of the reader.

    Args:
        message: the message's id or address.
        reader: the name of the account that does not see it.
        now: milliseconds.

    Raises:
        OperationError: this is not the id of a message, or no account has this name.
    """
    message_id = _message_id(message, now)
    reading_user = _user(reader)
    author = users.get(message_id.author_id, consistent=True, include_hidden=True)
    found = messages.get(message_id)
    name = f"@{author.name}" if author else f"an account that no longer exists ({message_id.author_id})"
    lines = [f"Message {message_id} by {name}, posted {_date(message_id.time)}"]
    lines += map(str, _places(message_id, found, author, now))
    lines.append(f"For @{reading_user.name}")
    lines += map(str, _verdicts(message_id, found, author, reading_user, now))
    return "\n".join(lines)


def _message_id(text: str, now: int) -> MessageId:
    try:
        message_id = reading.parse(text.rstrip("/").rpartition("/")[2])
    except NotFound:
        raise OperationError(f"{text} is not the id of a message. It is the last part of its address.") from None
    if message_id.time > now:
        raise OperationError(f"{text} is an id of the future: no message has it yet.")
    return message_id


def _user(name: str) -> User:
    local = names.local(name, settings.get().host)
    user_id = users.id_by_name(local) if local else None
    user = users.get(user_id, consistent=True, include_hidden=True) if user_id else None
    if user is None:
        raise OperationError(f"No account is called {name}.")
    return user


def _places(message_id: MessageId, found: Message | None, author: User | None, now: int) -> Iterator[Finding]:
    """Walk the places in the order in which a message gets there."""
    yield Finding("record", _record(found, now))
    yield Finding("author", _state(author))
    yield Finding("log", _log(message_id, now))
    yield Finding("head", _head(message_id, found, now))
    yield Finding("tail", _tail(message_id, now))
    yield Finding("settling", _settling())
    if found is not None and found.boost_of is not None:
        yield Finding("boosted message", f"{found.boost_of}: {_record(messages.get(found.boost_of), now)}")
    if found is not None:
        yield Finding("public timeline", _public(found, now))
        yield Finding("hashtags", _hashtags(found, now))
        if found.thread is not None:
            yield Finding("thread", _thread(found, found.thread, now))


def _record(found: Message | None, now: int) -> str:
    if found is None:
        return f"{_MISSING}: deleted, or expired and removed"
    state = "live until" if now < found.expires_at else "expired at"
    due = "" if found.is_due(now) else f", scheduled for {_date(found.id.time)}"
    hidden = ", hidden because its author is suspended" if found.hidden else ""
    return f"{_THERE}, {found.visibility.name.lower()}, {state} {_date(found.expires_at)}{due}{hidden}"


def _state(user: User | None) -> str:
    if user is None:
        return _MISSING
    if user.leaving:
        return "leaving"
    return "suspended" if user.suspended else _THERE


def _log(message_id: MessageId, now: int) -> str:
    """Look through the log from the hour of posting on; what no live message can be in is not looked at."""
    overlap = int(1000 * settings.get().tail_overlap)
    if message_id.time < earliest_live(now):
        return "not looked at: the message is older than the longest lifetime"
    packed = message_id.pack()
    hour = (message_id.time - overlap) // HOUR * HOUR
    while hour <= max(now, message_id.time) + overlap:
        for shard in range(settings.get().log_shards):
            for appended_at in _appended(shard, hour, packed):
                return f"{_THERE}, hour {hour // HOUR}, shard {shard}, {appended_at - message_id.time} ms after posting"
        hour += HOUR
    return f"{_MISSING}: fan_out has not delivered it"


def _appended(shard: int, hour: int, packed_id: bytes) -> Iterator[int]:
    """Yield the times (ms) of appending at which one hour and shard of the log have a message."""
    before = hour + HOUR
    while True:
        page = log.read(shard, hour, before, PAGE)
        for each in page:
            if any(entry.id.pack() == packed_id for entry in packing.unpack_log(each.packed)):
                yield each.appended_at
        if len(page) < PAGE:
            return
        before = page[-1].appended_at


def _head(message_id: MessageId, found: Message | None, now: int) -> str:
    packed = heads.get(message_id.author_id)
    entries = list(packing.ascending(message_id.author_id, packed))
    if any(entry.id == message_id for entry in entries):
        return f"{_THERE}; entries in the head: {len(entries)}"
    if found is None:
        return "left out, because the message does not exist"
    if now >= found.expires_at:
        return _LEFT_OUT
    if len(entries) == packing.HEAD_CAPACITY and message_id < entries[0].id:
        return "older than the head reaches: home reads it from the author's partition"
    return f"{_MISSING}: fan_out has not rebuilt the head since"


def _tail(message_id: MessageId, now: int) -> str:
    """Load the log as a function that starts now would, down to the message."""
    remembered = tail.shared()
    if not remembered.refresh(now):
        return "could not be read"
    while remembered.snapshot(()).horizon > message_id:
        floor = remembered.floor
        remembered.extend(earliest_live(now))
        if remembered.floor == floor:
            return "does not reach down to the message: home reads the head"
    known = remembered.snapshot([message_id.author_id]).entries.get(message_id.author_id, b"")
    has_it = any(entry.id == message_id for entry in packing.ascending(message_id.author_id, known))
    return f"{_THERE}, if a function starts now" if has_it else f"{_MISSING}, if a function starts now"


def _settling() -> str:
    """Say what the log says about late deliveries. What other functions have posted and not noted is not known here."""
    known = tail.shared().snapshot(())
    waits = f"; timelines wait for {known.missing}" if known.missing < HIGHEST else ""
    if not known.lag and not tail.shared().views_lag():
        return f"deliveries are on time{waits}"
    return f"late by up to {known.lag} ms (fan_out) and {tail.shared().views_lag()} ms (views){waits}"


def _public(found: Message, now: int) -> str:
    if found.visibility is not Visibility.PUBLIC:
        return f"not on it: the message is {found.visibility.name.lower()}"
    if found.is_reply or found.boost_of is not None:
        return f"not on it: {'replies' if found.is_reply else 'boosts'} are left out"
    return _in_view(timelines.public(found.id.random % settings.get().public_shards), found, now)


def _hashtags(found: Message, now: int) -> str:
    if not found.tags:
        return "it has none"
    if found.visibility is not Visibility.PUBLIC:
        return f"not on their timelines: the message is {found.visibility.name.lower()}"
    places = [_in_view(timelines.tag(name), found, now) for name in found.tags]
    return _LEFT_OUT if _LEFT_OUT in places else f"on the timelines of {places.count(_THERE)} of {len(places)}"


def _in_view(name: str, found: Message, now: int) -> str:
    if now >= found.expires_at:
        return _LEFT_OUT
    around = Window(after=found.id.previous(), before=found.id.next(), limit=1)
    return _THERE if any(timelines.pages(name, around, now)) else _MISSING


def _thread(found: Message, root: MessageId, now: int) -> str:
    if now >= found.expires_at:
        return _LEFT_OUT
    around = Window(after=found.id.previous(), before=found.id.next(), limit=1, oldest_first=True)
    is_shared = found.visibility <= Visibility.UNLISTED
    view = timelines.thread(root) if is_shared else timelines.thread(root, found.author_id)
    has_it = any(timelines.thread_pages(view, around, now))
    return f"{_THERE if has_it else _MISSING}, in that of {root}{'' if is_shared else ' for those who may see it'}"


def _verdicts(
    message_id: MessageId, found: Message | None, author: User | None, reader: User, now: int
) -> Iterator[Finding]:
    """Ask the rules of visibility, the views, and home itself."""
    if reader.leaving or reader.suspended:
        yield Finding("reader", f"{_state(reader)}: cannot read anything")
    gone = _why_gone(found, author)
    if found is None or author is None or gone is not None:
        yield Finding("anywhere", _said(gone))
        return
    relations = relationships.of(reader.id, now)
    hidden = _why_not_at_its_address(found, author, reader, relations, now)
    yield Finding("at its address", _said(hidden))
    later = Hidden.NOT_SETTLED if message_id >= settled_before(now, tail.shared().views_lag()) else None
    listed = why_not_listed(found, reader.id, relations, now) or later
    for name, place in (("public timeline", _public(found, now)), ("hashtags", _hashtags(found, now))):
        if listed is not None:
            yield Finding(name, _said(listed))
        else:
            yield Finding(name, "shown" if place == _THERE or place.startswith("on the") else f"not shown: {place}")
    yield Finding("home", _home(message_id, found, reader, relations, now))
    for each in lists.of_user(reader.id):
        if message_id.author_id in relations.members(each.id):
            yield Finding("a list", f"{_list(found, each, reader, relations, now)}; list {each.id}")
    for kind in _notified_of(found, hidden, reader):
        yield Finding("notification", _notification(found, hidden, (reader.id, kind), relations, now))


def _why_not_at_its_address(
    found: Message, author: User, reader: User, relations: Relations, now: int
) -> Hidden | None:
    viewer = Viewer(reader.id, relations, now, filters=NO_FILTERS)
    hydrated = viewer.with_originals(Hydrated({found.id: found}, {author.id: author}), even_muted=True)
    return hydrated.why_hidden(found.id, viewer.why_not)


def _home(message_id: MessageId, found: Message, reader: User, relations: Relations, now: int) -> str:
    """Say whether a plain read of home (not a poll) shows the message."""
    page = home.read(reader.id, Window(before=message_id.next(), limit=1), now)
    reason = why_not_home(found, reader.id, relations, now)
    waits = message_id.author_id != reader.id and _waits(message_id, relations.tags, now)
    return _followed(message_id, page, reason, waits=waits)


def _list(found: Message, of: UserList, reader: User, relations: Relations, now: int) -> str:
    """Say whether the timeline of a list that its author is in shows the message."""
    page = timelines_of_lists.read(reader.id, of.id, Window(before=found.id.next(), limit=1), now)
    reason = timelines_of_lists.rule(of, relations)(found, reader.id, relations, now)
    return _followed(found.id, page, reason, waits=_waits(found.id, (), now))


def _followed(message_id: MessageId, page: Page, reason: Hidden | None, *, waits: bool) -> str:
    """Say whether a page shows a message, and if not, why: what the page says, or this reason, or that it waits."""
    if any(message.id == message_id for message in page.messages):
        return "shown"
    reason = page.hidden.get(message_id) or reason or (Hidden.NOT_SETTLED if waits else None)
    return _said(reason) if reason else "not shown: no source has it (see log, head and tail above)"


def _waits(message_id: MessageId, tags: Collection[str], now: int) -> bool:
    """Return whether a message is too young for home, or has been delivered while an earlier one is late."""
    known = tail.shared().snapshot([message_id.author_id])
    is_delivered = packing.contains(known.entries.get(message_id.author_id, b""), message_id)
    settled = home.settled_part(Window(), known, tags, now).before
    return message_id >= settled_before(now) or (is_delivered and message_id >= settled)


def _notified_of(found: Message, hidden: Hidden | None, reader: User) -> list[NotificationKind]:
    """Return the kinds of notifications of a message that the reader gets, or would get if it were not hidden."""
    is_concerned = hidden is None or found.mentions_user(reader.id)
    return [kind for user_id, kind in addressed(found) if user_id == reader.id and is_concerned]


def _notification(found: Message, hidden: Hidden | None, receiver: Receiver, relations: Relations, now: int) -> str:
    """Say whether the reader is shown the notification of a message, whose id has the time of its arrival."""
    if hidden is not None:
        return _said(hidden)
    muted = "author's notifications" if found.author_id in relations.muting_notifications else ""
    if muted or silences(relations, found, max(found.notified_at or now, found.id.time)):
        return f"not shown: the reader mutes the {muted or 'conversation'}"
    if found.notified_at is None:
        return f"{_MISSING}: views has not delivered it"
    made = of_message(found, receiver, found.notified_at)
    if made.id < notifications.cleared_to(made.user_id):
        return "not shown: the reader has cleared all notifications since"
    if notifications.get(made.user_id, made.id) is None:
        return f"{_MISSING}, or dismissed by the reader"
    return _said(Hidden.NOT_SETTLED) if made.id >= settled_before(now) else _screened(made, now)


def _screened(made: Notification, now: int) -> str:
    """Say what the reader's policy does with a notification that is there."""
    only = Window(after=made.id.previous(), before=made.id.next(), limit=1)
    shown = of_user(made.user_id, only, now, Query(held=Held.INCLUDED)).shown
    if not shown:
        return "not shown: the reader's policy for notifications drops it"
    return "not shown: the reader's policy filters it; it waits among the requests" if shown[0].is_filtered else _THERE


def _why_gone(found: Message | None, author: User | None) -> Hidden | None:
    if found is None:
        return Hidden.DELETED
    if author is None or author.leaving:
        return Hidden.LEAVING
    if author.has_cleared(found.written):
        return Hidden.DELETED
    return Hidden.SUSPENDED if author.suspended else None


def _said(reason: Hidden | None) -> str:
    return "shown" if reason is None else f"not shown: {reason}. {MEANING[reason]}"


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
