"""The authorization page in a real browser, which enforces its content security policy."""

import secrets
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from fstream_app.access import authorization
from tests.browser.application import Application
from tests.support.site import PASSWORD, SCOPES, Site, unique

STATE = "what the client remembers"
SECONDS = 60


class Client:
    """The application's part of logging in."""

    def __init__(self, site: Site, application: Application) -> None:
        self._site = site
        self._application = application
        self._verifier = secrets.token_urlsafe(64)
        self._registered = site.post(
            "/api/v1/apps", client_name="Fern", redirect_uris=application.redirect_uri, scopes=SCOPES
        )

    @property
    def address(self) -> str:
        """The URL to which the application sends users."""
        asked = {
            "client_id": self._registered["client_id"],
            "redirect_uri": self._application.redirect_uri,
            "response_type": "code",
            "scope": "read write",
            "state": STATE,
            "code_challenge": authorization.challenge(self._verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._site.url}/oauth/authorize?{urlencode(asked)}"

    def answer(self) -> dict[str, list[str]]:
        """Wait until a user comes back; return the query."""
        return parse_qs(urlsplit(self._application.requests.get(timeout=SECONDS)).query)

    def account(self, code: str) -> dict[str, Any]:
        """Exchange a code; return the account of its user."""
        client = {name: self._registered[name] for name in ("client_id", "client_secret")}
        token = self._site.post(
            "/oauth/token",
            grant_type="authorization_code",
            code=code,
            redirect_uri=self._application.redirect_uri,
            code_verifier=self._verifier,
            **client,
        )
        account: dict[str, Any] = self._site.get("/api/v1/accounts/verify_credentials", token["access_token"])
        return account


@pytest.fixture
def client(site: Site, application: Application) -> Client:
    """An application that users log in to."""
    return Client(site, application)


def fill_in(browser: Chrome, username: str, password: str) -> None:
    for name, text in (("username", username), ("password", password)):
        field = browser.find_element(By.ID, name)
        field.clear()
        field.send_keys(text)
    browser.find_element(By.ID, "password").send_keys(Keys.ENTER)


def wait_for(browser: Chrome, title: str) -> None:
    WebDriverWait(browser, SECONDS).until(lambda _: browser.title == title, f"no page {title!r}")


def violations(browser: Chrome) -> list[str]:
    messages = [entry["message"] for entry in browser.get_log("browser")]
    return [message for message in messages if "Content Security Policy" in message]


def test_a_person_signs_up_and_later_logs_in(browser: Chrome, client: Client) -> None:
    name = unique("ada")
    browser.get(client.address)
    browser.find_element(By.LINK_TEXT, "Sign up").click()
    wait_for(browser, "Sign up to use Fern")
    fill_in(browser, name, PASSWORD)
    wait_for(browser, "Keep your recovery code")
    assert len(browser.find_element(By.ID, "recovery-code").text) == 23
    browser.find_element(By.ID, "continue").click()
    wait_for(browser, "Back")
    answer = client.answer()
    assert (answer["state"], answer["kept"]) == ([STATE], ["1"])
    assert client.account(answer["code"][0])["username"] == name

    browser.get(client.address)
    fill_in(browser, name, "wrong horse")
    wait_for(browser, "Error: Log in to use Fern")
    assert browser.find_element(By.CSS_SELECTOR, "[role=alert]").text == "The username or password is incorrect"
    assert browser.find_element(By.ID, "username").get_property("value") == name
    assert browser.switch_to.active_element.get_attribute("id") == "password"
    fill_in(browser, name, PASSWORD)
    wait_for(browser, "Back")
    assert client.account(client.answer()["code"][0])["username"] == name
    assert violations(browser) == []


def test_a_person_refuses_without_filling_anything_in(browser: Chrome, client: Client) -> None:
    browser.get(client.address)
    browser.find_element(By.CSS_SELECTOR, "button[value=refuse]").click()
    wait_for(browser, "Back")
    answer = client.answer()
    assert (answer["error"], answer["state"]) == (["access_denied"], [STATE])


def test_the_page_fits_a_narrow_screen_and_has_its_style(browser: Chrome, client: Client) -> None:
    size = {"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(client.address)
    assert browser.execute_script("return document.documentElement.scrollWidth") == 320
    button = browser.find_element(By.CSS_SELECTOR, "button")
    assert button.value_of_css_property("border-radius") == "999px"
    assert button.size["height"] >= 44  # large enough to touch
    assert violations(browser) == []
