"""The moderators' commands: suspend people, list, open and resolve reports, remove messages, reset passwords.

Import this module only after the stage is selected, because it imports the tables.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from textwrap import indent
from typing import Any

import boto3
import msgspec
from pynamodb.exceptions import PynamoDBException

from fstream_app.access import credentials
from fstream_app.core import cleaning, settings
from fstream_app.core.entities import Message, User
from fstream_app.core.errors import DomainError
from fstream_app.core.ids import MessageId
from fstream_app.moderation import removal, reports, suspension
from fstream_app.moderation.evidence import Copy, Unreadable
from fstream_app.moderation.reports import Listed
from ops.operations.errors import OperationError
from ops.report_keys import ReportKeys

ENDING = frozenset({"suspend", "reset-password"})
"""Commands that end tokens, and close the WebSockets that were opened with them."""
LONGEST_REQUEST = 30
"""Seconds after which requests in progress have ended; the timeout of the API's function is one second less."""

Now = Callable[[], int]
Say = Callable[[str], None]


def run(arguments: argparse.Namespace, now: Now, say: Say) -> None:
    """Run the command with these arguments, as `ops.__main__` parses them.

    Raises:
        OperationError: something that the arguments name does not exist, or a reason breaks a rule.
    """
    match arguments.command:
        case "suspend" if arguments.lift:
            lift(arguments.name, now, say)
        case "suspend":
            suspend(arguments.name, arguments.reason, now, say)
        case "remove":
            remove(arguments.message, arguments.reason, now, say)
        case "reset-password":
            reset_password(arguments.name, now, say)
        case _ if arguments.action == "resolve":
            resolve(arguments.id, say)
        case _ if arguments.action == "open":
            say(opened(arguments.id, now(), as_json=arguments.json))
        case _:
            say(listed(arguments.limit, now(), resolved=arguments.resolved, as_json=arguments.json))


def suspend(name: str, reason: str, now: Now, say: Say, sleep: Callable[[float], None] = time.sleep) -> None:
    """Suspend a user, then once more after the requests that were in progress have ended.

    Raises:
        OperationError: the user does not exist, or the reason is too long.
    """
    with _domain_errors():
        marked = suspension.suspend(name, reason, now())
        say(f"{name} is suspended. Tokens refused: {marked.tokens}. Messages hidden: {marked.messages}.")
        say(f"Waiting {LONGEST_REQUEST} seconds to catch messages that requests in progress may still write.")
        say("If you interrupt this, run the command again.")
        sleep(LONGEST_REQUEST)
        late = suspension.suspend(name, reason, now())
    say(f"Done. More messages hidden: {late.messages}.")


def lift(name: str, now: Now, say: Say) -> None:
    """Lift a suspension.

    Raises:
        OperationError: the user does not exist.
    """
    with _domain_errors():
        marked = suspension.lift(name, now())
    say(f"{name} is not suspended any more. Tokens restored: {marked.tokens}. Messages restored: {marked.messages}.")


def remove(message_id: str, reason: str, now: Now, say: Say) -> None:
    """Delete a message and notify its author of the reason.

    Raises:
        OperationError: the message does not exist, or the reason is empty.
    """
    with _domain_errors():
        message = removal.remove(message_id, reason, now())
    say(f"Message {message.id} is deleted. Its author is notified of the reason.")


def reset_password(name: str, now: Now, say: Say) -> None:
    """Set a random password, and end all sessions.

    Raises:
        OperationError: the user does not exist.
    """
    with _domain_errors():
        password = credentials.reset(name, now())
    say(f"The password of {name} is now: {password}")
    say("All their apps are logged out, and the recovery code no longer works.")
    say(f"Give them this password safely. They should change it at once: {settings.get().base_url}/account/password")


def resolve(report_id: str, say: Say) -> None:
    """Mark a report as resolved.

    Raises:
        OperationError: no open report has this id.
    """
    with _domain_errors():
        reports.resolve(report_id)
    say(f"Report {report_id} is resolved. If it had a copy of the messages, that is deleted.")


def opened(report_id: str, now: int, *, as_json: bool) -> str:
    """Open the sealed copy of a report's messages; return them as text or as a JSON array.

    Raises:
        OperationError: the report has no copy, or none of the keys opens it.
    """
    keys = ReportKeys(boto3.Session(), settings.get().prefix)
    with _domain_errors():
        try:
            copies = [_cleaned(copy) for copy in reports.copy_of(report_id, keys.private(), now)]
        except Unreadable as error:
            raise OperationError(f"{error}. The keys are in the parameter {keys.parameter}.") from None
    if as_json:
        return _json([_copy(copy) for copy in copies])
    return "\n".join(_copy_text(copy, now) for copy in copies)


def listed(limit: int, now: int, *, resolved: bool, as_json: bool) -> str:
    """Return the oldest open or resolved reports, as text or as a JSON array."""
    with _domain_errors():
        found = reports.listed(limit, now, resolved=resolved)
    if as_json:
        return _json([_object(each) for each in found])
    if not found:
        return f"No {'resolved' if resolved else 'open'} reports."
    return "\n".join(_text(each) for each in found)


@contextmanager
def _domain_errors() -> Iterator[None]:
    """Turn the block's errors into OperationError."""
    try:
        yield
    except DomainError as error:
        raise OperationError(f"{error}.") from None
    except PynamoDBException as error:
        raise OperationError(f"{error.cause or error}. Check the account, the region and the stage.") from None


def _json(objects: list[dict[str, Any]]) -> str:
    return msgspec.json.format(msgspec.json.encode(objects)).decode()


def _cleaned(copy: Copy) -> Copy:
    """Return a copy whose texts don't steer a terminal, because a function that is taken over can forge copies."""
    texts = {name: value for name, value in msgspec.structs.asdict(copy).items() if isinstance(value, str)}
    cleaned = {name: cleaning.clean(value) for name, value in texts.items()}
    return msgspec.structs.replace(copy, **cleaned, options=tuple(map(cleaning.name, copy.options)))


def _copy(copy: Copy) -> dict[str, Any]:
    dates = {"created_at": _date(MessageId.parse(copy.id).time), "expires_at": _date(copy.expires_at)}
    return msgspec.structs.asdict(copy) | dates


def _listed(options: tuple[str, ...]) -> list[str]:
    return [f"- {option}" for option in options]


def _copy_text(copy: Copy, now: int) -> str:
    state = "expires" if now < copy.expires_at else "expired"
    kind = (" reply" if copy.is_reply else "") + (f", quotes {copy.quote_of}" if copy.quote_of else "")
    marks = (copy.language or "", "sensitive" if copy.sensitive else "")
    return "\n".join(
        [
            f"message {copy.id}",
            f"  {', '.join(filter(None, (copy.visibility + kind, *marks)))}",
            f"  posted at {_date(MessageId.parse(copy.id).time)}, {state} at {_date(copy.expires_at)}",
            indent("\n".join(filter(None, [copy.spoiler, copy.text, *_listed(copy.options)])), "    "),
            "",
        ]
    )


def _object(each: Listed) -> dict[str, Any]:
    report = each.report
    return {
        "id": str(report.id),
        "created_at": _date(report.id.time),
        "category": report.category,
        "rules": report.rules,
        "copied_until": _date(report.copied_until) if report.copied_until else None,
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
    lines += [f"  rule: {rule}" for rule in report.rules]
    if report.comment:
        lines.append(indent(report.comment, "  > "))
    for message in each.messages:
        lines.append(f"  message {message.id}, expires at {_date(message.expires_at)}:")
        lines.append(indent("\n".join(filter(None, [message.spoiler, message.text])), "    "))
    if gone := len(report.message_ids) - len(each.messages):
        lines.append(f"  reported messages that no longer exist: {gone}")
    if report.copied_until:
        lines.append(f"  sealed copy until {_date(report.copied_until)}: python -m ops reports open {report.id}")
    return "\n".join([*lines, ""])


def _name(user: User | None) -> str:
    return f"@{user.name}" if user else "(deleted account)"


def _date(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
