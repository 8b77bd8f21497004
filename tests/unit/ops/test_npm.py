"""npm fetches exactly what a lock file lists, once, and the reason is shown where it cannot."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ops import npm
from ops.npm import MissingError

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "tests" / "clients" / "streaming"
SOURCES = [SOURCE, ROOT / "ops" / "web"]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, on a machine with npm."""
    monkeypatch.setenv("FSTREAM_TEST_CACHE", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda program: program)
    return tmp_path


def fetch(command: list[str], cwd: Path, **_: Any) -> subprocess.CompletedProcess[str]:
    """Do what `npm ci` does, without the network."""
    assert command[:2] == ["npm", "ci"]
    assert "--ignore-scripts" in command
    assert (cwd / "package-lock.json").read_bytes() == (SOURCE / "package-lock.json").read_bytes()
    (cwd / "node_modules").mkdir()
    return subprocess.CompletedProcess(command, 0)


@pytest.mark.parametrize("source", SOURCES)
def test_all_that_is_fetched_has_a_checksum_and_the_version_that_is_asked_for(source: Path) -> None:
    asked = json.loads((source / "package.json").read_text())
    wanted = asked.get("dependencies", {}) | asked.get("devDependencies", {})
    locked = json.loads((source / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert all(package["integrity"].startswith("sha512-") for path, package in locked.items() if path)


def test_packages_are_fetched_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", fetch)
    folder = npm.installed(SOURCE)
    assert {each.name for each in folder.iterdir()} == {"package.json", "package-lock.json", "node_modules"}
    assert list(cache.iterdir()) == [folder]
    monkeypatch.setattr(subprocess, "run", None)
    assert npm.installed(SOURCE) == folder


def test_without_npm_the_reason_is_shown(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(MissingError, match=r"^npm is not installed: apt-get install npm$"):
        npm.installed(SOURCE)


def test_without_a_network_the_reason_is_shown_and_nothing_is_left(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", "no\n network"))
    with pytest.raises(MissingError, match=r"^npm cannot fetch them: no network$"):
        npm.installed(SOURCE)
    assert not list(cache.iterdir())
