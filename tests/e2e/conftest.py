"""An emulated cloud and FSTREAM deployed into it, once for all tests here. They run in the order of their files."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from ops.engine import Engine
from tests.clients.site import ROOT, Site
from tests.e2e import cloud as emulated
from tests.e2e.edge import Edge

STAGE = "e2e"
PREFIX = f"fstream-{STAGE}"
_SETTINGS = {
    "FSTREAM_RATE_LIMITS": "off",
    "FSTREAM_MIN_LIFETIME": "1",
    "FSTREAM_ALARM_EMAIL": "ada@fstream.example",
}


@dataclass
class Cloud:
    """The cloud, and a checkout from which somebody deploys into it."""

    engine: Engine
    checkout: Path

    def ops(self, *arguments: str, answer: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Type a command, and an answer to what it asks."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FSTREAM_")}
        self.engine.configure(environment)
        environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # the account's root user
        environment |= {"PYTHONPATH": os.pathsep.join([str(emulated.SHIM), str(ROOT)]), **more}
        return subprocess.run(
            [sys.executable, "-m", "ops", *arguments, "--stage", STAGE],
            cwd=self.checkout,
            env=environment,
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=110,
        )

    def client(self, service: str) -> Any:
        """Look into it."""
        return self._session.client(service, endpoint_url=self.engine.endpoint_url)

    @property
    def _session(self) -> boto3.Session:
        return boto3.Session("test", "test", region_name="us-east-1")

    def edge(self, host: str) -> Edge:
        return Edge(self._session, self.engine.endpoint_url, host)

    def outputs(self, stack: str) -> dict[str, str]:
        """What a stack tells."""
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


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("app.py", "chalicelib", "fstream_app", "ops", "vendor", "requirements.txt"):
        (checkout / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / ".chalice", checkout / ".chalice", ignore=shutil.ignore_patterns("deploy*", "venv"))
    config = checkout / ".chalice" / "config.json"
    chalice = json.loads(config.read_text())
    chalice["stages"][STAGE] = chalice["stages"]["prod"] | {
        "api_gateway_stage": STAGE,
        "environment_variables": _SETTINGS,
    }
    chalice["lambda_architecture"] = "arm64" if os.uname().machine == "aarch64" else "x86_64"  # where MiniStack runs it
    config.write_text(json.dumps(chalice))
    with emulated.running() as engine:
        yield Cloud(engine, checkout)


@pytest.fixture(scope="session")
def site(cloud: Cloud) -> DeployedSite:
    """FSTREAM, deployed at the second attempt: the first died at the worst of moments, all made and nothing noted."""
    died = cloud.ops("deploy", E2E_INTERRUPT="import_rest_api")
    assert "chalice deploy ended with status 137" in died.stdout, died.stdout
    deployed = cloud.ops("deploy")
    host = cloud.outputs("front")["Domain"]
    assert deployed.returncode == 0, deployed.stdout
    assert f"FSTREAM is at https://{host}\n" in deployed.stdout
    return DeployedSite(cloud.edge(host))
