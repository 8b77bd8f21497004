"""What FSTREAM writes into its log on Lambda."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from chalicelib import observation
from tests.support import contract


class Log:
    """What was written."""

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
        """Return the sum of a figure of the domain over all lines."""
        return sum(line.get(name, 0) for line in self.lines)

    def clear(self) -> None:
        self._stream.seek(0)
        self._stream.truncate()


@contextmanager
def written(level: int = logging.INFO) -> Iterator[Log]:
    """Write, in the block, whatever is logged in FSTREAM's packages, and by all others as Lambda has it."""
    contract.document()  # the tests' own request, made once
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
