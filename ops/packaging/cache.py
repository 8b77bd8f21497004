"""Chalice's cache of packages. Chalice deploys the cached package while the project is unchanged."""

import shutil
from pathlib import Path

from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from ops.packaging import libraries


def packager(architecture: str) -> LambdaDeploymentPackager:
    """Return the packager of `chalice deploy` and `chalice package`, which builds a package or takes the cached one."""
    builder = DependencyBuilder(OSUtils(), architecture=architecture)
    return LambdaDeploymentPackager(OSUtils(), builder, UI(), architecture)


def offer(package: Path, project: Path, architecture: str) -> Path:
    """Put a zip file where Chalice looks for a project's package, and return its path there.

    The file's name is a hash of the project's contents, including bytecode. After any change, Chalice no longer finds
    the file and builds its own package. `PYTHONDONTWRITEBYTECODE=1 chalice deploy` adds no bytecode to the project.
    """
    place = Path(packager(architecture).deployment_package_filename(str(project), f"python{libraries.PYTHON}"))
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package, place)
    return place
