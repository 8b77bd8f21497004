"""toot's own integration tests, run against FSTREAM: `make test-toot`.

They were written for Mastodon and come with toot's source distribution, which is GPL and not part of this repository:
pip downloads it into a cache, and it is verified and unpacked into a temporary folder.
"""

import hashlib
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from ops import server
from ops.downloads import cache_folder
from tests.support.site import Process, surroundings

VERSION = "0.52.1"
"""The version pinned in requirements-dev.txt: the tests call the installed toot."""
SHA256 = "b737173be5587522077c18c4024eb1741a4a30e59d3165e72fd6ce4519d2fecb"
TESTS = 114
"""Number of tests in this version."""
GOAL = 109
"""Number of tests that must pass."""
PORT = 3000
"""Fixed, because the login tests contain http://localhost:3000."""
URL = f"http://localhost:{PORT}"

UNSUPPORTED: Mapping[str, list[str]] = {
    "pictures: FSTREAM is text only": """
        test_post.py::test_media_attachment_without_text
        test_post.py::test_media_attachments
        test_post.py::test_media_thumbnail
        test_update_account.py::test_update_account_avatar
        test_update_account.py::test_update_account_header
    """.split(),
}
"""Tests that cannot pass, by the feature that FSTREAM does not have."""


class SuiteError(Exception):
    """The tests could not be run; the message says how to fix it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a test."""

    name: str
    """File and function, as in `test_post.py::test_post`."""
    status: str
    """`passed`, `failed` or `skipped`."""
    reason: str = ""
    """Why it did not pass, on one line."""


def main() -> None:
    """Run the tests; exit with 0 if enough pass, including all that should."""
    try:
        good = is_good(run(sdist(cache_folder())))
    except SuiteError as error:
        sys.exit(f"toot's tests: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(0 if good else 1)


def sdist(folder: Path) -> Path:
    """Return toot's source distribution, downloaded into a folder unless it is already there.

    Raises:
        SuiteError: the download failed, or the checksum is wrong.
    """
    archive = folder / f"toot-{VERSION}.tar.gz"
    if not archive.exists():
        _fetch(folder)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise SuiteError(f"{archive} has a wrong checksum; remove it and try again")
    return archive


def _fetch(folder: Path) -> None:
    _say(f"Fetching toot {VERSION} into {folder}")
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        wanted = Path(temporary, "requirements.txt")
        # pip must verify the checksum too, because it runs the archive's code to read its metadata.
        wanted.write_text(f"toot=={VERSION} --hash=sha256:{SHA256}\n")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-binary", "toot", "--require-hashes", "--requirement", str(wanted), "--dest", str(folder)]
        if subprocess.run(command, check=False).returncode:
            raise SuiteError(f"pip cannot fetch toot {VERSION}, as it says above; it needs the network this once")


def run(archive: Path) -> list[Outcome]:
    """Start FSTREAM, run the tests of an archive against it, print a summary and return the outcomes.

    Raises:
        SuiteError: the tests could not be run, or FSTREAM failed under them.
    """
    try:
        server.check_port(PORT)
    except server.PortInUseError as error:
        raise SuiteError(f"{error}. They have {URL} written out: end what uses it") from None
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        folder = Path(temporary)
        unpack(archive, folder)
        with _fstream(folder):
            outcomes = _run_tests(folder)
            _say(summary(outcomes))  # before the check of FSTREAM's log, which may raise
        return outcomes


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the tests and their data, but not toot itself: the tests run the installed one."""
    with tarfile.open(archive) as members:
        for member in members:
            path = Path(member.name).relative_to(f"toot-{VERSION}")
            if member.isfile() and (path.parts[0] == "tests" or str(path) in {"pytest.ini", "trumpet.png"}):
                content = members.extractfile(member)
                assert content
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content.read())


@contextmanager
def _fstream(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "ops", "run", "--port", str(PORT)]
    environment = surroundings(FSTREAM_BASE_URL=URL, FSTREAM_RATE_LIMITS="off")
    with Process(command, folder / "fstream.log", environment) as running:
        try:
            running.wait_for(r"(?m)^(FSTREAM is at)")
        except AssertionError as error:
            raise SuiteError(f"FSTREAM did not start: {error}") from None
        yield
        if running.stop(signal.SIGTERM) or "Traceback" in running.output:
            raise SuiteError(f"FSTREAM did not run without an error:\n{running.output}")


def _run_tests(folder: Path) -> list[Outcome]:
    report = folder / "report.xml"
    # Separate folders for toot's files, and no proxy for local addresses.
    own = {name: str(folder / name.lower()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    environment = surroundings(**own, TOOT_TEST_BASE_URL=URL, NO_PROXY="localhost", no_proxy="localhost")
    environment.pop("PYTEST_ADDOPTS", None)
    options = ["--quiet", "--tb=short", "--no-summary", "--disable-warnings", "--timeout=60", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", "tests/integration"]
    ended = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False)
    if ended.returncode not in {0, 1}:  # 0: all passed, 1: some failed
        raise SuiteError(f"pytest ended with status {ended.returncode}, as it says above")
    return outcomes_of(report.read_text())


def outcomes_of(report: str) -> list[Outcome]:
    """Parse a JUnit report."""
    return [_outcome(case) for case in ElementTree.fromstring(report).iter("testcase")]


def _outcome(case: ElementTree.Element) -> Outcome:
    name = f"{case.attrib['classname'].rpartition('.')[2]}.py::{case.attrib['name']}"
    for kind, status in {"failure": "failed", "error": "failed", "skipped": "skipped"}.items():
        if (found := case.find(kind)) is not None:
            return Outcome(name, status, _gist(found.get("message", "")))
    return Outcome(name, "passed")


def _gist(message: str) -> str:
    """Return the error that toot printed, if that is why the test failed, or else the message's first line."""
    lines = message.splitlines() or [""]
    said = [line.removeprefix("stderr: ") for line in lines if line.startswith("stderr: ")]
    return (said or lines)[0]


def is_good(outcomes: list[Outcome]) -> bool:
    """Return whether all tests were run and enough passed, including all that should."""
    return len(outcomes) == TESTS and _count(outcomes, "passed") >= GOAL and not _broken(outcomes)


def summary(outcomes: list[Outcome]) -> str:
    """Return a summary: counts, and the tests that did not pass, grouped by reason."""
    lines = []
    for reason, names in UNSUPPORTED.items():
        lines += _group(reason, [each for each in outcomes if each.name in names and each.status != "passed"])
    lines += _group("passes, though listed as what cannot", _unforeseen(outcomes))
    lines += _group("should pass, and does not", _broken(outcomes))
    counts = ", ".join(f"{_count(outcomes, status)} {status}" for status in ("passed", "failed", "skipped"))
    return "\n".join([*lines, f"{counts} of {TESTS}. At least {GOAL} must pass, and all that are not listed."])


def _broken(outcomes: list[Outcome]) -> list[Outcome]:
    return [each for each in outcomes if each.status != "passed" and each.name not in _unsupported()]


def _unforeseen(outcomes: list[Outcome]) -> list[Outcome]:
    return [each for each in outcomes if each.status == "passed" and each.name in _unsupported()]


def _unsupported() -> set[str]:
    return {name for names in UNSUPPORTED.values() for name in names}


def _count(outcomes: list[Outcome], status: str) -> int:
    return sum(each.status == status for each in outcomes)


def _group(title: str, outcomes: list[Outcome]) -> list[str]:
    if not outcomes:
        return []
    return [f"{title} ({len(outcomes)})", *(f"  {each.name}  {each.reason}".rstrip() for each in outcomes), ""]


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  # flushed, because pytest and pip write to the same terminal


if __name__ == "__main__":
    main()
