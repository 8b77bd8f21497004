"""Quotes made and read through the API."""

from typing import Any

from tests.support.people import SETTLED, Api, Person

STATUSES = "/api/v1/statuses"


def quote(api: Api, by: Person, status: dict[str, Any], text: str = "look", **fields: Any) -> dict[str, Any]:
    api.clock.advance(0.001)
    return api.post(by, text, quoted_status_id=status["id"], **fields)


def settle(api: Api) -> None:
    api.deliver()
    api.clock.advance(SETTLED)


def show(api: Api, status: dict[str, Any], by: Person | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"{STATUSES}/{status['id']}", by).json
    return shown
