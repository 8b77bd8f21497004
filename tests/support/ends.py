"""The ways in which a message is gone: deleted, expired, or its author has left or is suspended."""

from collections.abc import Callable
from typing import Any

from fstream_app.moderation import suspension
from tests.support.departing import DELETE
from tests.support.people import PASSWORD, Api, Person

Status = dict[str, Any]
End = Callable[[Api, Person, Status], object]


def leave(api: Api, by: Person, _: Status) -> None:
    assert api.request("POST", DELETE, by, json={"password": PASSWORD}).status == 200


def suspend(api: Api, by: Person, _: Status) -> None:
    suspension.suspend(by.name, "", api.clock.now)


def expire(api: Api, _: Person, __: Status) -> None:
    api.clock.advance(600)


def delete(api: Api, by: Person, status: Status) -> None:
    assert api.delete(by, status).status == 200


ENDS: dict[str, End] = {"deleted": delete, "expired": expire, "left": leave, "suspended": suspend}
"""Ends of a message that expires after ten minutes, by name."""
