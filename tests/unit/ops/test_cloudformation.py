"""Stacks: which states are successes, and which events explain a failure."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.deployment import cloudformation
from ops.deployment.cloudformation import Stack
from ops.deployment.errors import DeploymentError

ID = "arn:aws:cloudformation:eu-central-1:123456789012:stack/fstream-prod-data/1"
CHANGE = {"Action": "Add", "LogicalResourceId": "UsersTable", "ResourceType": "AWS::DynamoDB::Table"}


class CloudFormation:
    """A stub: a stack that ends in a given state when its change set is executed."""

    def __init__(self, before: str, after: str, events: tuple[dict[str, str], ...] = ()) -> None:
        self.status, self._after, self._events = before, after, events
        self.proposed: dict[str, Any] = {}

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        if not self.status:
            error = {"Code": "ValidationError", "Message": "Stack with id fstream-prod-data does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}

    def create_change_set(self, **proposed: Any) -> None:
        self.proposed = proposed

    def delete_change_set(self, **_: str) -> None:
        pass

    def get_waiter(self, _: str) -> "CloudFormation":
        return self

    def wait(self, **_: Any) -> None:
        pass

    def execute_change_set(self, **_: str) -> None:
        self.status = self._after

    def get_paginator(self, name: str) -> "CloudFormation":
        self._page = {"describe_change_set": {"Changes": [{"ResourceChange": CHANGE}]}}.get(name)
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        if self._page:
            yield self._page
        else:
            yield from ({"StackEvents": [event]} for event in self._events)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloudformation, "POLL", 0)


def bring(client: CloudFormation) -> None:
    stack = Stack(client, "fstream-prod-data", lambda _: None)
    stack.bring_to({"Resources": {}}, {}, lambda _: True)


def event(resource: str, status: str, reason: str = "") -> dict[str, str]:
    of_stack = {"LogicalResourceId": "fstream-prod-data", "PhysicalResourceId": ID}
    of_resource = {"LogicalResourceId": resource, "PhysicalResourceId": f"fstream-prod-{resource}"}
    which = of_stack if resource == "stack" else of_resource
    return {"StackId": ID, "ResourceStatus": status, "ResourceStatusReason": reason, **which}


@pytest.mark.parametrize("state", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"])
@pytest.mark.parametrize("before", ["", "UPDATE_COMPLETE", "IMPORT_COMPLETE"])
def test_a_change_that_ends_in_this_state_has_succeeded(before: str, state: str) -> None:
    bring(CloudFormation(before, state))


@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"])
def test_a_change_that_ends_in_this_state_has_failed(state: str) -> None:
    with pytest.raises(DeploymentError, match=f"ended in the state {state}"):
        bring(CloudFormation("UPDATE_COMPLETE", state))


@pytest.mark.parametrize("state", ["UPDATE_ROLLBACK_FAILED", "IMPORT_ROLLBACK_FAILED", "DELETE_FAILED"])
def test_a_stack_that_is_stuck_is_not_changed(state: str) -> None:
    client = CloudFormation(state, "UPDATE_COMPLETE")
    with pytest.raises(DeploymentError, match=f"is in the state {state}"):
        bring(client)
    assert client.proposed == {}


def test_a_failure_is_explained_by_its_own_events_only() -> None:
    newest_first = (
        event("stack", "UPDATE_ROLLBACK_COMPLETE"),
        event("stack", "UPDATE_ROLLBACK_IN_PROGRESS"),
        event("LogTable", "UPDATE_FAILED", "Cannot perform more than one GSI creation"),
        event("LogTable", "UPDATE_IN_PROGRESS"),
        event("stack", "UPDATE_IN_PROGRESS", "User Initiated"),
        event("stack", "UPDATE_ROLLBACK_COMPLETE"),
        event("UsersTable", "CREATE_FAILED", "of last year"),
    )
    with pytest.raises(DeploymentError, match="LogTable: Cannot perform more than one GSI creation") as raised:
        bring(CloudFormation("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", newest_first))
    assert "of last year" not in str(raised.value)


def test_roles_with_names_are_acknowledged() -> None:
    client = CloudFormation("", "CREATE_COMPLETE")
    bring(client)
    assert client.proposed["Capabilities"] == ["CAPABILITY_NAMED_IAM"]
