"""The libraries in the package: where they come from, and which of their files are needed at run time."""

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

from ops.packaging import PackagingError

LOCK = Path(__file__).with_name("libraries.txt")
SERVICES = ("dynamodb/2012-08-10",)
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


def locked() -> dict[str, str]:
    """Return the locked version of each library by name."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return {name: version for name, _, version in (line.partition("==") for line in lines) if not name.startswith("#")}


def install(folder: Path) -> None:
    """Copy the needed files of the libraries installed on this machine into a folder.

    Raises:
        PackagingError: an installed version is not the locked one.
    """
    for name, version in locked().items():
        installed = distribution(name)
        if installed.version != version:
            raise PackagingError(
                f"{name} {installed.version} is installed, but the package needs {version}. "
                "Run pip install -r requirements-dev.txt."
            )
        for file in installed.files or ():
            _take(Path(str(file.locate())), file, folder)


def download(folder: Path, architecture: str) -> None:
    """Copy the needed files of the libraries' wheels for Lambda into a folder, from the package index that pip uses.

    Raises:
        PackagingError: pip failed; the message ends with the last line of its output.
    """
    with tempfile.TemporaryDirectory(prefix="fstream-") as unpacked:
        done = subprocess.run(pip(Path(unpacked), architecture), capture_output=True, text=True, check=False)
        if done.returncode:
            raise PackagingError(f"pip cannot download the libraries for {architecture}: {_last_line(done.stderr)}")
        for path in Path(unpacked).rglob("*"):
            _take(path, PurePosixPath(path.relative_to(unpacked)), folder)


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def pip(folder: Path, architecture: str) -> list[str]:
    """Return the command that unpacks the wheels of all libraries for Lambda into a folder."""
    machine, newest = _MACHINES[architecture], _GLIBC.get(PYTHON, _NEWER_GLIBC)
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(_OLDEST_GLIBC, newest + 1)]
    # The lock is complete: requirements of the libraries that are not in it are not needed in Lambda.
    options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    options += [f"--platform={platform}" for platform in [*platforms, f"manylinux2014_{machine}"]]
    return [sys.executable, "-m", "pip", "install", "--quiet", *options, f"--target={folder}", f"--requirement={LOCK}"]


def _take(source: Path, file: PurePosixPath, folder: Path) -> None:
    if is_needed(file) and source.is_file():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


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
