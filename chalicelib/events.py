"""The stream functions. Each is deployed by itself, as `chalicelib.events.<name>`: `app.py` is not imported there.

Streams carry keys only. Lambda may give a record twice, late, or in a batch with a bad one; what is reported in
`batchItemFailures` comes again, and goes to the dead-letter queue at last.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypedDict, TypeVar

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import observation
from fstream_app.core import clock, settings
from fstream_app.core.edges import FOLLOW, LEAVE, parse_edge
from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout
from fstream_app.feed.fanout import Change, Followed
from fstream_app.people import departures
from fstream_app.people.departures import Departure

logger = logging.getLogger(__name__)
api = Blueprint(__name__)

_TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_UNSET = "arn:aws:dynamodb:us-east-1:000000000000:table/unset/stream/unset"
_START = "TRIM_HORIZON"
"""With LATEST, Chalice's default, what is written while Lambda begins to read would be missed."""

R = TypeVar("R")

# Chalice's decorators take the ARNs when they decorate, so the settings are read at import here.


class Failure(TypedDict):
    """One record that must come again."""

    itemIdentifier: str


class Outcome(TypedDict):
    """Lambda's answer to a batch: the records that must come again."""

    batchItemFailures: list[Failure]


class BatchError(Exception):
    """A whole batch must come again. Lambda logs the message, so it is the type of what went wrong and no more."""


@api.on_dynamodb_record(settings.get().messages_stream or _UNSET, starting_position=_START, name="fan_out")
def fan_out(event: DynamoDBEvent) -> Outcome:
    """Bring posted and deleted messages into and out of the views in which they appear."""
    return _handle("fan_out", event, _change, fanout.deliver)


@api.on_dynamodb_record(settings.get().relationships_stream or _UNSET, starting_position=_START, name="on_relationship")
def on_relationship(event: DynamoDBEvent) -> Outcome:
    """Tell people who follows them, and go on with the deletion of accounts."""
    return _handle("on_relationship", event, _related, _relate)


def _relate(records: Sequence[Followed | Departure], now: int) -> set[str]:
    failed = fanout.welcome([record for record in records if isinstance(record, Followed)], now)
    return failed | departures.resume([record for record in records if isinstance(record, Departure)])


def _handle(
    function: str,
    event: DynamoDBEvent,
    read: Callable[[dict[str, Any]], Iterator[R]],
    handle: Callable[[Sequence[R], int], set[str]],
) -> Outcome:
    records = event.to_dict()["Records"]
    with observation.batch(function, event.context, len(records)) as line:
        try:
            failed = _failed(records, read, handle)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is logged here and not by Lambda
            observation.record(error, is_defect=True)
            raise BatchError(type(error).__name__) from None
        line["failed"] = len(failed)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(failed)]}


def _failed(
    records: Sequence[dict[str, Any]],
    read: Callable[[dict[str, Any]], Iterator[R]],
    handle: Callable[[Sequence[R], int], set[str]],
) -> set[str]:
    """Handle records; return the sequence numbers of those that must come again."""
    wanted: list[R] = []
    failed: set[str] = set()
    for record in records:
        sequence = str((record.get("dynamodb") or {}).get("SequenceNumber", ""))
        try:
            wanted += read(record)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            logger.exception("record %s is not understood", sequence)
            failed.add(sequence)
    if wanted:
        failed |= handle(wanted, clock.now())
    return failed


def _change(record: dict[str, Any]) -> Iterator[Change]:
    if record["eventName"] in {"INSERT", "REMOVE"} and record.get("userIdentity") != _TTL:
        message_id = MessageId.parse(record["dynamodb"]["Keys"]["id"]["S"])
        yield Change(record["dynamodb"]["SequenceNumber"], message_id, inserted=record["eventName"] == "INSERT")


def _related(record: dict[str, Any]) -> Iterator[Followed | Departure]:
    sequence, keys = record["dynamodb"]["SequenceNumber"], record["dynamodb"]["Keys"]
    kind, other = parse_edge(keys["e"]["S"])
    if record["eventName"] != "INSERT":
        return
    if kind == FOLLOW:
        # The stream cuts the second off. Its end is not before the follow, so no poll has gone past it.
        time = 1000 * int(record["dynamodb"]["ApproximateCreationDateTime"]) + 999
        yield Followed(sequence, follower_id=keys["u"]["S"], followed_id=other, time=time)
    elif kind == LEAVE:
        yield Departure(sequence, user_id=keys["u"]["S"], round=int(other))
