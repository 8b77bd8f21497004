"""Fixtures for the browser tests: headless Chromium, and an application to which users are sent back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.application import Application
from tests.browser.chromium import MissingBrowserError, started
from tests.browser.people import Person
from tests.browser.web_client import Client
from tests.support.shared import server, site
from tests.support.site import Site, unique

__all__ = ["server", "site"]


@pytest.fixture
def application() -> Iterator[Application]:
    """An application that listens at its redirect URI."""
    waiting = Application()
    thread = threading.Thread(target=waiting.server.serve_forever)
    thread.start()
    yield waiting
    waiting.server.shutdown()
    waiting.server.server_close()
    thread.join()


@contextmanager
def installed(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start a Chromium with a profile; skip the test if there is none on this machine."""
    with ExitStack() as stack:
        try:
            driver = stack.enter_context(started(profile))
        except MissingBrowserError as missing:
            pytest.skip(str(missing))
        yield driver


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium with a fresh profile and without background requests."""
    with installed(tmp_path) as driver:
        yield driver


@pytest.fixture(scope="package")
def two_clients(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Client]]:
    """Two people's windows, which all tests of the web client share."""
    profiles = [tmp_path_factory.mktemp("profile") for _ in range(2)]
    with installed(profiles[0]) as first, installed(profiles[1]) as second:
        yield Client(first, site.url), Client(second, site.url)


@pytest.fixture
def clients(two_clients: tuple[Client, Client], site: Site) -> Iterator[tuple[Client, Client]]:
    """Two people's windows, in which nobody has been before."""
    for each in two_clients:
        each.forget(site.url)
    yield two_clients
    for each in two_clients:
        each.go("about:blank")


@pytest.fixture
def client(clients: tuple[Client, Client]) -> Client:
    """The window of one person."""
    return clients[0]


@pytest.fixture
def person(site: Site) -> Callable[[str], Person]:
    """Sign people up by the API."""

    def sign_up(name: str) -> Person:
        name = unique(name)
        return name, site.sign_up(name)

    return sign_up
