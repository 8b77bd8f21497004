"""npm fetches the client libraries once, with their checksums, and the reason is shown where it cannot."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.streaming import npm
from tests.clients.streaming.npm import MissingError

HERE = Path(__file__).parent


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, on a machine with node and npm."""
    monkeypatch.setenv("FSTREAM_TEST_CACHE", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda program: program)
    return tmp_path


def fetch(command: list[str], cwd: str, **_: Any) -> subprocess.CompletedProcess[str]:
    """Do what `npm ci` does, without the network."""
    assert command[:2] == ["npm", "ci"]
    assert "--ignore-scripts" in command
    assert (Path(cwd, "package-lock.json")).read_bytes() == (HERE / "package-lock.json").read_bytes()
    Path(cwd, "node_modules").mkdir()
    return subprocess.CompletedProcess(command, 0)


def test_all_that_is_fetched_has_a_checksum_and_the_version_that_is_asked_for() -> None:
    asked = json.loads((HERE / "package.json").read_text())["dependencies"]
    locked = json.loads((HERE / "package-lock.json").read_text())["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all(package["integrity"].startswith("sha512-") for path, package in locked.items() if path)


def test_the_libraries_are_fetched_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", fetch)
    folder = npm.libraries()
    assert {each.name for each in folder.iterdir()} == {"package.json", "node_modules"}
    assert list(cache.iterdir()) == [folder]
    monkeypatch.setattr(subprocess, "run", None)
    assert npm.libraries() == folder


def test_without_npm_the_reason_is_shown(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: None if program == "npm" else program)
    with pytest.raises(MissingError, match=r"^npm is not installed$"):
        npm.libraries()


def test_without_a_network_the_reason_is_shown_and_nothing_is_left(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, "", "no\n network"))
    with pytest.raises(MissingError, match=r"^npm cannot fetch them: no network$"):
        npm.libraries()
    assert not list(cache.iterdir())
