"""What the soak changes in its parts while they run: their clocks, and the faults between them and the engine.

The controlling process writes a file, which each part reads several times a second.
"""

import json
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from fstream_app.core import clock, database
from tests.integration.faults.injector import (
    ANSWER_LOST,
    IN_CONFLICT,
    LOST,
    MET_TRANSACTION,
    READ_IN_PART,
    THROTTLED,
    WRITTEN_IN_PART,
    Call,
)

FAULTS = {
    fault.name: fault
    for fault in (THROTTLED, WRITTEN_IN_PART, READ_IN_PART, IN_CONFLICT, MET_TRANSACTION, LOST, ANSWER_LOST)
}
_INTERVAL = 0.1


@dataclass(frozen=True)
class Trouble:
    """The trouble that a part is in."""

    offset: int = 0
    """Milliseconds by which its clock is ahead of the machine's."""
    faults: tuple[str, ...] = ()
    """Names of the faults that happen to its calls to DynamoDB."""
    share: float = 0.0
    """Share of the calls to which they happen."""


class Control:
    """The trouble of all parts, by name, in a file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def put(self, troubles: dict[str, Trouble]) -> None:
        """Replace the trouble of all parts."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({part: asdict(trouble) for part, trouble in troubles.items()}))
        fresh.replace(self._file)

    def get(self, part: str) -> Trouble:
        """Return a part's trouble."""
        stored = json.loads(self._file.read_text())[part]
        return Trouble(stored["offset"], tuple(stored["faults"]), stored["share"])


class Troubled:
    """The process of a part: its clock and its connection follow the file, once `obey` has been called."""

    def __init__(self, control: Control, part: str) -> None:
        self._control = control
        self._part = part
        self._random = Random()
        self.trouble = control.get(part)

    def obey(self) -> None:
        """Follow the file from now on. Must be called before the clock is used."""
        right = clock.now
        clock.now = lambda: right() + self.trouble.offset
        session = database.connection().client._endpoint.http_session
        session.send = self._between(session.send)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        parent, pause = os.getppid(), threading.Event()
        while not pause.wait(_INTERVAL):
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGTERM)  # the soak was killed
            self.trouble = self._control.get(self._part)

    def _between(self, send: Callable[[AWSPreparedRequest], AWSResponse]) -> Callable[..., AWSResponse]:
        def through(request: AWSPreparedRequest) -> AWSResponse:
            call, trouble = Call(request, self._random, send), self.trouble
            kinds = [FAULTS[name] for name in trouble.faults if FAULTS[name].concerns(call)]
            if kinds and self._random.random() < trouble.share:
                return self._random.choice(kinds).happen(call)
            return call.send()

        return through
