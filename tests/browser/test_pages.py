"""The pages for people in a real browser: accessible, readable and in order at every width, light and dark."""

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.application import Application
from tests.browser.gallery import Gallery
from tests.browser.web_client import Client
from tests.browser.windows import SCHEMES, SECONDS, Window
from tests.support.site import Site, in_time, unique

WIDTHS = (1280, 320)
BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 26, 29)"}


def unfold(browser: Chrome) -> None:
    """Open what is folded. On the API page, open every seventh operation, which covers each kind."""
    browser.execute_script(
        "const all = [...document.querySelectorAll('details')];"
        "all.forEach((each, place) => { each.open = all.length < 20 || place % 7 === 0 })"
    )


def check(window: Window, name: str) -> None:
    """Look at the page that is open in both schemes and at all widths: it has the colors of the schemes."""
    window.check(name, *WIDTHS)
    main = window.driver.find_element(By.TAG_NAME, "main")
    for scheme in SCHEMES:
        window.look(WIDTHS[0], scheme=scheme)
        color = main.value_of_css_property("background-color").replace("rgba", "rgb")
        assert color.startswith(BACKGROUNDS[scheme].removesuffix(")")), (name, scheme)
    assert main.size["width"] <= 860


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    window: Client, site: Site, application: Application
) -> None:
    browser = window.driver
    gallery = Gallery(site, application)
    for name, path in gallery.pages.items():
        browser.get(site.url + path)
        unfold(browser)
        check(window, name)
    for path in (gallery.authorization, f"{gallery.authorization}&prompt=create", "/account/recover"):
        browser.get(site.url + path)
        browser.find_element(By.TAG_NAME, "button").click()
        WebDriverWait(browser, SECONDS).until(lambda _: browser.title.startswith("Error: "))
        check(window, "errors")
    log = [entry["message"] for entry in browser.get_log("browser")]
    assert [message for message in log if "Content Security Policy" in message] == []


@pytest.mark.parametrize("page", ["log in", "sign up"])
def test_in_a_popup_the_fields_and_the_button_are_there_without_scrolling(
    window: Client, site: Site, application: Application, page: str
) -> None:
    browser = window.driver
    path = Gallery(site, application).pages[page]
    window.look(500, 600)
    browser.get(site.url + path)
    for name in ("username", "password"):
        field = browser.find_element(By.ID, name)
        assert field.location["y"] + field.size["height"] <= 600, name
    button = browser.find_element(By.TAG_NAME, "button")
    assert button.location["y"] + button.size["height"] <= 600
    assert browser.execute_script("return window.scrollY") == 0
    assert browser.switch_to.active_element.get_attribute("id") == "username"


def test_what_one_types_stands_between_the_sign_and_the_host(
    browser: Chrome, site: Site, application: Application
) -> None:
    browser.get(site.url + Gallery(site, application).authorization)
    box = browser.find_element(By.CSS_SELECTOR, ".handle-box")
    before, after = box.find_elements(By.TAG_NAME, "span")
    assert (before.text, after.text) == ("@", f"@{site.host}")
    field, gaps = browser.find_element(By.ID, "username"), []
    for text in ("ada", "_lovelace"):
        field.send_keys(text)
        gaps.append(after.location["x"] - field.location["x"])
    assert 0 < gaps[0] < gaps[1]
    assert after.location["x"] - (field.location["x"] + field.size["width"]) < 6
    box.click()  # anywhere in the box
    assert browser.switch_to.active_element.get_attribute("id") == "username"


def test_a_page_left_open_drops_what_expires_without_a_script(browser: Chrome, site: Site) -> None:
    name = unique("ada")
    token = site.sign_up(name)
    lasting = site.say(token, "this stays a while")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def open_page(seconds: int) -> tuple[str, str]:
        going = site.say(token, "this goes at once", expires_in=seconds)
        browser.get(f"{site.url}/@{name}")
        return going["url"], browser.find_element(By.TAG_NAME, "main").text

    (url, text), _ = in_time(open_page, 6)
    assert "this goes at once" in text

    def shown(_: Chrome) -> str:
        return browser.find_element(By.TAG_NAME, "body").text

    WebDriverWait(browser, 10 * SECONDS, ignored_exceptions=[Exception]).until(
        lambda driver: "this stays" in shown(driver) and "this goes" not in shown(driver)
    )
    browser.get(url)
    assert "This message is gone" in shown(browser)
    browser.get(lasting["url"])
    assert "this stays a while" in shown(browser)
