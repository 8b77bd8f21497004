"""How the functions read their streams: what Chalice's decorator cannot say is set after it has deployed."""

from typing import Any

import boto3

from ops import event_sources
from ops.deployment import deployed, functions
from ops.deployment.configuration import Deployment
from ops.deployment.errors import DeploymentError
from ops.event_sources import EventSource


def configure(session: boto3.Session, deployment: Deployment, dead_letters: str) -> list[str]:
    """Give every event source mapping its settings and the queue for dead letters.

    Returns:
        The functions whose mappings had other settings.

    Raises:
        DeploymentError: a function has no mapping.
    """
    client = session.client("lambda")
    changed = []
    for source in event_sources.ALL:
        found = deployed.mappings(client, functions.function_name(deployment.prefix, source.function))
        if len(found) != 1:
            raise DeploymentError(
                f"{source.function} reads {len(found)} streams and should read one. Call this again; what is too much "
                "is deleted, and what is missing made."
            )
        wanted = parameters(source, dead_letters)
        if any(found[0].get(name) != value for name, value in wanted.items()):
            client.update_event_source_mapping(UUID=found[0]["UUID"], **wanted)
            changed.append(source.function)
    return changed


def parameters(source: EventSource, dead_letters: str) -> dict[str, Any]:
    """Return the settings in the words of Lambda's UpdateEventSourceMapping."""
    return source.parameters() | {"DestinationConfig": {"OnFailure": {"Destination": dead_letters}}}
