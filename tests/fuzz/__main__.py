"""`make fuzz`: the tests of this folder for half of the time, then coverage-guided fuzzing for the other half.

atheris has packages for some versions of Python only, and is needed for nothing else, so it is installed into an
environment of its own. Where it can't be installed, this says so, and everything else runs.
"""

import argparse
import os
import subprocess
import sys
import venv
from pathlib import Path

_FORM = """--b\r
Content-Disposition: form-data; name="status"; filename="c"\r
Content-Type: text/plain\r
\r
a\r
--b\r
Content-Disposition: form-data; name="bot"\r
\r
on\r
--b--\r
"""
TARGETS = {
    "bodies": (
        "\0status=a&media_ids[]=1&fields_attributes[0][name]=b&source[privacy]=direct&bot=on",
        '\1{"status": "a", "expires_in": 60, "fields_attributes": [{"name": "b"}], "source": {"sensitive": true}}',
        "\2" + _FORM,
    ),
    "renderer": ("a @b@a.test #c·d https://e.test/(f)?g=[h] 👩\u200d👧 e\u0301 http://[::1]\n\n@a@x.test…",),
}
"""The inputs from which each target starts, which have what their readers look for."""
_TESTS = 70
"""Weights of all tests together: see `tests.fuzz.rounds`."""
_WORKERS = 2


def main() -> int:
    """Fuzz; return 1 if something was found."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--environment", type=Path, default=Path(".venv/fuzz"))
    options = parser.parse_args()
    half = options.minutes * 60 / 2
    failed = _generate(half)
    python = _installed(options.environment)
    if python is None:
        _say(f"NOT FUZZED WITH ATHERIS: no package for Python {sys.version.split()[0]} could be installed (see above)")
        return failed
    return max(failed, *(_guide(python, target, half / len(TARGETS)) for target in TARGETS))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _generate(seconds: float) -> int:
    share = seconds * _WORKERS / _TESTS
    command = [sys.executable, "-m", "pytest", "-n", str(_WORKERS), "--dist", "worksteal", "tests/fuzz"]
    _say(f"Generated requests and inputs, for about {seconds:.0f} s")
    environment = os.environ | {"FSTREAM_TEST_FUZZ_SECONDS": str(share)}
    return min(1, subprocess.run(command, env=environment, check=False).returncode)


def _installed(place: Path) -> Path | None:
    """Return the Python of an environment with atheris, or None if it can't be installed."""
    python, done = place / "bin" / "python", place / ".installed"
    wanted = Path("requirements-fuzz.txt")
    if not done.exists() or done.stat().st_mtime < wanted.stat().st_mtime:
        venv.create(place, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)]
        if subprocess.run(install, check=False).returncode:
            return None
        done.touch()
    return python


def _guide(python: Path, target: str, seconds: float) -> int:
    corpus = Path("build") / "fuzz" / target
    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(TARGETS[target]):
        (corpus / f"start-{number}").write_bytes(content.encode())
    _say(f"Guided by coverage: {target}, for {seconds:.0f} s")
    command = [str(python), "-m", "tests.fuzz.guided", target, f"-max_total_time={seconds:.0f}"]
    command += [f"-artifact_prefix={corpus.parent}/{target}-", str(corpus)]
    return min(1, subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    sys.exit(main())
