"""What moderators do: suspend people, look at reports, remove messages.

Imported once it is known which stage it is for, as its imports lead to the tables.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from textwrap import indent
from typing import Any

import msgspec
from pynamodb.exceptions import PynamoDBException

from fstream_app.core.entities import Message, User
from fstream_app.core.errors import DomainError
from fstream_app.moderation import removal, reports, suspension
from fstream_app.moderation.reports import Listed
from ops.operations.errors import OperationError

UNDER_WAY = 30
"""Seconds after which no request is under way any more: the API's function is given a second less."""

Now = Callable[[], int]
Say = Callable[[str], None]


def suspend(name: str, reason: str, now: Now, say: Say, sleep: Callable[[float], None] = time.sleep) -> None:
    """Suspend somebody, and again when the requests that were under way have ended.

    Raises:
        OperationError: there is no such person, or the reason is too long.
    """
    with _told():
        marked = suspension.suspend(name, reason, now())
        say(f"{name} is suspended. Tokens refused: {marked.tokens}. Messages hidden: {marked.messages}.")
        say(f"Once more in {UNDER_WAY} seconds, for what requests under way may write. After Ctrl-C, call this again.")
        sleep(UNDER_WAY)
        late = suspension.suspend(name, reason, now())
    say(f"Done. Messages hidden besides: {late.messages}.")


def lift(name: str, now: Now, say: Say) -> None:
    """Lift a suspension.

    Raises:
        OperationError: there is no such person.
    """
    with _told():
        marked = suspension.lift(name, now())
    say(f"{name} is back. Tokens valid again: {marked.tokens}. Messages shown again: {marked.messages}.")


def remove(message_id: str, reason: str, now: Now, say: Say) -> None:
    """Remove a message.

    Raises:
        OperationError: there is no such message, or no reason.
    """
    with _told():
        message = removal.remove(message_id, reason, now())
    say(f"{message.id} is gone, and its author is told why.")


def resolve(report_id: str, say: Say) -> None:
    """Mark a report as resolved.

    Raises:
        OperationError: none with this id is open.
    """
    with _told():
        reports.resolve(report_id)
    say(f"{report_id} is resolved.")


def listed(limit: int, now: int, *, resolved: bool, as_json: bool) -> str:
    """Return the oldest reports that are open, or resolved, as a text or as a JSON array."""
    with _told():
        found = reports.listed(limit, now, resolved=resolved)
    if as_json:
        return msgspec.json.format(msgspec.json.encode([_object(each) for each in found])).decode()
    if not found:
        return f"There are no {'resolved' if resolved else 'open'} reports."
    return "\n".join(_text(each) for each in found)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DomainError as error:
        raise OperationError(f"{error}.") from None
    except PynamoDBException as error:
        raise OperationError(f"{error.cause or error}. Are these the account, the region and the stage?") from None


def _object(each: Listed) -> dict[str, Any]:
    report = each.report
    return {
        "id": str(report.id),
        "created_at": _date(report.id.time),
        "category": report.category,
        "comment": report.comment,
        "reporter": each.reporter.name if each.reporter else None,
        "account": each.account.name if each.account else None,
        "suspended": bool(each.account and each.account.suspended),
        "messages": [_message(message) for message in each.messages],
        "messages_gone": len(report.message_ids) - len(each.messages),
    }


def _message(message: Message) -> dict[str, str]:
    shown = {"id": str(message.id), "expires_at": _date(message.expires_at), "text": message.text}
    return shown | ({"spoiler_text": message.spoiler} if message.spoiler else {})


def _text(each: Listed) -> str:
    report = each.report
    state = " (suspended)" if each.account and each.account.suspended else ""
    lines = [
        f"{report.id}  {_date(report.id.time)}  {report.category}",
        f"  {_name(each.reporter)} reports {_name(each.account)}{state}",
    ]
    if report.comment:
        lines.append(indent(report.comment, "  > "))
    for message in each.messages:
        lines.append(f"  message {message.id}, gone at {_date(message.expires_at)}:")
        lines.append(indent("\n".join(filter(None, [message.spoiler, message.text])), "    "))
    if gone := len(report.message_ids) - len(each.messages):
        lines.append(f"  reported messages that are gone by now: {gone}")
    return "\n".join([*lines, ""])


def _name(user: User | None) -> str:
    return f"@{user.name}" if user else "somebody who has left"


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
