"""The functions that Chalice deploys, and their names."""

from ops import event_sources

API = "api_handler"
"""The function that serves the API."""
STREAMING = tuple(source.function for source in event_sources.ALL)
"""The functions that read streams."""
ALL = (API, *STREAMING)
"""All functions, by the names that Chalice uses."""


def function_name(prefix: str, name: str) -> str:
    """Return a function's name on Lambda, given the prefix `<app>-<stage>` and Chalice's name."""
    return prefix if name == API else f"{prefix}-{name}"
