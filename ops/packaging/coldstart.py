"""Measures a cold start: the CPU that a fresh process uses until the API's first response.

CPU is measured instead of time, which other work on the machine would distort. Only ratios within one run are
comparable; the result is their median.
"""

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterable
from pathlib import Path

from ops.packaging import PackagingError
from ops.packaging.bundle import ROOT, copy_own

ROUNDS = 11
FLOOR = """
import chalice.app, botocore.session
botocore.session.get_session().create_client("dynamodb")
"""
"""The minimum for any function on Chalice and DynamoDB."""
API = """
from fstream_app import tables
from fstream_app.core import database
from app import app
database.connection()
request = {"httpMethod": "GET", "resourcePath": "/api/v1/instance", "identity": {"sourceIp": "127.0.0.1"}}
event = {"requestContext": request, "headers": {}, "multiValueQueryStringParameters": None, "pathParameters": {},
         "stageVariables": {}, "body": None, "isBase64Encoded": False}
assert app(event, None)["statusCode"] == 200
"""
FAN_OUT = """
from fstream_app import tables
from fstream_app.core import database
import chalicelib.events
database.connection()
assert chalicelib.events.fan_out({"Records": []}, None) == {"batchItemFailures": []}
"""
_CLOCK = "import time; print(time.process_time())"
_CONFIG = '{"version": "2.0", "app_name": "fstream", "stages": {"dev": {"lambda_architecture": "%s"}}}'
_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}


def ratios(package: Path, plain: Path, rounds: int = ROUNDS) -> tuple[float, float]:
    """Return the ratios of a package's cold start to the floor's, and to that of Chalice's plain package.

    Args:
        package: folder with the package for this machine.
        plain: folder that `make_plain` returned.
        rounds: how many times each is started, in turn.
    """
    for folder in (package, plain):
        make_read_only(folder)
    libraries = Path(sysconfig.get_path("purelib"))
    cold_start(FLOOR, [libraries])  # warm-up: creates bytecode, and fills the disk cache
    to_floor, to_plain = [], []
    for _ in range(rounds):
        own = cold_start(API, [package])
        to_floor.append(own / cold_start(FLOOR, [libraries]))
        to_plain.append(own / cold_start(API, [plain]))
    return statistics.median(to_floor), statistics.median(to_plain)


def cold_start(program: str, folders: Iterable[Path]) -> float:
    """Return the CPU (ms) of a fresh process that runs a program with modules from these folders only.

    Raises:
        subprocess.CalledProcessError: the program failed.
    """
    paths = f"import sys; sys.path[1:1] = {[str(folder) for folder in folders]!r}\n"
    done = subprocess.run(
        # -S: site-packages only if it is among the folders. -P: not the current folder. -B: writes no bytecode.
        [sys.executable, "-S", "-P", "-B", "-c", paths + program + _CLOCK],
        env=surroundings(),
        capture_output=True,
        text=True,
        check=True,
    )
    return 1000 * float(done.stdout)


def surroundings() -> dict[str, str]:
    """Return an environment with the variables that AWS's libraries need, and none of the user's own."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def make_plain(folder: Path) -> Path:
    """Let Chalice package FSTREAM for this machine, with libraries from PyPI; return the unpacked package.

    Raises:
        PackagingError: Chalice failed; the message ends with its output.
    """
    project, package = folder / "project", folder / "plain"
    project.mkdir(parents=True)
    copy_own(project)
    (project / "vendor").mkdir()
    (project / "fstream_app").rename(project / "vendor" / "fstream_app")
    shutil.copyfile(ROOT / "requirements.txt", project / "requirements.txt")
    (project / ".chalice").mkdir()
    machine = os.uname().machine
    (project / ".chalice" / "config.json").write_text(_CONFIG % _ARCHITECTURES.get(machine, machine))
    program = Path(sys.executable).with_name("chalice")
    done = subprocess.run(
        [program, "package", folder / "out"],
        cwd=project,
        env=surroundings() | {"HOME": os.environ.get("HOME", str(folder))},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise PackagingError(f"chalice package failed: {done.stdout}{done.stderr}".strip())
    with zipfile.ZipFile(folder / "out" / "deployment.zip") as packed:
        packed.extractall(package)
    return package


def make_read_only(folder: Path) -> None:
    """Make a folder read-only, as in Lambda."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
