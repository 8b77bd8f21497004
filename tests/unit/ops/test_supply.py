"""Locks are complete, licenses are accepted, and a known vulnerability fails the check."""

import json
import re
from collections.abc import Sequence
from email.message import Message
from importlib.metadata import PathDistribution, distributions
from pathlib import Path
from typing import cast

import pytest

from ops import supply
from ops.packaging import licenses, lock
from ops.packaging.lock import Pin
from ops.supply import SupplyError

LOCKS = {"requirements.txt", *supply.LOCKS}
PINS = [Pin("six", "1.17.0", ("sha256:0",)), Pin("urllib3", "2.8.0", ("sha256:1",))]
NOW = 1_800_000_000


def pinned(name: str) -> dict[str, Pin]:
    return {pin.name: pin for pin in lock.read(lock.ROOT / name)}


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_everything_is_pinned_with_hashes(name: str) -> None:
    text = (lock.ROOT / name).read_text()
    required = re.findall(r"^[^\s#].*", text, re.MULTILINE)
    pins = lock.read(lock.ROOT / name)
    assert len(pins) == len(required) > 0
    assert all(pin.hashes for pin in pins)
    assert sum(len(pin.hashes) for pin in pins) == text.count("--hash=")


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_a_lock_has_what_its_source_asks_for(name: str) -> None:
    asked = (lock.ROOT / name).with_suffix(".in").read_text().splitlines()
    wanted = [line.partition(";")[0].partition("==") for line in asked if line and line[0] not in "#-"]
    found = {(pin.name, pin.version) for pin in lock.read(lock.ROOT / name)}
    for requirement, _, version in wanted:
        assert (lock.normalized(requirement.partition("[")[0]), version) in found


def test_what_is_deployed_has_the_same_version_and_hashes_in_development() -> None:
    development = pinned("requirements-dev.txt")
    assert {name: (pin.version, pin.hashes) for name, pin in pinned("requirements.txt").items()}.items() <= {
        name: (pin.version, pin.hashes) for name, pin in development.items()
    }.items()


def test_development_installs_nothing_without_its_hash() -> None:
    lines = [line for line in (lock.ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert len(lines) == 1
    assert lines[0].startswith("INSTALL := ")
    assert "--require-hashes" in lines[0].split()


def test_a_pin_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "lock.txt"
    pins = [
        Pin("six", "1.17.0", (f"sha256:{'0' * 64}",)),
        Pin("colorama", "0.4.6", (f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"), "sys_platform == 'win32'"),
    ]
    file.write_text("# made by a machine\n" + "\n    # via\n".join(map(str, pins)) + "\n    # via something\n")
    assert lock.read(file) == pins


def test_every_installed_library_has_an_accepted_license_or_an_exception() -> None:
    supply.check_licenses(distributions())
    document = (lock.ROOT / "docs" / "licenses.md").read_text()
    listed = set(re.findall(r"^\| `([^`]+)` \|", document, re.MULTILINE))
    assert listed == licenses.ACCEPTED | licenses.EXCEPTIONS.keys()


class Library(PathDistribution):
    """A library with some metadata."""

    def __init__(self, *lines: tuple[str, str]) -> None:
        super().__init__(cast(Path, None))
        self._about = Message()
        for name, value in (("Name", "odd"), *lines):
            self._about[name] = value

    @property
    def metadata(self) -> Message:  # type: ignore[override]
        return self._about


@pytest.mark.parametrize(
    ("about", "expression", "accepted"),
    [
        ([("License-Expression", "MIT OR GPL-3.0-only")], "MIT OR GPL-3.0-only", True),
        ([("License-Expression", "MIT AND GPL-3.0-only")], "MIT AND GPL-3.0-only", False),
        ([("License-Expression", "(MIT AND ISC) OR GPL-2.0-only")], "(MIT AND ISC) OR GPL-2.0-only", True),
        ([("Classifier", "License :: OSI Approved :: MIT License"), ("License", "see file")], "MIT", True),
        ([("Classifier", "License :: OSI Approved :: GNU Affero General Public License v3")], "", False),
        ([("License", "Apache 2.0")], "Apache-2.0", True),
        ([("License", "Do what you like")], "", False),
        ([], "", False),
    ],
)  # fmt: skip
def test_a_license_is_accepted_if_one_way_to_use_it_is(
    about: list[tuple[str, str]], expression: str, *, accepted: bool
) -> None:
    library = Library(*about)
    assert licenses.of(library) == expression
    if accepted:
        supply.check_licenses([library])
    else:
        with pytest.raises(SupplyError, match=r"odd: "):
            supply.check_licenses([library])


class Index:
    """A package index that knows the vulnerabilities of some libraries."""

    def __init__(self, known: dict[str, list[str]] | None) -> None:
        self.known = known
        self.asked = 0

    def ask(self, pins: Sequence[Pin]) -> dict[str, list[str]] | None:
        self.asked += 1
        found = {pin.name: self.known[pin.name] for pin in pins if pin.name in self.known} if self.known else {}
        return found or None


def test_a_known_vulnerability_fails_the_check(tmp_path: Path) -> None:
    index = Index({"six": [], "urllib3": ["GHSA-1", "PYSEC-2"]})
    for _ in range(2):  # and is not remembered as asked
        with pytest.raises(SupplyError, match=r"urllib3: GHSA-1, PYSEC-2"):
            supply.check_vulnerabilities(PINS, index.ask, tmp_path / "asked.json", NOW)


def test_an_index_that_cannot_be_asked_is_named_and_passes(tmp_path: Path) -> None:
    said = supply.check_vulnerabilities(PINS, Index(None).ask, tmp_path / "asked.json", NOW)
    assert "NOT CHECKED" in said
    assert not (tmp_path / "asked.json").exists()


def test_an_index_that_never_answers_is_not_waited_for_without_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(supply, "_LONGEST", 0.001)
    assert "NOT CHECKED" in supply.check_vulnerabilities(PINS, supply.ask, tmp_path / "build" / "audited.json", NOW)


def test_no_question_has_two_versions_of_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def answer(pins: Sequence[Pin]) -> dict[str, list[str]]:
        asked.append([pin.name for pin in pins])
        return {pin.name: [f"CVE-{pin.version}"] for pin in pins}

    monkeypatch.setattr(supply, "_ask", answer)
    found = supply.ask([*PINS, Pin("six", "2", ("sha256:2",))])
    assert asked == [["six", "urllib3"], ["six"]]
    assert found == {"six": ["CVE-1.17.0", "CVE-2"], "urllib3": ["CVE-2.8.0"]}


def test_libraries_that_the_index_does_not_know_are_named(tmp_path: Path) -> None:
    said = supply.check_vulnerabilities(PINS, Index({"six": []}).ask, tmp_path / "asked.json", NOW)
    assert said == (
        "Vulnerabilities: none known of 1 libraries; NOT CHECKED, because the index does not know them: urllib3"
    )


def test_an_answer_is_believed_for_a_day_and_for_the_same_versions(tmp_path: Path) -> None:
    index, file = Index({"six": [], "urllib3": []}), tmp_path / "build" / "asked.json"
    supply.check_vulnerabilities(PINS, index.ask, file, NOW)
    asked = index.asked
    supply.check_vulnerabilities(PINS, index.ask, file, NOW + 86_399)
    assert index.asked == asked
    for pins, now in ((PINS, NOW + 86_400), (PINS[:1], NOW), (PINS, NOW - 1)):
        before = index.asked
        supply.check_vulnerabilities(pins, index.ask, file, now)
        assert index.asked > before
        supply.check_vulnerabilities(PINS, index.ask, file, NOW)


def test_pip_audits_output_is_read() -> None:
    six = {"name": "six", "version": "1.17.0", "vulns": [{"id": "GHSA-1", "fix_versions": []}]}
    unknown = {"name": "odd", "skip_reason": "Dependency not found on PyPI and could not be audited: odd (1)"}
    assert supply.answered(json.dumps({"dependencies": [six, unknown], "fixes": []})) == {"six": ["GHSA-1"]}
    assert supply.answered(json.dumps({"dependencies": [unknown], "fixes": []})) is None
    assert supply.answered("") is None
