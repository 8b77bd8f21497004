"""Calls of moto's DynamoDB without moto's HTTP layer, which takes five times as long as its tables do.

A request goes directly to moto's implementation of the operation. What is returned is what moto returns;
`tests/unit/core/test_shortcut.py` compares them. Calls that read and write items pass botocore by as well, which takes
as long as moto's tables do: it sees only errors, on which FSTREAM's hooks decide, all calls while a test has hooks, and
the first request with certain parameters, because moto ignores those that it does not know.
"""

import base64
import os
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import cache
from io import BytesIO
from typing import Any

import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.client import BaseClient
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID, MockAWS, botocore_stubber
from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from werkzeug.exceptions import HTTPException

from tests.support import cheaper_moto

cheaper_moto.install()

_LOCK = threading.RLock()
"""Held during each call: moto restores all tables when a transaction fails, which is not thread-safe."""
CALLS: Counter[str] = Counter()
"""How often this process has called each operation."""
_OPERATIONS = (
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems",
    "TransactWriteItems", "UpdateItem",
)  # fmt: skip
_EVENTS = (
    "provide-client-params", "before-parameter-build", "before-call", "request-created", "before-send",
    "response-received", "needs-retry", "after-call", "after-call-error",
)  # fmt: skip
"""Where botocore calls hooks."""
_Received = tuple[int, dict[str, Any], bytes]
"""The status, headers and body of a response."""


class MockAws(MockAWS):
    """`moto.mock_aws` for botocore alone: to patch the library requests as well takes longer than many tests."""

    def _enable_patching(self, reset: bool = True) -> None:  # as the superclass declares it
        botocore_stubber.enabled = True
        if reset:
            BackendDict.reset()

    def _disable_patching(self, remove_data: bool) -> None:
        botocore_stubber.enabled = False


class _Body(BytesIO):
    """A response's body, in the form in which botocore reads it."""

    def stream(self) -> list[bytes]:
        return [self.read()]


def install(client: BaseClient) -> None:
    """Let a client of `dynamodb` call moto directly from now on."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister("before-send", botocore_stubber)  # otherwise moto would be called twice
    client.meta.events.register_last(f"before-send.{service}", _send)
    # Moto ignores signatures, which take a tenth of the time.
    client.meta.events.unregister(f"request-created.{service}", client._request_signer.handler)
    agent = client._user_agent_creator.rebuild_and_replace_user_agent_handler
    client.meta.events.unregister(f"request-created.{service}", agent)
    client._endpoint.prepare_request = _prepared
    client._make_api_call = _Direct(client)


class _Direct:
    """A client's calls, without botocore where it would do nothing that matters."""

    def __init__(self, client: BaseClient) -> None:
        self._call = client._make_api_call
        self._service = client._service_model
        self._parser = client._endpoint._response_parser_factory.create_parser("json")
        self._emitter = client.meta.events._emitter
        self._own_hooks = self._hooks()
        self._seen: object = None
        """What botocore replaces whenever a hook is registered or removed."""
        self._has_others = False
        self._known: set[Hashable] = set()
        """The operations with their parameters' names that botocore has accepted."""

    def __call__(self, operation: str, parameters: dict[str, Any]) -> Any:
        if operation not in _OPERATIONS or self._is_watched():
            return self._call(operation, parameters)
        names = (operation, frozenset(parameters), frozenset(_inner_names(parameters)))
        if names not in self._known:
            answer = self._call(operation, parameters)
            self._known.add(names)
            return answer
        received = _call(operation, msgspec.json.encode(parameters))
        status, headers, body = received
        if status == 200:
            response = {"status_code": status, "headers": headers, "body": body}
            parsed = self._parser.parse(response, self._service.operation_model(operation).output_shape)
            if not parsed.get("UnprocessedItems") and not parsed.get("UnprocessedKeys"):
                parsed["ResponseMetadata"]["RetryAttempts"] = 0
                return parsed
        _waiting.received = received
        try:
            return self._call(operation, parameters)
        finally:  # what it has refused to send is not for the next request
            vars(_waiting).pop("received", None)

    def _is_watched(self) -> bool:
        """Return whether hooks have been registered since the client was made."""
        current = self._emitter._lookup_cache  # first: another thread may register a hook meanwhile
        if current is not self._seen:
            self._has_others = self._hooks() != self._own_hooks
            self._seen = current
        return self._has_others

    def _hooks(self) -> list[Any]:
        service = self._service.service_id.hyphenize()
        return [
            list(self._emitter._handlers.prefix_search(f"{event}.{service}.{operation}"))
            for event in _EVENTS
            for operation in _OPERATIONS
        ]


def _inner_names(parameters: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the names of the parameters of each item of a transaction, and of each table or write of a batch."""
    for item in parameters.get("TransactItems", ()):
        yield from ((action, *of_item) for action, of_item in item.items())
    for of_table in parameters.get("RequestItems", {}).values():
        yield from map(tuple, [of_table] if isinstance(of_table, dict) else of_table)


_waiting = threading.local()
"""What moto has returned already, for botocore's next request in this thread."""


class Streams:
    """Moto's streams, without botocore: tests poll them more often than they do anything else.

    A position is the stream's ARN and a sequence number.
    """

    def describe_stream(self, **parameters: str) -> dict[str, Any]:
        """Return the stream with its only shard."""
        return {"StreamDescription": {"Shards": [self._shard(parameters["StreamArn"]).to_json()]}}

    def get_shard_iterator(self, **parameters: str) -> dict[str, Any]:
        """Return the position of the oldest record, or of the first after another."""
        arn = parameters["StreamArn"]
        if parameters["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER":
            return {"ShardIterator": f"{arn} {int(parameters['SequenceNumber']) + 1}"}
        assert parameters["ShardIteratorType"] == "TRIM_HORIZON"
        return {"ShardIterator": f"{arn} {self._shard(arn).starting_sequence_number}"}

    def get_records(self, **parameters: str) -> dict[str, Any]:
        """Return the records from a position on, and the position after them."""
        arn, _, number = parameters["ShardIterator"].rpartition(" ")
        with _LOCK:
            records = self._shard(arn).get(int(number), 1000)
        return {"Records": records, "NextShardIterator": f"{arn} {int(number) + len(records)}"}

    def _shard(self, arn: str) -> Any:
        table = arn.split(":", 5)[5].split("/")[1]
        return dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]].get_table(table).stream_shard


def _prepared(request: AWSRequest) -> AWSPreparedRequest:
    """Return a request as botocore's session gets it, but with headers as texts."""
    return AWSPreparedRequest(request.method, request.url, request.headers, request.data, stream_output=False)


def _send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    received: _Received | None = vars(_waiting).pop("received", None)
    if received is None:
        received = _call(request.headers["X-Amz-Target"].partition(".")[2], request.body)
    status, headers, body = received
    return AWSResponse(request.url, status, headers, _Body(body))


def _call(operation: str, request: bytes) -> _Received:
    """Return moto's response to a request in JSON."""
    handler = _handler(operation, request)
    action: Callable[[], ActionResult] = getattr(handler, _method(operation))
    try:
        with _LOCK:
            CALLS[operation] += 1
            return 200, {}, _json(action().result)
    except ServiceException as error:
        status, headers, body = handler.serialized(ActionResult(error))
        return status, headers, body.encode()
    except HTTPException as error:
        return error.code or 500, dict(error.get_headers()), (error.description or "").encode()


@cache
def _method(operation: str) -> str:
    return str(camelcase_to_underscores(operation))


def _json(result: Any) -> bytes:
    """Return a result in DynamoDB's JSON. Moto represents what is absent as None."""
    return cheaper_moto.in_json({name: cheaper_moto.wire(value) for name, value in result.items() if value is not None})


def _handler(operation: str, request: bytes) -> Any:
    """Return moto's handler of a request, with what its operations read of the request."""
    handler: Any = DynamoHandler()
    handler.headers = {"X-Amz-Target": f"DynamoDB_20120810.{operation}"}
    handler.querystring, handler.uri_match, handler.response_headers = {}, {}, {}
    handler.region, handler.current_account = os.environ["AWS_DEFAULT_REGION"], DEFAULT_ACCOUNT_ID
    handler.params = handler.body = _parsed(request)
    return handler


def _parsed(body: bytes) -> Any:
    """Return a request's parameters, with binary values decoded."""
    parameters = msgspec.json.decode(body)
    return _with_bytes(parameters) if b'"B' in body else parameters


def _with_bytes(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_bytes(each) for each in value]
    if not isinstance(value, dict):
        return value
    if isinstance(content := value.get("B"), str):
        return {"B": base64.b64decode(content)}
    if isinstance(content := value.get("BS"), list):
        return {"BS": [base64.b64decode(each) for each in content]}
    return {name: _with_bytes(each) for name, each in value.items()}
