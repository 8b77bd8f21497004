"""A checkout from which FSTREAM is deployed into the emulated cloud, and the site that results."""

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import requests
import websocket

from ops.engine import Engine
from tests.e2e import cloud as emulated
from tests.e2e.commands import Command, Commands
from tests.e2e.edge import Edge
from tests.support.site import ROOT, Site

STAGE = "e2e"
PREFIX = f"fstream-{STAGE}"
ARCHITECTURE = "arm64" if os.uname().machine == "aarch64" else "x86_64"
"""This machine's architecture: MiniStack runs the functions here."""
_SETTINGS = {
    "FSTREAM_RATE_REQUESTS": "1000000/300",
    "FSTREAM_RATE_SIGN_UPS": "1000000/1800",
    "FSTREAM_RATE_LOG_INS": "1000000/300",
    "FSTREAM_MIN_LIFETIME": "1",
    "FSTREAM_SETTLING_TIME": "0",
    "FSTREAM_TAIL_REFRESH": "0",
    "FSTREAM_ALARM_EMAIL": "ada@fstream.example",
}


_TIMEOUT = 60
"""Seconds to wait for a handshake or a frame."""


@dataclass
class Cloud:
    """The cloud, and a checkout from which FSTREAM is deployed into it."""

    engine: Engine
    checkout: Path
    checks: Path
    """The file to which the cloud appends its permission checks."""
    commands: Commands
    _clients: dict[str, Any] = field(default_factory=dict)

    def ops(self, *arguments: str, answer: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run one of FSTREAM's commands, with `answer` on its standard input; its output and errors come together."""
        stated = (*arguments, "--stage", STAGE)
        return self.commands.run(Command(stated, str(self.checkout), self._environment(more), answer))

    def type(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run any command in the checkout; its output and errors come together."""
        return subprocess.run(
            command,
            cwd=self.checkout,
            env=self._environment(more),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=500,
        )

    def _environment(self, more: dict[str, str]) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FSTREAM_")}
        self.engine.configure(environment)
        environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # the account's root user
        return environment | {"PYTHONPATH": os.pathsep.join([str(emulated.SHIM), str(ROOT)]), **more}

    def deployer(self) -> dict[str, str]:
        """Make a user who may deploy, as docs/operations.md describes it; return the environment with its credentials.

        MiniStack doesn't know which resources most calls are about, so its policy allows the actions on all of them.
        """
        iam, documents = self.client("iam"), ROOT / "docs"
        boundary = (documents / "boundary-policy.json").read_text().replace("ACCOUNT", "000000000000")
        deployer = json.loads((documents / "deployer-policy.json").read_text())
        for statement in deployer["Statement"]:
            statement["Resource"] = "*"
            statement.pop("Condition", None)
        iam.create_policy(PolicyName="fstream-boundary", PolicyDocument=boundary)
        iam.create_user(UserName="deployer")
        iam.put_user_policy(UserName="deployer", PolicyName="deployer", PolicyDocument=json.dumps(deployer))
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def client(self, service: str) -> Any:
        """Return a boto3 client of the cloud."""
        if service not in self._clients:  # a client takes 0.1 seconds to make
            self._clients[service] = self._session.client(service, endpoint_url=self.engine.endpoint_url)
        return self._clients[service]

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session("test", "test", region_name="us-east-1")

    @property
    def host(self) -> str:
        """The host at which users reach the deployment."""
        return self.outputs("front")["Domain"]

    def event_source_mappings(self, function: str) -> list[dict[str, Any]]:
        """Return the event source mappings of one of FSTREAM's functions."""
        found: list[dict[str, Any]] = self.client("lambda").list_event_source_mappings(
            FunctionName=f"{PREFIX}-{function}"
        )["EventSourceMappings"]
        return found

    def site(self) -> "DeployedSite":
        return DeployedSite(Edge(self._session, self.engine.endpoint_url, self.host))

    def outputs(self, stack: str) -> dict[str, str]:
        """Return a stack's outputs."""
        found = self.client("cloudformation").describe_stacks(StackName=f"{PREFIX}-{stack}")["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


class DeployedSite(Site):
    """FSTREAM behind CloudFront."""

    def __init__(self, edge: Edge) -> None:
        super().__init__(edge.url)
        self.edge = edge

    def request(self, method: str, path: str, token: str = "", **values: Any) -> requests.Response:
        headers = values.pop("headers", {}) | self.edge.headers
        return super().request(method, path, token, headers=headers, **values)

    def socket(self, token: str, **headers: str) -> websocket.WebSocket:
        """Open a WebSocket through CloudFront, with the token as its subprotocol.

        Args:
            token: the secret of an access token.
            headers: sent instead of those that CloudFront adds, if there are any.
        """
        url = self.edge.socket_url("/api/v1/streaming")
        return websocket.create_connection(
            url, header=headers or self.edge.headers, subprotocols=[token], timeout=_TIMEOUT
        )


def checkout(folder: Path, package: Path | None) -> Path:
    """Make a checkout with a stage for the tests, where a package is already built: this one, or an empty one."""
    (folder / "build").mkdir()
    built = folder / "build" / f"{PREFIX}.zip"
    if package is None:
        with zipfile.ZipFile(built, "w") as packed:
            packed.writestr("nothing", b"")
    else:
        built.hardlink_to(package)
    for name in ("app.py", "chalicelib", "fstream_app", "ops", "vendor", "requirements.txt"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / ".chalice", folder / ".chalice", ignore=shutil.ignore_patterns("deploy*", "venv"))
    config = folder / ".chalice" / "config.json"
    chalice = json.loads(config.read_text())
    chalice["stages"][STAGE] = chalice["stages"]["prod"] | {
        "api_gateway_stage": STAGE,
        "environment_variables": _SETTINGS,
    }
    chalice["lambda_architecture"] = ARCHITECTURE
    config.write_text(json.dumps(chalice))
    return folder


@contextmanager
def running_cloud(folder: Path, package: Path | None) -> Iterator[Cloud]:
    """Run an empty cloud, with a checkout in a folder.

    Without a package, functions import the code from this repository. Then a deploy takes a third of the time.
    """
    checks, code = folder / "checks", () if package else (ROOT,)
    with emulated.running(checks, *code) as engine, Commands() as commands:
        yield Cloud(engine, checkout(folder, package), checks, commands)
