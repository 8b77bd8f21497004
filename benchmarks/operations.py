"""The hot operations, each as a call of a Lambda handler with an event."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from chalice.local import LambdaEventConverter, RouteMatcher

from app import app
from benchmarks.network import TEXT, Network
from benchmarks.recording import Operation
from chalicelib import events
from fstream_app.core.entities import User
from fstream_app.messages import posting
from fstream_app.messages.posting import Draft

_CONTEXT = SimpleNamespace(aws_request_id="benchmark")


class Failed(Exception):
    """An operation did not succeed, so its results are meaningless."""


def operations(network: Network) -> dict[str, Operation]:
    """Return the operations on a network, by name."""
    ask = _asking(network, network.reader)
    newest = str(network.newest_followed())
    author, celebrity = network.newest_author.id, f"/api/v1/accounts/{network.celebrity.id}"
    write = _asking(network, network.writer)
    follow, unfollow = (write("POST", f"{celebrity}/{verb}", {}) for verb in ("follow", "unfollow"))
    delivered = posting.post(network.celebrity, Draft(TEXT), network.now)
    return {
        "home, 20 messages": ask("GET", "/api/v1/timelines/home", limit=20),
        "home, nothing new": ask("GET", "/api/v1/timelines/home", since_id=newest),
        "public timeline, 20 messages": ask("GET", "/api/v1/timelines/public", limit=20),
        "an account's messages": ask("GET", f"/api/v1/accounts/{author}/statuses", limit=20),
        "a message": ask("GET", f"/api/v1/statuses/{newest}"),
        "post": write("POST", "/api/v1/statuses", {"status": TEXT}),
        "fan-out of a message": _delivery(str(delivered.id), network.celebrity),
        "follow and unfollow": lambda: (follow(), unfollow()),
        "followers, 20 accounts": ask("GET", f"{celebrity}/followers", limit=20),
        "search a name": ask("GET", "/api/v2/search", q=network.authors[0].name, type="accounts"),
    }


def _asking(network: Network, user: User) -> Callable[..., Operation]:
    token = network.secret(user)
    converter = LambdaEventConverter(RouteMatcher(list(app.routes)))
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    def ask(method: str, path: str, body: object = None, **query: object) -> Operation:
        content = b"" if body is None else json.dumps(body).encode()
        event = converter.create_lambda_event(method, f"{path}?{urlencode(query)}", headers, content)

        def call() -> dict[str, Any]:
            answer: dict[str, Any] = app(event, _CONTEXT)
            if answer["statusCode"] != 200:
                raise Failed(f"{method} {path}: {answer['statusCode']} {answer['body']}")
            return answer

        return call

    return ask


def _delivery(message_id: str, author: User) -> Operation:
    record = {
        "eventName": "INSERT",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/messages/stream/1",
        "dynamodb": {
            "Keys": {"author_id": {"S": author.id}, "id": {"S": message_id}},
            "SequenceNumber": "1",
        },
    }

    def call() -> object:
        outcome = events.fan_out({"Records": [record]}, _CONTEXT)
        if outcome["batchItemFailures"]:
            raise Failed(f"fan-out: {outcome['batchItemFailures']}")
        return outcome

    return call
