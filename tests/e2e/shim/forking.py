"""Starts functions as forks of processes that have imported their code, because imports take most of a start.

For each package, one process imports the libraries. For each function with its settings, a fork of it imports the
function's code. The forks of that one are what MiniStack runs, each as new as a process that it starts itself: modules
keep nothing until a function is called (`fstream_app.core.warm`).

As a program, this is the process of a package: its arguments are a socket's number and the package's folder.
"""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

_LIBRARIES = ("argon2", "cachetools", "chalice", "msgspec", "multipart", "nacl.public", "pynamodb.models")
_SERVICES = ("dynamodb", "sqs", "apigatewaymanagementapi")
"""Services whose descriptions are loaded in advance."""
_OF_PROCESS = ("AWS_LAMBDA_LOG_STREAM_NAME", "LAMBDA_TASK_ROOT")
"""Variables that each process has for itself."""
_START = "\nrun()\n"
"""The end of MiniStack's script for functions: all before it are definitions."""

Message = dict[str, Any]
Fork = Callable[[Message, list[int]], NoReturn]
"""What a fork does, given what it was asked for and open files."""


class Forking:
    """A process that forks on request, seen from the one that asks for it."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._lock = threading.Lock()

    def fork(self, message: Message, files: Sequence[int]) -> int:
        """Let it fork, and give the fork open files; return the fork's id."""
        with self._lock:
            socket.send_fds(self._control, [json.dumps(message).encode() + b"\n"], files)
            answer = self._control.recv(100)
        if not answer:
            raise RuntimeError("The process that starts functions has ended")
        return int(answer)


class Function:
    """The part of `subprocess.Popen` that MiniStack uses, for a fork."""

    def __init__(self, template: Forking, script: str, folder: str, environment: Mapping[str, str]) -> None:
        pipes = [os.pipe() for _ in range(4)]
        (reads, sent), (received, writes), (errors, prints), (self._end, lives) = pipes
        passed = [reads, writes, prints, lives]
        message = {"script": script, "folder": folder, "environment": dict(environment)}
        self.pid = template.fork(message, passed)
        for each in passed:
            os.close(each)
        self.stdin = os.fdopen(sent, "w", buffering=1)
        self.stdout, self.stderr = os.fdopen(received), os.fdopen(errors)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return a status if it has ended, after which the last pipe, which only it holds, is closed."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        waiting = select.poll()
        waiting.register(self._end, select.POLLIN)
        if self.returncode is None and not waiting.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        self.returncode = 0
        return self.returncode

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)  # until its parent ends, no other process gets its id

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def __del__(self) -> None:
        os.close(self._end)


_lock = threading.Lock()
_packages: dict[str, Forking] = {}
"""By folder."""
_functions: dict[tuple[object, ...], Forking] = {}
"""By folder, module and environment."""
_starting = threading.local()


def patch(runtime: Any) -> None:
    """Patch the module that starts MiniStack's processes for functions."""
    spawn = runtime.Worker._spawn

    def spawn_noting(worker: Any) -> None:
        _starting.module = worker.config["Handler"].rpartition(".")[0]
        spawn(worker)

    def start(command: Sequence[str], *, cwd: str, env: Mapping[str, str], **_: object) -> Function:
        script = command[1]
        return Function(_template(os.path.realpath(cwd), _starting.module, script, env), script, cwd, env)

    runtime.Worker._spawn = spawn_noting
    runtime.subprocess = SimpleNamespace(**vars(subprocess) | {"Popen": start})


def _template(folder: str, module: str, script: str, environment: Mapping[str, str]) -> Forking:
    own = {name: value for name, value in environment.items() if name not in _OF_PROCESS}
    key = (folder, module, *sorted(own.items()))
    with _lock:
        if folder not in _packages:
            _packages[folder] = _start_package(folder)
        if key not in _functions:
            ours, theirs = socket.socketpair()
            message = {"module": module, "script": script, "environment": own}
            _packages[folder].fork(message, [theirs.fileno()])
            theirs.close()
            _functions[key] = Forking(ours)
        return _functions[key]


def _start_package(folder: str) -> Forking:
    ours, theirs = socket.socketpair()
    subprocess.Popen(
        [sys.executable, __file__, str(theirs.fileno()), folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    return Forking(ours)


def _serve(control: socket.socket, do: Fork) -> None:
    """Fork for each request, until the process that asks ends."""
    while True:
        content, files, _, _ = socket.recv_fds(control, 65_536, 4)
        while content and not content.endswith(b"\n"):
            content = (more := control.recv(65_536)) and content + more
        if not content:
            return
        child = os.fork()
        if not child:
            control.close()
            do(json.loads(content), files)
        for each in files:
            os.close(each)
        control.sendall(b"%d" % child)


def _become_function(message: Message, files: list[int]) -> NoReturn:
    """Import a function's code, and serve requests for its processes."""
    os.environ.clear()
    os.environ.update(message["environment"])
    _definitions(message["script"])["_ms_install_invoke_depth"]()
    before = set(sys.modules)
    try:
        import_module(message["module"])
    except BaseException:  # noqa: BLE001  # each process says what is wrong, which must not depend on what is left here
        for name in sys.modules.keys() - before:
            del sys.modules[name]
    assert threading.active_count() == 1
    _serve(socket.socket(fileno=files[0]), _run)
    os._exit(0)


def _run(message: Message, files: list[int]) -> NoReturn:
    """Run a function, as MiniStack's script does."""
    for place, each in enumerate(files[:3]):
        os.dup2(each, place)
        os.close(each)
    os.chdir(message["folder"])
    os.environ.clear()
    os.environ.update(message["environment"])
    try:
        _definitions(message["script"])["run"]()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def _definitions(script: str) -> dict[str, Any]:
    """Return what MiniStack's script defines, without running it."""
    text = Path(script).read_text(encoding="utf-8")
    assert text.endswith(_START)
    defined: dict[str, Any] = {"__name__": "__main__"}
    exec(text.removesuffix(_START), defined)
    return defined


def _import_libraries() -> None:
    """Import the libraries, and let all clients share the descriptions of services."""
    for library in _LIBRARIES:
        import_module(library)
    import_module("descriptions").share(_SERVICES)


def main(control: int, folder: str) -> None:
    """Import the libraries of a package, and serve requests for its functions."""
    sys.path.insert(0, folder)
    _import_libraries()
    _serve(socket.socket(fileno=control), _become_function)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
