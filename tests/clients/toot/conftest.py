"""Fixtures for the tests with toot, a client for the command line: https://toot.bezdomni.net."""

from pathlib import Path

import pytest

from tests.clients.toot.person import SignUp, member
from tests.support.site import Site


@pytest.fixture
def sign_up(site: Site, tmp_path: Path) -> SignUp:
    """Sign somebody up, who is logged in with toot then."""
    return lambda name: member(site, name, tmp_path)
