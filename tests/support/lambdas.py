"""A stub of Lambda's event source mappings, with the states and error texts of AWS.

Sources: LocalStack's snapshots validated against AWS (test_lambda_integration_dynamodbstreams), the examples of the AWS
CLI, and reports of the error texts (botocore's service model, Chalice, Terraform's provider).
"""

from collections.abc import Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.support.parameters import Parameters

ROLE = (
    "Cannot access stream arn:aws:dynamodb:eu-central-1:123456789012:table/fstream-prod-messages/stream/x. Please "
    "ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and ListStreams Actions on your "
    "stream in IAM."
)
QUEUE_ROLE = "The provided execution role does not have permissions to call ReceiveMessage on SQS"
IN_USE = "Cannot {} the event source mapping because it is in use."
_AFTERWARDS = {"Creating": "Enabled", "Enabling": "Enabled", "Updating": "Enabled", "Disabling": "Disabled"}


def refusal(code: str, message: str, operation: str = "UpdateEventSourceMapping") -> ClientError:
    """Return an error as botocore raises it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Lambda:
    """Mappings by UUID. A change takes a number of looks at the mapping, and others are refused meanwhile."""

    def __init__(self, looks: int = 3) -> None:
        self.mappings: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        """The changes that were made, and those that were refused."""
        self.refusals: list[ClientError] = []
        """Errors of the next changes, first one first."""
        self.tags: dict[str, dict[str, str]] = {}
        """Tags of the functions, by ARN."""
        self.variables: dict[str, dict[str, str]] = {}
        """Environment variables of the functions, by name."""
        self._looks = looks
        self._left: dict[str, int] = {}

    def add(self, uuid: str, state: str = "Enabled", **fields: Any) -> None:
        """Add a mapping in some state."""
        self.mappings[uuid] = {"UUID": uuid, "State": state, **fields}
        self._left[uuid] = self._looks

    def get_paginator(self, name: str) -> "Pages":
        return Pages(self, name)

    def list_tags(self, Resource: str) -> dict[str, Any]:  # noqa: N803  # AWS's name
        return {"Tags": self.tags[Resource]}

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if FunctionName not in self.variables:
            raise refusal(
                "ResourceNotFoundException", f"Function not found: {FunctionName}", "GetFunctionConfiguration"
            )
        return {"Environment": {"Variables": self.variables[FunctionName]}}

    def get_event_source_mapping(self, UUID: str) -> dict[str, Any]:  # noqa: N803
        found = self._existing(UUID)
        self._left[UUID] -= 1
        if self._left[UUID] <= 0 and found["State"] == "Deleting":
            del self.mappings[UUID]
        elif self._left[UUID] <= 0:
            found["State"] = _AFTERWARDS.get(found["State"], found["State"])
        return dict(found)

    def update_event_source_mapping(self, UUID: str, **settings: Any) -> None:  # noqa: N803
        self._change("update", UUID, {"Creating", "Updating", "Deleting"})
        self.mappings[UUID].update(settings, State="Updating")

    def delete_event_source_mapping(self, UUID: str) -> None:  # noqa: N803
        self._change("delete", UUID, {"Creating", "Updating", "Deleting"})
        self.mappings[UUID]["State"] = "Deleting"

    def _change(self, verb: str, uuid: str, busy: set[str]) -> None:
        mapping = self._existing(uuid)
        if self.refusals:
            self.calls.append(f"refused {verb}")
            raise self.refusals.pop(0)
        if mapping["State"] in busy:
            self.calls.append(f"refused {verb}")
            raise refusal("ResourceInUseException", IN_USE.format(verb))
        self.calls.append(verb)
        self._left[uuid] = self._looks

    def _existing(self, uuid: str) -> dict[str, Any]:
        if uuid not in self.mappings:
            raise refusal("ResourceNotFoundException", "The resource you requested does not exist.")
        return self.mappings[uuid]


class Pages:
    """A paginator."""

    def __init__(self, stub: Lambda, name: str) -> None:
        self._stub, self._name = stub, name

    def paginate(self, FunctionName: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803
        if self._name == "list_functions":
            for arn in self._stub.tags:
                yield {"Functions": [{"FunctionName": arn.rpartition(":")[2], "FunctionArn": arn}]}
            return
        assert self._name == "list_event_source_mappings"
        mappings = self._stub.mappings.values()
        named = [each for each in mappings if each.get("FunctionArn", "").endswith(f":{FunctionName}")]
        yield {"EventSourceMappings": [dict(each) for each in named]}


class Session:
    """A session with this client of Lambda, parameters in memory, and real clients of everything else."""

    def __init__(self, stub: Lambda) -> None:
        self._real = boto3.Session("test", "test", region_name="eu-central-1")
        self._stubs = {"lambda": stub, "ssm": Parameters()}

    def client(self, name: str) -> Any:
        return self._stubs.get(name) or self._real.client(name)
