"""Client libraries from npm, in the cache of the tests. Their versions and checksums are those of package-lock.json."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from ops.downloads import cache_folder

_HERE = Path(__file__).parent
_PINNED = ("package.json", "package-lock.json")
_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class MissingError(Exception):
    """The libraries cannot be used here; the message says why."""


def libraries() -> Path:
    """Return the folder with the libraries, fetched unless they are already there.

    Raises:
        MissingError: node or npm is not installed, or npm cannot fetch them.
    """
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise MissingError(f"{program} is not installed")
    pinned = b"".join((_HERE / name).read_bytes() for name in _PINNED)
    folder = cache_folder() / f"npm-{hashlib.sha256(pinned).hexdigest()[:16]}"
    if not folder.exists():
        _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fstream-npm-", dir=folder.parent) as temporary:
        for name in _PINNED:
            shutil.copy(_HERE / name, temporary)
        ended = subprocess.run(
            ["npm", "ci", *_OPTIONS], cwd=temporary, capture_output=True, text=True, check=False, timeout=300
        )
        if ended.returncode:
            raise MissingError(f"npm cannot fetch them: {' '.join(ended.stderr.split())[:300]}")
        made = Path(temporary, "complete")
        made.mkdir()
        for name in ("package.json", "node_modules"):
            Path(temporary, name).rename(made / name)
        made.rename(folder)
