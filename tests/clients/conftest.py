"""Fixtures for the tests with real clients: users on the shared server."""

from collections.abc import Callable

import pytest

from tests.support.shared import server, site
from tests.support.site import Site, unique

__all__ = ["server", "site"]


@pytest.fixture
def sign_up(site: Site) -> Callable[[str], str]:
    """Sign a user up, under an unused name with this prefix; return an access token."""
    return lambda name: site.sign_up(unique(name))
