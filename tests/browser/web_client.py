"""The web client in a window, as a person uses it, in English."""

from collections.abc import Collection, Iterable
from typing import Literal

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webelement import WebElement

from tests.browser.windows import Window
from tests.support.site import PASSWORD

Action = Literal["Reply", "Boost", "Favourite", "Bookmark", "More"]

_TOKEN = "fstream.token"  # a name
_RESTING = """
await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
const loading = [...document.images].filter(each => !each.complete && each.loading !== "lazy");
const moving = document.getAnimations().filter(each => each.playState === "running");
return document.readyState === "complete" && !window.underWay && !loading.length && !moving.length
  && !!document.querySelector("#app")?.innerText.trim() && !document.querySelector(".skeleton, [data-loading]");
"""
_SHOWN = """
return [...document.querySelectorAll("article[data-id]")].filter(each => each.checkVisibility())
  .map(each => each.querySelector(".body")?.innerText.trim() ?? "");
"""
_WITH = """
return [...document.querySelectorAll("article[data-id]")]
  .filter(each => each.checkVisibility() && each.innerText.includes(arguments[0]));
"""


class Client(Window):
    """The web client.

    Args:
        driver: a browser with an empty profile.
        url: where the server is.
    """

    def __init__(self, driver: Chrome, url: str) -> None:
        super().__init__(driver)
        self.url = url

    def open(self, path: str = "") -> None:
        """Load the client at one of its addresses, such as `home` or `@ada`."""
        address = f"{self.url}/#/{path}" if path else f"{self.url}/"
        if self.run("return location.origin + location.pathname") == f"{self.url}/":
            # Going there would not load the document again, and loading it again takes half as long as another one.
            self.run("history.replaceState(null, '', arguments[0])", address)
            self.reload()
        else:
            self.go(address)
        self.settle()

    def visit(self, path: str) -> None:
        """Go to one of the client's addresses without loading it again."""
        self.run("location.hash = arguments[0]", f"#/{path}")
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is loading or moving any more."""
        self.until(lambda: self.run_async(_RESTING), what="a screen that has loaded")

    def come_back(self) -> None:
        """Come back to the window, as from another program: it looks for what is new at once."""
        self.run("dispatchEvent(new Event('pageshow'))")

    def enter(self, token: str, path: str = "home") -> None:
        """Be logged in with a token, as after logging in."""
        with self.before_documents(f"if (origin === {self.url!r}) sessionStorage.setItem({_TOKEN!r}, {token!r})"):
            self.open(path)

    def sign_up(self, name: str) -> str:
        """Sign up from the welcome screen, up to the first step after it; return the recovery code."""
        self.open()
        self.click("button", "Join", exact=False)
        self.click("button", "Continue", inside=self.find("dialog"))
        self.identify(name)
        code = self.find("#recovery-code").text
        self.click("#continue")
        self.settle()
        return code

    def log_in(self, name: str) -> None:
        """Log in from the welcome screen."""
        self.open()
        self.click("button", "Log in")
        self.click("button", "Continue", inside=self.find("dialog"))
        self.identify(name)
        self.settle()

    def identify(self, name: str) -> None:
        """Enter a name, and the password that everybody has, on the server's page."""
        self.find("#username").send_keys(name)
        self.find("#password").send_keys(PASSWORD, Keys.ENTER)

    def write(self, text: str, lifetime: str = "", *, send: bool = True) -> None:
        """Write a message, with one of the lifetimes that are offered, and post it.

        The composer is the one that is on the screen, which rests until it is used, or else the one behind the button
        for writing.
        """
        if not self.all("textarea"):
            resting = self.all("button.hint-field")
            if resting:
                resting[0].click()
            else:
                self.click("button", "Write")
        field = self.find("textarea")
        field.click()
        if field.get_property("value") != text:
            field.send_keys(text)
        if lifetime:
            self.click("label", lifetime, exact=True, inside=self.find("form.composer"))
        if send:
            field.send_keys(Keys.CONTROL, Keys.ENTER)

    @property
    def messages(self) -> list[str]:
        """The texts of the messages on the screen, from the top."""
        found: list[str] = self.run(_SHOWN)
        return found

    def message(self, text: str) -> WebElement:
        """Return the message with this text, as soon as it is there."""
        found: WebElement = self.until(lambda: self._messages(text), what=f"a message {text!r}")[0]
        return found

    def _messages(self, text: str) -> list[WebElement]:
        found: list[WebElement] = self.run(_WITH, text)
        return found

    def gone(self, text: str, *, seconds: float = 60) -> None:
        """Wait until no message with this text is on the screen."""
        self.until(lambda: not self._messages(text), seconds=seconds, what=f"no message {text!r}")

    def let_go(self, text: str) -> None:
        """Wait until a message is not on the screen any more, coming back to the window."""

        def left() -> bool:
            self.come_back()
            return not self._messages(text)

        self.until(left, what=f"no message {text!r}")

    def receive(self, text: str) -> None:
        """Wait until a message has arrived, coming back to the window, and show what is new."""

        def arrived() -> bool:
            self.come_back()
            for pill in self.all(".pill button"):
                pill.click()
            return bool(self._messages(text))

        self.until(arrived, what=f"a new message {text!r}")

    def act(self, text: str, action: Action) -> None:
        """Do something with the message with this text; its actions appear when the mouse is over it."""
        message = self.message(text)
        self.run("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", message)
        ActionChains(self.driver, duration=0).move_to_element(message).perform()
        self.click("button", action, inside=message)

    def left(self, text: str) -> str:
        """Return the words for the time that is left to a message."""
        words: str = self.run("return arguments[0].querySelector('.life')?.innerText ?? ''", self.message(text))
        return words

    def is_warm(self, text: str) -> bool:
        """Return whether a message is shown as about to go."""
        return "ember" in (self.message(text).get_attribute("class") or "")

    def check_storage(self, secrets: Iterable[str], drafts: Collection[str] = ()) -> None:
        """Check that no text outlives the page, except drafts of one's own."""
        for place, content in self.stored.items():
            for text in secrets:
                assert text not in content or text in drafts, (place, text)

    def check_calm(self, allowed: Collection[str] = ()) -> None:
        """Check that nothing went wrong unnoticed, neither in the page nor in the browser's own log.

        Args:
            allowed: parts of what may be in the log, such as the address of a request that was refused.
        """
        logged = [each["message"] for each in self.driver.get_log("browser") if each["level"] in {"SEVERE", "WARNING"}]
        found = [each for each in (*self.troubles, *logged) if not any(part in each for part in allowed)]
        assert not found, found
