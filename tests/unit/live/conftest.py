"""Fixtures: people who listen."""

from collections.abc import Callable

import pytest

from tests.support.listening import Listening
from tests.support.people import Api


@pytest.fixture
def listening(api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Listening:
    """The API on moto, with sockets."""
    return Listening(api, configure, monkeypatch)
