"""Plain `chalice deploy` in the root of the repository, without CloudFront and alarms."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ops.packaging import cache
from tests.e2e import deployment
from tests.e2e.deployment import ARCHITECTURE, Cloud, running_cloud
from tests.e2e.edge import address
from tests.support.site import Site, eventually, program, surroundings, unique


@pytest.fixture
def plain_cloud(tmp_path: Path, package: Path) -> Iterator[Cloud]:
    """A cloud, and a checkout with the package that `make package` builds."""
    with running_cloud(tmp_path, package) as cloud:
        cache.offer(package, cloud.checkout, ARCHITECTURE)
        yield cloud


def test_chalice_deploys_by_itself_what_works(plain_cloud: Cloud) -> None:
    provisioned = plain_cloud.type(sys.executable, "-m", "ops", "provision")
    assert provisioned.returncode == 0, provisioned.stdout
    streams = dict(re.findall(r"export (FSTREAM_\w+)=(\S+)", provisioned.stdout))
    deployed = plain_cloud.type(program("chalice"), "deploy", "--stage", "dev", PYTHONDONTWRITEBYTECODE="1", **streams)
    assert deployed.returncode == 0, deployed.stdout
    (api,) = plain_cloud.client("apigateway").get_rest_apis()["items"]
    site = Site(address(plain_cloud.engine.endpoint_url, api["id"], "/dev"))
    ada, bob = site.sign_up(unique("ada")), site.sign_up(unique("bob"))
    site.post(f"/api/v1/accounts/{site.id_of(ada)}/follow", bob)
    posted = site.say(ada, "hello #plain")["id"]
    assert eventually(lambda: posted in site.home(bob))
    assert eventually(lambda: site.ids("/api/v1/timelines/tag/plain")) == [posted]
    assert requests.get(f"{site.url}/api/v1/nothing", timeout=30).status_code == 404


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_chalice_packages_by_itself(package: Path, tmp_path: Path, stage: str) -> None:
    folder = deployment.checkout(tmp_path, package)
    cache.offer(package, folder, ARCHITECTURE)
    command = [program("chalice"), "package", "--stage", stage, str(tmp_path / "out")]
    done = subprocess.run(
        command,
        cwd=folder,
        env=surroundings(AWS_DEFAULT_REGION="us-east-1", AWS_CONFIG_FILE=os.devnull),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout
    with zipfile.ZipFile(tmp_path / "out" / "deployment.zip") as packed:
        assert {"app.py", "chalicelib/events.py", "fstream_app/core/ids.py", "pynamodb/models.py"} <= set(
            packed.namelist()
        )
