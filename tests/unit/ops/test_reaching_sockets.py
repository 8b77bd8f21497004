"""The commands that end tokens of a deployed stage find its WebSocket API, and close the sockets there."""

import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fstream_app.core import settings
from ops import __main__ as commands
from ops.deployment import configuration
from ops.operations import moderation, stage
from tests.support.engines import cool_down
from tests.unit.ops.production import ROOT

APIS = [
    {"Name": "fstream-dev-websocket-api", "ApiEndpoint": "wss://dev.execute-api.eu-central-1.amazonaws.com"},
    {"Name": "fstream-prod-websocket-api", "ApiEndpoint": "wss://a1b2.execute-api.eu-central-1.amazonaws.com"},
]
ADDRESS = "https://a1b2.execute-api.eu-central-1.amazonaws.com/prod"


class Session:
    """A session whose API Gateway has these APIs, one on each page."""

    def __init__(self, apis: list[dict[str, str]] | ClientError) -> None:
        self.apis = apis

    def client(self, name: str) -> Any:
        assert name == "apigatewayv2"
        return self

    def get_paginator(self, name: str) -> Any:
        assert name == "get_apis"
        return SimpleNamespace(paginate=self._pages)

    def _pages(self) -> Iterator[dict[str, Any]]:
        if isinstance(self.apis, ClientError):
            raise self.apis
        for api in self.apis:
            yield {"Items": [api]}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(os, "environ", {**os.environ})
    yield
    monkeypatch.undo()
    cool_down()


@pytest.mark.parametrize(("apis", "address"), [(APIS, ADDRESS), (APIS[:1], ""), ([], "")])
def test_the_stages_own_api_is_found(apis: list[dict[str, str]], address: str) -> None:
    deployment = stage.enter(ROOT, "prod")
    assert stage.reach_sockets(Session(apis), deployment) == ""
    assert settings.get().connections == address


def test_without_permission_the_command_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not allowed"}}, "GetApis")
    entered = configuration.load(ROOT, "prod"), Session(denied)
    monkeypatch.setattr(commands, "_enter", lambda _: entered)
    ran: list[str] = []
    monkeypatch.setattr(moderation, "run", lambda arguments, *_: ran.append(arguments.command))
    for command in (["suspend", "ada"], ["reset-password", "ada"], ["reports"]):
        monkeypatch.setattr("sys.argv", ["ops", *command, "--stage", "prod"])
        commands.main()
    assert ran == ["suspend", "reset-password", "reports"]
    assert capsys.readouterr().out.count("WebSockets are not closed, because the WebSocket API cannot be found: ") == 2
