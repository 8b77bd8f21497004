"""A file that stores the position of an unfinished command, so that its next run continues there."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fstream_app.core import settings

State = dict[str, Any]
"""A position, as JSON."""


class Bookmark:
    """The position of a command in one network's tables."""

    def __init__(self, file: Path, network: str) -> None:
        """Use a file for the network that is named by the ARN of one of its tables."""
        self._file = file
        self._network = network

    def position(self) -> State | None:
        """Return where to continue; None to start from the beginning, also if the file belongs to another network."""
        if not self._file.exists():
            return None
        noted = json.loads(self._file.read_text(encoding="utf-8"))
        return noted["position"] if noted["table"] == self._network else None

    def put(self, position: State | None) -> None:
        """Store where to continue; None deletes the file because the command is complete."""
        if position is None:
            self._file.unlink(missing_ok=True)
            return
        self._file.parent.mkdir(exist_ok=True)
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"table": self._network, "position": position}), encoding="utf-8")
        fresh.replace(self._file)


def file(command: str, *, restart: bool, say: Callable[[str], None]) -> Path:
    """Return the file of a command's bookmark in this stage, and say so if the command will continue from it."""
    found = Path("build", f"{command}-{settings.get().app}-{settings.get().stage}.json")
    if found.exists() and not restart:
        say("Continuing where the last run stopped. To start over, use --restart.")
    return found
