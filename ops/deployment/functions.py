"""The functions that Chalice makes, and what it calls them."""

from ops import event_sources

API = "api_handler"
"""The function that serves the API."""
STREAMING = tuple(source.function for source in event_sources.ALL)
"""Those that read streams."""
ALL = (API, *STREAMING)
"""All of them, by Chalice's own names for them."""


def function_name(prefix: str, name: str) -> str:
    """Return the name of a function on Lambda, which begins with app and stage."""
    return prefix if name == API else f"{prefix}-{name}"
