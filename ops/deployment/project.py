"""Makes the folder that Chalice deploys: links to the code, and a configuration for one account.

The functions' roles are those of the roles stack, so that Chalice needs no permission to make any. Without this folder,
by itself, Chalice makes roles of the policies in `.chalice/`.

`.chalice/` in the repository is independent of the account. Everything about an account is in `build/`, which is not
part of the repository.
"""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

from fstream_app.core.settings import Settings
from ops.deployment import functions, sockets
from ops.deployment.configuration import Deployment
from ops.deployment.places import Account, Front, State

_CODE = ("app.py", "chalicelib", "fstream_app", "vendor", "requirements.txt")
SECRET = "FSTREAM_ORIGIN_SECRET"  # noqa: S105  # a name
"""The variable with the secret that CloudFront adds to requests. Only the functions that they reach get it."""
REPORT_KEY = "FSTREAM_REPORT_KEY"
"""The variable with the public key of the copies of reported messages. Only the API's function gets it."""
_KEPT_FREE = 100
"""Concurrency that Lambda keeps free in an account, for functions that reserve none."""


def make(root: Path, deployment: Deployment, account: Account, state: State, front: Front) -> Path:
    """Make the folder and return it. Chalice's record of deployed resources in it is kept."""
    folder = root / "build" / deployment.prefix
    chalice = folder / ".chalice"
    chalice.mkdir(parents=True, exist_ok=True)
    for name in _CODE:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(root / name)
    configured = configuration(deployment, account, state, front)
    file = chalice / "config.json"
    file.touch()
    file.chmod(0o600)  # it has the secret
    file.write_text(json.dumps(configured, indent=2), encoding="utf-8")
    return folder


def remove(root: Path, deployment: Deployment) -> None:
    """Remove the folder. Idempotent."""
    shutil.rmtree(root / "build" / deployment.prefix, ignore_errors=True)


def configuration(deployment: Deployment, account: Account, state: State, front: Front) -> dict[str, Any]:
    """Return Chalice's configuration, with the settings that the deployment adds.

    Reserved concurrency is left out if the account has too little.
    """
    configured = copy.deepcopy(deployment.chalice)
    stage = configured["stages"][deployment.stage]
    stage["environment_variables"] = deployment.settings | {
        "FSTREAM_APP": deployment.app,
        "FSTREAM_STAGE": deployment.stage,
        "FSTREAM_BASE_URL": front.base_url,
        "FSTREAM_TRUSTED_PROXIES": "1",
        **{f"FSTREAM_{table.upper()}_STREAM": stream for table, stream in state.streams.items()},
        **_streaming(deployment, account, state),
    }
    of_api = {SECRET: front.secret} | ({REPORT_KEY: front.report_key} if front.report_key else {})
    Settings.from_environment(stage["environment_variables"] | of_api)
    # The data stack creates the logs, because Chalice would give the API's log a name other than the function's.
    stage.pop("log_retention_in_days", None)
    is_short = reserved(deployment) > account.unreserved - _KEPT_FREE
    for name in functions.running(streaming=deployment.streaming):
        function = stage.setdefault("lambda_functions", {}).setdefault(name, {})
        function["manage_iam_role"] = False
        function["iam_role_arn"] = functions.role_arn(deployment.app, deployment.prefix, account, name)
        if is_short:
            function.pop("reserved_concurrency", None)
    stage["lambda_functions"][functions.API]["environment_variables"] = of_api
    if state.sockets:
        stage["lambda_functions"][functions.CONNECT]["environment_variables"] = {SECRET: front.secret}
    return configured


def _streaming(deployment: Deployment, account: Account, state: State) -> dict[str, str]:
    """Return the settings of live streaming. Without them, `app.py` declares no functions for it."""
    if not state.sockets:
        return {}
    return {
        "FSTREAM_CONNECTIONS": sockets.connections(state.sockets, account, deployment.stage),
        "FSTREAM_LIVE_QUEUE": state.live_queue,
    }


def reserved(deployment: Deployment) -> int:
    """Return the concurrency that the stage's functions reserve in total."""
    configured = deployment.chalice["stages"][deployment.stage].get("lambda_functions", {})
    return sum(function.get("reserved_concurrency", 0) for function in configured.values())
