"""The stream functions, each deployed separately as `chalicelib.events.<name>`, without importing `app.py`.

Streams carry keys only. Lambda may deliver a record twice, late, or in a batch with a bad one. Records reported in
`batchItemFailures` are delivered again, and finally go to the dead-letter queue.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict, TypeVar, assert_never

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import deadlines, observation
from fstream_app.core import clock, metrics, partitions, settings
from fstream_app.core.edges import EdgeKind, parse_edge
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.feed import edges, fanout, reactions, updates
from fstream_app.feed import views as message_views
from fstream_app.feed.changes import Change
from fstream_app.feed.edges import Changed
from fstream_app.feed.reactions import Reacted
from fstream_app.feed.updates import Edited
from fstream_app.messages import clearing
from fstream_app.messages.clearing import Clearing
from fstream_app.people import departures, unlocking
from fstream_app.people.departures import Departure
from fstream_app.people.unlocking import Unlocking

logger = logging.getLogger(__name__)
api = Blueprint(__name__)

_TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_UNSET = "arn:aws:dynamodb:us-east-1:000000000000:table/unset/stream/unset"
_START = "TRIM_HORIZON"
"""LATEST, Chalice's default, would miss records written while Lambda starts to read."""

R = TypeVar("R")
Round = Departure | Unlocking | Clearing
"""What an account does round by round."""

# Chalice's decorators take the ARNs when they decorate, so the settings are read at import here.


class Failure(TypedDict):
    """A record to be retried."""

    itemIdentifier: str


class Outcome(TypedDict):
    """The response to a batch: the records to be retried."""

    batchItemFailures: list[Failure]


class BatchError(Exception):
    """A whole batch is to be retried. Lambda logs the message, so it holds only the type of the original error."""


@api.on_dynamodb_record(settings.get().messages_stream or _UNSET, starting_position=_START, name="fan_out")
def fan_out(event: DynamoDBEvent) -> Outcome:
    """Add posted messages to the log and their authors' heads, and remove deleted ones from the heads."""
    return _handle("fan_out", event, _change, fanout.deliver)


@api.on_dynamodb_record(settings.get().messages_stream or _UNSET, starting_position=_START, name="views")
def views(event: DynamoDBEvent) -> Outcome:
    """Add posted messages to the views in which they appear: public timeline, hashtags, threads, notifications."""
    return _handle("views", event, _change, message_views.deliver)


@api.on_dynamodb_record(settings.get().relationships_stream or _UNSET, starting_position=_START, name="on_relationship")
def on_relationship(event: DynamoDBEvent) -> Outcome:
    """Count follows, notify accounts of new followers and requests, and continue what accounts do in rounds."""
    return _handle("on_relationship", event, _related, _relate)


def _relate(records: Sequence[Changed | Round], now: int) -> set[str]:
    failed = edges.deliver([record for record in records if isinstance(record, Changed)], now)
    failed |= departures.resume([record for record in records if isinstance(record, Departure)])
    failed |= clearing.resume([record for record in records if isinstance(record, Clearing)])
    return failed | unlocking.resume([record for record in records if isinstance(record, Unlocking)], now)


@api.on_dynamodb_record(settings.get().reactions_stream or _UNSET, starting_position=_START, name="on_reaction")
def on_reaction(event: DynamoDBEvent) -> Outcome:
    """Count favourites and boosts and notify authors of them, and notify boosters of edits."""
    return _handle("on_reaction", event, _reacted, _react)


def _react(records: Sequence[Reacted | Edited], now: int) -> set[str]:
    failed = reactions.deliver([record for record in records if isinstance(record, Reacted)], now)
    return failed | updates.deliver([record for record in records if isinstance(record, Edited)], now)


def _handle(
    function: str,
    event: DynamoDBEvent,
    read: Callable[[dict[str, Any]], Iterator[R]],
    handle: Callable[[Sequence[R], int], set[str]],
) -> Outcome:
    records = event.to_dict()["Records"]
    with observation.batch(function, event.context, len(records)) as line, deadlines.of_batch(event.context):
        try:
            failed = _failed(records, read, handle)
        except Exception as error:  # noqa: BLE001  # logged here, without its message, rather than by Lambda
            observation.record(error, is_defect=True)
            raise BatchError(type(error).__name__) from None
        line["failed"] = len(failed)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(failed)]}


def _failed(
    records: Sequence[dict[str, Any]],
    read: Callable[[dict[str, Any]], Iterator[R]],
    handle: Callable[[Sequence[R], int], set[str]],
) -> set[str]:
    """Handle records; return the sequence numbers of those to be retried."""
    wanted: list[R] = []
    failed: set[str] = set()
    for record in records:
        sequence = str((record.get("dynamodb") or {}).get("SequenceNumber", ""))
        try:
            wanted += read(record)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            logger.exception("cannot parse record %s", sequence)
            failed.add(sequence)
    if wanted:
        failed |= handle(wanted, clock.now())
    return failed


def _change(record: dict[str, Any]) -> Iterator[Change]:
    if record["eventName"] in {"INSERT", "REMOVE"} and record.get("userIdentity") != _TTL:
        message_id = MessageId.parse(record["dynamodb"]["Keys"]["id"]["S"])
        yield Change(record["dynamodb"]["SequenceNumber"], message_id, inserted=record["eventName"] == "INSERT")


def _related(record: dict[str, Any]) -> Iterator[Changed | Round]:
    sequence, keys = record["dynamodb"]["SequenceNumber"], record["dynamodb"]["Keys"]
    user_id, (kind, other) = partitions.owner(keys["u"]["S"]), parse_edge(keys["e"]["S"])
    if record["eventName"] not in _HEARD.get(kind, {"INSERT"}):
        return
    match kind:
        case EdgeKind.FOLLOW | EdgeKind.REQUEST | EdgeKind.BLOCK | EdgeKind.MUTE | EdgeKind.STILL | EdgeKind.NOTE:
            yield Changed(sequence, user_id, kind, other, inserted=record["eventName"] == "INSERT")
        case EdgeKind.LEAVE:
            yield Departure(sequence, user_id, round=int(other))
        case EdgeKind.UNLOCK:
            yield Unlocking(sequence, user_id, round=int(other))
        case EdgeKind.CLEAR:
            yield Clearing(sequence, user_id, round=int(other))
        case (
            EdgeKind.BLOCKED_BY
            | EdgeKind.LIST
            | EdgeKind.EXCLUSIVE
            | EdgeKind.TAG
            | EdgeKind.DISMISSAL
            | EdgeKind.SENDER
            | EdgeKind.POLICY
            | EdgeKind.FILTER
        ):
            pass  # the other half of a block has its own record, and nothing follows from the others
        case None:
            metrics.count(Metric.UNKNOWN_EDGES)
        case _:
            assert_never(kind)


_HEARD: dict[EdgeKind | None, set[str]] = {EdgeKind.FOLLOW: {"INSERT", "MODIFY"}}
"""The kinds of changes that something follows from; for other edges only INSERT."""


def _reacted(record: dict[str, Any]) -> Iterator[Reacted | Edited]:
    sequence, keys = record["dynamodb"]["SequenceNumber"], record["dynamodb"]["Keys"]
    user_id, reaction = keys["user_id"]["S"], keys["reaction"]["S"]
    if record["eventName"] != "REMOVE":
        yield from reactions.parse(sequence, user_id, reaction)
        yield from updates.parse(sequence, reaction)
