"""Empty tables on moto or MiniStack, and functions that are cold."""

import copy
import itertools
import os
from collections.abc import Callable
from typing import Any

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from pynamodb.connection import Connection

from fstream_app import tables
from fstream_app.core import database, warm
from ops import provisioning
from ops.streams import StreamsClient
from tests.support import shortcut

_numbers = itertools.count(1)
_connections: dict[str, Connection] = {}
_in_use: list[Connection] = []
"""The connection of the tables that were entered last, and those before them."""
_empty: dict[str, Any] = {}
"""Moto's tables as they were created, by name."""
_streams_clients: dict[str, StreamsClient] = {}


class fresh_tables:  # noqa: N801
    """Empty tables, and a function that is cold.

    MiniStack's tables have the names of an app of their own; each test on moto has a moto of its own.

    Args:
        engine: `moto` or `ministack`.
        own_client: make a client that no other tests use. It takes longer than most tests to run.
    """

    def __init__(self, engine: str, *, own_client: bool = False) -> None:
        self._engine = engine
        self._own_client = own_client
        self._app = os.environ.get("FSTREAM_APP")

    def __enter__(self) -> None:
        if self._engine != "moto":
            os.environ["FSTREAM_APP"] = f"t{next(_numbers)}"
        warm.clear()
        _in_use.append(self._connection())
        cool_down()
        if self._engine == "moto":
            _create_on_moto()
        else:
            _create()

    def _connection(self) -> Connection:
        if self._own_client:
            return database.connection()
        if self._engine not in _connections:
            _connections[self._engine] = database.connection()
            if self._engine == "moto":
                shortcut.install(_connections[self._engine].client)
        return _connections[self._engine]

    def __exit__(self, *_: object) -> None:
        if self._engine != "moto":
            if self._app is None:
                del os.environ["FSTREAM_APP"]
            else:
                os.environ["FSTREAM_APP"] = self._app
        connection = _in_use.pop()
        if self._own_client:
            connection.client.close()
        cool_down()


def _create() -> None:
    for model in tables.ALL:
        database.connection().client.create_table(**provisioning.definition(model))


def _create_on_moto() -> None:
    # To create tables takes longer than most tests to run, so it is done once and copied for each test.
    if not _empty:
        _create()
        _empty.update(copy.deepcopy(_backend().tables))
    _backend().tables = copy.deepcopy(_empty)


def keep(*, stays_warm: bool = False) -> Callable[[], None]:
    """Keep moto's tables as they are now; return a function that brings them back, also in another test.

    Args:
        stays_warm: the function is to be called where nothing is remembered of other tables.
    """
    kept = copy.deepcopy(_backend().tables)

    def bring_back() -> None:
        _backend().tables = copy.deepcopy(kept)
        if not stays_warm:
            cool_down()

    return bring_back


def _backend() -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][os.environ["AWS_DEFAULT_REGION"]]


def cool_down() -> None:
    """Clear a warm function's memory, except the connection, because opening a new one is slow."""
    warm.clear()
    if _in_use:
        _in_use[-1]._tables.clear()  # the schemas that `Table.connection` gives it again
        database.connection.use(_in_use[-1])


def streams_client() -> StreamsClient:
    """Return the client for the streams of the engine that the environment leads to."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    if endpoint not in _streams_clients:  # as the connections, each takes long to make
        _streams_clients[endpoint] = boto3.client("dynamodbstreams") if endpoint else shortcut.Streams()
    return _streams_clients[endpoint]
