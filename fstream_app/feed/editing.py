"""Editing a message: its text changes, but not its time, its readers' choices or its end.

An edit leaves nothing of the previous version. It replaces the item, which has the only copy of the text, and reads ask
the item about everything else: whom it mentions, which hashtags it has. The stream has keys only and cannot tell an
edit from a count, so the request itself does what follows. In this order, so that an interruption loses nothing:

1. What leads to the new version is written: notifications of new mentions and of the end of a changed poll, new
   hashtags in the log and in the index for search. Until the message has them, no read shows any of it.
2. The message is replaced, if it is still the version that was read, together with its entries in views
   (`fstream_app.repository.edits`). If another edit came first, this one is made again, from the version of that one.
3. What is left of old mentions and polls is deleted: their notifications, which no read shows any more. Votes in a
   former version of the poll stay until they expire; no count has them, and no read shows them.

Those who boost the message are notified by the stream function (`fstream_app.feed.updates`).

A repeated edit changes nothing. Nobody is notified twice of a mention: the message has the time of the notification.
"""

from collections.abc import Collection
from functools import partial

import msgspec

from fstream_app.core import cleaning, clock, languages, settings
from fstream_app.core.entities import Mention, Message, User
from fstream_app.core.errors import NotFound, Unavailable
from fstream_app.core.notices import Notification, NotificationKind
from fstream_app.core.packing import Visibility
from fstream_app.core.parallel import gather
from fstream_app.core.retry import attempts
from fstream_app.feed import fanout, notifying, views
from fstream_app.live import announcing
from fstream_app.messages import addressing, endings, lifetimes, notifications, polls, posting, quoting, reading
from fstream_app.repository import edits
from fstream_app.repository import notifications as notification_items

_BUSY = "The message could not be edited. Try again in a moment."


class Change(msgspec.Struct, frozen=True):
    """What a message is to say from now on."""

    text: str | None = None
    """None keeps the text. A lifetime at its end is removed and has no effect."""
    spoiler: str = ""
    sensitive: bool = False
    language: str | None = None
    """A language tag; None, and an unknown language, keeps the language."""
    poll: polls.Draft | None = None
    """None removes the poll, if there is one. Which votes still count: see `polls.edited`."""


def edit(author: User, message_id: str, change: Change, now: int) -> Message:
    """Change what one of the author's messages says, and return it. A message that says so already stays as it is.

    RRU: as `reading.get`, `posting.mentions`, 4 for each new mention (8 for that of the person whom it answers); 1 for
    each that is notified. WRU: 1; for each new or former mention 1, as for the end of a new or former poll; for a
    public message with new hashtags 1 for the log and 1 for each; as `edits.replace` if the message is in other views
    than before.

    Raises:
        Invalid: the new version breaks a rule.
        NotFound: the message does not exist, has expired, or is somebody else's.
        Unavailable: others changed the message at each attempt.
    """
    began = clock.monotonic()
    for _ in attempts():
        old = written(message_id, author.id, now, "edit")
        new = _edited(author, old, change, now + clock.monotonic() - began)
        if new is None:
            return old
        notified = _notifications(new, now)
        gather(
            partial(notification_items.put, [*notified, *_ends(new, old)]),
            partial(_announce_tags, old, new, now - began),
        )
        if edits.replace(old, new):
            gather(partial(_clean_up, old, new, notified), partial(_announce, new, notified, now))
            return _in_time(new, notified, now + clock.monotonic() - began)
    raise Unavailable(_BUSY)


def written(message_id: str, author_id: str, now: int, action: str) -> Message:
    """Return a message that the author wrote, for an action (a verb). RRU as for `reading.own`.

    Raises:
        NotFound: as for `reading.own`, or the id is that of a boost, which has no text.
    """
    found, _ = reading.own(message_id, author_id, now, action)
    if found.boost_of is not None:
        raise NotFound(reading.NO_MESSAGE)
    return found


def _edited(author: User, old: Message, change: Change, now: int) -> Message | None:
    """Return the new version of a message; None if it says the same as the old one."""
    time = max(now, (old.edited_at or old.id.time) + 1)
    content = old.text if change.text is None else lifetimes.without(author, cleaning.clean(change.text))
    spoiler = cleaning.one_line(change.spoiler)
    said = msgspec.structs.replace(
        old,
        text=content,
        spoiler=spoiler,
        sensitive=bool(spoiler) or change.sensitive,
        language=_language(old, change.language),
        poll=polls.edited(old, change.poll and polls.checked(change.poll), time),
    )
    if said == old:
        return None
    posting.validate(content, spoiler, quotes=old.quote is not None)
    people = _mentions(author, old, content, time)
    if old.original is not None:
        quoting.check_addressed(old.original, author, old.visibility, people)
    return msgspec.structs.replace(said, mentions=people, tags=posting.tags(content), edited_at=time)


def _language(old: Message, wanted: str | None) -> str | None:
    """Return the language of the new version. Of a message without one, apps send back the instance's."""
    tag = languages.tag(wanted or "")
    return old.language if tag in {None, old.language or settings.get().language} else tag


def _mentions(author: User, old: Message, content: str, time: int) -> tuple[Mention, ...]:
    """Return the people to mention, those who are new with the time (ms) of their notification."""
    since = {each.user_id: each.since for each in old.mentions}
    named = posting.mentions(content, old.in_reply_to, author, old.visibility)
    unnamed = {each.user_id for each in named} - since.keys()
    since |= {each: None for each in unnamed if addressing.knows(each, old, time)}
    return tuple(Mention(each.user_id, each.name, since.get(each.user_id, time)) for each in named)


def _notifications(new: Message, now: int) -> list[Notification]:
    """Return the notifications of people who learn of the message because the new version mentions them."""
    added = [(each.user_id, NotificationKind.MENTION) for each in new.mentions if each.since == new.edited_at]
    known = [each for each in addressing.addressed(new) if each not in added]
    return [
        notifications.of_message(new, each, new.edited_at or now)
        for each in addressing.receivers(new, now, known=known)
    ]


def _ends(message: Message, other: Message) -> list[Notification]:
    """Return the author's notifications of the end of a version's poll, without those that the other version has."""
    known = endings.of_author(other)
    return [each for each in endings.of_author(message) if each not in known]


def _clean_up(old: Message, new: Message, notified: Collection[Notification]) -> None:
    """Delete notifications of mentions and of a poll that the message no longer has, and those of people who have left.

    RRU: 1 for each person who was notified; 1 for each participant of a direct message if these have changed.
    """
    notifications.retract([*notified, *_ends(new, old)])
    notification_items.delete([*_outdated(old, new), *_ends(old, new)])
    if new.mentions != old.mentions:
        views.forget_conversations([new])


def _announce(edited: Message, notified: Collection[Notification], now: int) -> None:
    """Announce an edit, and the notifications of new mentions, to those who listen."""
    announcing.edit(edited.id, edited.edited_at or now, now)
    announcing.notifications(notified, now)


def _outdated(old: Message, new: Message) -> list[Notification]:
    """Return the notifications, if their time is stored, of people whom the new version does not address any more."""
    removed = [each for each in addressing.addressed(old) if each not in addressing.addressed(new)]
    times = {each: time for each in removed if (time := addressing.arrival(old, each)) is not None}
    return [notifications.of_message(old, each, time) for each, time in times.items()]


def _in_time(edited: Message, notified: Collection[Notification], now: int) -> Message:
    """Return an edited message; if storing it took long, with notifications that arrive now instead.

    Polling clients may have gone past the earlier time. If they are late, 1 WRU, and 2 for each.
    """
    if not notified or not notifications.is_late(edited.edited_at or now, now):
        return edited
    late = {each.user_id for each in notified}
    mentions = (
        Mention(each.user_id, each.name, now if each.user_id in late else each.since) for each in edited.mentions
    )
    renewed = msgspec.structs.replace(edited, mentions=tuple(mentions), edited_at=now)
    made = [notifications.of_message(renewed, (each, NotificationKind.MENTION), now) for each in late]
    notification_items.put(made)
    if not edits.replace(edited, renewed):
        return edited  # another edit came first
    notifying.announce(made, now)
    notification_items.delete(notified)
    return renewed


def _announce_tags(old: Message, new: Message, offset: int) -> None:
    """Bring the new hashtags of a public message to where its readers look for hashtags: the log, and the index.

    Home timelines find followed hashtags in the log, so the message's entry is appended again; readers drop the
    duplicate. 1 WRU, and 1 for each new hashtag that this function has not indexed.
    """
    added = [name for name in new.tags if name not in old.tags]
    if not added or new.visibility is not Visibility.PUBLIC:
        return
    _, failed = gather(
        partial(fanout.append, [new.entry], {new.id: added}, offset, is_new=False),
        partial(views.index_tags, [msgspec.structs.replace(new, tags=tuple(added))]),
    )
    if failed:
        raise Unavailable(_BUSY)
