"""Unpacks a package once: MiniStack would do that for each process that runs a function, which takes longest."""

import tempfile
import threading
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_lock = threading.Lock()
_unpacked: dict[tuple[tuple[str, int], ...], str] = {}
"""Folders by the names and checksums of a package's files; they are in MiniStack's temporary folder."""


class _Package(zipfile.ZipFile):
    def extractall(self, path: Any = None, *_: Any) -> None:
        """Replace an empty folder by a link to the unpacked package."""
        content = tuple((file.filename, file.CRC) for file in self.infolist())
        with _lock:
            if content not in _unpacked:
                folder = tempfile.mkdtemp(prefix="unpacked-")
                super().extractall(folder)
                _unpacked[content] = folder
        Path(path).rmdir()
        Path(path).symlink_to(_unpacked[content])


def patch(runtime: Any) -> None:
    """Patch the module that starts MiniStack's processes for functions."""
    runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": _Package})
