"""Conflicts as DynamoDB has them: while a transaction holds its items, every other write to them fails.

They replace the HTTP session of botocore's client, so that all retries are tested. Reads are never in conflict.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import Random
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.integration.faults.injector import Call, Send

Item = tuple[str, str]
"""A table's name and a key, as JSON."""


class Killed(BaseException):
    """The function was killed. As a BaseException, it passes every `except Exception` of the function."""


class Life:
    """How many calls to DynamoDB a function has left, over all of its threads; None for no limit."""

    def __init__(self, calls: int | None) -> None:
        self._left = calls
        self._lock = threading.Lock()

    def spend(self) -> None:
        """Make one call, or raise Killed."""
        with self._lock:
            if self._left == 0:
                raise Killed
            if self._left is not None:
                self._left -= 1


REQUEST = Life(None)
_life: ContextVar[Life] = ContextVar("life", default=REQUEST)


@contextmanager
def living(life: Life) -> Iterator[None]:
    """Run as a stream function with this life; everything else is a request."""
    token = _life.set(life)
    try:
        yield
    finally:
        _life.reset(token)


class Conflicts:
    """Sends calls to the engine; a transaction holds its items for some seconds."""

    def __init__(self, send: Send, seconds: float) -> None:
        self.met: Counter[str] = Counter()
        """Number of conflicts that requests and functions have met."""
        self.transactions = 0
        self._send = send
        self._seconds = seconds
        self._lock = threading.Lock()
        self._held: set[Item] = set()
        self._written: Counter[Item] = Counter()
        """Items that a write outside of transactions is changing."""

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request: replaces the method of botocore's session."""
        _life.get().spend()
        call = Call(request, Random(0), self._send)
        if call.operation == "TransactWriteItems":
            return self._transact(call)
        if call.operation in {"PutItem", "UpdateItem", "DeleteItem"}:
            return self._write(call)
        return call.send()

    def _transact(self, call: Call) -> AWSResponse:
        items = [_item(next(iter(each.values()))) for each in call.body["TransactItems"]]
        with self._lock:
            taken = [item in self._held or self._written[item] > 0 for item in items]
            if any(taken):
                self._note()
            else:
                self._held |= set(items)
                self.transactions += 1
        if any(taken):
            reasons = [{"Code": "TransactionConflict" if is_taken else "None"} for is_taken in taken]
            return call.refuse("TransactionCanceledException", CancellationReasons=reasons)
        try:
            answer = call.send()
            time.sleep(self._seconds)
        finally:
            with self._lock:
                self._held -= set(items)
        return answer

    def _write(self, call: Call) -> AWSResponse:
        item = _item(call.body)
        with self._lock:
            is_taken = item in self._held
            if is_taken:
                self._note()
            else:
                self._written[item] += 1
        if is_taken:
            return call.refuse("TransactionConflictException")
        try:
            return call.send()
        finally:
            with self._lock:
                self._written[item] -= 1

    def _note(self) -> None:
        self.met["request" if _life.get() is REQUEST else "function"] += 1


_KEYS = {"users": ("id",), "messages": ("author_id", "id"), "relationships": ("u", "e")}
_OWN = ("user_id", "reaction"), ("user_id", "id"), ("key",)


def _item(write: dict[str, Any]) -> Item:
    table = write["TableName"].rpartition("-")[2]
    found: dict[str, Any] = write.get("Key") or write["Item"]
    names = _KEYS.get(table) or next(names for names in _OWN if all(name in found for name in names))
    return table, json.dumps([found[name] for name in names])
