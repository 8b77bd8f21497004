"""Moto with replicas that lag: eventually consistent reads do not see what was written lately."""

import copy
import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from fstream_app.core import database
from tests.support.clock import Clock

Parameters = dict[str, Any]
_READS = {"GetItem", "Query", "Scan"}


class Replicas:
    """The replicas of all tables and indexes. From `lag` on they stand still for some seconds, then they catch up."""

    def __init__(self, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stale_reads = 0
        """Number of reads that the lagging replicas answered."""
        self._clock = clock
        self._lock = threading.RLock()
        self._tables: dict[str, Any] = {}
        self._until = 0.0
        client = database.connection().client
        self._call: Callable[[str, Parameters], Any] = client._make_api_call
        monkeypatch.setattr(client, "_make_api_call", self._answer)

    def lag(self, seconds: float) -> None:
        """Show nothing of what is written from now on, for this long."""
        with self._lock:
            self._tables = copy.deepcopy(_backend().tables)
            self._until = self._clock.now + 1000 * seconds

    def _answer(self, operation: str, parameters: Parameters) -> Any:
        with self._lock:
            if self._clock.now >= self._until:
                return self._call(operation, parameters)
            if operation == "BatchGetItem":
                return self._batch(parameters)
            if operation in _READS and not parameters.get("ConsistentRead"):
                return self._from_replica(operation, parameters)
            return self._call(operation, parameters)

    def _batch(self, parameters: Parameters) -> Parameters:
        joined: Parameters = {"Responses": {}, "UnprocessedKeys": {}}
        for table, keys in parameters["RequestItems"].items():
            call = self._call if keys.get("ConsistentRead") else self._from_replica
            answer = call("BatchGetItem", parameters | {"RequestItems": {table: keys}})
            joined["Responses"] |= answer["Responses"]
        return joined

    def _from_replica(self, operation: str, parameters: Parameters) -> Any:
        self.stale_reads += 1
        backend = _backend()
        present, backend.tables = backend.tables, self._tables
        try:
            return self._call(operation, parameters)
        finally:
            backend.tables = present


def _backend() -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]
