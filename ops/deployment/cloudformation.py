"""Stacks of CloudFormation: what would change is shown, then done, and waited for.

It can be called again whatever the last call left behind: a change under way is waited for, a creation that failed is
cleared away, and tables that an earlier stack has left are taken in.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError, WaiterError

from ops.deployment.errors import DeploymentError

Confirm = Callable[[str], bool]
"""Asks a question."""
Say = Callable[[str], None]
"""Tells of progress, a line at a time."""

POLL = 3.0
"""Seconds between two looks at what is under way."""
PATIENCE = 1800
"""Seconds after which one looks no more; CloudFront takes some five minutes."""
_CHANGE_SET = "fstream"
_NOTHING = ("didn't contain changes", "no updates are to be performed", "no changes")
_EMPTY = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "CREATE_FAILED"}
"""Of a stack that was never there: it must be deleted before it can be created."""


class Stack:
    """A stack, there or not."""

    def __init__(self, client: BaseClient, name: str, say: Say) -> None:
        self._client = client
        self._say = say
        self.name = name

    def outputs(self) -> dict[str, str]:
        """Return its outputs; none if it is not there."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe().get("Outputs", [])}

    def exists(self) -> bool:
        """Tell whether it is there, and not just the remains of a creation that failed."""
        return self._status() not in {"", *_EMPTY}

    def bring_to(self, template: Mapping[str, Any], parameters: Mapping[str, str | None], confirm: Confirm) -> None:
        """Create or change it, after the changes were shown and, unless it is new, confirmed.

        Args:
            template: what it is to be.
            parameters: of the template; None leaves one as it is.
            confirm: asks whether to make the changes.

        Raises:
            DeploymentError: it could not be done, or is not wanted.
        """
        self._settle()
        is_new = not self.exists()
        if is_new and self._status():
            self._delete()
        changes = self._propose(template, parameters, is_new=is_new)
        if not changes:
            self._say(f"  {self.name}: nothing to change")
            return
        for change in changes:
            self._say(f"  {_line(change['ResourceChange'])}")
        if not is_new and not confirm(f"Make these changes to {self.name}?"):
            raise DeploymentError("Nothing was changed.")
        self._client.execute_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)
        self._wait({"CREATE_COMPLETE", "UPDATE_COMPLETE"})

    def delete(self) -> None:
        """Delete it, but for what it is told to retain. Not to be there is no error.

        Raises:
            DeploymentError: it could not be done.
        """
        self._settle()
        if self._status():
            self._delete()

    def _delete(self) -> None:
        self._client.delete_stack(StackName=self.name)
        self._wait({"", "DELETE_COMPLETE"})

    def _describe(self) -> dict[str, Any]:
        try:
            stack: dict[str, Any] = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
        return stack

    def _status(self) -> str:
        status = self._describe().get("StackStatus", "")
        return "" if status == "DELETE_COMPLETE" else status

    def _settle(self) -> None:
        """Wait until what is under way has ended, whoever began it."""
        status = self._status()
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            self._say(f"  {self.name}: waiting for what is under way ({status})")
            status = self._follow()
        if status in {"UPDATE_ROLLBACK_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"}:
            raise DeploymentError(
                f"The stack {self.name} is in the state {status}. See its events in the console, mend what they name, "
                "let CloudFormation continue the rollback or delete it, and call this again."
            )

    def _propose(
        self, template: Mapping[str, Any], parameters: Mapping[str, str | None], *, is_new: bool
    ) -> list[dict[str, Any]]:
        """Make a change set and return its changes."""
        self._discard_proposal()
        self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=_CHANGE_SET,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateBody=json.dumps(template, separators=(",", ":")),
            Parameters=[_parameter(name, value) for name, value in parameters.items()],
            # What an earlier stack has retained is there already.
            ImportExistingResources=True,
        )
        try:
            self._client.get_waiter("change_set_create_complete").wait(
                StackName=self.name, ChangeSetName=_CHANGE_SET, WaiterConfig={"Delay": 1, "MaxAttempts": 300}
            )
        except WaiterError as error:
            reason = self._client.describe_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET).get(
                "StatusReason", str(error)
            )
            self._discard_proposal()
            if any(words in reason.lower() for words in _NOTHING):
                return []
            raise DeploymentError(f"CloudFormation refuses the template of {self.name}: {reason}") from None
        pages = self._client.get_paginator("describe_change_set")
        found = pages.paginate(StackName=self.name, ChangeSetName=_CHANGE_SET)
        return [change for page in found for change in page["Changes"]]

    def _discard_proposal(self) -> None:
        """Delete what a call that was interrupted has left."""
        if self._status():
            self._client.delete_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)

    def _wait(self, wanted: set[str]) -> None:
        status = self._follow()
        if status not in wanted:
            raise DeploymentError(
                f"The stack {self.name} ended as {status}. {self._reasons()} Nothing is half done: CloudFormation has "
                "gone back to what was there before. Mend the cause and call this again."
            )

    def _follow(self) -> str:
        """Tell of each resource as it is done; return the state in which the stack ends."""
        deadline = time.monotonic() + PATIENCE
        last = None
        while time.monotonic() < deadline:
            status = self._status()
            if not status.endswith("_IN_PROGRESS"):
                return status
            if status != last:
                self._say(f"  {self.name}: {status}")
                last = status
            time.sleep(POLL)
        raise DeploymentError(f"The stack {self.name} is still at it. Call this again to go on waiting.")

    def _reasons(self) -> str:
        events = self._client.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [event for event in events if event["ResourceStatus"].endswith("_FAILED")]
        return " ".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)


def _parameter(name: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}


def _line(change: Mapping[str, Any]) -> str:
    replaced = ", and replaces it: what is in it is lost" if change.get("Replacement") == "True" else ""
    return f"{change['Action']} {change['LogicalResourceId']} ({change['ResourceType']}){replaced}"
