"""Chalice's cache of packages: what lies there for a project as it is now is deployed without making another one."""

import shutil
from pathlib import Path

from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.utils import UI, OSUtils

from ops.packaging import libraries


def packager(architecture: str) -> LambdaDeploymentPackager:
    """Return what makes, or finds, the package in `chalice deploy` and `chalice package`."""
    builder = DependencyBuilder(OSUtils(), architecture=architecture)
    return LambdaDeploymentPackager(OSUtils(), builder, UI(), architecture)


def offer(package: Path, project: Path, architecture: str) -> Path:
    """Lay a zip file where Chalice looks for the package of a project; return the place.

    It is named for the contents of the project, bytecode included. So it is found until something changes, and then
    Chalice makes a package by itself; `PYTHONDONTWRITEBYTECODE=1 chalice deploy` adds nothing.
    """
    place = Path(packager(architecture).deployment_package_filename(str(project), f"python{libraries.PYTHON}"))
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(package, place)
    return place
