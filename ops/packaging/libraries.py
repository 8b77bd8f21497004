"""The libraries in the package: where they come from, and which of their files are needed at run time."""

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ops.packaging import PackagingError, licenses, lock

LOCK = lock.ROOT / "requirements.txt"
_NOT_IN_LAMBDA = frozenset(
    "ansicon blessed click editor inquirer jinxed packaging pip pycparser pyyaml readchar runs setuptools wcwidth "
    "wheel xmod".split()
)
"""Libraries of requirements.txt that do not run in Lambda: what Chalice's command line needs, and cffi's compiler."""
SERVICES = ("apigatewaymanagementapi/2018-11-29", "dynamodb/2012-08-10", "sqs/2012-11-05")
"""The services that the functions call. botocore has data of 400 other services, which are most of its size."""
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name of an architecture → Python's."""
ARCHITECTURES = tuple(_MACHINES)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The functions' Python version: this process's, as with Chalice."""
_OLDEST_GLIBC = 17
"""Oldest minor version of glibc 2 that libraries are built for."""
_GLIBC = {"3.11": 26}
"""Python version → minor version of glibc 2 in Lambda's runtime."""
_NEWER_GLIBC = 34
"""Minor version of glibc 2 in the runtimes of later Python versions."""

_SUFFIXES = {".py", ".so", ".json", ".gz", ".pem"}
_DATA = PurePosixPath("botocore/data")
_CHALICE = {PurePosixPath("chalice/__init__.py"), PurePosixPath("chalice/app.py")}
"""The files of Chalice that run in Lambda; the others are its command line."""
_LEFT_OUT = (
    "bin",
    "cffi",  # builds extensions; a built extension needs only `_cffi_backend`
    "dateutil/zoneinfo",
    "urllib3/contrib/emscripten",
)


class Library(NamedTuple):
    """A library in the package."""

    name: str
    version: str
    license: str
    """An SPDX expression; empty if unknown."""
    files: tuple[str, ...]
    """Paths in the package, as copied."""


def locked() -> dict[str, lock.Pin]:
    """Return the library versions that the package needs, by name."""
    return {pin.name: pin for pin in lock.read(LOCK) if pin.name not in _NOT_IN_LAMBDA}


def install(folder: Path) -> list[Library]:
    """Copy the needed files of the libraries installed on this machine into a folder.

    Raises:
        PackagingError: an installed version is not the locked one.
    """
    found = [distribution(name) for name in locked()]
    for library, pin in zip(found, locked().values(), strict=True):
        if library.version != pin.version:
            raise PackagingError(
                f"{pin.name} {library.version} is installed, but the package needs {pin.version}. "
                "Run pip install -r requirements-dev.txt."
            )
    return [_copy(library, folder) for library in found]


def download(folder: Path, architecture: str) -> list[Library]:
    """Copy the needed files of the libraries' wheels for Lambda into a folder, from the package index that pip uses.

    pip checks the hash of each wheel.

    Raises:
        PackagingError: pip failed; the message ends with the last line of its output.
    """
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        unpacked, wanted = Path(temporary, "unpacked"), Path(temporary, "requirements.txt")
        wanted.write_text("\n".join(str(pin) for pin in locked().values()), encoding="utf-8")
        done = subprocess.run(pip(unpacked, wanted, architecture), capture_output=True, text=True, check=False)
        if done.returncode:
            raise PackagingError(f"pip cannot download the libraries for {architecture}: {_last_line(done.stderr)}")
        found = {lock.normalized(each.metadata["Name"]): each for each in distributions(path=[str(unpacked)])}
        return [_copy(found[name], folder) for name in locked()]


def _copy(library: Distribution, folder: Path) -> Library:
    taken = [file for file in library.files or () if _take(Path(str(file.locate())), file, folder)]
    name = lock.normalized(library.metadata["Name"])
    return Library(name, library.version, licenses.of(library), tuple(file.as_posix() for file in taken))


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def pip(folder: Path, wanted: Path, architecture: str) -> list[str]:
    """Return the command that unpacks the wheels of a requirements file for Lambda into a folder."""
    machine, newest = _MACHINES[architecture], _GLIBC.get(PYTHON, _NEWER_GLIBC)
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(_OLDEST_GLIBC, newest + 1)]
    # The file is complete: requirements of the libraries that are not in it are not needed in Lambda.
    options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    options += [f"--platform={platform}" for platform in [*platforms, f"manylinux2014_{machine}"]]
    options += ["--require-hashes", f"--target={folder}", f"--requirement={wanted}"]
    return [sys.executable, "-m", "pip", "install", "--quiet", *options]


def _take(source: Path, file: PurePosixPath, folder: Path) -> bool:
    """Copy a file that is needed; return whether it was."""
    if not is_needed(file) or not source.is_file():
        return False
    target = folder / file
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return True


def is_needed(file: PurePosixPath) -> bool:
    """Return whether a library's file, given by its path in the package, is needed in Lambda."""
    top = file.parts[0]
    if file.suffix not in _SUFFIXES or top == ".." or top.endswith(".dist-info"):
        return False
    if top == "chalice":
        return file in _CHALICE
    if file.is_relative_to(_DATA):
        is_called = any(file.is_relative_to(_DATA / service) for service in SERVICES)
        return file.parent == _DATA or (is_called and file.name != "examples-1.json")
    return not any(file.is_relative_to(folder) for folder in _LEFT_OUT)
