"""Stream records as Lambda passes them to the stream functions."""

from collections.abc import Callable
from typing import Any

from fstream_app.core.edges import EdgeKind
from tests.support.people import Person

Record = dict[str, Any]


def record(keys: dict[str, str], event: str, sequence: str, **more: object) -> Record:
    return {
        "eventID": sequence,
        "eventName": event,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {
            "ApproximateCreationDateTime": 2_208_988_800.0,
            "Keys": {name: {"S": value} for name, value in keys.items()},
            "SequenceNumber": sequence,
            "StreamViewType": "KEYS_ONLY",
        },
        **more,
    }


def posted(status: dict[str, Any], event: str = "INSERT", sequence: str = "1", **more: object) -> Record:
    keys = {"author_id": status["account"]["id"], "id": status["id"]}
    return record(keys, event, sequence, **more)


def followed(
    by: Person, whom: Person, event: str = "INSERT", sequence: str = "1", kind: str = EdgeKind.FOLLOW
) -> Record:
    return record({"u": by.id, "e": f"{kind}#{whom.id}"}, event, sequence)


def run(function: Callable[..., Any], *records: Record) -> list[str]:
    """Call a stream function with a batch; return the sequence numbers that it reports as failed."""
    outcome = function({"Records": list(records)}, None)
    return [failure["itemIdentifier"] for failure in outcome["batchItemFailures"]]
