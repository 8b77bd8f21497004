"""Records an operation's calls to DynamoDB once against the engine, and replays the responses from memory.

This way only this process's CPU is measured, and an operation and its bare calls get identical responses.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import cycle
from typing import Any, NamedTuple

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.model import OperationModel

from fstream_app.core import database
from ops.meter import Cost, metered

Operation = Callable[[], object]


class _Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class _Body(BytesIO):
    """A response body in the form that botocore reads."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


class Recording:
    """The calls that an operation made, their cost, and the responses."""

    def __init__(self, operation: Operation) -> None:
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        """Operation and parameters of each call, in the order of the responses."""
        self._by_body: dict[bytes, _Answer] = {}
        self._by_operation: dict[str, list[_Answer]] = defaultdict(list)
        self._thread = threading.local()
        self.cost = self._record(operation)
        self._next = {name: cycle(answers) for name, answers in self._by_operation.items()}

    def _record(self, operation: Operation) -> Cost:
        events = database.connection().client.meta.events
        hooks: dict[str, Callable[..., None]] = {
            "before-send.dynamodb": self._sent,
            "provide-client-params.dynamodb": self._asked,
            "after-call.dynamodb": self._answered,
        }
        for event, hook in hooks.items():
            events.register(event, hook)
        try:
            with metered() as cost:
                operation()
        finally:
            for event, hook in hooks.items():
                events.unregister(event, hook)
        return cost

    def _asked(self, params: Mapping[str, Any], context: dict[str, Any], **_: object) -> None:
        context["recorded"] = params

    def _sent(self, request: AWSPreparedRequest, **_: object) -> None:
        self._thread.body = request.body

    def _answered(
        self, http_response: AWSResponse, model: OperationModel, context: dict[str, Any], **_: object
    ) -> None:
        answer = _Answer(http_response.status_code, dict(http_response.headers), http_response.content)
        self.calls.append((model.name, context["recorded"]))
        self._by_body[self._thread.body] = answer
        self._by_operation[model.name].append(answer)

    @contextmanager
    def answering(self, *clients: BaseClient) -> Iterator[None]:
        """Serve the calls of the given clients, or of the tables' client, from the recording in this block."""
        asked = clients or (database.connection().client,)
        for client in asked:
            client.meta.events.register("before-send.dynamodb", self._answer)
        try:
            yield
        finally:
            for client in asked:
                client.meta.events.unregister("before-send.dynamodb", self._answer)

    def _answer(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        # Requests that differ each time, such as a new message's, were not recorded: use the operation's next response.
        answer = self._by_body.get(request.body) or next(self._next[event_name.rpartition(".")[2]])
        return AWSResponse(request.url, answer.status, answer.headers, _Body(answer.body))

    def replay(self, client: BaseClient) -> None:
        """Make the recorded calls one after the other, with a bare client."""
        for operation, parameters in self.calls:
            client._make_api_call(operation, parameters)  # noqa: SLF001  # what the client's methods do
