"""Explains where a message is, and why a reader does not see it: ids and reasons, never text.

It walks the way that a message takes: record, log, head, tail, timelines, and the rules of visibility. It writes
nothing, and asks the same functions that serve the reader.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fstream_app.core import packing, settings
from fstream_app.core.entities import Hidden, Message, User, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.feed import home, tail
from fstream_app.feed.tail import PAGE
from fstream_app.messages import reading
from fstream_app.messages.visibility import earliest_live, settled_before, why_hidden, why_not_home, why_not_listed
from fstream_app.people import names
from fstream_app.repository import heads, log, messages, notifications, relationships, timelines, users
from fstream_app.repository.log import HOUR
from ops.operations.errors import OperationError

_THERE, _MISSING = "there", "MISSING"


MEANING: Mapping[Hidden, str] = {
    Hidden.EXPIRED: "Its lifetime is over.",
    Hidden.DELETED: "It no longer exists.",
    Hidden.BLOCKED: "One of the two blocks the other.",
    Hidden.MUTED: "The reader mutes the author.",
    Hidden.NOT_FOLLOWED: "The reader does not follow the author.",
    Hidden.NOT_MENTIONED: "It is direct and does not mention the reader.",
    Hidden.REPLY_TO_STRANGER: "It replies to somebody whom the reader does not follow.",
    Hidden.SUSPENDED: "The author is suspended.",
    Hidden.LEAVING: "The author has left or is leaving.",
    Hidden.NOT_SETTLED: "It is younger than FSTREAM_SETTLING_TIME. Look again in a moment.",
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

    Some 10 RRU, 0.5 per 4 KB of the log since the message was posted, 1 per 117 edges of the reader.

    Args:
        message: the message's id or address.
        reader: the name of the account that does not see it.
        now: milliseconds.

    Raises:
        OperationError: this is not the id of a message, or no account has this name.
    """
    try:
        message_id = reading.parse(message.rstrip("/").rpartition("/")[2])
    except NotFound:
        raise OperationError(f"{message} is not the id of a message. It is the last part of its address.") from None
    reading_user = _user(reader)
    author = users.get(message_id.author_id, consistent=True, include_hidden=True)
    found = messages.get(message_id)
    name = f"@{author.name}" if author else f"an account that no longer exists ({message_id.author_id})"
    lines = [f"Message {message_id} by {name}, posted {_date(message_id.time)}"]
    lines += map(str, _places(message_id, found, author, reading_user, now))
    lines.append(f"For @{reading_user.name}")
    lines += map(str, _verdicts(message_id, found, author, reading_user, now))
    return "\n".join(lines)


def _user(name: str) -> User:
    local = names.local(name, settings.get().host)
    user_id = users.id_by_name(local) if local else None
    user = users.get(user_id, consistent=True, include_hidden=True) if user_id else None
    if user is None:
        raise OperationError(f"No account is called {name}.")
    return user


def _places(
    message_id: MessageId, found: Message | None, author: User | None, reader: User, now: int
) -> Iterator[Finding]:
    """Walk the places in the order in which a message gets there."""
    yield Finding("record", _record(found, now))
    yield Finding("author", _author(author))
    yield Finding("log", _log(message_id, now))
    yield Finding("head", _head(message_id))
    yield Finding("tail", _tail(message_id, now))
    if found is None:
        return
    yield from _timelines(found, now)
    answered = found.in_reply_to.author_id if found.in_reply_to else None
    if found.mentions_user(reader.id) or answered == reader.id:
        yield Finding("notification", _notification(message_id, reader, now))


def _record(found: Message | None, now: int) -> str:
    if found is None:
        return f"{_MISSING}: deleted, or expired and removed"
    state = "live until" if found.is_live(now) else "expired at"
    hidden = ", hidden because its author is suspended" if found.hidden else ""
    return f"{_THERE}, {found.visibility.name.lower()}, {state} {_date(found.expires_at)}{hidden}"


def _author(author: User | None) -> str:
    if author is None:
        return _MISSING
    if author.leaving:
        return "leaving"
    return "suspended" if author.suspended else _THERE


def _log(message_id: MessageId, now: int) -> str:
    packed = message_id.pack()
    overlap = int(1000 * settings.get().tail_overlap)
    hour = (message_id.time - overlap) // HOUR * HOUR
    while hour <= now + overlap:
        for shard in range(settings.get().log_shards):
            for appended_at in _appended(shard, hour, packed):
                return f"{_THERE}, hour {hour // HOUR}, shard {shard}, {appended_at - message_id.time} ms after posting"
        hour += HOUR
    return f"{_MISSING}: the fan-out has not delivered it"


def _appended(shard: int, hour: int, packed_id: bytes) -> Iterator[int]:
    """Give the times (ms) of appending at which one hour and shard of the log have a message."""
    below = hour + HOUR
    while True:
        page = log.read(shard, hour, below, PAGE)
        for each in page:
            if any(entry.id.pack() == packed_id for entry in packing.unpack_log(each.packed)):
                yield each.appended_at
        if len(page) < PAGE:
            return
        below = page[-1].appended_at


def _head(message_id: MessageId) -> str:
    packed = heads.get(message_id.author_id)
    entries = list(packing.ascending(message_id.author_id, packed))
    if any(entry.id == message_id for entry in entries):
        return f"{_THERE}; entries in the head: {len(entries)}"
    if len(entries) == packing.HEAD_CAPACITY and message_id < entries[0].id:
        return "older than the head reaches: home reads it from the author's partition"
    return f"{_MISSING}: the fan-out has not rebuilt the head since"


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


def _timelines(found: Message, now: int) -> Iterator[Finding]:
    if found.visibility is Visibility.PUBLIC:
        if found.is_reply:
            yield Finding("public timeline", "not on it: replies are left out")
        else:
            shard = found.id.random % settings.get().public_shards
            yield Finding("public timeline", _view(timelines.public(shard), found.id, now))
        if found.tags:
            there = [_view(timelines.tag(name), found.id, now) == _THERE for name in found.tags]
            yield Finding("hashtags", f"on the timelines of {sum(there)} of {len(there)}")
    if found.thread is not None:
        entries = timelines.thread(found.thread, found.id.previous(), now, 1)
        has_it = any(message_id == found.id for message_id, _ in entries)
        yield Finding("thread", f"{_THERE if has_it else _MISSING}, in that of {found.thread}")


def _view(name: str, message_id: MessageId, now: int) -> str:
    around = Window(after=message_id.previous(), before=message_id.next(), limit=1)
    return _THERE if any(timelines.pages(name, around, now)) else _MISSING


def _notification(message_id: MessageId, reader: User, now: int) -> str:
    # Its id is of the same time and author, and its random bits are derived from the event.
    first = message_id._replace(random=0)
    last = message_id._replace(random=(1 << 15) - 1)
    around = Window(after=first.previous(), before=last.next(), limit=40)
    made = (each for page in notifications.pages_of_user(reader.id, around, now) for each in page)
    return _THERE if any(each.message_id == message_id for each in made) else f"{_MISSING}, or dismissed"


def _verdicts(
    message_id: MessageId, found: Message | None, author: User | None, reader: User, now: int
) -> Iterator[Finding]:
    """Ask the rules of visibility, and home itself."""
    gone = _why_gone(found, author)
    if found is None or gone is not None:
        yield Finding("anywhere", _said(gone))
        return
    relations = relationships.of(reader.id, now)
    unsettled = message_id.author_id != reader.id and message_id >= settled_before(now)
    later = Hidden.NOT_SETTLED if unsettled else None
    yield Finding("at its address", _said(why_hidden(found, reader.id, relations, now)))
    if found.visibility is Visibility.PUBLIC:
        yield Finding("public, hashtags", _said(why_not_listed(found, reader.id, relations, now) or later))
    reason = why_not_home(found, reader.id, relations, now) or later
    page = home.read(reader.id, Window(after=message_id.previous(), before=message_id.next(), limit=1), now)
    if reason is None and not page.messages:
        yield Finding("home", "not shown: no source has it (see log, head and tail above)")
    else:
        yield Finding("home", _said(reason))


def _why_gone(found: Message | None, author: User | None) -> Hidden | None:
    if found is None:
        return Hidden.DELETED
    if author is None or author.leaving:
        return Hidden.LEAVING
    return Hidden.SUSPENDED if author.suspended else None


def _said(reason: Hidden | None) -> str:
    return "shown" if reason is None else f"not shown: {reason}. {MEANING[reason]}"


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
