"""The package for this machine, which takes seconds to build."""

from pathlib import Path

import pytest

from ops.packaging import bundle, coldstart
from ops.packaging.libraries import Library


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Library]]:
    """The package, unpacked into a read-only folder, and the libraries in it."""
    folder = tmp_path_factory.mktemp("packaging") / "package"
    libraries = bundle.build(folder)
    coldstart.make_read_only(folder)
    return folder, libraries


@pytest.fixture(scope="session")
def package(built: tuple[Path, list[Library]]) -> Path:
    """The package's folder."""
    return built[0]


@pytest.fixture(scope="session")
def zipped(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as a zip file."""
    file = tmp_path_factory.mktemp("zipped") / "package.zip"
    bundle.archive(package, file)
    return file
