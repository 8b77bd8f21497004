"""Builds the package, as a folder and as a zip file. Builds are reproducible: the same input gives the same bytes."""

import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from ops.packaging import libraries, sbom
from ops.packaging.libraries import Library

ROOT = Path(__file__).parents[2]
_OWN = sbom.OWN
_IN_LAMBDA = "/var/task"
"""The folder where Lambda unpacks the package. Bytecode that names another source path is fixed up at each start."""
_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
_READABLE = 0o644


def make(file: Path, architecture: str | None = None) -> None:
    """Build the package as a zip file, and its SBOM beside it, for an architecture of Lambda or (None) this machine.

    Raises:
        PackagingError: the libraries cannot be fetched, or the installed versions are not the locked ones.
    """
    with tempfile.TemporaryDirectory(prefix="fstream-") as temporary:
        folder = Path(temporary, "package")
        found = build(folder, architecture)
        file.parent.mkdir(parents=True, exist_ok=True)
        archive(folder, file)
        sbom.write(file, found)


def build(folder: Path, architecture: str | None = None) -> list[Library]:
    """Build the package in a folder that must not exist yet; return the libraries in it.

    Raises:
        PackagingError: the libraries cannot be fetched, or the installed versions are not the locked ones.
    """
    folder.mkdir(parents=True)
    found = libraries.install(folder) if architecture is None else libraries.download(folder, architecture)
    _shorten_data(folder / "botocore" / "data")
    copy_own(folder)
    _compile(folder)
    return found


def copy_own(folder: Path) -> None:
    """Copy FSTREAM's own code into a folder."""
    for name in _OWN:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, folder / name)


def _shorten_data(data: Path) -> None:
    """Reduce the data that botocore loads for every client to the called services, without documentation.

    Unreduced, it loads 1.3 MB about the endpoints of all services and 0.6 MB about DynamoDB: a fifth of the start time.
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
        # Documentation is a string; a member that is named "documentation" would be an object.
        return {
            name: _undocumented(each)
            for name, each in value.items()
            if name != "documentation" or not isinstance(each, str)
        }
    return value


def _compile(folder: Path) -> None:
    """Add bytecode that Python never checks against its source.

    Files have other times on Lambda, so checked bytecode would be invalid there, and because the disk is read-only,
    every start would compile it again.
    """
    subprocess.run(
        [
            *(sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"),
            *("-s", str(folder), "-p", _IN_LAMBDA, str(folder)),
        ],
        # A separate process with a fixed hash seed: bytecode depends on the order of sets, and on what the process did
        # before.
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        check=True,
    )


def archive(folder: Path, file: Path) -> None:
    """Pack a folder into a zip file whose bytes depend only on the files' names and contents."""
    with zipfile.ZipFile(file, "w") as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _TIME)
                entry.external_attr = _READABLE << 16
                packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=9)
