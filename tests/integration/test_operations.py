"""The commands for operating a stage, run as from a shell."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from fstream_app.core import sealing
from ops.engine import Engine
from ops.report_keys import ReportKeys

ROOT = Path(__file__).parents[2]

Type = Callable[..., subprocess.CompletedProcess[str]]

ENTERED = """\
from pathlib import Path
from ops.operations import stage
deployment = stage.enter(Path.cwd(), "prod")
from fstream_app import tables
from fstream_app.core import settings
print(deployment.prefix, tables.UserItem.table_name(), settings.get().title)
"""


@pytest.fixture
def type_(engine: Engine) -> Type:
    """Run a command in the checkout, with only the engine's endpoint in the environment."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        engine.configure(environment)
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_a_stage_that_is_entered_has_its_own_settings_and_none_of_the_shells(type_: Type) -> None:
    entered = type_("-c", ENTERED, FSTREAM_TITLE="Club", FSTREAM_APP="other")
    assert entered.stdout == "fstream-prod fstream-prod-users FSTREAM\n", entered.stderr


def test_repair_works_on_any_tables_that_the_environment_names(type_: Type) -> None:
    names = {"FSTREAM_APP": "repaired", "FSTREAM_STAGE": "local"}
    assert type_("-m", "ops", "provision", **names).returncode == 0
    repaired = type_("-m", "ops", "repair", **names)
    assert (repaired.returncode, repaired.stderr) == (0, "")
    assert repaired.stdout == ("Users whose counts were wrong: 0.\nMessages repaired: 0. Request units used: 1.\n")
    nobody = type_("-m", "ops", "repair", "--author", "eve", **names)
    assert (nobody.returncode, nobody.stderr) == (1, "FSTREAM: No user is named eve. Check the name and the stage.\n")


@pytest.mark.parametrize("command", ["status", "logs", "redrive"])
def test_a_stage_that_is_not_there_is_one_line(type_: Type, command: str) -> None:
    ended = type_("-m", "ops", command, "--stage", "nowhere")
    assert ended.returncode == 1
    assert ended.stderr.startswith("FSTREAM: .chalice/config.json has no stage 'nowhere'.")
    assert len(ended.stderr.splitlines()) == 1


def test_missing_credentials_are_one_line(type_: Type) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    ended = type_("-m", "ops", "status", **nobody)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (1, 1)
    assert "No AWS credentials" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("logs", "--since", "1w"), "argument --since: must be a number followed by s, m, h or d"),
        (("repair", "--units-per-second", "0"), "--units-per-second: must be a number from 1 to 1000000"),
        (("repair", "--units-per-second", "1000001"), "--units-per-second: must be a number from 1 to 1000000"),
    ],
)
def test_an_option_of_another_form_is_refused(type_: Type, arguments: tuple[str, ...], words: str) -> None:
    ended = type_("-m", "ops", *arguments)
    assert ended.returncode == 2
    assert words in ended.stderr


def test_former_keys_of_reports_are_in_the_history_until_they_are_deleted(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", engine.endpoint_url)
    keys = ReportKeys(boto3.Session("test", "test", region_name="us-east-1"), "fstream-keyed")
    assert keys.private() == []
    for public in [keys.create() for _ in range(2)]:
        assert sealing.unseal(sealing.seal(b"text", public), keys.private()) == b"text"
    keys.delete()
    keys.delete()
    assert keys.private() == []
