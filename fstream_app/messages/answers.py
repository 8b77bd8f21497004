"""The messages that replies are shown to answer. Replies to a message that is gone are shown without its id."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fstream_app import text
from fstream_app.core import settings
from fstream_app.core.entities import Mention, Message, Originals, Page, User
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import MessageId
from fstream_app.messages.hydration import Hydrated, hydrate
from fstream_app.people import profiles


def as_shown(messages: Sequence[Message], known: Hydrated, now: int) -> list[Message]:
    """Return messages; replies to messages that are gone at this time (ms) become messages that answer nothing.

    If replies answer messages that are not known, one round trip: 1 RRU for each of these, 0.5 for each of their
    authors that is not in the profile cache. If some of them are gone, another round trip checks the people who are
    mentioned only because of the reply: 0.5 RRU for each that is not in the profile cache.

    Args:
        messages: a page's messages.
        known: messages and users that were already read for the page.
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


def of_page(page: Page, now: int) -> Page:
    """Return a page with its messages, and with what these boost or quote, as `as_shown`. RRU: as for `as_shown`."""
    originals = embedded(page.messages, page.originals)
    together = [*page.messages, *(each for each in originals.values() if isinstance(each, Message))]
    shown = as_shown(together, Hydrated({each.id: each for each in together}, page.users), now)
    count = len(page.messages)
    originals |= {each.id: each for each in shown[count:]}
    return msgspec.structs.replace(page, messages=shown[:count], originals=originals)


def embedded(messages: Iterable[Message], originals: Originals) -> dict[MessageId, Message | Hidden]:
    """Return those of the originals that these messages boost or quote, and what these originals quote."""
    ids, level = set[MessageId](), list(messages)
    while level and (new := {each.original for each in level if each.original} - ids):
        ids |= new
        level = [found for each in new if isinstance(found := originals.get(each), Message)]
    return {each: originals[each] for each in ids if each in originals}


def _suspended(message: Message) -> Hidden | None:
    return Hidden.SUSPENDED if message.hidden else None


def answering(
    messages: Sequence[Message], answered: Mapping[MessageId, Message], *, people: Mapping[str, User] | None = None
) -> list[Message]:
    """Return messages as replies to other messages. RRU: the second round trip of `as_shown`; none with `people`.

    Args:
        messages: a page's messages.
        answered: the message that each reply is shown to answer, by the reply's id. It may differ from the message that
            the reply was written for. A reply that is not in it answers nothing.
        people: users by id, if the authors of all messages that these replies were written for have been read already.
            Authors that are not in it have left or are suspended.
    """
    alone = {message.id: person for message in messages if (person := _mentioned_by_reply(message, answered))}
    if people is None:
        people = profiles.get_many({person.user_id for person in alone.values()}) if alone else {}
    return [
        _answering(message, answered.get(message.id), without=person)
        if (person := alone.get(message.id)) and person.user_id not in people
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
