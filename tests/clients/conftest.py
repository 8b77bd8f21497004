"""Fixtures for the tests with real clients: a server, one for each test process, and people on it."""

import signal
import socket
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.clients.site import Process, Site, surroundings, unique


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a FSTREAM that `make run` starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "ops", "run", "--port", str(port)]
    environment = surroundings(FSTREAM_MIN_LIFETIME="1", FSTREAM_RATE_LIMITS="off")
    output = tmp_path_factory.mktemp("server") / "output.log"
    with Process(command, output, environment) as running:
        yield running.wait_for(rf"(?m)^FSTREAM is at (http://127\.0\.0\.1:{port})$")
        assert running.stop(signal.SIGTERM) == 0
        assert "Traceback" not in running.output


@pytest.fixture(scope="session")
def site(server: str) -> Site:
    """The server, for requests over plain HTTP."""
    return Site(server)


@pytest.fixture
def sign_up(site: Site) -> Callable[[str], str]:
    """Sign somebody up, under a name that begins as wanted; return an access token."""
    return lambda name: site.sign_up(unique(name))
