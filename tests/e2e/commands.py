"""Runs commands in forks of a process that has already imported what they need: that takes most of a short one's time.

As a program, it reads commands as lines of JSON, and prints the exit status and the output of each as another line.
"""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import IO, NoReturn, Self

from tests.e2e import cloud
from tests.support.site import ROOT, surroundings

_SERVICES = (
    "apigateway", "apigatewayv2", "cloudformation", "cloudfront", "dynamodb", "iam", "lambda", "logs", "sqs", "ssm",
    "sts",
)  # fmt: skip
"""Services whose descriptions are loaded in advance."""


@dataclass(frozen=True)
class Command:
    """An invocation of `python -m ops`."""

    arguments: Sequence[str]
    folder: str
    environment: Mapping[str, str]
    answer: str = ""
    """What it reads from standard input."""


class Commands:
    """The process, which starts with the first command. Each starts as if alone, except that modules are imported."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if "_process" in vars(self):
            self._process.communicate()

    @cached_property
    def _process(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=ROOT,
            env=surroundings(PYTHONPATH=os.pathsep.join([str(cloud.SHIM), str(ROOT)])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, command: Command) -> subprocess.CompletedProcess[str]:
        """Run a command; its output and errors come together."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(command)) + "\n")
        self._process.stdin.flush()
        status, output = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess(command.arguments, status, output)


class Chalice:
    """The part of `subprocess.Popen` that `ops.deployment.code` uses, for its program: Chalice."""

    def __init__(self, command: Sequence[object], env: Mapping[str, str], **_: object) -> None:
        from chalice.cli import main

        def deploy() -> int:
            for name in [name for name in sys.modules if name.partition(".")[0] in {"chalicelib", "fstream_app"}]:
                del sys.modules[name]  # they read the settings when they are imported
            return int(main())

        reading, writing = os.pipe()
        self._child = _fork(deploy, [str(each) for each in command], env, writing)
        os.close(writing)
        self.stdout = os.fdopen(reading)
        self.returncode: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1])


def _fork(main: Callable[[], int | None], arguments: Sequence[str], environment: Mapping[str, str], output: int) -> int:
    """Run a program's main function in a child process; return its id."""
    sys.stdout.flush()
    child = os.fork()
    if not child:
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = list(arguments)
        _end(main)
    return child


def _end(main: Callable[[], int | None]) -> NoReturn:
    """Call a main function, and end the process as Python does."""
    status: object = 1
    try:
        status = main()
    except SystemExit as ended:
        status = ended.code
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    if isinstance(status, str):
        sys.stderr.write(f"{status}\n")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(status or 0))  # type: ignore[call-overload]


def _run(command: Command) -> tuple[int, str]:
    from ops.__main__ import main

    with tempfile.TemporaryFile("w+") as answer, tempfile.TemporaryFile("w+") as output:
        answer.write(command.answer)
        answer.seek(0)

        def run() -> None:
            os.dup2(answer.fileno(), 0)
            os.chdir(command.folder)
            main()

        child = _fork(run, ["ops", *command.arguments], command.environment, output.fileno())
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read()


def _prepare() -> None:
    """Import what commands need, and let all clients share the descriptions of services."""
    import boto3
    import chalice.cli.factory
    import pynamodb.models

    from ops.deployment import code, deploy
    from tests.e2e.shim import descriptions

    descriptions.share(_SERVICES)
    vars(code)["subprocess"] = SimpleNamespace(Popen=Chalice, PIPE=None, STDOUT=None)
    assert all((boto3, chalice.cli.factory, deploy, pynamodb.models))


def main(lines: IO[str]) -> None:
    """Run the commands of a stream of lines."""
    _prepare()
    for line in lines:
        sys.stdout.write(json.dumps(_run(Command(**json.loads(line)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.stdin)
