"""Configures how the functions read their streams, and `live` its queue: what Chalice's decorators do not support."""

from typing import Any

import boto3

from ops import event_sources
from ops.deployment import functions
from ops.deployment.configuration import Deployment
from ops.deployment.errors import DeploymentError
from ops.deployment.mappings import Mappings
from ops.event_sources import EventSource


def configure(session: boto3.Session, deployment: Deployment, dead_letters: str) -> list[str]:
    """Set every event source mapping's settings and its queue for dead letters.

    Returns:
        The functions whose mappings were changed.

    Raises:
        DeploymentError: a function does not have exactly one mapping, or a mapping does not stop changing.
    """
    mappings = Mappings(session.client("lambda"))
    changed = []
    for function, wanted in of_all(deployment, dead_letters).items():
        found = mappings.of(functions.function_name(deployment.prefix, function))
        if len(found) != 1:
            raise DeploymentError(
                f"{function} reads {len(found)} event sources instead of one. Deploy again: that deletes extra event "
                "source mappings and creates missing ones."
            )
        if any(found[0].get(name) != value for name, value in wanted.items()):
            mappings.update(found[0]["UUID"], wanted)
            changed.append(function)
    return changed


def of_all(deployment: Deployment, dead_letters: str) -> dict[str, dict[str, Any]]:
    """Return the wanted settings of each function that has an event source."""
    wanted = {source.function: parameters(source, dead_letters) for source in event_sources.ALL}
    return wanted | ({functions.LIVE: event_sources.LIVE.parameters()} if deployment.streaming else {})


def parameters(source: EventSource, dead_letters: str) -> dict[str, Any]:
    """Return the settings as parameters of Lambda's UpdateEventSourceMapping."""
    return source.parameters() | {"DestinationConfig": {"OnFailure": {"Destination": dead_letters}}}
