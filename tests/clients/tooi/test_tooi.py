"""tooi, used by screen and keyboard: what it shows and sends.

tooi is the strictest of the terminal clients: it parses responses into typed models, and shows an error box with a
stack trace when one does not fit.
"""

from collections.abc import Callable
from typing import Any

from tests.clients.browser import log_in, shown_code
from tests.clients.tooi.evening import Evening
from tests.support.site import eventually
from tests.support.terminal import ENTER, Terminal

HALF_BLOCK = "▀"
"""The character that tooi uses for pictures: two pixels, one above the other."""
PROBLEMS = ("Stack trace", "Error", "Failed", "failed")


def link(screen: str) -> str:
    """Return the address that the login screen shows, which takes several lines."""
    lines = [line.strip(" │") for line in screen.splitlines()]
    first = next(number for number, line in enumerate(lines) if "/oauth/authorize" in line)
    last = next(number for number, line in enumerate(lines) if number > first and line.startswith("──"))
    return "".join(lines[first:last])


def assert_no_problem(tooi: Terminal) -> None:
    """Assert that no error box is open."""
    assert not [problem for problem in PROBLEMS if problem in tooi.text], tooi.text


def refresh(tooi: Terminal, evening: Evening, posted: dict[str, Any], text: str) -> None:
    """Refresh the timeline once a message has settled, until when a refresh does not show it.

    Two messages in one refresh would come in the wrong order, and two refreshes at once would be the last.
    """
    page = f"/api/v1/timelines/home?min_id={evening.message}"
    assert eventually(lambda: posted["id"] in evening.site.ids(page, evening.token))
    tooi.type(".")
    tooi.see(text)


def go_up_to(tooi: Terminal, text: str) -> None:
    """Go up by one in the list, to the message with this text; it is then shown beside the list, too."""
    tooi.type("k")
    assert tooi.becomes(lambda screen: screen.count(text) == 2), tooi.text


def test_ada_adds_her_account_and_sees_her_home(start: Callable[[], Terminal], evening: Evening) -> None:
    tooi = start()
    tooi.click("Add Instance")
    tooi.see("Enter your instance's URL")
    tooi.type(evening.site.url + ENTER)
    tooi.click("< Add Instance >")
    tooi.click("Add Account")
    tooi.see("obtain the autorization code", "Authorization code")
    tooi.type(shown_code(log_in(evening.site, link(tooi.text), evening.ada)) + ENTER)
    tooi.miss("Authorization code")
    tooi.click(f"{evening.ada}@")
    # Once in the list, once with its author beside the list.
    tooi.see(f"@{evening.bob}@", f"{evening.bob}@{evening.site.host}", evening.text)
    assert_no_problem(tooi)


def test_ada_reads(tooi: Terminal, evening: Evening) -> None:
    # About the instance: tooi wants a streaming address, which FSTREAM does not have, so it shows preferences alone.
    tooi.type("i")
    tooi.see("User Preferences", "posting:default:language: en")
    tooi.type("q")
    tooi.miss("User Preferences")
    tooi.type("f")
    tooi.see("Status favourited", f"  *  {evening.bob}")
    assert evening.status()["favourited"] is True
    tooi.type("f")
    tooi.see("Status unfavourited")
    assert evening.status()["favourited"] is False
    tooi.type("B")
    tooi.see("Status bookmarked")
    assert evening.site.ids("/api/v1/bookmarks", evening.token) == [evening.message]
    # The author's profile, with header and avatar.
    before = tooi.text.count(HALF_BLOCK)
    tooi.type("a")
    tooi.see("Following", f"@{evening.bob}@")
    tooi.miss("Loading")
    assert tooi.becomes(lambda screen: screen.count(HALF_BLOCK) > before + 100), tooi.text
    assert_no_problem(tooi)


def test_ada_writes(tooi: Terminal, evening: Evening) -> None:
    tooi.type("r")
    tooi.see("Replying to", f"@{evening.bob}", "English")
    tooi.type("Good night")
    tooi.see("Good night")
    tooi.click("< Post status >")
    tooi.miss("Replying to")
    reply = evening.posted("Good night")
    assert reply["in_reply_to_id"] == evening.message
    assert [each["username"] for each in reply["mentions"]] == [evening.bob]
    refresh(tooi, evening, reply, "Good night")

    tooi.type("c")
    tooi.see("Compose toot", "What's on your mind?", "English")
    tooi.type("It is late, and quiet 🌙")
    tooi.see("It is late, and quiet")
    tooi.click("< Post status >")
    tooi.miss("Compose toot")
    posted = evening.posted("It is late, and quiet 🌙")
    assert (posted["visibility"], posted["language"]) == ("public", "en")
    assert_no_problem(tooi)

    refresh(tooi, evening, posted, "It is late, and quiet")
    for text in ("Good night", "It is late, and quiet"):
        go_up_to(tooi, text)
    tooi.type("d")
    tooi.see("Delete status?")
    tooi.type(ENTER)
    tooi.miss("Delete status?", "It is late, and quiet")
    assert evening.site.request("GET", f"/api/v1/statuses/{posted['id']}", evening.token).status_code == 404

    tooi.type("q")
    tooi.see("Quit tooi?")
    tooi.type(ENTER)
    assert tooi.end() == 0
