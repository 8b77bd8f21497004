"""Fixtures for the tests with real clients: a server per test process, and users on it."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.site import Site, serving, unique


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a FSTREAM started as by `make run`."""
    with serving(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="session")
def site(server: str) -> Site:
    """The server, for requests over plain HTTP."""
    return Site(server)


@pytest.fixture
def sign_up(site: Site) -> Callable[[str], str]:
    """Sign a user up, under an unused name with this prefix; return an access token."""
    return lambda name: site.sign_up(unique(name))
