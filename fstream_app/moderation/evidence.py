"""Copies of reported messages, sealed for the moderators: the one exception to the rule that nothing stays.

A message that lives for a minute can be gone before a moderator looks. A report therefore has a copy of the messages
that the reporter could see when reporting, and of nothing else. The function that makes it has only the public key, so
it can't read any copy; the command line has the private key. A copy is deleted when its report is resolved, and expires
after 14 days. It has its report's id inside, so a copy under the id of another report does not open.
"""

from collections.abc import Iterable, Sequence

import msgspec

from fstream_app.core import sealing, settings
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.settings import DAY

KEPT_SECONDS = 14 * DAY
MAX_BYTES = 300_000
"""Limit of a copy: DynamoDB's items have 400 KB at most. 20 messages of 500 characters have at most 160 KB of text."""


class Copy(msgspec.Struct, frozen=True, omit_defaults=True):
    """A reported message as it was when it was reported."""

    id: str
    text: str
    visibility: str
    expires_at: int
    """Milliseconds."""
    spoiler: str = ""
    sensitive: bool = False
    language: str | None = None
    is_reply: bool = False
    quote_of: str | None = None
    """The id of the message that it quotes. Of that message, which was not reported, there is no copy."""


class _Content(msgspec.Struct, frozen=True):
    """The content of a sealed copy."""

    report_id: str
    messages: tuple[Copy, ...]


class Unreadable(Exception):
    """A copy cannot be opened: no key fits, it was changed, or it is another report's."""


def sealed(report_id: MessageId, messages: Sequence[Message]) -> bytes | None:
    """Return the sealed copy of a report's messages; None if there are no messages, or the instance keeps no copies.

    Messages beyond 300 KB together are left out, the last ones first.
    """
    current = settings.get()
    if not messages or not current.keeps_reported:
        return None
    content = _Content(str(report_id), tuple(_fitting(map(_copy, messages))))
    return sealing.seal(msgspec.json.encode(content), current.report_key)


def opened(report_id: MessageId, content: bytes, private_keys: Iterable[str]) -> tuple[Copy, ...]:
    """Open a sealed copy.

    Raises:
        Unreadable: no key fits, the copy was changed, or it is another report's.
    """
    unsealed = sealing.unseal(content, private_keys)
    if unsealed is None:
        raise Unreadable("No key opens this copy")
    try:
        found = msgspec.json.decode(unsealed, type=_Content)
    except msgspec.DecodeError:
        raise Unreadable("This is not a copy of messages") from None
    if found.report_id != str(report_id):
        raise Unreadable("This is the copy of another report")
    return found.messages


def _copy(message: Message) -> Copy:
    return Copy(
        id=str(message.id),
        text=message.text,
        visibility=Visibility(message.visibility).name.lower(),
        expires_at=message.expires_at,
        spoiler=message.spoiler,
        sensitive=message.sensitive,
        language=message.language,
        is_reply=message.in_reply_to is not None,
        quote_of=str(message.quote_of) if message.quote_of else None,
    )


def _fitting(copies: Iterable[Copy]) -> Iterable[Copy]:
    left = MAX_BYTES
    for copy in copies:
        left -= len(msgspec.json.encode(copy))
        if left < 0:
            return
        yield copy
