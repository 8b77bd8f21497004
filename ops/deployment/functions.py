"""The functions that Chalice deploys, and their names."""

from ops import event_sources
from ops.deployment.places import Account

API = "api_handler"
"""The function that serves the API."""
STREAMING = tuple(source.function for source in event_sources.ALL)
"""The functions that read streams."""
CONNECT = "websocket_connect"
"""The function that lets connections in. Chalice gives it and the two others of the WebSocket API their names."""
MESSAGE = "websocket_message"
"""The function that handles what clients send."""
SOCKETS = (CONNECT, MESSAGE, "websocket_disconnect")
"""The functions that the WebSocket API calls."""
LIVE = event_sources.LIVE.function
"""The function that reads the queue of live events."""
ALL = (API, *STREAMING, *SOCKETS, LIVE)
"""All functions, by the names that Chalice uses."""


def running(*, streaming: bool) -> tuple[str, ...]:
    """Return the functions that a stage has: without live streaming, neither those for sockets nor `live`."""
    return ALL if streaming else (API, *STREAMING)


def function_name(prefix: str, name: str) -> str:
    """Return a function's name on Lambda, given the prefix `<app>-<stage>` and Chalice's name."""
    return prefix if name == API else f"{prefix}-{name}"


def logical_name(name: str) -> str:
    """Return the first part of the names of a function's resources within templates."""
    return name.title().replace("_", "")


def role_name(prefix: str, region: str, name: str) -> str:
    """Return the name of a function's role. It contains the region, because IAM's names are the same in all regions."""
    return f"{prefix}-{region}-{name}"


def role_path(app: str) -> str:
    """Return the path of an app's roles, which keeps them apart from roles of a similar name."""
    return f"/{app}/"


def role_arn(app: str, prefix: str, account: Account, name: str) -> str:
    """Return the ARN of a function's role."""
    place = f"{role_path(app)}{role_name(prefix, account.region, name)}"
    return f"arn:{account.partition}:iam::{account.id}:role{place}"
