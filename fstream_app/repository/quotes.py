"""Quotes, which are counted at the messages that they quote, as `counting` describes, and marked when they are revoked.

A quote is counted together with the reply that it may also be: see `replies`.
"""

from fstream_app.core import clock, packing
from fstream_app.core.entities import Message
from fstream_app.core.errors import Unavailable
from fstream_app.core.ids import MessageId
from fstream_app.core.quoting import QuotePolicy
from fstream_app.core.retry import attempts
from fstream_app.repository import conditional, messages
from fstream_app.repository.counting import Owner, Share
from fstream_app.repository.transactions import Writes
from fstream_app.tables import MessageItem, ReactionItem

LEFT = "quote"
"""The kind of items of the reactions table that deleted and revoked quotes leave: `quote#<quoting message's id>`."""
MAX_BRIEF_QUOTES = 40
"""Limit of counted quotes that expire before the message they quote: each takes 20 bytes of its item."""


class _Changed(Exception):
    """The quote was counted, revoked or deleted meanwhile."""


def share(quoted: MessageId, brief: bytes | None) -> Share:
    """Return what a quote adds to the counts of a message.

    Args:
        quoted: the message.
        brief: the quote's entry, packed as in the log, if it expires before the message.
    """
    owner = Owner(MessageItem, *messages.key(quoted))
    if brief is None:
        return Share(owner, "lasting_quotes")
    return Share(owner, "brief_quotes", brief, MAX_BRIEF_QUOTES)


def brief(message: Message) -> bytes | None:
    """Return a quote's entry, packed as in the log, if it is there for less time than the message that it quotes."""
    lasts = message.quote is None or (message.scheduled is None and message.expires_at >= message.quote.until)
    return None if lasts else packing.pack_log([message.entry])


def left(message: Message) -> ReactionItem:
    """Return the item that says that a quote must still be subtracted: key `author_id`, `quote#id`."""
    return ReactionItem(
        message.author_id,
        f"{LEFT}#{message.id}",
        ended=True,
        favourite_of=str(message.quote_of),
        brief=brief(message),
        expires_at=clock.ttl_seconds(message.expires_at),
    )


def revoke(message: Message) -> None:
    """Mark a quote as revoked: key `author_id`, `id`; 1 WRU, 4 for one that is counted. Idempotent.

    The transaction that revokes a counted quote also puts what must be subtracted. Does nothing if the message is gone.

    Raises:
        Unavailable: the message changed at every attempt.
    """
    item, revoked = messages.address(message.id), [MessageItem.revoked.set(True)]
    for _ in attempts():
        lasting = MessageItem.id.exists() & MessageItem.revoked.does_not_exist()
        pending = MessageItem.pending
        if not message.is_counted_quote or message.uncounted:
            condition = lasting & pending.exists() if message.uncounted else lasting
            if conditional.update(item, revoked, condition):
                return
        else:
            writes = Writes()
            writes.update(item, revoked, lasting & pending.does_not_exist(), otherwise=_Changed)
            writes.save(left(message))
            if not writes.attempt():
                return
        current = messages.get(message.id)
        if current is None or current.quote is None or current.quote.revoked:
            return
        message = current
    raise Unavailable("Too many changes at once. Try again in a moment.")


def change_policy(message_id: MessageId, policy: QuotePolicy) -> bool:
    """Store who may quote a message: key `author_id`, `id`, present; 1 WRU. Return whether the message exists."""
    stored = MessageItem.quote_policy
    action = stored.remove() if policy is QuotePolicy.NOBODY else stored.set(policy.value)
    return conditional.update(messages.address(message_id), [action], MessageItem.id.exists())
