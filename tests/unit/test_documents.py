"""The files and functions that the documents name exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from fstream_app.core.hidden import Hidden

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    *(f"docs/{each.name}" for each in (ROOT / "docs").glob("*.md")),
]
_PLACE = re.compile(
    r"(?<![\w/.])(?:app|(?:\.chalice|benchmarks|chalicelib|fstream_app|ops|tests)/[\w./-]*?)(?:\.py|/)(?::\w+)?(?![\w*])"
)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def places(document: str) -> list[str]:
    """The files, folders and `file:function` that a document names in code."""
    text = (ROOT / document).read_text(encoding="utf-8")
    code = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    return [place for span in code for place in _PLACE.findall(span)]


@cache
def defined(file: str) -> set[str]:
    """The functions, classes and constants at the top of a file."""
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    names = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def is_there(place: str) -> bool:
    file, _, name = place.partition(":")
    return (ROOT / file).exists() and (not name or name in defined(file))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_place_that_a_document_names_exists(document: str) -> None:
    assert [place for place in places(document) if not is_there(place)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_links_to_exists(document: str) -> None:
    folder = (ROOT / document).parent
    linked = _LINK.findall((ROOT / document).read_text(encoding="utf-8"))
    assert [link for link in linked if not (folder / link).exists()] == []


def test_every_step_of_a_messages_path_names_a_file_and_a_function() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    path = text.partition("## A message's path")[2].partition("\n## ")[0]
    steps = re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^\*\*|\Z)", path, flags=re.MULTILINE | re.DOTALL)
    assert [int(number) for number, _ in steps] == list(range(1, len(steps) + 1))
    assert len(steps) >= 14
    assert [number for number, step in steps if not re.search(r"`[\w/]+\.py:\w+`", step)] == []


def cited(text: str) -> list[tuple[str, str]]:
    """The tests that a text names as `file::name`."""
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document: str) -> None:
    named = cited((ROOT / document).read_text(encoding="utf-8"))
    assert [f"{file}::{name}" for file, name in named if not is_there(f"{file}:{name}")] == []


def test_every_threat_names_a_test_that_covers_it() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("### Threats")[2].partition("\n### ")[0]
    threats = re.findall(r"^\| (\*\*.*)", text, flags=re.MULTILINE)
    assert len(threats) >= 25
    assert [threat for threat in threats if not cited(threat)] == []


def test_every_reason_why_a_message_is_hidden_is_explained() -> None:
    for document in ("ARCHITECTURE.md", "docs/operations.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        assert [reason for reason in Hidden if reason not in text] == []


@pytest.mark.parametrize("place", ["fstream_app/feed/no_such.py", "fstream_app/feed/home.py:no_such", "no/such/"])
def test_a_place_that_does_not_exist_is_noticed(place: str) -> None:
    assert not is_there(place)


def test_places_are_found_in_code_only() -> None:
    assert "fstream_app/feed/home.py:read" in places("ARCHITECTURE.md")
    assert "tests/unit/ops/test_policies.py" in places("CONTRIBUTING.md")
