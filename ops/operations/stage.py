"""The stage that a command works on: this process uses its settings and so its tables."""

import os
from pathlib import Path

from fstream_app.core import settings, warm
from ops.deployment import configuration
from ops.deployment.configuration import Deployment


def enter(root: Path, stage: str) -> Deployment:
    """Make a stage's settings this process's, forget what it remembers of others, and return its configuration.

    Raises:
        DeploymentError: there is no such stage.
        SettingsError: one of its settings is wrong.
    """
    deployment = configuration.load(root, stage)
    for name in [name for name in os.environ if name.startswith("FSTREAM_")]:
        del os.environ[name]
    os.environ |= deployment.settings | {"FSTREAM_APP": deployment.app, "FSTREAM_STAGE": deployment.stage}
    warm.clear()
    settings.get()
    return deployment
