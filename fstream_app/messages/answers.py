"""What replies answer, as they are shown: a message that is gone leaves no id behind in the replies to it."""

from collections.abc import Mapping, Sequence

import msgspec

from fstream_app import text
from fstream_app.core import settings
from fstream_app.core.entities import Hidden, Mention, Message
from fstream_app.core.ids import MessageId
from fstream_app.messages.hydration import Hydrated, hydrate
from fstream_app.people import profiles


def as_shown(messages: Sequence[Message], known: Hydrated, now: int) -> list[Message]:
    """Return messages, where replies to messages that are gone at this time (ms) answer nothing any more.

    Reads nothing for what is no reply, or answers a message that is known. Else one round trip: 0.5 RRU for each
    answered message, and for each of their authors that is not remembered. One more, 0.5 RRU for each person, where
    the answered message is gone and its author, mentioned for the reply alone, is not remembered.

    Args:
        messages: of a page.
        known: messages and users that have been read for it.
        now: milliseconds.
    """
    answered = {message.id: found for message in messages if (found := message.answers(now)) is not None}
    more = hydrate({each for each in answered.values() if each not in known.messages}, None)
    there = Hydrated(known.messages | more.messages, known.users | more.users)
    shown = {
        reply_id: there.messages[each]
        for reply_id, each in answered.items()
        if there.why_hidden(each, _suspended) is None
    }
    return answering(messages, shown)


def _suspended(message: Message) -> Hidden | None:
    return Hidden.SUSPENDED if message.hidden else None


def answering(messages: Sequence[Message], answered: Mapping[MessageId, Message]) -> list[Message]:
    """Return messages as replies to these others: nothing, 0.5 RRU for each person as above.

    Args:
        messages: of a page.
        answered: by the id of the reply, the message that it is to be shown as answering, which may be another one than
            it was written for; a reply that is not in it answers nothing.
    """
    alone = {message.id: person for message in messages if (person := _mentioned_by_reply(message, answered))}
    there = profiles.get_many({person.user_id for person in alone.values()}) if alone else {}
    return [
        _answering(message, answered.get(message.id), without=person)
        if (person := alone.get(message.id)) and person.user_id not in there
        else _answering(message, answered.get(message.id))
        for message in messages
    ]


def _answering(message: Message, answered: Message | None, *, without: Mention | None = None) -> Message:
    if message.in_reply_to is None:
        return message
    return msgspec.structs.replace(
        message,
        in_reply_to=answered.id if answered else None,
        answered_lifetime=answered.lifetime if answered else 0,
        mentions=tuple(mention for mention in message.mentions if mention != without),
    )


def _mentioned_by_reply(message: Message, answered: Mapping[MessageId, Message]) -> Mention | None:
    """Return the person whom a message mentions only because it was a reply to a message that is gone."""
    shown = answered.get(message.id)
    if message.in_reply_to is None or (shown is not None and shown.id == message.in_reply_to):
        return None
    person = next((each for each in message.mentions if each.user_id == message.in_reply_to.author_id), None)
    if person is None or person.name in text.names_mentioned(message.text, settings.get().host):
        return None
    return person
