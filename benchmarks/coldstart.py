"""Cold start: the CPU that a fresh process takes until the API has answered for the first time.

Compared with a process that imports Chalice's runtime and makes a DynamoDB client, from bytecode: less is not to be
had. What is deployed has no bytecode of its dependencies, and can't write any.
"""

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.network import Progress

ROOT = Path(__file__).parents[1]
_FLOOR = """
import chalice.app, botocore.session
botocore.session.get_session().create_client("dynamodb")
"""
_API = """
from fstream_app import tables
from app import app
tables.connection()
request = {"httpMethod": "GET", "resourcePath": "/api/v1/instance", "identity": {"sourceIp": "127.0.0.1"}}
event = {"requestContext": request, "headers": {}, "multiValueQueryStringParameters": None, "pathParameters": {},
         "stageVariables": {}, "body": None, "isBase64Encoded": False}
assert app(event, None)["statusCode"] == 200
"""
_FAN_OUT = """
from fstream_app import tables
import chalicelib.events
tables.connection()
"""
_CLOCK = "import time; print(time.process_time())"
_SHIPPED = ("app.py", "chalicelib", "fstream_app", "requirements.txt")
_CONFIG = '{"version": "2.0", "app_name": "fstream", "stages": {"dev": {"lambda_architecture": "%s"}}}'
_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Start:
    """CPU of a cold start in milliseconds: the median, and its ratio to the floor's in the same run."""

    cpu: float
    ratio: float
    lowest: float
    highest: float


def measure(progress: Progress, *, rounds: int = 11, package: bool = True) -> dict[str, Start]:
    """Measure the tree as it is and, unless told otherwise, what Chalice packages of it (dependencies from PyPI)."""
    libraries = sysconfig.get_path("purelib")
    programs = {
        "Chalice's runtime and a DynamoDB client": (_FLOOR, [libraries]),
        "the API, from this tree": (_API, [str(ROOT), libraries]),
    }
    with tempfile.TemporaryDirectory(prefix="fstream-") as folder:
        if package:
            progress("cold start: packaging")
            bundle = str(chalice_package(Path(folder)))
            programs["the API, as packaged by Chalice"] = (_API, [bundle])
            programs["the fan-out, as packaged by Chalice"] = (_FAN_OUT, [bundle])
        progress("cold start: fresh processes")
        return _compared({name: partial(cold_start, *program) for name, program in programs.items()}, rounds)


def _compared(starts: dict[str, Callable[[], float]], rounds: int) -> dict[str, Start]:
    times = [{name: start() for name, start in starts.items()} for _ in range(rounds + 1)][1:]
    floor = next(iter(starts))
    found = {}
    for name in starts:
        ratios = [each[name] / each[floor] for each in times]
        found[name] = Start(
            statistics.median(each[name] for each in times), statistics.median(ratios), min(ratios), max(ratios)
        )
    return found


def cold_start(program: str, folders: Sequence[str]) -> float:
    """Return the CPU (ms) of a fresh process that runs a program with modules from these folders alone.

    Raises:
        subprocess.CalledProcessError: the program failed.
    """
    paths = f"import sys; sys.path[1:1] = {list(folders)!r}\n"
    done = subprocess.run(
        # Without site-packages, unless they are asked for; without the folder where it runs; writing no bytecode.
        [sys.executable, "-S", "-P", "-B", "-c", paths + program + _CLOCK],
        env=_surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    return 1000 * float(done.stdout)


def _surroundings() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def chalice_package(folder: Path) -> Path:
    """Let Chalice package the tree for this machine; return the unpacked package, read-only.

    Raises:
        subprocess.CalledProcessError: it could not, for want of PyPI for example.
    """
    project = folder / "project"
    project.mkdir()
    ignore = shutil.ignore_patterns("__pycache__")
    for name in _SHIPPED:
        source = ROOT / name
        place = project / "vendor" / name if name == "fstream_app" else project / name
        _ = shutil.copytree(source, place, ignore=ignore) if source.is_dir() else shutil.copy(source, place)
    machine = os.uname().machine
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(_CONFIG % _ARCHITECTURES.get(machine, "x86_64"))
    chalice = Path(sys.executable).with_name("chalice")
    subprocess.run(
        [chalice, "package", "--stage", "dev", folder / "out"],
        cwd=project,
        env=_surroundings() | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    bundle = folder / "bundle"
    with zipfile.ZipFile(folder / "out" / "deployment.zip") as packed:
        packed.extractall(bundle)
    for path in bundle.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return bundle
