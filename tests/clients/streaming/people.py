"""The users of the tests of live streaming, and the types of the fixtures that make them."""

from collections.abc import Callable
from typing import NamedTuple

from tests.support.sockets import Socket


class Person(NamedTuple):
    """A user of the shared server."""

    name: str
    token: str
    id: str


Join = Callable[..., Person]
"""Signs a user up, who follows these people."""
Listen = Callable[..., Socket]
"""Opens a WebSocket as a user."""
