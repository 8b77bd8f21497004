"""Fixtures for the tests with real clients: a server, one for each test process, and people on it."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.site import Site, serving, unique


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a FSTREAM that `make run` starts."""
    with serving(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="session")
def site(server: str) -> Site:
    """The server, for requests over plain HTTP."""
    return Site(server)


@pytest.fixture
def sign_up(site: Site) -> Callable[[str], str]:
    """Sign somebody up, under a name that begins as wanted; return an access token."""
    return lambda name: site.sign_up(unique(name))
