"""Fixtures for the tests with toot, a command-line client: https://toot.bezdomni.net."""

from pathlib import Path

import pytest

from tests.clients.toot.person import SignUp, member
from tests.support.site import Site


@pytest.fixture
def sign_up(site: Site, tmp_path: Path) -> SignUp:
    """Sign a user up and log them in with toot."""
    return lambda name: member(site, name, tmp_path)
