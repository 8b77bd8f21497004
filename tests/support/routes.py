"""The routes of the app."""

import inspect

from app import app
from chalicelib.api import Route
from chalicelib.methods import ANY


def declared() -> list[Route]:
    """Return all declared routes, without HEAD and the methods that paths do not have."""
    views = [
        entry.view_function
        for methods in app.routes.values()
        for method, entry in methods.items()
        if method not in {ANY, "HEAD"}
    ]
    return [inspect.getclosurevars(view).nonlocals["route"] for view in views]
