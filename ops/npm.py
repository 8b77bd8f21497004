"""Packages of npm: exactly what a lock file lists. npm refuses a file that does not match its checksum."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from ops.downloads import cache_folder

_PINNED = ("package.json", "package-lock.json")
_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
_SECONDS = 300
"""Seconds that npm may take."""


class MissingError(Exception):
    """The packages cannot be used here; the message says why."""


def install(source: Path, place: Path) -> None:
    """Install packages into a folder, as its `node_modules`.

    Args:
        source: the folder with `package.json` and `package-lock.json`, which are copied.
        place: an existing folder.

    Raises:
        MissingError: npm is not installed, or cannot fetch the packages.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("npm is not installed: apt-get install npm")
    for name in _PINNED:
        shutil.copy(source / name, place)
    try:
        ended = subprocess.run(
            [npm, "ci", *_OPTIONS], cwd=place, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise MissingError(f"npm cannot fetch them: it took longer than {_SECONDS} seconds") from error
    if ended.returncode:
        raise MissingError(f"npm cannot fetch them: {' '.join((ended.stderr or ended.stdout).split())[:300]}")


def installed(source: Path) -> Path:
    """Return a folder with the packages, in the cache folder; they are installed there unless they already are.

    Args:
        source: the folder with `package.json` and `package-lock.json`.

    Raises:
        MissingError: npm is not installed, or cannot fetch the packages.
    """
    pinned = b"".join((source / name).read_bytes() for name in _PINNED)
    folder = cache_folder() / f"npm-{hashlib.sha256(pinned).hexdigest()[:16]}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="npm-", dir=folder.parent) as temporary:
        place = Path(temporary, "complete")
        place.mkdir()
        install(source, place)
        if not folder.exists():  # another process may have been faster
            place.rename(folder)
    return folder
