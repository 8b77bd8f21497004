"""Deploys the code with Chalice, then configures what Chalice cannot."""

import os
import secrets
import subprocess
import sys
import time
from functools import cached_property
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from fstream_app.core.settings import Settings
from ops.deployment import account as accounts
from ops.deployment import deployed, functions, gateway, log_lines, mappings, project, sockets, streams
from ops.deployment.cloudformation import Say
from ops.deployment.configuration import Deployment
from ops.deployment.errors import DeploymentError
from ops.deployment.places import Account, Front, State
from ops.packaging import bundle, cache
from ops.report_keys import ReportKeys

_CHILD = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",  # new files in the project would make Chalice ignore the cached package
    **accounts.RETRIES,
}
UNKNOWN_YET = "https://unset.invalid"
"""Placeholder for the functions' base URL while CloudFront has no address."""
PROGRAM = Path(sys.executable).with_name("chalice")
ATTEMPTS = 12
"""Number of runs of Chalice in which a new role's permissions must reach Lambda. IAM takes a minute at most."""
PAUSE = 5.0
"""Seconds between two runs."""


class RoleNotPropagatedError(DeploymentError):
    """Chalice stopped because Lambda does not see the permissions of a new role yet."""


class Code:
    """The functions and the API of a stage."""

    def __init__(self, root: Path, session: boto3.Session, deployment: Deployment, account: Account, say: Say) -> None:
        self._root = root
        self._session = session
        self._deployment = deployment
        self._account = account
        self._say = say

    def deploy(self, state: State, base_url: str) -> None:
        """Deploy the code.

        Args:
            state: the data stack's resources.
            base_url: the instance's address, which the functions put into links.

        Raises:
            DeploymentError: Chalice failed or left something out.
            PackagingError: the libraries cannot be fetched.
        """
        folder = self._folder(state, base_url)
        cache.offer(self._package, folder, self._deployment.architecture)
        self._deploy(folder, state)
        for function in log_lines.configure(self._session, self._deployment):
            self._say(f"  {function}: log configured")
        for function in streams.configure(self._session, self._deployment, state.dead_letters):
            self._say(f"  {function}: event source configured")
        api_id = deployed.rest_api_id(self._session, self._deployment)
        if api_id is None:
            raise DeploymentError("Chalice did not create an API. See its output above, then deploy again.")
        if gateway.configure(self._session, api_id, self._deployment.stage):
            self._say("  API: error responses of the gateway configured")
        if state.sockets:
            sockets.deploy(self._session, self._deployment, state.sockets)
            self._say("  WebSocket API: routes deployed")

    def delete(self, state: State) -> None:
        """Delete everything that Chalice has deployed, and the keys of the copies of reported messages. Idempotent."""
        found = [each for each in self._find(state) if each["resource_type"] != deployed.WEBSOCKET_API]
        if found:
            folder = self._folder(state, UNKNOWN_YET)
            deployed.write(folder, found, self._deployment.stage)
            self._chalice(folder, "delete")
        self._report_keys.delete()
        project.remove(self._root, self._deployment)

    @cached_property
    def secret(self) -> str:
        """The secret that CloudFront adds to requests: the one of the deployed function, or else a new one."""
        return self._variables.get(project.SECRET) or secrets.token_hex(32)

    @cached_property
    def report_key(self) -> str:
        """The public key of the copies of reported messages: the one of the deployed function, or else a new one.

        Empty if the function has none and needs none, because the stage keeps no copies.
        """
        known = self._variables.get(project.REPORT_KEY, "")
        keeps_copies = Settings.from_environment(self._deployment.settings).report_evidence
        return known or (self._report_keys.create() if keeps_copies else "")

    @cached_property
    def _variables(self) -> dict[str, str]:
        """The environment variables of the deployed API function; empty if it does not exist."""
        client = self._session.client("lambda")
        name = functions.function_name(self._deployment.prefix, functions.API)
        try:
            found = client.get_function_configuration(FunctionName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return {}
        variables: dict[str, str] = found.get("Environment", {}).get("Variables", {})
        return variables

    @property
    def _report_keys(self) -> ReportKeys:
        return ReportKeys(self._session, self._deployment.prefix)

    def _folder(self, state: State, base_url: str) -> Path:
        front = Front(base_url, self.secret, self.report_key)
        return project.make(self._root, self._deployment, self._account, state, front)

    @cached_property
    def _package(self) -> Path:
        file = self._root / "build" / f"{self._deployment.prefix}.zip"
        bundle.make(file, self._deployment.architecture)
        self._say(f"  {file.relative_to(self._root)}: {file.stat().st_size / 1e6:.1f} MB")
        return file

    def _find(self, state: State) -> list[deployed.Resource]:
        return deployed.find(self._session, self._deployment, self._account, state)

    def _deploy(self, folder: Path, state: State) -> None:
        """Run Chalice, again while Lambda does not see a new role's permissions: Chalice itself does not retry that."""
        for attempt in range(1, ATTEMPTS + 1):
            deployed.write(folder, self._find(state), self._deployment.stage)
            try:
                self._chalice(folder, "deploy")
            except RoleNotPropagatedError:
                if attempt == ATTEMPTS:
                    raise
                self._say("  Lambda does not see the permissions of a new role yet; trying again")
                time.sleep(PAUSE)
            else:
                return

    def _chalice(self, folder: Path, command: str) -> None:
        # The settings must come from the stage only, not from this shell.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FSTREAM_")}
        with subprocess.Popen(
            [PROGRAM, "--project-dir", folder, command, "--stage", self._deployment.stage],
            env=environment | {"AWS_DEFAULT_REGION": self._account.region, **_CHILD},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as child:
            output = ""
            for line in child.stdout or ():
                sys.stdout.write(line)
                sys.stdout.flush()
                output += line
        if child.returncode != 0:
            kind = RoleNotPropagatedError if mappings.NOT_PROPAGATED in output else DeploymentError
            raise kind(
                f"chalice {command} exited with status {child.returncode}; see its output above. Fix the cause, then "
                "run this command again: it continues where it stopped."
            )
