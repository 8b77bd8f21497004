"""FSTREAM's log as it is written on Lambda."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from chalicelib import observation
from tests.support import contract


class Log:
    """The lines logged inside a `written` block."""

    def __init__(self, stream: StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """All lines; each must be a JSON object."""
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if "route" in line]

    def figure(self, name: str) -> int:
        """Return the sum of a domain metric over all lines."""
        return sum(line.get(name, 0) for line in self.lines)

    def clear(self) -> None:
        self._stream.seek(0)
        self._stream.truncate()


@contextmanager
def written(level: int = logging.INFO) -> Iterator[Log]:
    """Collect what is logged in the block: FSTREAM's packages from `level` on, all others as on Lambda."""
    contract.document()  # its request must not be in the log
    stream, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(observation.Formatter())
    levels = {name: logging.getLogger(name).level for name in ("chalicelib", "fstream_app", "chalice")}
    root.addHandler(handler)
    for name in levels:
        logging.getLogger(name).setLevel(level)
    try:
        yield Log(stream)
    finally:
        root.removeHandler(handler)
        for name, before in levels.items():
            logging.getLogger(name).setLevel(before)
