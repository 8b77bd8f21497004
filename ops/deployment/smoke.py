"""The smoke check: requests to the deployed instance, from the outside."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from ops.deployment.errors import DeploymentError

PATIENCE = 120
"""Seconds in which each response must become right; names and permissions take a while to propagate."""
_POLL = 2.0
_TIMEOUT = 30


def check(url: str, host: str) -> None:
    """Check that the instance responds under its own name, reads its tables, and returns 404 for unknown messages.

    Raises:
        DeploymentError: a response is wrong.
    """
    _expect(f"{url}/api/v2/instance", 200, lambda answer: answer["domain"] == host)
    _expect(f"{url}/api/v1/timelines/public", 200, lambda answer: isinstance(answer, list))
    _expect(f"{url}/api/v1/statuses/nothing", 404, lambda answer: "error" in answer)


def _expect(url: str, status: int, holds: Callable[[Any], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = _get(url)
        if found[0] == status and holds(found[1]):
            return
        if time.monotonic() > deadline:
            raise DeploymentError(
                f"{url} returns {found[0]} ({found[1]}); expected {status}. "
                "Look for errors in the log of the API's function, then deploy again."
            )
        time.sleep(_POLL)


def _get(url: str, headers: Mapping[str, str] = MappingProxyType({})) -> tuple[int, Any]:
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  # our own address
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            body = error.read().decode(errors="replace")
        return error.code, json.loads(body) if body.startswith("{") else {"body": body[:200]}
    except (OSError, ValueError) as error:
        return 0, {"reason": str(error)}
