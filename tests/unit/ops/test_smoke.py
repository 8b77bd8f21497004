"""The smoke check, against the real API: it tries every stream, names what does not deliver, and cleans up."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit
from urllib.request import Request

import pytest

from fstream_app.core.settings import Settings
from ops import event_sources
from ops.deployment import smoke
from ops.deployment.errors import DeploymentError
from ops.pump import Pump
from tests.support.people import Api, stored

URL = "https://d1.cloudfront.net"
HOST = "fstream.test"


class Instance:
    """The API and its streams. Time passes, and streams deliver, only while the check sleeps."""

    def __init__(self, api: Api, patch: pytest.MonkeyPatch, make_pump: Callable[[], Pump]) -> None:
        self.api = api
        self.said: list[str] = []
        self.broken: dict[str, int] = {}
        """Path → status with which requests to it fail."""
        self.patch, self._make_pump = patch, make_pump
        patch.setattr(smoke, "_send", self._send)
        # The same times as in a real check, with fewer looks: a message lives for three of them.
        for name, value in {"POLL": 20.0, "_LOOKS": 3, "_MESSAGES": 3}.items():
            patch.setattr(smoke, name, value)
        self.deliver_with(*(source.function for source in event_sources.ALL))

    def deliver_with(self, *names: str) -> None:
        """Let only these functions read their streams."""
        sources = tuple(source for source in event_sources.ALL if source.function in names)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(event_sources, "ALL", sources)
            pump = self._make_pump()

        def pause() -> None:
            pump.drain()
            self.api.clock.advance(smoke.POLL)

        self.patch.setattr(smoke, "_pause", pause)

    def check(self, **settings: str) -> None:
        given = {f"FSTREAM_{name.upper()}": value for name, value in settings.items()}
        smoke.check(URL, HOST, Settings.from_environment(given), self.said.append)

    def accounts(self) -> list[str]:
        """Return the names of the check's accounts that exist."""
        users = [json.loads(text) for text in stored()["UserItem"]]
        found = [user["name"]["S"] for user in users if "name" in user and "leaving" not in user]
        return [name for name in found if name.startswith("smoke_")]

    def _send(self, request: Request) -> smoke.Answer:
        parts = urlsplit(request.full_url)
        if parts.path in self.broken:
            return self.broken[parts.path], {"error": "broken"}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {name.lower(): value for name, value in request.header_items()}
        body = request.data if isinstance(request.data, bytes) else b""
        answer = self.api.request(request.get_method(), path, headers=headers, body=body)
        return answer.status, answer.json


@pytest.fixture
def instance(api: Api, monkeypatch: pytest.MonkeyPatch, make_pump: Callable[[], Pump]) -> Instance:
    return Instance(api, monkeypatch, make_pump)


def test_an_instance_that_delivers_passes_and_nothing_is_left(instance: Instance) -> None:
    instance.check()
    assert instance.said == []
    assert instance.accounts() == []
    assert instance.api.read("/api/v1/timelines/public") == []


@pytest.mark.parametrize("function", [source.function for source in event_sources.ALL])
def test_a_function_that_does_not_deliver_is_named_and_nothing_is_left(instance: Instance, function: str) -> None:
    instance.deliver_with(*(source.function for source in event_sources.ALL if source.function != function))
    with pytest.raises(DeploymentError, match=f"{function} has not delivered") as raised:
        instance.check()
    others = {source.function for source in event_sources.ALL} - {function}
    assert not any(f"{other} has not" in str(raised.value) for other in others)
    assert instance.accounts() == []


def test_a_stream_that_begins_late_is_waited_for_beyond_a_messages_lifetime(instance: Instance) -> None:
    begins_at = instance.api.clock.now + 70_000

    def pause() -> None:
        instance.api.clock.advance(smoke.POLL)
        if instance.api.clock.now > begins_at:
            instance.deliver_with(*(source.function for source in event_sources.ALL))

    instance.patch.setattr(smoke, "_pause", pause)
    instance.check()
    assert instance.accounts() == []


@pytest.mark.parametrize("path", ["/api/v1/statuses", "/api/v1/notifications", "/api/v1/timelines/home"])
def test_a_check_that_fails_midway_cleans_up(instance: Instance, path: str) -> None:
    instance.broken[path] = 500
    with pytest.raises(DeploymentError, match=rf"{path}.* returns 500"):
        instance.check()
    assert instance.accounts() == []


def test_an_account_that_cannot_be_deleted_is_named_beside_the_first_error(instance: Instance) -> None:
    instance.broken |= {"/api/v1/statuses": 500, "/api/pleroma/delete_account": 500}
    with pytest.raises(DeploymentError, match="statuses returns 500"):
        instance.check()
    assert sorted(instance.accounts()) == sorted(line.split()[2] for line in instance.said)


def test_an_account_that_cannot_be_deleted_fails_the_check(instance: Instance) -> None:
    instance.broken["/api/pleroma/delete_account"] = 500
    with pytest.raises(DeploymentError, match="of the smoke check could not be deleted"):
        instance.check()


def test_without_registrations_only_reads_are_tried(instance: Instance) -> None:
    instance.check(registrations="off")
    assert "were not tried, because nobody can sign up" in instance.said[0]


def test_too_many_sign_ups_are_not_a_fault_of_the_deployment(
    instance: Instance, configure: Callable[..., None]
) -> None:
    configure(rate_limits="on", rate_sign_ups="1/1800")
    instance.check()
    assert "were not tried: Too many new accounts from this address" in instance.said[0]
    assert instance.accounts() == []


def test_a_wrong_host_is_reported(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "_READS", 2)
    with pytest.raises(DeploymentError, match="/api/v2/instance returns 200"):
        smoke.check(URL, "another.example", Settings(), instance.said.append)
