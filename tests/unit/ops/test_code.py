"""Chalice is run again while a new role's permissions have not reached Lambda, and stops the deploy at other errors."""

import dataclasses
import os
import re
from pathlib import Path

import moto
import pytest

from fstream_app.core import sealing
from ops.deployment import code, configuration, deployed, gateway, log_lines, project, sockets, streams
from ops.deployment.code import Code
from ops.deployment.errors import DeploymentError
from ops.deployment.places import Front
from ops.packaging import bundle, cache
from tests.support.lambdas import ROLE, Lambda, Session
from tests.unit.ops.production import ACCOUNT, ROOT, STATE

OTHER = "An error occurred (InvalidParameterValueException): Unzipped size must be smaller than 262144000 bytes"
PROGRAM = """#!/bin/sh
# Fails as often as there are lines in the file, each time with the next of them.
error=$(sed -n 1p {errors}); sed -i 1d {errors}
echo run >> {runs}
[ "$AWS_RETRY_MODE" = standard ] || error="no retries"
[ -z "$error" ] || {{ echo "Creating lambda function"; echo "$error" >&2; exit 2; }}
"""


class Chalice:
    """A program in place of Chalice, which fails with given errors before it succeeds."""

    def __init__(self, folder: Path, *errors: str) -> None:
        self._runs = folder / "runs"
        (folder / "errors").write_text("".join(f"{error}\n" for error in errors))
        self.program = folder / "chalice"
        self.program.write_text(PROGRAM.format(errors=folder / "errors", runs=self._runs))
        self.program.chmod(0o755)

    @property
    def runs(self) -> int:
        return len(self._runs.read_text().splitlines())


@pytest.fixture
def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "type[Deploy]":
    (tmp_path / "build").mkdir()
    monkeypatch.setattr(code, "PAUSE", 0)
    monkeypatch.setattr(bundle, "make", lambda file, _: file.touch())
    monkeypatch.setattr(cache, "offer", lambda *_: None)
    monkeypatch.setattr(deployed, "find", lambda *_: [])
    monkeypatch.setattr(deployed, "rest_api_id", lambda *_: "abc123")
    monkeypatch.setattr(streams, "configure", lambda *_: [])
    monkeypatch.setattr(log_lines, "configure", lambda *_: [])
    monkeypatch.setattr(gateway, "configure", lambda *_: False)
    monkeypatch.setattr(sockets, "deploy", lambda *_: None)

    class Prepared(Deploy):
        folder, patch = tmp_path, monkeypatch

    return Prepared


class Deploy:
    """A deploy of the code with a Chalice that fails with these errors."""

    folder: Path
    patch: pytest.MonkeyPatch

    def __init__(self, *errors: str) -> None:
        self.chalice = Chalice(self.folder, *errors)
        self.patch.setattr(code, "PROGRAM", self.chalice.program)
        self.said: list[str] = []
        self.stub = Lambda()

    @property
    def code(self) -> Code:
        return Code(self.folder, Session(self.stub), configuration.load(ROOT, "prod"), ACCOUNT, self.said.append)

    def run(self) -> None:
        with moto.mock_aws():
            self.code.deploy(STATE, "https://fstream.example")


def test_a_role_that_lambda_does_not_see_yet_is_waited_for(
    deploy: type[Deploy], capfd: pytest.CaptureFixture[str]
) -> None:
    deployment = deploy(ROLE, ROLE)
    deployment.run()
    assert deployment.chalice.runs == 3
    assert sum("trying again" in line for line in deployment.said) == 2
    assert "Creating lambda function" in capfd.readouterr().out  # what Chalice prints is shown


def test_waiting_for_a_role_has_an_end(deploy: type[Deploy], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "ATTEMPTS", 2)
    deployment = deploy(ROLE, ROLE, ROLE)
    with pytest.raises(DeploymentError, match="see its output above"):
        deployment.run()
    assert deployment.chalice.runs == 2


def test_any_other_error_of_chalice_stops_the_deploy(deploy: type[Deploy]) -> None:
    deployment = deploy(OTHER)
    with pytest.raises(DeploymentError, match="chalice deploy exited with status 2"):
        deployment.run()
    assert deployment.chalice.runs == 1


def test_settings_of_the_shell_do_not_reach_chalice(deploy: type[Deploy], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSTREAM_TITLE", "from the shell")
    deployment = deploy()
    deployment.chalice.program.write_text('#!/bin/sh\n[ -z "$FSTREAM_TITLE" ]\n')
    deployment.run()
    assert os.environ["FSTREAM_TITLE"]


def test_the_secret_of_cloudfront_is_that_of_the_deployed_function(deploy: type[Deploy]) -> None:
    deployment = deploy()
    first, other = deployment.code, deployment.code
    assert first.secret == first.secret != other.secret
    assert re.fullmatch("[A-Za-z0-9]{64}", first.secret)
    deployment.stub.variables["fstream-prod"] = {project.SECRET: first.secret}
    assert other.secret != first.secret  # for as long as this deploy runs
    assert deployment.code.secret == first.secret
    deployment.run()
    written = deployment.folder / "build" / "fstream-prod" / ".chalice" / "config.json"
    assert first.secret in written.read_text()
    assert written.stat().st_mode & 0o077 == 0  # no other user of the machine reads it


def test_a_function_without_a_secret_gets_one(deploy: type[Deploy]) -> None:
    deployment = deploy()
    deployment.stub.variables["fstream-prod"] = {"FSTREAM_STAGE": "prod"}
    assert len(deployment.code.secret) == 64


def test_the_key_of_reports_is_that_of_the_deployed_function(deploy: type[Deploy]) -> None:
    deployment = deploy()
    first = deployment.code
    assert sealing.unseal(sealing.seal(b"text", first.report_key), first._report_keys.private()) == b"text"
    deployment.stub.variables["fstream-prod"] = {project.REPORT_KEY: first.report_key}
    other = deployment.code
    assert other.report_key == first.report_key
    assert other._report_keys.private() == []  # the deploy stored nothing


def test_a_stage_that_keeps_no_copies_gets_no_key(deploy: type[Deploy]) -> None:
    stage = configuration.load(ROOT, "prod")
    stage = dataclasses.replace(stage, settings=stage.settings | {"FSTREAM_REPORT_EVIDENCE": "off"})
    made = Code(deploy.folder, Session(Lambda()), stage, ACCOUNT, print)
    assert (made.report_key, made._report_keys.private()) == ("", [])
    configured = project.configuration(stage, ACCOUNT, STATE, Front("https://fstream.example", "x" * 64, ""))
    assert project.REPORT_KEY not in str(configured)
