"""Selects the stage whose tables this process uses."""

import os
from pathlib import Path

from fstream_app.core import settings, warm
from ops.deployment import configuration
from ops.deployment.configuration import Deployment


def enter(root: Path, stage: str) -> Deployment:
    """Give this process the settings of a stage, clear what it remembers, and return the stage's configuration.

    Raises:
        DeploymentError: the stage does not exist, or the configuration cannot be read.
        SettingsError: one of the stage's settings is invalid.
    """
    deployment = configuration.load(root, stage)
    for name in [name for name in os.environ if name.startswith("FSTREAM_")]:
        del os.environ[name]
    os.environ |= deployment.settings | {"FSTREAM_APP": deployment.app, "FSTREAM_STAGE": deployment.stage}
    warm.clear()
    settings.get()
    return deployment
