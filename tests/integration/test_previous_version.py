"""During a deploy, functions of the previous version and of this one use the same tables."""

import os
import pickle
import subprocess
import sys
import tarfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.support import everything, handover, walks
from tests.support.engines import fresh_tables
from tests.support.everything import Everything
from tests.support.people import Api
from tests.support.site import ROOT

PREVIOUS = "4ded34518c502ece36c3ba99ad026891df1e6057"
"""The last commit before boosts, quotes, polls, edited and scheduled messages."""
READERS = ("ada", "fan")
CURATORS = ("wanderer", "bob")
"""Readers to whom a version that does not know all features need not show the same."""
NOTIFICATIONS = "/api/v1/notifications?limit=80"
SAME = (
    "/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/walk", "/api/v1/favourites",
    "/api/v1/bookmarks", "/api/v1/accounts/{ada}/statuses", "/api/v1/accounts/{ada}/followers",
    "/api/v1/accounts/{ada}/following", "/api/v1/statuses/{p}/context", "/api/v1/statuses/{f}",
    "/api/v1/statuses/{d}",
)  # fmt: skip
"""Paths at which both versions must show the same."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code of the previous version, with its tests' own."""
    folder = tmp_path_factory.mktemp("previous")
    command = ["git", "archive", PREVIOUS, "app.py", "chalicelib", "fstream_app", "ops", "tests", ".chalice"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert made.returncode == 0, (
        f"The history of this clone does not reach back to {PREVIOUS}, the previous version that this test runs. "
        f"Get it with `git fetch --unshallow`, or in a workflow with `fetch-depth: 0`. Git says: {made.stderr.decode()}"
    )
    with tarfile.open(fileobj=BytesIO(made.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def network(api: Api, configure: Callable[..., None]) -> Everything:
    configure(rules="Be kind")
    return everything.make(api)


@pytest.fixture
def previous(api: Api, network: Everything, checkout: Path, tmp_path: Path) -> dict[str, Any]:
    """What the previous version has shown, made and stored, beginning with what this version has stored."""
    given = {
        "items": handover.items(),
        "records": handover.records(),
        "people": {name: (who.name, who.id, who.token) for name, who in network.people.items()},
        "readers": READERS + CURATORS,
        "ids": network.ids,
        "application": api.application,
        "now": api.clock.now,
    }
    return run(checkout, tmp_path, given)


def run(checkout: Path, folder: Path, given: dict[str, Any]) -> dict[str, Any]:
    """Run the previous version with tables and records; return what it has shown and stored."""
    source, target = folder / "given", folder / "returned"
    source.write_bytes(pickle.dumps(given))
    program = str(ROOT / "tests" / "support" / "handover.py")
    ended = subprocess.run(
        [sys.executable, "-P", program, str(source), str(target)],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=400,
    )
    assert ended.returncode == 0, ended.stdout
    returned: dict[str, Any] = pickle.loads(target.read_bytes())
    return returned


def shown(api: Api, network: Everything) -> dict[tuple[str, str], list[str]]:
    """Return the ids that this version shows at the paths of `SAME`, by reader and path."""
    found = {}
    for name in READERS:
        for path in (each.format_map(network.ids) for each in SAME):
            found[name, path] = list(walks._ids(_as_before(api.get(path, network.people[name]).json)))
    return found


def _as_before(content: object) -> object:
    """Return a response as the previous version shows it, which does not know quotes and polls."""
    if isinstance(content, list):
        return [_as_before(each) for each in content]
    if isinstance(content, dict):
        return {name: _as_before(value) for name, value in content.items() if name not in {"quote", "poll"}}
    return content


def failures(walked: handover.Shown) -> handover.Shown:
    return {place: answer for place, answer in walked.items() if answer[0] >= 500}


def test_the_versions_read_what_the_other_has_written(api: Api, network: Everything, previous: dict[str, Any]) -> None:
    assert previous["failed"] == []
    assert failures(previous["shown"]) == {}
    assert network.ids["to_p"] in previous["shown"]["ada", NOTIFICATIONS][1]
    api.deliver()
    here = shown(api, network)
    assert {place: previous["shown"][place][1] for place in here} == here
    assert {network.ids[letter] for letter in "pufdr"} <= set(here["ada", "/api/v1/timelines/home"])

    with fresh_tables("moto"):
        handover.put(previous["items"])
        api.clock.now = previous["now"]
        assert handover.deliver(handover.records()) == []
        api.clock.advance(20)  # all of it was delivered late, and home waits for what is late
        found = handover.walk(api, {name: network.people[name] for name in READERS + CURATORS}, network.ids)
    assert failures(found) == {}
    made = previous["made"]
    assert made["answer"] in found["ada", NOTIFICATIONS][1]
    assert made["answer"] in found["ada", f"/api/v1/statuses/{network.ids['p']}/context"][1]
    assert made["private"] in found["fan", "/api/v1/timelines/home"][1]
    assert network.ids["to_p"] in found["fan", "/api/v1/bookmarks"][1]
