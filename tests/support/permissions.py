"""The permissions that the code needs, recorded from its calls to DynamoDB, and those that the policies grant."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from fstream_app import tables
from fstream_app.core import database

POLICIES = Path(__file__).parents[2] / ".chalice"
TABLES = "arn:aws:dynamodb:*:*:table/fstream-*-"
"""The prefix of table ARNs in the policies, which hold for all stages and accounts."""
_TRANSACTED = {"ConditionCheck": "ConditionCheckItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}


@dataclass(frozen=True, order=True)
class Need:
    """An action on a table or an index, as IAM checks it."""

    action: str
    resource: str
    """`users`, `users/index/name-index`."""
    keys: tuple[str, ...] = ()
    """The values of the partition key, which IAM calls leading keys."""


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource, from a policy's statement."""

    policy: str
    sid: str
    action: str
    resource: str
    keys: tuple[str, ...] = ()
    """Patterns; each leading key must match one of them. If empty, any key is allowed."""

    def covers(self, need: Need) -> bool:
        """Return whether the statement allows the needed call."""
        if (self.action, self.resource) != (f"dynamodb:{need.action}", need.resource):
            return False
        return not self.keys or all(any(fnmatchcase(key, pattern) for pattern in self.keys) for key in need.keys)

    def __str__(self) -> str:
        return f"{self.policy} {self.sid} {self.action.partition(':')[2]} {self.resource}"


@cache
def statements(policy: str) -> list[dict[str, Any]]:
    """Read a policy's statements."""
    document = json.loads((POLICIES / f"policy-{policy}.json").read_text())
    found: list[dict[str, Any]] = document["Statement"]
    return found


def grants(policy: str) -> list[Grant]:
    """Return a policy's grants on tables and indexes, one per action and resource."""
    return [
        Grant(policy, statement["Sid"], action, resource.removeprefix(TABLES), _leading_keys(statement))
        for statement in statements(policy)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if resource.startswith(TABLES) and not resource.endswith("/stream/*")
    ]


def others(function: str) -> set[tuple[str, str]]:
    """Return a policy's actions and resources besides its grants on tables and indexes."""
    granted = {
        (action, resource)
        for statement in statements(function)
        for action in statement["Action"]
        for resource in statement["Resource"]
    }
    return granted - {(grant.action, TABLES + grant.resource) for grant in grants(function)}


def _leading_keys(statement: Mapping[str, Any]) -> tuple[str, ...]:
    condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
    return tuple(condition.get("dynamodb:LeadingKeys", ()))


@dataclass
class Recorder:
    """The permissions that each function has needed, by step."""

    function: str = "api_handler"
    """The function that is running."""
    step: str = ""
    needs: dict[str, dict[str, set[Need]]] = field(default_factory=dict)
    """Needs by function and step."""
    calls: set[tuple[str, tuple[Need, ...]]] = field(default_factory=set)
    """Functions and the needs of each of their calls."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """Record a call: botocore's handler for `provide-client-params`."""
        with self._lock:
            step = self.needs.setdefault(self.function, {}).setdefault(self.step, set())
            needs = _needs(model.name, params)
            step.update(needs)
            self.calls.add((self.function, tuple(sorted(needs))))

    def attributed(self, function: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a handler so that its calls are recorded for that function."""

        def handle(*arguments: Any) -> Any:
            before, self.function = self.function, function
            try:
                return handler(*arguments)
            finally:
                self.function = before

        return handle


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Record all calls in the block, from all threads."""
    events = database.connection().client.meta.events
    events.register("provide-client-params.dynamodb", recorder.record)
    try:
        yield
    finally:
        events.unregister("provide-client-params.dynamodb", recorder.record)


def _needs(operation: str, params: Mapping[str, Any]) -> list[Need]:
    if operation == "TransactWriteItems":
        parts = [part for item in params["TransactItems"] for part in item.items()]
        return [_need(_TRANSACTED[kind], part["TableName"], [part]) for kind, part in parts]
    if operation == "BatchGetItem":
        tables_asked = params["RequestItems"].items()
        return [_need(operation, table, [{"Key": key} for key in asked["Keys"]]) for table, asked in tables_asked]
    if operation == "BatchWriteItem":
        written = params["RequestItems"].items()
        return [_need(operation, table, [part for each in parts for part in each.values()]) for table, parts in written]
    if operation == "Query":
        return [_query(params)]
    if operation == "DescribeTable":
        return [Need(operation, params["TableName"].rpartition("-")[2])]
    return [_need(operation, params["TableName"], [params])]


def _query(params: Mapping[str, Any]) -> Need:
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    name, _, value = params["KeyConditionExpression"].replace("(", "").replace(")", "").split(" ")[:3]
    key = params["ExpressionAttributeValues"][value]
    assert name in params["ExpressionAttributeNames"]
    return Need("Query", params["TableName"].rpartition("-")[2] + index, (next(iter(key.values())),))


def _need(action: str, table: str, parts: list[Mapping[str, Any]]) -> Need:
    (model,) = [model for model in tables.ALL if model.table_name() == table]
    name = model.key_names()[0]
    values = {next(iter((part.get("Key") or part["Item"])[name].values())) for part in parts}
    return Need(action, table.rpartition("-")[2], tuple(sorted(values)))
