"""Fixtures: an emulated cloud with FSTREAM deployed, shared by the tests that leave it unchanged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.packaging import bundle
from tests.e2e.deployment import Cloud, DeployedSite, running_cloud


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, with the libraries installed here: the emulated clouds run on this machine too."""
    file = tmp_path_factory.mktemp("package") / "package.zip"
    bundle.make(file)
    return file


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Iterator[Cloud]:
    """The shared cloud: what a test leaves in it must not affect other tests."""
    with running_cloud(tmp_path_factory.mktemp("cloud"), package) as running:
        yield running


@pytest.fixture(scope="package")
def site(cloud: Cloud) -> DeployedSite:
    """FSTREAM, deployed into the shared cloud by somebody who may do nothing else."""
    deployed = cloud.ops("deploy", **cloud.deployer())
    assert deployed.returncode == 0, deployed.stdout
    assert f"FSTREAM is at https://{cloud.host}\n" in deployed.stdout
    return cloud.site()
