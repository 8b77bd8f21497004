"""Lets all of a process's botocore clients share the descriptions of services, which take longest to load."""

from collections.abc import Iterable
from typing import Any

from botocore.loaders import Loader
from botocore.session import get_session


def share(services: Iterable[str]) -> None:
    """Load the descriptions of services, for the clients that this process and its forks make from now on."""
    loaded: dict[Any, Any] = {}
    make = Loader.__init__

    def make_sharing(self: Loader, *more: Any, **named: Any) -> None:
        make(self, *more, **named)
        self._cache = loaded

    Loader.__init__ = make_sharing
    for service in services:
        get_session().create_client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
