"""A program in a pseudo-terminal, read and used as by a person at a screen."""

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import pyte

COLUMNS, LINES = 200, 50
ENTER = "\r"
LEFT_BUTTON = "\x1b[<0;{column};{line}{state}"
"""A mouse event in the SGR encoding (xterm's mode 1006): `M` presses the button, `m` releases it."""
REST = 0.1
"""Seconds without output after which everything is where it belongs."""
SECONDS = 60
"""Timeout for the screen to show something; long enough for a slow machine."""


class _Screen(pyte.Screen):
    """A screen whose answers to the program's queries go to the program."""

    def __init__(self, answer: Callable[[str], None]) -> None:
        super().__init__(COLUMNS, LINES)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """A program in a terminal, as long as its `with` block."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        # Inherited values would win over the terminal's size.
        own |= {"COLUMNS": str(COLUMNS), "LINES": str(LINES)}
        self._terminal, inside = pty.openpty()
        termios.tcsetwinsize(inside, (LINES, COLUMNS))
        self._program = subprocess.Popen(
            command,
            env={**environment, **own},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,  # as in a terminal, so that no signal reaches the tests
        )
        os.close(inside)
        self._screen = _Screen(self.type)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._program.kill()
        self._program.wait()
        os.close(self._terminal)

    @property
    def text(self) -> str:
        """The screen's lines."""
        return "\n".join(self._screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())

    def click(self, label: str) -> None:
        """Click on the first place that shows this text, once the screen is at rest."""
        self.see(label)
        while self._read(time.monotonic() + REST):
            pass
        line, column = next((n, row.index(label)) for n, row in enumerate(self._screen.display) if label in row)
        for state in "Mm":
            self.type(LEFT_BUTTON.format(column=column + 2, line=line + 1, state=state))

    def see(self, *texts: str) -> None:
        """Wait until the screen shows all these texts."""
        assert self.shows(*texts), f"the screen does not show {texts}:\n{self.text}"

    def shows(self, *texts: str, seconds: float = SECONDS) -> bool:
        """Return whether the screen shows all these texts at some time in the next seconds."""
        return self.becomes(lambda screen: all(text in screen for text in texts), seconds=seconds)

    def miss(self, *texts: str) -> None:
        """Wait until the screen shows none of these texts."""
        gone = self.becomes(lambda screen: not any(text in screen for text in texts))
        assert gone, f"the screen still shows one of {texts}:\n{self.text}"

    def becomes(self, condition: Callable[[str], bool], *, seconds: float = SECONDS) -> bool:
        """Return whether the condition of the screen's text holds at some time in the next seconds."""
        deadline = time.monotonic() + seconds
        while not (holds := condition(self.text)) and self._read(deadline):
            pass
        return holds

    def end(self) -> int:
        """Wait until the program has ended; return its exit status."""
        deadline = time.monotonic() + SECONDS
        while self._read(deadline):
            pass
        return self._program.wait(SECONDS)

    def _read(self, deadline: float) -> bool:
        """Read the program's next output; return False if it has ended or the time is over."""
        if not select.select([self._terminal], [], [], max(0, deadline - time.monotonic()))[0]:
            return False
        try:
            written = os.read(self._terminal, 65_536)
        except OSError:  # Linux raises EIO once the program has closed its side
            return False
        self._stream.feed(written)
        return bool(written)
