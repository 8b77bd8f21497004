"""Addresses in pages, relative to the page's own: they are right below any path prefix, which no page has to know.

Such prefixes are the stage of a REST API, and whatever a reverse proxy takes away before it passes a request on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chalice.app import Request

_root: ContextVar[str] = ContextVar("root", default=".")


def root() -> str:
    """Return where the server's paths begin, relative to the page that is made: `.` or `../..`, without a slash."""
    return _root.get()


def path(request: Request) -> str:
    """Return the path of a request, without a prefix; variable parts may have their names in place of their values."""
    whole = str(request.context.get("path") or request.path)
    if "stage" not in request.context:
        return whole
    # A REST API's path begins with the prefix, and that of the route does not.
    return request.path if request.path == "/" else request.path + "/" * whole.endswith("/")


@contextmanager
def to(path: str) -> Iterator[None]:
    """Make the pages of the block, or its redirects, for this path."""
    token = _root.set("/".join([".."] * (path.count("/") - 1)) or ".")
    try:
        yield
    finally:
        _root.reset(token)
