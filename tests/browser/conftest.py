"""Fixtures for the browser tests: headless Chromium, and an application to which users are sent back."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.browser.application import Application
from tests.support.shared import server, site

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


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium with a fresh profile and without background requests."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path}"]:
        options.add_argument(flag)
    logging: Any = {"browser": "ALL"}
    options.set_capability("goog:loggingPrefs", logging)
    driver = webdriver.Chrome(options, Service(DRIVER))
    driver.set_page_load_timeout(90)
    yield driver
    driver.quit()
