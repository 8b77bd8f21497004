"""An emulated cloud and FSTREAM deployed into it, once for all tests here that leave it as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.packaging import bundle
from tests.e2e.deployment import Cloud, DeployedSite, running_cloud


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, of the libraries that are installed: they are for this machine, as are the clouds."""
    file = tmp_path_factory.mktemp("package") / "package.zip"
    bundle.make(file)
    return file


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory, package: Path) -> Iterator[Cloud]:
    """A cloud that the tests share: what they leave in it must not be in the way of others."""
    with running_cloud(tmp_path_factory.mktemp("cloud"), package) as running:
        yield running


@pytest.fixture
def own_cloud(tmp_path: Path, package: Path) -> Iterator[Cloud]:
    """A cloud of the test's own."""
    with running_cloud(tmp_path, package) as running:
        yield running


@pytest.fixture(scope="session")
def site(cloud: Cloud) -> DeployedSite:
    """FSTREAM, deployed."""
    deployed = cloud.ops("deploy")
    assert deployed.returncode == 0, deployed.stdout
    assert f"FSTREAM is at https://{cloud.host}\n" in deployed.stdout
    return cloud.site()
