"""The smoke check, against the real API and WebSockets: it tries everything, names what fails, and cleans up."""

import json
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit
from urllib.request import Request

import pytest
import websocket

from fstream_app.core.settings import Settings
from ops import event_sources
from ops.deployment import smoke, smoke_socket
from ops.deployment.errors import DeploymentError
from ops.pump import Pump
from tests.support.listening import Listening
from tests.support.people import Api, stored

URL = "https://d1.cloudfront.net"
HOST = "fstream.test"
FUNCTIONS = (*(source.function for source in event_sources.ALL), event_sources.LIVE.function)


class Connection:
    """The client's end of a WebSocket, as far as the check uses it. What was sent to it waits to be read."""

    def __init__(self, listening: Listening, token: str) -> None:
        opened = listening.gateway.connect(protocol=token)
        if opened.status != 200:
            raise websocket.WebSocketBadStatusException(f"Handshake status {opened.status}", opened.status)
        assert opened.headers["Sec-WebSocket-Protocol"] == token
        self._id, self._gateway, self._read = opened.id, listening.gateway, 0

    def settimeout(self, _: float) -> None:
        pass

    def send(self, frame: str) -> None:
        self._gateway.say(self._id, frame)

    def recv(self) -> str:
        frames = self._gateway.frames(self._id)[self._read :]
        if not frames:
            raise websocket.WebSocketTimeoutException
        self._read += 1
        return json.dumps(frames[0])

    def close(self) -> None:
        self._gateway.disconnect(self._id)

    def shutdown(self) -> None:
        pass


class Instance:
    """The API and its streams. Time passes, and streams deliver, only while the check sleeps."""

    def __init__(
        self, api: Api, patch: pytest.MonkeyPatch, make_pump: Callable[[], Pump], listening: Listening
    ) -> None:
        self.api, self.listening = api, listening
        self.said: list[str] = []
        self.broken: dict[str, int] = {}
        """Path → status with which requests to it fail."""
        self.patch, self._make_pump = patch, make_pump
        patch.setattr(smoke, "_send", self._send)
        patch.setattr(smoke_socket, "connect", self._connect)
        # The same times as in a real check, with fewer looks: a message lives for three of them.
        for name, value in {"POLL": 20.0, "_LOOKS": 3, "_MESSAGES": 3}.items():
            patch.setattr(smoke, name, value)
        self.deliver_with(*FUNCTIONS)

    def deliver_with(self, *names: str) -> None:
        """Let only these functions read their streams or their queue."""
        sources = tuple(source for source in event_sources.ALL if source.function in names)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(event_sources, "ALL", sources)
            pump = self._make_pump()

        def pause() -> None:
            pump.drain()
            self.api.clock.advance(smoke.POLL)
            if event_sources.LIVE.function in names:
                self.listening.run()

        self.patch.setattr(smoke, "_pause", pause)

    def check(self, **settings: str) -> None:
        given = {f"FSTREAM_{name.upper()}": value for name, value in settings.items()}
        smoke.check(URL, HOST, Settings.from_environment(given), self.said.append)

    def accounts(self) -> list[str]:
        """Return the names of the check's accounts that exist."""
        users = [json.loads(text) for text in stored()["UserItem"]]
        found = [user["name"]["S"] for user in users if "name" in user and "leaving" not in user]
        return [name for name in found if name.startswith("smoke_")]

    def _connect(self, url: str, token: str) -> Connection:
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc, parts.path) == ("wss", "d1.cloudfront.net", "/api/v1/streaming")
        if parts.path in self.broken:
            raise websocket.WebSocketBadStatusException("Handshake status", self.broken[parts.path])
        return Connection(self.listening, token)

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
def instance(
    api: Api, monkeypatch: pytest.MonkeyPatch, make_pump: Callable[[], Pump], configure: Callable[..., None]
) -> Instance:
    listening = Listening(api, partial(configure, base_url=f"https://{HOST}"), monkeypatch)
    return Instance(api, monkeypatch, make_pump, listening)


def test_an_instance_that_delivers_passes_and_nothing_is_left(instance: Instance) -> None:
    instance.check()
    assert instance.said == []
    assert instance.accounts() == []
    assert instance.api.read("/api/v1/timelines/public") == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_does_not_deliver_is_named_and_nothing_is_left(instance: Instance, function: str) -> None:
    instance.deliver_with(*(name for name in FUNCTIONS if name != function))
    with pytest.raises(DeploymentError, match=f"{function} has not delivered") as raised:
        instance.check()
    others = set(FUNCTIONS) - {function} - ({"live"} if function == "fan_out" else set())  # which fills the queue
    assert not any(f"{other} has not" in str(raised.value) for other in others)
    assert instance.accounts() == []


def test_a_stream_that_begins_late_is_waited_for_beyond_a_messages_lifetime(instance: Instance) -> None:
    begins_at = instance.api.clock.now + 70_000

    def pause() -> None:
        instance.api.clock.advance(smoke.POLL)
        if instance.api.clock.now > begins_at:
            instance.deliver_with(*FUNCTIONS)

    instance.patch.setattr(smoke, "_pause", pause)
    instance.check()
    assert instance.accounts() == []


def test_websockets_that_nobody_can_open_fail_the_check_and_nothing_is_left(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smoke, "_READS", 2)
    instance.broken["/api/v1/streaming"] = 403  # CloudFront leads them elsewhere, for example
    with pytest.raises(DeploymentError, match=r"/api/v1/streaming returns 403 .* expected 401"):
        instance.check()
    assert instance.accounts() == []


def test_without_live_streaming_no_websocket_is_tried(instance: Instance) -> None:
    instance.broken["/api/v1/streaming"] = 403
    instance.deliver_with(*(source.function for source in event_sources.ALL))
    instance.check(streaming="off")
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
