"""Waits for the bytes of many connections in one thread, and lets a few threads handle those that have some.

So an idle connection costs a few kilobytes and no thread.
"""

import contextlib
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ops.websockets.connection import Connection

_WORKERS = 8

logger = logging.getLogger(__name__)


class Loop:
    """Calls `handle` with each connection that can be read, and `tick` about every `interval` seconds.

    A connection is not watched while it is being handled, so its messages are handled one after the other.
    """

    def __init__(self, handle: Callable[[Connection], None], tick: Callable[[], None], interval: float) -> None:
        self._handle, self._tick, self._interval = handle, tick, interval
        self._selector = selectors.DefaultSelector()
        self._wake, self._waking = socket.socketpair()
        self._waking.setblocking(False)
        self._wake.setblocking(False)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._waiting: deque[Connection] = deque()
        self._unsent: deque[Connection] = deque()
        self._pool = ThreadPoolExecutor(_WORKERS, "websocket")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def watch(self, connection: Connection) -> None:
        """Watch a connection that is new, or that has been handled."""
        self._waiting.append(connection)
        self._wake_up()

    def flush(self, connection: Connection) -> None:
        """Handle a connection with unsent bytes, too, once its client reads."""
        self._unsent.append(connection)
        self._wake_up()

    def stop(self) -> None:
        """Stop watching; wait for the handlers that are running."""
        self._stopping.set()
        self._wake_up()
        self._thread.join()
        self._pool.shutdown()
        self._selector.close()
        self._wake.close()
        self._waking.close()

    def _run(self) -> None:
        due = time.monotonic() + self._interval
        while not self._stopping.is_set():
            for key, _ in self._selector.select(self._interval):
                if key.data is None:
                    self._wake.recv(4096)
                else:
                    self._selector.unregister(key.fileobj)
                    self._pool.submit(self._handled, key.data)
            while self._waiting:
                connection = self._waiting.popleft()
                self._selector.register(connection.stream, _events(connection), connection)
            while self._unsent:
                connection = self._unsent.popleft()
                with contextlib.suppress(KeyError, ValueError):  # it is being handled, or has ended
                    self._selector.modify(connection.stream, _events(connection), connection)
            if time.monotonic() >= due:
                self._tick()
                due = time.monotonic() + self._interval

    def _handled(self, connection: Connection) -> None:
        try:
            self._handle(connection)
        except Exception:
            logger.exception("a WebSocket failed")

    def _wake_up(self) -> None:
        with contextlib.suppress(OSError):  # if the pipe is full, the thread is about to wake up; or it has stopped
            self._waking.send(b".")


def _events(connection: Connection) -> int:
    return selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.has_unsent else 0)
