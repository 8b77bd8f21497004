"""Lambda's event source mappings, which change in the background and reject further changes meanwhile.

After each call, Lambda reports a mapping as Creating, Updating, Enabling, Disabling or Deleting for some seconds, and
refuses to change it (ResourceInUseException, which botocore does not retry). So changes wait before and after. Source:
the errors of UpdateEventSourceMapping and DeleteEventSourceMapping in Lambda's API reference.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from ops.deployment.errors import DeploymentError

POLL = 2.0
"""Seconds between two looks at a mapping, and between two attempts to change it."""
ATTEMPTS = 150
"""Number of looks or attempts after which waiting ends: five minutes. Lambda takes up to one."""
_NOT_PROPAGATED = "ensure the role can perform", "execution role does not have permissions to call"
"""Parts of Lambda's messages, about a stream and a queue, while it does not see the permissions of a new role."""
_DELETING = "Deleting"
_CHANGING = {"Creating", "Updating", "Enabling", "Disabling", _DELETING}

EventSourceMapping = dict[str, Any]
"""A mapping, as Lambda describes it."""


class Mappings:
    """The event source mappings of an account's functions.

    Args:
        client: a client of Lambda.
    """

    def __init__(self, client: BaseClient) -> None:
        self._client = client

    def of(self, function_name: str) -> list[EventSourceMapping]:
        """Return a function's mappings that are not being deleted; none if the function does not exist."""
        pages = self._client.get_paginator("list_event_source_mappings").paginate(FunctionName=function_name)
        try:
            found = [mapping for page in pages for mapping in page["EventSourceMappings"]]
        except ClientError as error:
            if _is_gone(error):
                return []
            raise
        return [mapping for mapping in found if mapping["State"] != _DELETING]

    def update(self, uuid: str, settings: Mapping[str, Any]) -> None:
        """Change a mapping's settings, and wait until the change is complete.

        Raises:
            DeploymentError: the mapping is in use, or changing, for five minutes.
        """
        self._change(uuid, lambda: self._client.update_event_source_mapping(UUID=uuid, **settings))

    def delete(self, uuid: str) -> None:
        """Delete a mapping, and wait until it is gone. Idempotent.

        Raises:
            DeploymentError: the mapping is in use, or being deleted, for five minutes.
        """
        try:
            self._change(uuid, lambda: self._client.delete_event_source_mapping(UUID=uuid))
        except ClientError as error:
            if not _is_gone(error):
                raise

    def _change(self, uuid: str, change: Callable[[], object]) -> None:
        for _ in _attempts(uuid):
            self._settle(uuid)
            try:
                change()
            except ClientError as error:
                if not _is_passing(error):
                    raise
            else:
                self._settle(uuid)
                return

    def _settle(self, uuid: str) -> None:
        """Wait until a mapping is in a final state, or gone."""
        for _ in _attempts(uuid):
            try:
                state = self._client.get_event_source_mapping(UUID=uuid)["State"]
            except ClientError as error:
                if _is_gone(error):
                    return
                raise
            if state not in _CHANGING:
                return


def is_early(text: str) -> bool:
    """Return whether a text has Lambda's message that it does not see the permissions of a function's new role yet."""
    return any(part in text for part in _NOT_PROPAGATED)


def _attempts(uuid: str) -> Iterator[None]:
    for _ in range(ATTEMPTS):
        yield
        time.sleep(POLL)
    raise DeploymentError(
        f"The event source mapping {uuid} has been changing for {POLL * ATTEMPTS / 60:.0f} minutes. Run this command "
        "again to keep waiting."
    )


def _is_passing(error: ClientError) -> bool:
    """Return whether Lambda will accept the same call later."""
    return error.response["Error"]["Code"] == "ResourceInUseException" or is_early(str(error))


def _is_gone(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "ResourceNotFoundException")
