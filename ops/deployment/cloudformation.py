"""Creates, changes and deletes CloudFormation stacks: shows the changes, makes them, and waits until they are done.

Safe to rerun after an interruption: it waits for a change in progress, deletes the remains of a failed creation, and
imports tables that an earlier stack has left.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError, WaiterError

from ops.deployment.errors import DeploymentError
from ops.deployment.naming import Template

Confirm = Callable[[str], bool]
"""Asks a question; returns whether the answer is yes."""
Say = Callable[[str], None]
"""Prints a line of progress."""

POLL = 3.0
"""Seconds between two checks of a stack's state."""
PATIENCE = 1800
"""Seconds after which waiting ends; CloudFront takes about five minutes."""
_CHANGE_SET = "fstream"
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
"""States after a successful change; the last one if it only imported resources."""
_NOTHING = ("didn't contain changes", "no updates are to be performed", "no changes")
_EMPTY = {"REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "CREATE_FAILED"}
"""States of a stack whose creation was not completed; it must be deleted before it can be created."""
_STUCK = {"DELETE_FAILED", "IMPORT_ROLLBACK_FAILED", "ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"}
"""States from which only an operator can bring a stack."""
_BEGINNINGS = {"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS", "UPDATE_IN_PROGRESS"}
"""States of the stack itself with which a change of it begins."""


class Stack:
    """A stack, which may or may not exist."""

    def __init__(self, client: BaseClient, name: str, say: Say) -> None:
        self._client = client
        self._say = say
        self.name = name

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs; none if it does not exist."""
        return {output["OutputKey"]: output["OutputValue"] for output in self._describe().get("Outputs", [])}

    def template(self) -> Template:
        """Return the stack's template; an empty one if the stack does not exist."""
        if not self.exists():
            return {}
        body = self._client.get_template(StackName=self.name)["TemplateBody"]
        template: Template = json.loads(body) if isinstance(body, str) else body
        return template

    def exists(self) -> bool:
        """Return whether the stack exists and is not just the remains of a failed creation."""
        return self._status() not in {"", *_EMPTY}

    def bring_to(self, template: Mapping[str, Any], parameters: Mapping[str, str | None], confirm: Confirm) -> None:
        """Create or change the stack, after showing the changes and, unless it is new, asking for confirmation.

        Args:
            template: the stack's new template.
            parameters: the template's parameters; None keeps the current value.
            confirm: asks whether to make the changes.

        Raises:
            DeploymentError: CloudFormation failed, or the answer was no.
        """
        self._settle()
        is_new = not self.exists()
        if is_new and self._status():
            self._delete()
        changes = self._propose(template, parameters, is_new=is_new)
        if not changes:
            self._say(f"  {self.name}: no changes")
            return
        for change in changes:
            self._say(f"  {_line(change['ResourceChange'])}")
        if not is_new and not confirm(f"Make these changes to {self.name}?"):
            raise DeploymentError(f"Stopped at your request: {self.name} was not changed.")
        self._client.execute_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)
        self._wait(_DONE)

    def delete(self) -> None:
        """Delete the stack, except resources that its template retains. Idempotent.

        Raises:
            DeploymentError: CloudFormation failed.
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
        """Wait for a change in progress, even if another process started it."""
        status = self._status()
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            self._say(f"  {self.name}: waiting for a change in progress ({status})")
            status = self._follow()
        if status in _STUCK:
            raise DeploymentError(
                f"The stack {self.name} is in the state {status}. Look at its events in the CloudFormation console and "
                "fix what they name. There, continue the rollback or delete the stack. Then run this command again."
            )

    def _propose(
        self, template: Mapping[str, Any], parameters: Mapping[str, str | None], *, is_new: bool
    ) -> list[dict[str, Any]]:
        """Create a change set and return its changes."""
        self._discard_proposal()
        self._client.create_change_set(
            StackName=self.name,
            ChangeSetName=_CHANGE_SET,
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateBody=json.dumps(template, separators=(",", ":")),
            Parameters=[_parameter(name, value) for name, value in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            # Resources that an earlier stack retained already exist.
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
            raise DeploymentError(f"CloudFormation rejects the template of {self.name}: {reason}") from None
        pages = self._client.get_paginator("describe_change_set")
        found = pages.paginate(StackName=self.name, ChangeSetName=_CHANGE_SET)
        return [change for page in found for change in page["Changes"]]

    def _discard_proposal(self) -> None:
        """Delete the change set that an interrupted run left behind."""
        if self._status():
            self._client.delete_change_set(StackName=self.name, ChangeSetName=_CHANGE_SET)

    def _wait(self, wanted: set[str]) -> None:
        status = self._follow()
        if status not in wanted:
            raise DeploymentError(
                f"The stack {self.name} ended in the state {status}. {self._reasons()} CloudFormation rolls back a "
                "failed creation or update. Fix the cause, then run this command again."
            )

    def _follow(self) -> str:
        """Wait until the stack is in a final state, printing each change of state; return the final state."""
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
        raise DeploymentError(f"The stack {self.name} is still changing. Run this command again to keep waiting.")

    def _reasons(self) -> str:
        """Return why the last change failed, as its events say."""
        failed = [event for event in self._last_events() if event["ResourceStatus"].endswith("_FAILED")]
        return " ".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)

    def _last_events(self) -> Iterator[dict[str, Any]]:
        """Return the events of the last change, newest first; a stack keeps those of all changes."""
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=self.name)
        for event in (event for page in pages for event in page["StackEvents"]):
            yield event
            if event["PhysicalResourceId"] == event["StackId"] and event["ResourceStatus"] in _BEGINNINGS:
                return


def _parameter(name: str, value: str | None) -> dict[str, Any]:
    if value is None:
        return {"ParameterKey": name, "UsePreviousValue": True}
    return {"ParameterKey": name, "ParameterValue": value}


def _line(change: Mapping[str, Any]) -> str:
    replaced = ": REPLACES the resource, so its content is lost" if change.get("Replacement") == "True" else ""
    return f"{change['Action']} {change['LogicalResourceId']} ({change['ResourceType']}){replaced}"
