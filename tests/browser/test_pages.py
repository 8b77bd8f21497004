"""The pages for people in a real browser: accessible, readable and in order at every width, light and dark."""

from concurrent.futures import ThreadPoolExecutor

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from tests.browser.gallery import Gallery
from tests.browser.web_client import Client
from tests.browser.windows import SECONDS, Window
from tests.support.site import Site, in_time, unique

WIDTHS = (1280, 320)
BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 26, 29)"}


def unfold(window: Window) -> None:
    """Open what is folded. Of the many operations and shapes of the API, keep some, which cover each kind."""
    window.run(
        "const all = [...document.querySelectorAll('details')];"
        "all.forEach((each, place) => { each.open = true; if (all.length > 20 && place % 20) each.remove() })"
    )


def check(window: Window, name: str) -> None:
    """Look at the page that is open in both schemes and at all widths: it has the colors of the schemes."""
    window.check(name, *WIDTHS)
    main = window.driver.find_element(By.TAG_NAME, "main")
    for scheme in ("dark", "light"):
        window.look(WIDTHS[0], scheme=scheme)
        color = main.value_of_css_property("background-color").replace("rgba", "rgb")
        assert color.startswith(BACKGROUNDS[scheme].removesuffix(")")), (name, scheme)
    assert main.size["width"] <= 860


def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    clients: tuple[Client, Client], gallery: Gallery
) -> None:
    """Two windows share the work."""
    pages = list(gallery.pages.items())

    def see(window: Client, some: list[tuple[str, str]], mistaken: list[str]) -> None:
        for name, path in some:
            window.go(gallery.site.url + path)
            unfold(window)
            check(window, name)
        for path in mistaken:
            window.go(gallery.site.url + path)
            window.driver.find_element(By.TAG_NAME, "button").click()
            window.until(lambda: window.driver.title.startswith("Error: "), what="an error")
            check(window, "errors")

    errors = [gallery.authorization, f"{gallery.authorization}&prompt=create", "/account/recover"]
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(see, each, pages[place::2], errors[place::2]) for place, each in enumerate(clients)]
    for part, each in zip(parts, clients, strict=True):
        part.result()
        each.check_calm(["status of 4"])


def test_in_a_popup_the_fields_and_the_button_are_there_without_scrolling(window: Client, gallery: Gallery) -> None:
    browser = window.driver
    window.look(500, 600)
    for page in ("log in", "sign up"):
        browser.get(gallery.site.url + gallery.pages[page])
        for name in ("username", "password"):
            field = browser.find_element(By.ID, name).rect
            assert field["y"] + field["height"] <= 600, (page, name)
        button = browser.find_element(By.TAG_NAME, "button").rect
        assert button["y"] + button["height"] <= 600, page
        assert browser.execute_script("return window.scrollY") == 0
        assert browser.switch_to.active_element.get_attribute("id") == "username"


def test_what_one_types_stands_between_the_sign_and_the_host(browser: Chrome, gallery: Gallery) -> None:
    browser.get(gallery.site.url + gallery.authorization)
    box = browser.find_element(By.CSS_SELECTOR, ".handle-box")
    before, after = box.find_elements(By.TAG_NAME, "span")
    assert (before.text, after.text) == ("@", f"@{gallery.site.host}")
    field, gaps = browser.find_element(By.ID, "username"), []
    for text in ("ada", "_lovelace"):
        field.send_keys(text)
        gaps.append(after.location["x"] - field.location["x"])
    assert 0 < gaps[0] < gaps[1]
    assert after.location["x"] - (field.location["x"] + field.size["width"]) < 6
    box.click()  # anywhere in the box
    assert browser.switch_to.active_element.get_attribute("id") == "username"


def test_a_page_left_open_drops_what_expires_without_a_script(window: Client, site: Site) -> None:
    browser = window.driver
    name = unique("ada")
    token = site.sign_up(name)
    lasting = site.say(token, "this stays a while")
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

    def open_page(seconds: int) -> tuple[str, str]:
        going = site.say(token, "this goes at once", expires_in=seconds)
        browser.get(f"{site.url}/@{name}")
        return going["url"], browser.find_element(By.TAG_NAME, "main").text

    (url, text), _ = in_time(open_page, 3)
    assert "this goes at once" in text

    window.until(
        lambda: "this stays" in window.text and "this goes" not in window.text,
        seconds=10 * SECONDS,
        what="a page without what has gone",
    )
    browser.get(url)
    assert "This message is gone" in window.text
    browser.get(lasting["url"])
    assert "this stays a while" in window.text
