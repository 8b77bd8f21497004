"""The libraries in the package: where they come from, and what of them is needed to run."""

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath

from ops.packaging import PackagingError

LOCK = Path(__file__).with_name("libraries.txt")
SERVICES = ("dynamodb/2012-08-10",)
"""What the functions call. botocore has data of 400 other services, which are most of its size."""
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's names of architectures, and Python's."""
ARCHITECTURES = tuple(_MACHINES)
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
"""Of the functions: that of this process, as with Chalice."""
_OLDEST_GLIBC = 17
"""Minor versions of glibc 2: the oldest that libraries are built for, and those of Lambda's runtimes."""
_GLIBC = {"3.11": 26}
_NEWER_GLIBC = 34

_SUFFIXES = {".py", ".so", ".json", ".gz", ".pem"}
_DATA = PurePosixPath("botocore/data")
_CHALICE = {PurePosixPath("chalice/__init__.py"), PurePosixPath("chalice/app.py")}
"""What runs in Lambda; the rest is its command line."""
_LEFT_OUT = (
    "bin",
    "cffi",  # makes extensions; what it has made needs `_cffi_backend` alone
    "dateutil/zoneinfo",
    "urllib3/contrib/emscripten",
)


def locked() -> dict[str, str]:
    """Return the version of each library by its name."""
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    return {name: version for name, _, version in (line.partition("==") for line in lines) if not name.startswith("#")}


def install(folder: Path) -> None:
    """Put what is needed of the libraries into a folder, as they are installed here, for this machine.

    Raises:
        PackagingError: another version is installed than is locked.
    """
    for name, version in locked().items():
        installed = distribution(name)
        if installed.version != version:
            raise PackagingError(f"{name} {installed.version} is installed, but {version} belongs into the package")
        for file in installed.files or ():
            _take(Path(str(file.locate())), file, folder)


def download(folder: Path, architecture: str) -> None:
    """Put what is needed of the libraries into a folder, as wheels for Lambda: from PyPI, or whatever index pip has.

    Raises:
        PackagingError: pip could not; the message ends with its last word.
    """
    with tempfile.TemporaryDirectory(prefix="fstream-") as unpacked:
        done = subprocess.run(pip(Path(unpacked), architecture), capture_output=True, text=True, check=False)
        if done.returncode:
            raise PackagingError(f"pip can't get the libraries for {architecture}: {_last_line(done.stderr)}")
        for path in Path(unpacked).rglob("*"):
            _take(path, PurePosixPath(path.relative_to(unpacked)), folder)


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def pip(folder: Path, architecture: str) -> list[str]:
    """Return the command that unpacks the wheels of all libraries for Lambda into a folder."""
    machine, newest = _MACHINES[architecture], _GLIBC.get(PYTHON, _NEWER_GLIBC)
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(_OLDEST_GLIBC, newest + 1)]
    # The lock is complete: what is not in it, though a library asks for it, is not needed in Lambda.
    options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--implementation=cp", f"--python-version={PYTHON}"]
    options += [f"--platform={platform}" for platform in [*platforms, f"manylinux2014_{machine}"]]
    return [sys.executable, "-m", "pip", "install", "--quiet", *options, f"--target={folder}", f"--requirement={LOCK}"]


def _take(source: Path, file: PurePosixPath, folder: Path) -> None:
    if is_needed(file) and source.is_file():
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def is_needed(file: PurePosixPath) -> bool:
    """Tell whether a file of a library, by its path in the package, is needed to run in Lambda."""
    top = file.parts[0]
    if file.suffix not in _SUFFIXES or top == ".." or top.endswith(".dist-info"):
        return False
    if top == "chalice":
        return file in _CHALICE
    if file.is_relative_to(_DATA):
        is_called = any(file.is_relative_to(_DATA / service) for service in SERVICES)
        return file.parent == _DATA or (is_called and file.name != "examples-1.json")
    return not any(file.is_relative_to(folder) for folder in _LEFT_OUT)
