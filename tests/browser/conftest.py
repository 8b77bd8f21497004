"""Fixtures for the tests in a browser: headless Chromium, and an application to which it is sent."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from tests.clients.conftest import server, site

__all__ = ["server", "site"]

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --window-size=1000,1000"
)


class Application:
    """An application on this machine, which notes with what people are sent back to it."""

    def __init__(self) -> None:
        self.requests: Queue[str] = Queue()
        requests = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/back"):
                    requests.put(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<title>Back</title>")

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/back?kept=1"


@pytest.fixture
def application() -> Iterator[Application]:
    """An application that waits for people to come back."""
    waiting = Application()
    thread = threading.Thread(target=waiting.server.serve_forever)
    thread.start()
    yield waiting
    waiting.server.shutdown()
    waiting.server.server_close()
    thread.join()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    """A Chromium that has never been used, and never loads anything for itself."""
    if not CHROMIUM or not DRIVER:
        pytest.skip("needs Chromium and its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in [*FLAGS.split(), f"--user-data-dir={tmp_path}"]:
        options.add_argument(flag)
    logging: Any = {"browser": "ALL"}
    options.set_capability("goog:loggingPrefs", logging)
    driver = webdriver.Chrome(options, Service(DRIVER))
    driver.set_page_load_timeout(30)
    yield driver
    driver.quit()
