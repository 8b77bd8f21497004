"""Fixtures for the browser tests: headless Chromium, and an application to which users are sent back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.application import Application
from tests.browser.chromium import MissingBrowserError, started
from tests.browser.gallery import Gallery
from tests.browser.people import Person
from tests.browser.web_client import Client
from tests.support.shared import site
from tests.support.site import Site, serving, unique

__all__ = ["site"]


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a FSTREAM started as by `make run`, except that what others say is shown at once."""
    with serving(tmp_path_factory.mktemp("server"), FSTREAM_SETTLING_TIME="0.2") as url:
        yield url


@pytest.fixture(scope="package")
def application() -> Iterator[Application]:
    """An application that listens at its redirect URI."""
    waiting = Application()
    thread = threading.Thread(target=waiting.server.serve_forever)
    thread.start()
    yield waiting
    waiting.server.shutdown()
    waiting.server.server_close()
    thread.join()


@pytest.fixture(scope="package")
def gallery(site: Site, application: Application) -> Gallery:
    """Pages without a script in every state."""
    return Gallery(site, application)


@contextmanager
def installed(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start a Chromium with a profile; skip the test if there is none on this machine."""
    with ExitStack() as stack:
        try:
            driver = stack.enter_context(started(profile))
        except MissingBrowserError as missing:
            pytest.skip(str(missing))
        yield driver


@pytest.fixture(scope="package")
def first_window(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A browser that all tests share."""
    with installed(tmp_path_factory.mktemp("profile")) as driver:
        yield Client(driver, site.url)


@pytest.fixture(scope="package")
def second_window(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A browser with another profile, for a second person."""
    with installed(tmp_path_factory.mktemp("profile")) as driver:
        yield Client(driver, site.url)


@pytest.fixture
def window(first_window: Client, site: Site) -> Iterator[Client]:
    """A window in which nobody has been before."""
    yield first_window
    first_window.forget(site.url)


@pytest.fixture
def browser(window: Client) -> webdriver.Chrome:
    """The browser of this window."""
    return window.driver


@pytest.fixture
def client(window: Client) -> Client:
    """The web client in the window of one person."""
    return window


@pytest.fixture
def clients(client: Client, second_window: Client, site: Site) -> Iterator[tuple[Client, Client]]:
    """The web client in the windows of two people."""
    yield client, second_window
    second_window.forget(site.url)


@pytest.fixture
def person(site: Site) -> Callable[[str], Person]:
    """Sign people up by the API."""

    def sign_up(name: str) -> Person:
        name = unique(name)
        return name, site.sign_up(name)

    return sign_up
