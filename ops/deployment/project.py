"""The folder that Chalice deploys: the code as it is, and a configuration for one account.

`.chalice/` in the repository is the same for everybody: its policies have placeholders where an account's ARNs go. What
is filled in is in `build/`, so that nothing of an account gets into the repository.
"""

import copy
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from fstream_app.settings import Settings
from ops.deployment.configuration import Deployment

_CODE = ("app.py", "chalicelib", "fstream_app", "vendor", "requirements.txt")
_KEPT_FREE = 100
"""What Lambda keeps of an account's concurrency for functions that reserve none."""


@dataclass(frozen=True, slots=True)
class Account:
    """Where it is deployed."""

    id: str
    region: str
    partition: str
    concurrency: int
    """How many functions may run at the same time, all together."""


@dataclass(frozen=True, slots=True)
class State:
    """What the data stack has made, by ARN."""

    messages_stream: str
    relationships_stream: str
    dead_letters: str


def make(root: Path, deployment: Deployment, account: Account, state: State, base_url: str) -> Path:
    """Make the folder and return it. What Chalice has remembered in it stays."""
    folder = root / "build" / deployment.prefix
    chalice = folder / ".chalice"
    chalice.mkdir(parents=True, exist_ok=True)
    for name in _CODE:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(root / name)
    values = placeholders(deployment, account, state)
    for policy in (root / ".chalice").glob("policy-*.json"):
        (chalice / policy.name).write_text(filled(policy.read_text(encoding="utf-8"), values), encoding="utf-8")
    configured = configuration(deployment, account, state, base_url)
    (chalice / "config.json").write_text(json.dumps(configured, indent=2), encoding="utf-8")
    return folder


def remove(root: Path, deployment: Deployment) -> None:
    """Remove the folder, if it is there."""
    shutil.rmtree(root / "build" / deployment.prefix, ignore_errors=True)


def placeholders(deployment: Deployment, account: Account, state: State) -> dict[str, str]:
    """Return what the policies' placeholders stand for."""

    def arn(service: str, resource: str) -> str:
        return f"arn:{account.partition}:{service}:{account.region}:{account.id}:{resource}"

    return {
        "tables": arn("dynamodb", f"table/{deployment.prefix}"),
        "logs": arn("logs", f"log-group:/aws/lambda/{deployment.prefix}"),
        "messages_stream": state.messages_stream,
        "relationships_stream": state.relationships_stream,
        "dead_letters": state.dead_letters,
    }


def filled(policy: str, values: Mapping[str, str]) -> str:
    """Return a policy with its placeholders filled in.

    Raises:
        KeyError: it has one that stands for nothing.
    """
    return Template(policy).substitute(values)


def configuration(deployment: Deployment, account: Account, state: State, base_url: str) -> dict[str, Any]:
    """Return Chalice's configuration with all that this account and this deployment add to the settings."""
    configured = copy.deepcopy(deployment.chalice)
    stage = configured["stages"][deployment.stage]
    stage["environment_variables"] = deployment.settings | {
        "FSTREAM_APP": deployment.app,
        "FSTREAM_STAGE": deployment.stage,
        "FSTREAM_BASE_URL": base_url,
        "FSTREAM_MESSAGES_STREAM": state.messages_stream,
        "FSTREAM_RELATIONSHIPS_STREAM": state.relationships_stream,
        "FSTREAM_TRUSTED_PROXIES": "1",
    }
    Settings.from_environment(stage["environment_variables"])
    # The data stack has the logs: Chalice would give the API's a name that is not the function's.
    stage.pop("log_retention_in_days", None)
    if reserved(deployment) > account.concurrency - _KEPT_FREE:
        for function in stage["lambda_functions"].values():
            function.pop("reserved_concurrency", None)
    return configured


def reserved(deployment: Deployment) -> int:
    """Return how much of the account's concurrency its functions reserve."""
    functions = deployment.chalice["stages"][deployment.stage].get("lambda_functions", {})
    return sum(function.get("reserved_concurrency", 0) for function in functions.values())
