"""Makes the folder that Chalice deploys: links to the code, and a configuration for one account.

`.chalice/` in the repository is independent of the account. Everything about an account is in `build/`, which is not
part of the repository.
"""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

from fstream_app.core.settings import Settings
from ops.deployment import policies
from ops.deployment.configuration import Deployment
from ops.deployment.places import Account, State

_CODE = ("app.py", "chalicelib", "fstream_app", "vendor", "requirements.txt")
_KEPT_FREE = 100
"""Concurrency that Lambda keeps free in an account, for functions that reserve none."""


def make(root: Path, deployment: Deployment, account: Account, state: State, base_url: str) -> Path:
    """Make the folder and return it. Chalice's record of deployed resources in it is kept."""
    folder = root / "build" / deployment.prefix
    chalice = folder / ".chalice"
    chalice.mkdir(parents=True, exist_ok=True)
    for name in _CODE:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(root / name)
    for policy in (root / ".chalice").glob("policy-*.json"):
        narrowed = policies.narrowed(policy.read_text(encoding="utf-8"), deployment, account, state)
        (chalice / policy.name).write_text(narrowed, encoding="utf-8")
    configured = configuration(deployment, account, state, base_url)
    (chalice / "config.json").write_text(json.dumps(configured, indent=2), encoding="utf-8")
    return folder


def remove(root: Path, deployment: Deployment) -> None:
    """Remove the folder. Idempotent."""
    shutil.rmtree(root / "build" / deployment.prefix, ignore_errors=True)


def configuration(deployment: Deployment, account: Account, state: State, base_url: str) -> dict[str, Any]:
    """Return Chalice's configuration, with the settings that the deployment adds.

    Reserved concurrency is left out if the account has too little.
    """
    configured = copy.deepcopy(deployment.chalice)
    stage = configured["stages"][deployment.stage]
    stage["environment_variables"] = deployment.settings | {
        "FSTREAM_APP": deployment.app,
        "FSTREAM_STAGE": deployment.stage,
        "FSTREAM_BASE_URL": base_url,
        "FSTREAM_MESSAGES_STREAM": state.messages_stream,
        "FSTREAM_RELATIONSHIPS_STREAM": state.relationships_stream,
        "FSTREAM_REACTIONS_STREAM": state.reactions_stream,
        "FSTREAM_TRUSTED_PROXIES": "1",
    }
    Settings.from_environment(stage["environment_variables"])
    # The data stack creates the logs, because Chalice would give the API's log a name other than the function's.
    stage.pop("log_retention_in_days", None)
    if reserved(deployment) > account.concurrency - _KEPT_FREE:
        for function in stage["lambda_functions"].values():
            function.pop("reserved_concurrency", None)
    return configured


def reserved(deployment: Deployment) -> int:
    """Return the concurrency that the stage's functions reserve in total."""
    functions = deployment.chalice["stages"][deployment.stage].get("lambda_functions", {})
    return sum(function.get("reserved_concurrency", 0) for function in functions.values())
