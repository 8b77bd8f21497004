"""Every screen of the web client, as everybody can use it: by keyboard, by a screen reader, narrow, in the dark."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from selenium.webdriver import Keys

from tests.browser.seeded import Clicks, Seeded
from tests.browser.web_client import Client
from tests.support.site import ROOT, Site

WEB = ROOT / "chalicelib" / "web"
WIDE, NARROW = 1000, 320
WITH_RAIL = 1280
OVER = "dialog, [role=menu]"
_COMPONENT = re.compile(r"^(?:export )?(?:async )?(?:function ([A-Z]\w*)\(|const ([A-Z]\w*) = \()", re.MULTILINE)
ELSEWHERE = {"notification-row.js/Everybody", "passwords.js/NewCode", "sessions.js/OthersEnd"}
"""What is not looked at here: it needs many people, another session, or changes the password."""

Component = tuple[str, str]
"""The names of a file and of a function in it."""


@pytest.fixture
def seeded(site: Site) -> Seeded:
    return Seeded(site)


class Drawn:
    """Notes which components are drawn in a window."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.names: set[Component] = set()
        self._cdp("enable")
        self._cdp("startPreciseCoverage", callCount=True, detailed=False)

    def note(self) -> None:
        """Add what was drawn in the document that is open."""
        for script in self._cdp("takePreciseCoverage")["result"]:
            file = script["url"].rpartition("/")[2]
            self.names |= {(file, each["functionName"]) for each in script["functions"] if each["ranges"][0]["count"]}

    def end(self) -> set[Component]:
        """Stop to note anything; return what was drawn."""
        self.note()
        self._cdp("disable")
        return self.names

    def _cdp(self, command: str, **values: object) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.driver.execute_cdp_cmd(f"Profiler.{command}", values)
        return answer


def components() -> set[Component]:
    """Return the components of the screens."""
    return {
        (path.name, match[1] or match[2])
        for path in (WEB / "screens").glob("*.js")
        for match in _COMPONENT.finditer(path.read_text(encoding="utf-8"))
    }


def shows(client: Client, what: str) -> bool:
    """Return whether the screen has these words, or an element with this selector."""
    return what in client.text or bool(client.all(what))


def visit(client: Client, screens: dict[str, str], *widths: int) -> None:
    """Look at screens, each as soon as it shows what it has to show."""
    for path, what in screens.items():
        client.visit(path)
        client.until(lambda what=what: shows(client, what), what=f"{what!r} at {path}")  # type: ignore[misc]
        client.check(path, *widths)


def open_over(client: Client, path: str, clicks: Clicks) -> None:
    """Look at what clicks open over a screen, and close it by keyboard."""
    client.visit(path)
    for role, words in clicks:
        client.click(role, words)
    client.find(OVER)
    client.until(lambda: not client.all("dialog [aria-busy=true]"), what="an answer")
    client.settle()
    client.check(f"{clicks[-1]} at {path}", NARROW, within=OVER)
    client.press(Keys.ESCAPE)
    client.until(lambda: not client.all(OVER), what="an end of what was open")


def see_screens(client: Client, seeded: Seeded) -> set[Component]:
    """Look at what Ada sees; return what was drawn."""
    drawn = Drawn(client)
    client.enter(seeded.ada[1])
    client.message("Tea or coffee?")
    client.check("home with what is beside it", WITH_RAIL)
    client.write("Half a thought", send=False)
    client.check("writing", NARROW)
    visit(client, seeded.screens, WIDE, NARROW)
    return drawn.end()


def see_the_rest(client: Client, seeded: Seeded) -> set[Component]:
    """Look at what everybody sees, at what Cleo does not see, and at what opens over Ada's screens."""
    drawn = Drawn(client)
    client.open()
    client.check("welcome", WIDE, NARROW)
    client.click("button", "Join", exact=False)
    client.find("dialog")
    client.check("joining", NARROW, within=OVER)
    drawn.note()
    client.open(f"@{seeded.bob[0]}")
    client.message("Tea or coffee?")
    client.check("a profile for everybody", WIDE, NARROW)
    client.enter(seeded.cleo[1])
    visit(client, seeded.nothing, NARROW)
    drawn.note()
    client.enter(seeded.ada[1])
    for path, clicks in seeded.dialogs:
        open_over(client, path, clicks)
    return drawn.end()


def test_axe_finds_nothing_on_any_screen_in_either_scheme(clients: tuple[Client, Client], seeded: Seeded) -> None:
    """A new screen or dialog fails this test until `Seeded` leads to it. Two windows share the work."""
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(see, each, seeded) for see, each in zip((see_screens, see_the_rest), clients, strict=True)]
    drawn = set().union(*(part.result() for part in parts))
    for each in clients:
        each.check_storage(["Tea or coffee?", "Between us", "You have won"])
        each.check_calm(["status of 404"])
    first = {name for file, name in drawn if file == "first.js"}
    unseen = {each for each in components() if each not in drawn and each[1] not in first}
    assert {"/".join(each) for each in unseen} == ELSEWHERE
