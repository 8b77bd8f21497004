"""GitHub's workflows have no more rights than they need and call existing targets; updates are grouped."""

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # comes with cfn-lint

from ops.packaging import libraries

ROOT = Path(__file__).parents[2]
WORKFLOWS = {file.stem: yaml.safe_load(file.read_text()) for file in (ROOT / ".github" / "workflows").glob("*.yml")}
STEPS = [
    (name, step)
    for name, workflow in WORKFLOWS.items()
    for job in workflow["jobs"].values()
    for step in job.get("steps", ())
]


def test_there_are_two() -> None:
    assert set(WORKFLOWS) == {"test", "deploy"}


@pytest.mark.parametrize(("name", "step"), STEPS)
def test_a_step_calls_what_there_is_and_actions_are_pinned(name: str, step: dict[str, Any]) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    if "run" in step:
        assert re.findall(r"make ([a-z-]+)", step["run"])
        assert set(re.findall(r"make ([a-z-]+)", step["run"])) <= targets
        assert "${{" not in step["run"]  # an expression could inject text from outside the repository into a command
    else:
        assert re.fullmatch(r"(actions|aws-actions)/[a-z-]+@(v\d+|[0-9a-f]{40})", step["uses"])


def test_python_is_every_version_that_is_supported() -> None:
    assert WORKFLOWS["test"]["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]


def test_nothing_is_deployed_but_what_is_tested_on_main_and_where_a_role_is_named() -> None:
    workflow = WORKFLOWS["deploy"]
    job = workflow["jobs"]["deploy"]
    assert job["needs"] == "test"
    assert workflow["jobs"]["test"] == {"uses": "./.github/workflows/test.yml"}
    assert job["if"] == "github.ref == 'refs/heads/main' && vars.AWS_ROLE_ARN != ''"


def test_only_the_deploying_job_may_ask_for_an_identity() -> None:
    assert WORKFLOWS["deploy"]["jobs"]["deploy"]["permissions"] == {"contents": "read", "id-token": "write"}
    for workflow in WORKFLOWS.values():
        assert workflow["permissions"] == {"contents": "read"}


def test_no_workflow_has_a_secret() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yml"):
        assert "secrets." not in file.read_text()


def test_all_libraries_in_the_package_are_updated_together() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]
    (pip,) = [each for each in updates if each["package-ecosystem"] == "pip"]
    patterns = pip["groups"]["deployed"]["patterns"]
    assert [name for name in libraries.locked() if not any(fnmatchcase(name, each) for each in patterns)] == []
