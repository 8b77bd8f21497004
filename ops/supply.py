"""`python -m ops supply`: the licenses of all libraries that are used, and their known vulnerabilities.

Licenses are those of the installed libraries. Vulnerabilities are asked of the package index, by pip-audit. Without an
index that knows them, as offline, the check says so and passes: it cannot tell, and must not stop work.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from importlib.metadata import Distribution, distributions
from pathlib import Path

from ops.packaging import licenses, lock
from ops.packaging.lock import Pin

LOCKS = ("requirements-dev.txt", "requirements-load.txt", "requirements-fuzz.txt", "requirements-axe.txt")
"""All locks; requirements-dev.txt contains requirements.txt."""
_ASKED = lock.ROOT / "build" / "audited.json"
_FOR = 86_400
"""Seconds for which an answer is believed."""
_LONGEST = 300
"""Seconds that an audit may take."""

Ask = Callable[[Sequence[Pin]], dict[str, list[str]] | None]
"""Returns the known vulnerabilities of libraries by name; None if nothing could be asked."""


class SupplyError(Exception):
    """A library has a license that is not accepted, or a known vulnerability."""


def run() -> None:
    """Check licenses and vulnerabilities, and print what was found.

    Raises:
        SupplyError: something was found that must not be used.
    """
    pins = {(pin.name, pin.version): pin for name in LOCKS for pin in lock.read(lock.ROOT / name)}
    check_licenses(distributions())
    print("Licenses: all accepted (docs/licenses.md)")
    print(check_vulnerabilities(list(pins.values()), ask, _ASKED, time.time()))


def check_licenses(installed: Iterable[Distribution]) -> None:
    """Check the licenses of libraries.

    Raises:
        SupplyError: a license is not accepted, and there is no exception for the library.
    """
    found = {lock.normalized(library.metadata["Name"]): licenses.of(library) for library in installed}
    refused = [
        f"{name}: {expression or 'unknown'}"
        for name, expression in sorted(found.items())
        if name not in licenses.EXCEPTIONS and not licenses.is_accepted(expression)
    ]
    if refused:
        raise SupplyError(f"Licenses that are not accepted (ops/packaging/licenses.py): {'; '.join(refused)}")


def check_vulnerabilities(pins: Sequence[Pin], ask: Ask, memory: Path, now: float) -> str:
    """Check libraries for known vulnerabilities, unless the same ones were checked within a day.

    Args:
        pins: the libraries.
        ask: asks about some libraries.
        memory: the file that remembers the last check.
        now: the time, in seconds.

    Returns:
        What was found, in a sentence.

    Raises:
        SupplyError: a library has a known vulnerability.
    """
    digest = sha256("\n".join(map(str, pins)).encode()).hexdigest()
    if _was_asked(memory, digest, now):
        return "Vulnerabilities: none known when asked within the last day"
    if not pins or ask(pins[:1]) is None or (known := ask(pins)) is None:
        return "Vulnerabilities: NOT CHECKED, because the package index could not be asked about them"
    vulnerable = {name: ids for name, ids in known.items() if ids}
    if vulnerable:
        listed = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in sorted(vulnerable.items()))
        raise SupplyError(f"Known vulnerabilities: {listed}. Raise the version, then run make lock.")
    memory.parent.mkdir(exist_ok=True)
    memory.write_text(json.dumps({"of": digest, "at": now}), encoding="utf-8")
    unknown = sorted({pin.name for pin in pins} - known.keys())
    return f"Vulnerabilities: none known of {len(known)} libraries" + (
        f"; NOT CHECKED, because the index does not know them: {', '.join(unknown)}" if unknown else ""
    )


def _was_asked(memory: Path, digest: str, now: float) -> bool:
    if not memory.exists():
        return False
    last = json.loads(memory.read_text(encoding="utf-8"))
    return bool(last["of"] == digest and 0 <= now - last["at"] < _FOR)


def ask(pins: Sequence[Pin]) -> dict[str, list[str]] | None:
    """Ask pip-audit for the known vulnerabilities of libraries, by name; libraries that it cannot find are left out.

    Returns:
        The vulnerabilities' ids; None if it could ask about none of the libraries.
    """
    found: dict[str, list[str]] = {}
    for part in _apart(pins):
        answer = _ask(part)
        if answer is None:
            return None
        for name, ids in answer.items():
            found[name] = found.get(name, []) + ids
    return found


def _apart(pins: Sequence[Pin]) -> list[list[Pin]]:
    """Divide pins so that no part has two versions of a library, which pip-audit refuses."""
    parts: list[dict[str, Pin]] = []
    for pin in pins:
        part = next((each for each in parts if pin.name not in each), None)
        if part is None:
            parts.append(part := {})
        part[pin.name] = pin
    return [list(part.values()) for part in parts]


def _ask(pins: Sequence[Pin]) -> dict[str, list[str]] | None:
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        wanted = Path(temporary, "requirements.txt")
        # Without markers: what another platform installs is checked as well.
        wanted.write_text("\n".join(str(Pin(pin.name, pin.version, pin.hashes)) for pin in pins), encoding="utf-8")
        options = ["--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json", "--timeout=10"]
        command = [sys.executable, "-m", "pip_audit", *options, f"--requirement={wanted}"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST)
        except subprocess.TimeoutExpired:  # a network that swallows packets, as some firewalls do
            return None
    return answered(done.stdout)


def answered(output: str) -> dict[str, list[str]] | None:
    """Parse pip-audit's JSON. It prints none if the index cannot be reached."""
    if not output.startswith("{"):
        return None
    found = {
        lock.normalized(each["name"]): [str(problem["id"]) for problem in each["vulns"]]
        for each in json.loads(output)["dependencies"]
        if "vulns" in each
    }
    return found or None
