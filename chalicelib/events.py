"""The stream functions. Each is deployed by itself, as `chalicelib.events.<name>`: `app.py` is not imported there.

Streams carry keys only. Lambda may give a record twice, late, or in a batch with a bad one; what is reported in
`batchItemFailures` comes again, and goes to the dead-letter queue at last.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypedDict, TypeVar

from chalice.app import Blueprint, DynamoDBEvent

from fstream_app import clock, fanout, settings
from fstream_app.edges import FOLLOW, parse_edge
from fstream_app.fanout import Change, Followed
from fstream_app.ids import MessageId

logger = logging.getLogger(__name__)
api = Blueprint(__name__)

_TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_UNSET = "arn:aws:dynamodb:us-east-1:000000000000:table/unset/stream/unset"

R = TypeVar("R", Change, Followed)


class Failure(TypedDict):
    """One record that must come again."""

    itemIdentifier: str


class Outcome(TypedDict):
    """Lambda's answer to a batch: the records that must come again."""

    batchItemFailures: list[Failure]


@api.on_dynamodb_record(stream_arn=settings.get().messages_stream or _UNSET, name="fan_out")
def fan_out(event: DynamoDBEvent) -> Outcome:
    """Bring posted and deleted messages into and out of the views in which they appear."""
    return _handle(event, _change, fanout.deliver)


@api.on_dynamodb_record(stream_arn=settings.get().relationships_stream or _UNSET, name="on_relationship")
def on_relationship(event: DynamoDBEvent) -> Outcome:
    """Tell people who follows them."""
    return _handle(event, _followed, fanout.welcome)


def _handle(
    event: DynamoDBEvent,
    read: Callable[[dict[str, Any]], R | None],
    handle: Callable[[Sequence[R], int], set[str]],
) -> Outcome:
    wanted: list[R] = []
    failed: set[str] = set()
    for record in event.to_dict()["Records"]:
        sequence = str((record.get("dynamodb") or {}).get("SequenceNumber", ""))
        try:
            understood = read(record)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            logger.exception("record %s is not understood", sequence)
            failed.add(sequence)
            continue
        if understood is not None:
            wanted.append(understood)
    if wanted:
        failed |= handle(wanted, clock.now())
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in sorted(failed)]}


def _change(record: dict[str, Any]) -> Change | None:
    if record["eventName"] not in {"INSERT", "REMOVE"} or record.get("userIdentity") == _TTL:
        return None
    message_id = MessageId.parse(record["dynamodb"]["Keys"]["id"]["S"])
    return Change(record["dynamodb"]["SequenceNumber"], message_id, inserted=record["eventName"] == "INSERT")


def _followed(record: dict[str, Any]) -> Followed | None:
    kind, other_id = parse_edge(record["dynamodb"]["Keys"]["e"]["S"])
    if record["eventName"] != "INSERT" or kind != FOLLOW:
        return None
    return Followed(
        sequence=record["dynamodb"]["SequenceNumber"],
        follower_id=record["dynamodb"]["Keys"]["u"]["S"],
        followed_id=other_id,
        # The stream cuts the second off. Its end is not before the follow, so no poll has gone past it.
        time=1000 * int(record["dynamodb"]["ApproximateCreationDateTime"]) + 999,
    )
