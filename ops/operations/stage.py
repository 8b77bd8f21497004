"""A stage that is looked after: this process is led to its tables."""

import os
from pathlib import Path

from fstream_app.core import settings
from ops.deployment import configuration
from ops.deployment.configuration import Deployment


def enter(root: Path, stage: str) -> Deployment:
    """Make a stage's settings this process's, and return its configuration.

    To be called before anything imports the tables, whose names are made of the settings.

    Raises:
        DeploymentError: there is no such stage.
        SettingsError: one of its settings is wrong.
    """
    deployment = configuration.load(root, stage)
    for name in [name for name in os.environ if name.startswith("FSTREAM_")]:
        del os.environ[name]
    os.environ |= deployment.settings | {"FSTREAM_APP": deployment.app, "FSTREAM_STAGE": deployment.stage}
    settings.get.cache_clear()
    return deployment
