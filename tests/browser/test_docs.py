"""The API's documentation in a real browser, which enforces the page's content security policy."""

from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 20
OPERATION = "#?route=get-/api/v1/timelines/home"
SHOWN = "return document.querySelector('openapi-explorer').shadowRoot.textContent"


def test_the_viewer_shows_an_operation_and_breaks_no_rule_of_the_page(browser: Chrome, server: str) -> None:
    browser.get(f"{server}/docs{OPERATION}")
    WebDriverWait(browser, SECONDS).until(lambda _: "since_id" in browser.execute_script(SHOWN))
    assert "/api/v1/timelines/home" in browser.execute_script(SHOWN)
    log: list[dict[str, Any]] = browser.get_log("browser")
    assert log == []
