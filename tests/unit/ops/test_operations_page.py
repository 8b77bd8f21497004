"""docs/operations.md is accurate: it has every alarm, setting and command."""

import ast
import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import fields

from fstream_app.core import settings
from fstream_app.core.settings import Rate, Settings
from ops.__main__ import _parser
from ops.deployment import alarms, configuration

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "operations.md"
PAGE = FILE.read_text()
POLICY = json.loads((ROOT / "docs" / "deployer-policy.json").read_text())
ALARMS = re.findall(r"^\| `.*", PAGE.partition("\n## Alarms\n")[2].partition("\n## ")[0], re.MULTILINE)
_TABLE = re.compile(r"\| variable \| default \| takes \| \|\n\|(?:---\|)+\n(?:\|.*\n)*")


def meanings() -> dict[str, str]:
    """Return the docstring of each field of Settings."""
    (definition,) = [
        node
        for node in ast.parse(Path(settings.__file__).read_text()).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    ]
    found = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            found[statement.target.id] = " ".join(str(following.value.value).split())
    return found


def row(name: str, default: Any, meaning: str) -> str:
    kinds = {bool: "on or off", Rate: "a count and seconds", str: "any text"}
    takes = settings._RULES[name][1] if name in settings._RULES else kinds[type(default)]
    shown = ("on" if default else "off") if isinstance(default, bool) else str(default)
    if name.upper() in configuration.DERIVED:
        meaning += " On AWS the deployment sets it."
    return f"| `FSTREAM_{name.upper()}` | {f'`{shown}`' if shown else ''} | {takes} | {meaning} |"


def test_the_table_of_settings_is_what_the_settings_say() -> None:
    described = meanings()
    rows = [row(field.name, field.default, described[field.name]) for field in fields(Settings)]
    table = "\n".join(["| variable | default | takes | |", "|---|---|---|---|", *rows, ""])
    found = _TABLE.search(PAGE)
    assert found
    if os.environ.get("FSTREAM_TEST_WRITE_SETTINGS"):
        FILE.write_text(PAGE.replace(found.group(), table))
        return
    assert found.group() == table, "to rewrite it, run this test with FSTREAM_TEST_WRITE_SETTINGS=1"


def test_settings_of_the_deployment_alone_are_listed() -> None:
    for variable, (_, description) in configuration._RULES.items():
        assert re.search(rf"\| `{variable}` \| {re.escape(description.partition(',')[0])} \|", PAGE)


@pytest.mark.parametrize("name", sorted(name for name in alarms.resources(streaming=True) if name != "AlarmTopic"))
def test_every_alarm_is_listed_with_what_to_do(name: str) -> None:
    rows = [line for line in ALARMS if f"`{name}`" in line.split("|")[1]]
    assert len(rows) == 1
    _, _, meaning, remedy, _ = rows[0].split("|")
    assert len(meaning) > 10
    assert len(remedy) > 10


def test_only_alarms_that_exist_are_listed() -> None:
    listed = {name for line in ALARMS for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert listed == set(alarms.resources(streaming=True)) - {"AlarmTopic"}


COMMANDS = re.findall(r"^(?:.*`)?python -m ops ([a-z][^`\n]*)", PAGE, re.MULTILINE)


@pytest.mark.parametrize("typed", COMMANDS)
def test_every_command_that_is_named_there_can_be_typed(typed: str) -> None:
    words = ["10" if word == "N" else word for word in shlex.split(typed, comments=True)]
    assert _parser().parse_args(words).command == words[0]


def test_every_command_of_a_stage_is_named_there() -> None:
    named = {typed.split()[0] for typed in COMMANDS} | set(re.findall(r"`make ([a-z-]+)", PAGE))
    assert named >= {"deploy", "status", "logs", "redrive", "repair", "suspend", "remove", "reports", "destroy"}


def test_every_target_of_make_that_is_named_there_is_one() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", PAGE)) <= targets


def test_every_link_within_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings
    for file in re.findall(r"\]\(([a-z./-]+)(?:#[^)]*)?\)", PAGE):
        assert (FILE.parent / file).exists()


def statements() -> list[dict[str, Any]]:
    return POLICY["Statement"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("statement", statements(), ids=lambda statement: statement["Sid"])
def test_the_deployer_may_do_what_is_named_and_no_more(statement: dict[str, Any]) -> None:
    assert not any("*" in action for action in statement["Action"])
    assert statement["Action"] == sorted(statement["Action"])
    resources = [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
    if "*" in resources:
        by_condition = "fstream-" in json.dumps(statement.get("Condition", {}))
        assert by_condition or statement["Sid"] == "Unnamed"
    else:
        assert all("fstream-" in each or each.startswith("arn:aws:apigateway:") for each in resources)
