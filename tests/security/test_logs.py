"""Every request to every route is logged as one line, which contains none of the request's content."""

import logging
from typing import Any

import pytest

from fstream_app.repository import messages, users
from tests.support import routes
from tests.support.logs import Log, written
from tests.support.people import Api, Person

SECRET = "unspeakable"
ADDRESS = "203.0.113.77"
NAMES = ("sherazade", "bartolomeo")


def send_all(api: Api, by: Person | None, about: dict[str, str]) -> list[int]:
    """Make one request to each route, with existing ids or (where `about` has none) secrets; return the statuses."""
    headers = {"x-forwarded-for": ADDRESS, "idempotency-key": SECRET, "user-agent": SECRET}
    statuses = []
    for route in routes.declared():
        path = route.path.format_map({name: about.get(name, SECRET) for name in _parts(route.path)})
        fields: dict[str, Any] = dict.fromkeys(route.parameters.__struct_fields__, SECRET) | {"status": SECRET}
        if route.method == "GET":
            answer = api.request("GET", path, by, headers=headers, **fields)
        else:
            answer = api.request(route.method, path, by, headers=headers, json=fields)
        statuses.append(answer.status)
    return statuses


def _parts(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def secrets(api: Api, people: list[Person], status: dict[str, Any]) -> list[str]:
    """Return the texts that must not be in the log."""
    found = [SECRET, ADDRESS, "127.0.0.1", *NAMES, status["id"], api.application["client_id"]]
    return [*found, api.application["client_secret"], *(value for each in people for value in (each.id, each.token))]


def leaks(log: Log, api: Api, people: list[Person], status: dict[str, Any]) -> list[str]:
    return [secret for secret in secrets(api, people, status) if secret in log.text]


@pytest.fixture
def people(api: Api) -> list[Person]:
    """Two users; the second follows the first."""
    first, second = (api.sign_up(name) for name in NAMES)
    api.act(second, "follow", first)
    return [first, second]


@pytest.mark.parametrize("subject", ["what is there", "secrets"])
@pytest.mark.parametrize("logged_in", [True, False])
def test_a_request_to_any_route_is_one_line_without_its_content(
    api: Api, people: list[Person], subject: str, *, logged_in: bool
) -> None:
    ada, bob = people
    with written(logging.DEBUG) as log:
        status = api.post(ada, f"{SECRET} @{bob.name} #{SECRET}", spoiler_text=SECRET)
        api.deliver()
        there = {"id": status["id"], "name": ada.name, "part1": f"@{ada.name}", "part2": status["id"]}
        before = len(log.requests)
        statuses = send_all(api, bob if logged_in else None, there if subject == "what is there" else {})
        assert [line["status"] for line in log.requests[before:]] == statuses
        api.deliver()
        assert leaks(log, api, people, status) == []
    assert max(statuses) < 500
    assert {line["route"] for line in log.requests} == {f"{route.method} {route.path}" for route in routes.declared()}


def test_neither_do_defects_nor_batches_that_fail(
    api: Api, people: list[Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = people

    def fail(*values: object, **more: object) -> None:
        raise RuntimeError(f"{SECRET} {ada.id} {ada.token} {values} {more}")

    with written(logging.DEBUG) as log:
        status = api.post(ada, f"{SECRET} @{bob.name}")
        monkeypatch.setattr(messages, "newest_of", fail)
        api.deliver()
        for module, name in ((messages, "get"), (messages, "get_many"), (messages, "put"), (users, "get")):
            monkeypatch.setattr(module, name, fail)
        statuses = send_all(api, bob, {"id": status["id"], "name": ada.name, "part1": f"@{ada.name}"})
        api.deliver()
        assert leaks(log, api, people, status) == []
    assert statuses.count(500) > 5
    assert "RuntimeError" in log.text
    assert {line["failed"] for line in log.lines if line.get("function") == "fan_out"} != {0}
