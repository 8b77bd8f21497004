"""The pages of an account in a real browser: sessions, the password and the recovery code."""

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.browser.web_client import Client
from tests.support.site import PASSWORD, Site, unique

NEW = "battery staple"


def fill_in(browser: Chrome, address: str, **typed: str) -> None:
    browser.get(address)
    for name, text in typed.items():
        browser.find_element(By.ID, name).send_keys(text)
    browser.switch_to.active_element.send_keys(Keys.ENTER)


def test_a_person_ends_a_session_changes_the_password_and_recovers(window: Client, site: Site) -> None:
    browser = window.driver
    name = unique("ada")
    token = site.sign_up(name)
    fill_in(browser, f"{site.url}/account/sessions", username=name, password=PASSWORD)
    window.see("Choose where to log out")
    browser.find_element(By.CSS_SELECTOR, "input[type=checkbox]").click()
    browser.find_element(By.ID, "password").send_keys(PASSWORD)
    browser.find_element(By.TAG_NAME, "button").click()
    window.see("Ended: 1 session.")
    assert site.request("GET", "/api/v1/timelines/home", token).status_code == 401
    fill_in(browser, f"{site.url}/account/password", username=name, password=PASSWORD, new_password=NEW)
    window.see("Your password is changed")
    code = browser.find_element(By.ID, "recovery-code").text
    fill_in(browser, f"{site.url}/account/recover", username=name, code=code, new_password=PASSWORD)
    window.see("Your new password is set")
    log = [entry["message"] for entry in browser.get_log("browser")]
    assert [message for message in log if "Content Security Policy" in message] == []
