"""Fixtures for the browser tests: headless Chromium, and an application to which users are sent back."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.browser.application import Application
from tests.browser.web_client import Client
from tests.support.shared import server, site
from tests.support.site import Site

__all__ = ["server", "site"]

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1000,1000"
)


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
def started(profile: Path) -> Iterator[webdriver.Chrome]:
    """Start a Chromium with a profile, without background requests."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    logging: Any = {"browser": "ALL"}
    options.set_capability("goog:loggingPrefs", logging)
    driver = webdriver.Chrome(options, Service(DRIVER))
    driver.set_page_load_timeout(90)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium with a fresh profile and without background requests."""
    with started(tmp_path) as driver:
        yield driver


@pytest.fixture(scope="package")
def two_clients(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Client]]:
    """Two people's windows, which all tests of the web client share."""
    profiles = [tmp_path_factory.mktemp("profile") for _ in range(2)]
    with started(profiles[0]) as first, started(profiles[1]) as second:
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
