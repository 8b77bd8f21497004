"""Calls of moto's DynamoDB without moto's HTTP layer, which takes five times as long as its tables do.

A request that botocore has prepared goes directly to moto's implementation of the operation. What is returned is what
moto returns; `tests/unit/core/test_shortcut.py` compares them.
"""

import json
import os
import threading
from collections.abc import Callable
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from moto.core.base_backend import BackendDict
from moto.core.exceptions import ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID, MockAWS, botocore_stubber
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores
from moto.dynamodb.models.utilities import DynamoJsonEncoder
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
from werkzeug.exceptions import HTTPException

from tests.support import cheaper_moto

_HANDLERS: dict[str, type[BaseResponse]] = {
    "DynamoDB_20120810": DynamoHandler,
    "DynamoDBStreams_20120810": DynamoDBStreamsHandler,
}

cheaper_moto.install()

_LOCK = threading.RLock()
"""Held during each call: moto restores all tables when a transaction fails, which is not thread-safe."""


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
    """Let a client of `dynamodb` or `dynamodbstreams` call moto directly from now on."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister("before-send", botocore_stubber)  # otherwise moto would be called twice
    client.meta.events.register_last(f"before-send.{service}", _send)
    # Moto ignores signatures, which take a tenth of the time.
    client.meta.events.unregister(f"request-created.{service}", client._request_signer.handler)


def _send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
    status, headers, body = _call(request)
    return AWSResponse(request.url, status, headers, _Body(body.encode()))


def _call(request: AWSPreparedRequest) -> tuple[int, dict[str, Any], str]:
    """Return the status, headers and body of moto's response."""
    service, _, operation = request.headers["X-Amz-Target"].decode().partition(".")
    handler = _handler(_HANDLERS[service], request)
    action: Callable[[], ActionResult] = getattr(handler, camelcase_to_underscores(operation))
    try:
        with _LOCK:
            result = action().result
        return 200, {}, _json(result)
    except ServiceException as error:
        status, headers, body = handler.serialized(ActionResult(error))
        return status, headers, body
    except HTTPException as error:
        return error.code or 500, dict(error.get_headers()), error.description or ""


def _json(result: Any) -> str:
    """Return a result in DynamoDB's JSON. Moto represents what is absent as None."""
    return json.dumps({name: value for name, value in result.items() if value is not None}, cls=DynamoJsonEncoder)


def _handler(kind: type[BaseResponse], request: AWSPreparedRequest) -> Any:
    """Return moto's handler of a request, with what its operations read of the request."""
    handler: Any = kind()
    handler.headers = {
        name: value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    handler.querystring, handler.uri_match, handler.response_headers = {}, {}, {}
    handler.region, handler.current_account = os.environ["AWS_DEFAULT_REGION"], DEFAULT_ACCOUNT_ID
    handler.body = request.body.decode()
    if handler.automated_parameter_parsing:
        handler.params = handler.body = _parsed(handler)
    return handler


def _parsed(handler: Any) -> Any:
    """Return a request's parameters, with binary values decoded."""
    if '"B' not in handler.body:
        return json.loads(handler.body)
    handler.parse_parameters(
        SimpleNamespace(content_type="", method="POST", values={}, headers=handler.headers, data=handler.body, path="/")
    )
    return handler.params
