"""The runner of toot's own tests, with a made-up archive and no server."""

import hashlib
import io
import socket
import subprocess
import tarfile
from importlib import metadata
from pathlib import Path

import pytest

from ops.downloads import cache_folder
from tests.clients import toot_suite
from tests.clients.toot_suite import GOAL, TESTS, UNSUPPORTED, VERSION, Outcome, SuiteError

WHAT = next(iter(UNSUPPORTED))
LISTED = UNSUPPORTED[WHAT]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cached source distribution with one test."""
    archive = tmp_path / f"toot-{VERSION}.tar.gz"
    with tarfile.open(archive, "w:gz") as members:
        for name in ("tests/integration/test_one.py", "tests/utils.py", "toot/__init__.py", "trumpet.png", "setup.py"):
            member = tarfile.TarInfo(f"toot-{VERSION}/{name}")
            member.size = len(name)
            members.addfile(member, io.BytesIO(name.encode()))
    monkeypatch.setattr(toot_suite, "SHA256", hashlib.sha256(archive.read_bytes()).hexdigest())
    return archive


def outcomes(passed: int, failed: list[str]) -> list[Outcome]:
    """Return the outcomes of this many passed tests, and of the named failed ones."""
    ended = [Outcome(name, "failed", "a reason") for name in failed]
    return ended + [Outcome(f"test_any.py::test_{number}", "passed") for number in range(passed)]


def test_the_tests_are_those_of_the_toot_that_is_installed() -> None:
    assert metadata.version("toot") == VERSION


def test_what_is_in_the_cache_is_not_fetched_again(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    assert toot_suite.sdist(archive.parent) == archive


def test_what_is_not_there_is_fetched_with_its_checksum(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive.read_bytes()
    archive.unlink()

    def pip(command: list[str], check: bool) -> subprocess.CompletedProcess[bytes]:
        required = Path(command[command.index("--requirement") + 1]).read_text()
        assert required == f"toot=={VERSION} --hash=sha256:{toot_suite.SHA256}\n"
        Path(command[command.index("--dest") + 1], archive.name).write_bytes(content)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", pip)
    assert toot_suite.sdist(archive.parent).read_bytes() == content


def test_without_a_network_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, check: subprocess.CompletedProcess(command, 1))
    with pytest.raises(SuiteError, match="needs the network"):
        toot_suite.sdist(tmp_path)


def test_an_archive_that_was_changed_is_not_used(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes() + b"more")
    with pytest.raises(SuiteError, match="wrong checksum; remove it"):
        toot_suite.sdist(archive.parent)


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FSTREAM_TEST_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "fstream"
    monkeypatch.setenv("FSTREAM_TEST_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_the_tests_are_unpacked_without_toot_itself(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unpacked"
    toot_suite.unpack(archive, folder)
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files == {"tests/integration/test_one.py", "tests/utils.py", "trumpet.png"}


def test_a_port_that_is_taken_is_reported(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(toot_suite, "PORT", other.getsockname()[1])
        with pytest.raises(SuiteError, match="end what uses it"):
            toot_suite.run(archive)


def test_a_report_is_read_with_what_toot_said() -> None:
    report = """<testsuites><testsuite>
        <testcase classname="tests.integration.test_a" name="test_good"/>
        <testcase classname="tests.integration.test_a" name="test_bad">
            <failure message="AssertionError: Command failed&#10;stderr: Error: no such thing&#10;"/></testcase>
        <testcase classname="tests.integration.test_b" name="test_worse"><error message="on setup&#10;x"/></testcase>
        <testcase classname="tests.integration.test_b" name="test_left"><skipped message="not now"/></testcase>
    </testsuite></testsuites>"""
    assert toot_suite.outcomes_of(report) == [
        Outcome("test_a.py::test_good", "passed"),
        Outcome("test_a.py::test_bad", "failed", "Error: no such thing"),
        Outcome("test_b.py::test_worse", "failed", "on setup"),
        Outcome("test_b.py::test_left", "skipped", "not now"),
    ]


def test_no_test_is_listed_twice_and_enough_are_not_listed() -> None:
    listed = [name for names in UNSUPPORTED.values() for name in names]
    assert len(set(listed)) == len(listed) <= TESTS - GOAL


def test_all_is_well_when_only_what_is_listed_fails() -> None:
    ended = outcomes(TESTS - len(LISTED), LISTED)
    assert toot_suite.is_good(ended)
    summary = toot_suite.summary(ended)
    assert f"{WHAT} ({len(LISTED)})\n  {LISTED[0]}  a reason\n" in summary
    assert f"{TESTS - len(LISTED)} passed, {len(LISTED)} failed, 0 skipped of {TESTS}" in summary
    assert "should pass" not in summary


def test_one_failure_that_is_not_listed_is_too_many() -> None:
    ended = outcomes(TESTS - 1, ["test_new.py::test_it"])
    assert not toot_suite.is_good(ended)
    assert "should pass, and does not (1)\n  test_new.py::test_it  a reason\n" in toot_suite.summary(ended)


@pytest.mark.parametrize(("passed", "good"), [(GOAL, True), (GOAL - 1, False)])
def test_enough_must_pass(passed: int, good: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = [f"test_some.py::test_{number}" for number in range(TESTS - passed)]
    monkeypatch.setattr(toot_suite, "UNSUPPORTED", {"a reason": failed})
    assert toot_suite.is_good(outcomes(passed, failed)) is good


def test_all_tests_must_have_been_run() -> None:
    assert not toot_suite.is_good(outcomes(TESTS - 1, []))


def test_a_listed_test_that_passes_is_reported_and_does_not_fail_the_run() -> None:
    ended = [*outcomes(TESTS - 1, []), Outcome(LISTED[0], "passed")]
    assert toot_suite.is_good(ended)
    assert f"passes, though listed as what cannot (1)\n  {LISTED[0]}\n" in toot_suite.summary(ended)
