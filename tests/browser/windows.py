"""Windows with a profile of their own, in which nothing goes wrong unnoticed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

import axe_playwright_python
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    JavascriptException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.webelement import WebElement

from tests.support.site import eventually

T = TypeVar("T")
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = get_args(Scheme)

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
"""axe-core; this package is used only for its copy of it."""
OF_COLORS = ("color-contrast", "link-in-text-block")
"""The rules that depend on the color scheme."""
SECONDS = 60
_POLL = 0.05
_COLLECT = """
window.troubles = [];
const note = (kind, text) => window.troubles.push(`${kind}: ${text}`);
addEventListener(
  "securitypolicyviolation", each => note("policy", `${each.violatedDirective} ${each.blockedURI}`), true);
addEventListener("error", each => note("error", each.message), true);
addEventListener("unhandledrejection", each => note("rejection", each.reason?.stack ?? each.reason), true);
for (const kind of ["error", "warn"]) {
  const print = console[kind];
  console[kind] = (...all) => { note(kind, all.join(" ")); print.apply(console, all) };
}
window.underWay = 0;
const fetching = window.fetch;
window.fetch = (...all) => {
  window.underWay++;
  return fetching(...all).finally(() => setTimeout(() => window.underWay--));
};
for (const name of ["json", "text"]) {
  const reading = Response.prototype[name];
  Response.prototype[name] = function () {
    window.underWay++;
    return reading.call(this).finally(() => setTimeout(() => window.underWay--));
  };
}
"""
"""Runs before anything else in every document of a window: it counts the requests that are under way, too.

One that is answered remains under way until its body has been read.
"""
_EXAMINE = """
if (!("axe" in window)) return null;
while (document.getAnimations().some(each => each.playState === "running")) await new Promise(requestAnimationFrame);
const within = %s;
const options = %s;
// The sizes of what is touched: axe takes what lies below a dialog, a menu or a pill for something that can be touched.
const enabled = !document.querySelector("dialog[open], [role=menu], :popover-open, .pill button");
const rules = { "target-size": { enabled } };
const place = within && document.querySelector(within) ? within : document;
const { violations } = await axe.run(place, options.runOnly ? options : { ...options, rules });
return {
  violations: violations.map(each => [each.id, each.nodes.map(node => node.html)]),
  width: document.documentElement.scrollWidth,
  cut: [...document.querySelectorAll(".life")]
    .filter(each => each.getBoundingClientRect().right > each.parentElement.getBoundingClientRect().right + 1)
    .map(each => each.parentElement.innerText),
};
"""
_CONTENT = "main, dialog, [role=menu]"
_AXE = {"resultTypes": ["violations"], "preload": False}
"""axe's options: it describes no elements but those that it finds."""
_FIND = """
const [selector, words, exact, inside] = arguments;
const named = each => {
  const by = (each.getAttribute("aria-labelledby") ?? "").split(/\\s+/).filter(Boolean);
  const parts = by.map(id => document.getElementById(id)?.textContent ?? "").join(" ");
  const label = each.labels?.[0]?.textContent;
  return (each.getAttribute("aria-label") || parts || label || each.textContent || each.title || each.placeholder || "")
    .replace(/\\s+/g, " ").trim();
};
const isShown = each => each.checkVisibility({ opacityProperty: false, visibilityProperty: true });
return [...(inside ?? document).querySelectorAll(selector)].filter(each => {
  const name = named(each);
  return isShown(each) && (words === null || (exact ? name === words : name.includes(words)));
});
"""
_ROLES = {
    "button": "button, [role=button], summary",
    "link": "a[href]",
    "field": "input, textarea, select, [role=textbox]",
    "choice": "input[type=radio], input[type=checkbox], [role=radio], [role=switch], option",
    "item": "[role=menuitem], [role=menuitemradio], [role=menuitemcheckbox], [role=option]",
    "tab": "[role=tab], nav a",
    "dialog": "dialog[open], [role=dialog], [role=alertdialog]",
    "heading": "h1, h2, h3",
    "message": "article",
    "status": "[role=status], [role=alert], [aria-live]",
}
"""What has a role, as selectors."""
_STORED = """
const found = {};
for (const [name, store] of [["local", localStorage], ["session", sessionStorage]])
  for (let place = 0; place < store.length; place++)
    found[`${name}: ${store.key(place)}`] = store.getItem(store.key(place));
found.history = JSON.stringify(history.state);
found.name = window.name;
found.cookies = document.cookie;
const databases = (await indexedDB.databases()).map(each => each.name);
found.databases = databases.join();
for (const name of await caches.keys())
  for (const request of await (await caches.open(name)).keys())
    found[`cache: ${request.url}`] = await (await caches.match(request)).text();
return found;
"""


class Load(NamedTuple):
    """What the page holds, after collecting what it no longer needs; the heap is in bytes."""

    nodes: int
    listeners: int
    heap: int


class Window:
    """A window with a profile of its own.

    Elements are found by their role and name, as people who use a screen reader find them. What is looked for is waited
    for, without sleeping.
    """

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self._cdp("Page.addScriptToEvaluateOnNewDocument", source=_COLLECT)
        self._cdp("Emulation.setFocusEmulationEnabled", enabled=True)

    def go(self, address: str) -> None:
        """Load an address."""
        self.driver.get(address)

    def reload(self) -> None:
        self.driver.refresh()

    def crash(self) -> None:
        """Lose the page before it can do anything about it, as when the browser crashes: no script runs any more.

        The browser's log forgets what was in it, such as imports that were cut off.
        """
        self._cdp("Emulation.setScriptExecutionDisabled", value=True)
        self.go("about:blank")
        self._cdp("Emulation.setScriptExecutionDisabled", value=False)
        self.driver.get_log("browser")

    def run(self, script: str, *values: object) -> Any:
        """Run the body of a function in the page; return what it returns."""
        return self.driver.execute_script(script, *values)

    def run_async(self, script: str) -> Any:
        """Run the body of an asynchronous function in the page; return its result."""
        answer = self._cdp(
            "Runtime.evaluate", expression=f"(async () => {{{script}}})()", awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise JavascriptException(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def until(self, condition: Callable[[], T], *, seconds: float = SECONDS, what: str = "") -> T:
        """Wait until a condition is truthy, also while elements are replaced; return it."""

        def met() -> T | None:
            try:
                return condition()
            except (StaleElementReferenceException, ElementClickInterceptedException):
                return None  # a notice may lie over what is clicked; it leaves by itself
            except WebDriverException as error:
                if "navigat" not in str(error.msg):
                    raise
                return None  # another document came meanwhile

        found = eventually(met, seconds=seconds, pause=_POLL)
        if not found:
            raise AssertionError(f"in {seconds} s, there was not {what or condition} in: {self.text[:3000]}")
        return found

    @property
    def text(self) -> str:
        """The text of the page that people see."""
        found: str = self.run("return document.body?.innerText ?? ''")
        return found

    def all(
        self, role: str, words: str | None = None, *, exact: bool = False, inside: object = None
    ) -> list[WebElement]:
        """Return the visible elements with a role, or a selector, whose names have these words, or are them."""
        found: list[WebElement] = self.run(_FIND, _ROLES.get(role, role), words, exact, inside)
        return found

    def find(self, role: str, words: str | None = None, *, exact: bool = False, inside: object = None) -> WebElement:
        """Return the first such element, as soon as there is one."""
        what = f"a {role} named {words!r}"
        return self.until(lambda: self.all(role, words, exact=exact, inside=inside), what=what)[0]

    def click(self, role: str, words: str | None = None, *, exact: bool = False, inside: object = None) -> None:
        """Click such an element, as soon as there is one that can be clicked."""

        def clicked() -> bool:
            found = [each for each in self.all(role, words, exact=exact, inside=inside) if each.is_enabled()]
            if not found:
                return False
            self.run("arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })", found[0])
            found[0].click()
            return True

        self.until(clicked, what=f"a {role} named {words!r} to click")

    def fill(self, words: str, text: str, *, inside: object = None) -> None:
        """Replace the text of the field with this name."""
        field = self.find("field", words, inside=inside)
        field.clear()
        field.send_keys(text)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def press_with(self, modifier: str, key: str) -> None:
        """Press a key while another one is held."""
        ActionChains(self.driver, duration=0).key_down(modifier).send_keys(key).key_up(modifier).perform()

    def see(self, words: str, *, seconds: float = SECONDS) -> None:
        """Wait until the page shows these words."""
        self.until(lambda: words in self.text, seconds=seconds, what=f"the words {words!r}")

    def miss(self, words: str, *, seconds: float = SECONDS) -> None:
        """Wait until the page no longer shows these words."""
        self.until(lambda: words not in self.text, seconds=seconds, what=f"{words!r} to be gone")

    @property
    def focused(self) -> WebElement:
        """The element with the focus."""
        return self.driver.switch_to.active_element

    def look(
        self,
        width: int,
        height: int = 800,
        scheme: Scheme = "light",
        *,
        reduced_motion: bool = False,
        touch: bool = False,
    ) -> None:
        """Set the size of the window and the preferences of the system; from then on, it may have a touch screen.

        Without this, a window prefers reduced motion, so that a test need not wait for its end.
        """
        if touch:
            self._cdp("Emulation.setTouchEmulationEnabled", enabled=True)
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._cdp("Emulation.setDeviceMetricsOverride", **metrics)
        motion = "reduce" if reduced_motion else "no-preference"
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self._cdp("Emulation.setEmulatedMedia", features=features)

    @contextmanager
    def offline(self) -> Iterator[None]:
        """Cut the window off from the network."""
        self._connect(offline=True)
        try:
            yield
        finally:
            self._connect(offline=False)

    def _connect(self, *, offline: bool) -> None:
        self._cdp("Network.enable")
        self._cdp(
            "Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze the page, as a browser does in the background and a laptop that sleeps: no timer runs."""
        self._cdp("Emulation.setFocusEmulationEnabled", enabled=False)  # a page that has the focus is not frozen
        self._cdp("Page.setWebLifecycleState", state="frozen")
        try:
            yield
        finally:
            self._cdp("Page.setWebLifecycleState", state="active")
            self._cdp("Emulation.setFocusEmulationEnabled", enabled=True)

    def violations(self, *rules: str, within: str = "") -> list[tuple[str, list[str]]]:
        """Return what axe finds, by all rules or by these: each with the elements that break it."""
        found: list[tuple[str, list[str]]] = self._examined(*rules, within=within)["violations"]
        return found

    def _examined(self, *rules: str, within: str) -> dict[str, Any]:
        """Wait until nothing moves; return what axe finds then, and the width of the page."""
        only = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
        examine = _EXAMINE % (json.dumps(within), json.dumps(_AXE | only))
        found: dict[str, Any] | None = self.run_async(examine)
        if found is None:
            self._cdp("Runtime.evaluate", expression=f"{AXE}\nundefined")
            found = self.run_async(examine)
        assert found
        return found

    def check(self, name: str, *widths: int, within: str = "") -> None:
        """Look at the screen at some widths, or in a wide window: in the light, and at the last of them in the dark.

        Axe finds nothing, nothing is wider than the window, and every lifetime can be read. At the first width, axe
        examines the whole document; then what differs from screen to screen. In the dark, a width at which the screen
        was examined in the light is examined for its colors only.

        Args:
            name: what a failure is called.
            within: selects the elements to examine, such as a dialog; the others have been examined without it.
        """
        first, *others = widths or (1280,)
        looks: list[tuple[int, Scheme]] = [(first, "light"), *((each, "light") for each in others[:-1])]
        place = within
        for width, scheme in [*looks, ([first, *others][-1], "dark")]:
            self.look(width, 800, scheme, reduced_motion=True)
            found = self._examined(*(OF_COLORS if scheme == "dark" and not others else ()), within=place)
            assert found["violations"] == [], (name, width, scheme, found)
            assert found["width"] <= width, (name, width)
            assert found["cut"] == [], (name, width, found["cut"])
            place = within or _CONTENT

    @property
    def stored(self) -> dict[str, str]:
        """Everything that outlives the page: storages, databases, caches, history, cookies."""
        found: dict[str, str] = self.run_async(_STORED)
        return found

    @property
    def troubles(self) -> list[str]:
        """Violations of the policy, exceptions, and errors and warnings in the console, of the open document."""
        found: list[str] = self.run("return window.troubles ?? []")
        return found

    @property
    def load(self) -> Load:
        """What the page holds."""
        self._cdp("HeapProfiler.collectGarbage")
        self._cdp("Performance.enable")
        found = {each["name"]: int(each["value"]) for each in self._cdp("Performance.getMetrics")["metrics"]}
        return Load(found["Nodes"], found["JSEventListeners"], found["JSHeapUsedSize"])

    @contextmanager
    def before_documents(self, script: str) -> Iterator[None]:
        """Run a script before anything else in each document that is loaded meanwhile."""
        added = self._cdp("Page.addScriptToEvaluateOnNewDocument", source=script)
        try:
            yield
        finally:
            self._cdp("Page.removeScriptToEvaluateOnNewDocument", **added)

    def forget(self, origin: str) -> None:
        """Close the page, and forget what a site has stored and what was set for the window."""
        self._cdp("Emulation.setScriptExecutionDisabled", value=False)
        if self.driver.current_url.startswith(origin):
            self.run("sessionStorage.clear()")
        elif not self.driver.current_url.startswith("about:"):
            self.go(f"{origin}/about")
            self.run("sessionStorage.clear()")
        self.go("about:blank")
        self._cdp("Storage.clearDataForOrigin", origin=origin, storageTypes="all")
        self._cdp("Emulation.clearDeviceMetricsOverride")
        self._cdp("Emulation.setTouchEmulationEnabled", enabled=False)
        self._cdp("Emulation.setEmulatedMedia", features=[])
        self.driver.get_log("browser")

    def picture(self, path: Path) -> None:
        """Write a screenshot of the window."""
        self.driver.save_screenshot(str(path))

    def _cdp(self, command: str, **values: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.driver.execute_cdp_cmd(command, values)
        return answer
