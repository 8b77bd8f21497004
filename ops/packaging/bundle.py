"""The package as a folder and as a zip file: the same input makes the same bytes."""

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from ops.packaging import libraries

ROOT = Path(__file__).parents[2]
_OWN = ("app.py", "chalicelib", "fstream_app")
_IN_LAMBDA = "/var/task"
"""Where Lambda unpacks it. Bytecode that names its source by another path is corrected at each start."""
_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can tell."""
_READABLE = 0o644


def make(file: Path, architecture: str | None = None) -> None:
    """Make the package as a zip file, for an architecture of Lambda or (None) for this machine.

    Raises:
        PackagingError: the libraries can't be had.
    """
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        folder = Path(temporary, "package")
        build(folder, architecture)
        file.parent.mkdir(parents=True, exist_ok=True)
        archive(folder, file)


def build(folder: Path, architecture: str | None = None) -> None:
    """Make the package in a folder that is not there yet.

    Raises:
        PackagingError: the libraries can't be had.
    """
    folder.mkdir(parents=True)
    if architecture is None:
        libraries.install(folder)
    else:
        libraries.download(folder, architecture)
    _shorten_data(folder / "botocore" / "data")
    copy_own(folder)
    _compile(folder)


def copy_own(folder: Path) -> None:
    """Copy what is FSTREAM's own into a folder."""
    for name in _OWN:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, folder / name)


def _shorten_data(data: Path) -> None:
    """Shorten what botocore reads for every client to what the functions call, and leave its documentation out.

    It is 1.3 MB about all services' endpoints and 0.6 MB about DynamoDB: a fifth of the time that it takes to start.
    """
    called = {service.partition("/")[0] for service in libraries.SERVICES}
    endpoints = json.loads((data / "endpoints.json").read_text(encoding="utf-8"))
    for partition in endpoints["partitions"]:
        partition["services"] = {name: about for name, about in partition["services"].items() if name in called}
    _write(data / "endpoints.json", endpoints)
    for packed in sorted(data.rglob("*.json.gz")):
        _write(packed.with_suffix(""), _undocumented(json.loads(gzip.decompress(packed.read_bytes()))))
        packed.unlink()


def _write(file: Path, value: object) -> None:
    file.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")


def _undocumented(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, list):
        return [_undocumented(each) for each in value]
    if isinstance(value, dict):
        # What is documentation is a text; a member that were called so would be an object.
        return {
            name: _undocumented(each)
            for name, each in value.items()
            if name != "documentation" or not isinstance(each, str)
        }
    return value


def _compile(folder: Path) -> None:
    """Add bytecode that is never compared with its source.

    Lambda's disk is read-only and its files have other times: what is not valid there is compiled at every start.
    """
    subprocess.run(
        [
            *(sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", _IN_LAMBDA, str(folder)),
        ],
        # A process of its own, with one order in every set: bytecode depends on what a process did before, and on that.
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        check=True,
    )


def archive(folder: Path, file: Path) -> None:
    """Pack a folder into a zip file whose bytes depend on nothing but names and contents."""
    with zipfile.ZipFile(file, "w") as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                entry.external_attr = _READABLE << 16
                packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
