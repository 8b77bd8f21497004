"""Configures how the functions read their streams: the settings that Chalice's decorator does not support."""

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
    for source in event_sources.ALL:
        found = mappings.of(functions.function_name(deployment.prefix, source.function))
        if len(found) != 1:
            raise DeploymentError(
                f"{source.function} reads {len(found)} streams instead of one. Deploy again: that deletes extra event "
                "source mappings and creates missing ones."
            )
        wanted = parameters(source, dead_letters)
        if any(found[0].get(name) != value for name, value in wanted.items()):
            mappings.update(found[0]["UUID"], wanted)
            changed.append(source.function)
    return changed


def parameters(source: EventSource, dead_letters: str) -> dict[str, Any]:
    """Return the settings as parameters of Lambda's UpdateEventSourceMapping."""
    return source.parameters() | {"DestinationConfig": {"OnFailure": {"Destination": dead_letters}}}
