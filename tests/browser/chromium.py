"""Starting Debian's Chromium without a screen."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1000,1000 "
    "--force-prefers-reduced-motion --renderer-process-limit=1 --disable-site-isolation-trials "
    "--disable-features=SpareRendererForSitePerProcess --enable-features=NetworkServiceInProcess2 --in-process-gpu"
)
"""With one process for all pages: a new one for each that is opened takes more than half of the time of the tests.

Network and drawing have no processes of their own either: what processes tell each other takes an eighth of a page's.
"""
_SECONDS = 90
"""Seconds that a page may take to load."""


class MissingBrowserError(Exception):
    """Chromium or its driver is not installed; the message says what to install."""


@contextmanager
def started(profile: Path, *flags: str) -> Iterator[webdriver.Chrome]:
    """Start a Chromium with a profile, and perhaps more flags, without background requests.

    Raises:
        MissingBrowserError: it is not installed.
    """
    chromium, service = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not service:
        raise MissingBrowserError("needs Chromium and its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in [*_FLAGS.split(), *flags, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    logging: Any = {"browser": "ALL"}
    options.set_capability("goog:loggingPrefs", logging)
    driver = webdriver.Chrome(options, Service(service))
    driver.set_page_load_timeout(_SECONDS)
    try:
        yield driver
    finally:
        driver.quit()
