"""Two people in two windows: what one of them says arrives, counts down and goes, and what they do with it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from selenium.webdriver import Keys

from tests.browser.people import Person, follow
from tests.browser.web_client import Client
from tests.support.site import Site, eventually, in_time, unique

MOST_FRAMES = 15
"""A quarter of a second: so many frames after its second a message may still be there on a busy machine."""
_WATCH = """
const text = arguments[0];
window.seen = { last: 0, frames: [] };
const look = () => {
  const now = Date.now();
  if (document.body.textContent.includes(text)) {
    window.seen.last = now;
    window.seen.frames.push(now);
  } else window.seen.gone ??= now;
  if (!window.seen.gone) requestAnimationFrame(look);
};
look();
"""
"""Notes, at each frame, whether the document has a text."""
_WITHOUT_POLLS = """
const asking = window.fetch;
window.fetch = (address, ...more) =>
  String(address.url ?? address).includes("/timelines/home") ? new Promise(() => 0) : asking(address, ...more);
"""
"""Leaves what asks for home without an answer."""
_REFUSED = """
window.WebSocket = class {
  static OPEN = 1;
  readyState = 3;
  constructor() { setTimeout(() => this.onclose?.({})) }
  send() {}
  close() {}
};
"""
"""A WebSocket that no server accepts."""
_LISTEN = """
const [place] = arguments;
window.heard = "";
new MutationObserver(() => { window.heard += place.textContent; }).observe(place, { childList: true });
"""
"""Notes what is put into a live region, where it stays for some seconds."""


def find_and_follow(client: Client, name: str) -> None:
    """Find somebody by the search, and follow them."""
    client.visit("explore")
    client.find("input[type=search]").send_keys(name)
    client.click("button", "Follow", inside=client.find(".person"))
    client.find("button", "Following")


def show_new(client: Client, text: str) -> None:
    """Wait until a message has arrived, without coming back to the window, and show it."""

    def shown() -> bool:
        for pill in client.all(".pill button"):
            pill.click()
        return bool(client.messages) and any(text in each for each in client.messages)

    client.until(shown, what=f"a new message {text!r}")


def check_end(client: Client, text: str, until: float) -> None:
    """Check that a message leaves at its second, in milliseconds: not before, and in the first frames after it."""
    seen: dict[str, Any] = client.until(lambda: client.run("return window.seen.gone && window.seen"), what="its end")
    assert seen["gone"] >= until
    assert len([each for each in seen["frames"] if each > until]) <= MOST_FRAMES, (until, seen["frames"][-20:])
    assert not client.run("return document.documentElement.outerHTML.includes(arguments[0])", text)


def has_focus(client: Client, text: str) -> bool:
    return client.focused.tag_name == "article" and text in client.focused.text


def ends_in(site: Site, token: str, seconds: int) -> None:
    """Set how long a person's messages last."""
    path, source = "/api/v1/accounts/update_credentials", {"source": {"expires_in": seconds}}
    assert site.request("PATCH", path, token, json=source).status_code == 200


def watch(client: Client, text: str) -> None:
    """See a message that is about to go count down; note its end, and leave the focus on it."""
    message = client.message(text)
    client.run(_WATCH, text)
    assert client.is_warm(text)
    left = client.left(text)
    client.until(lambda: client.left(text) != left, what="a countdown")
    client.run("arguments[0].focus()", message)


def come_by_polls(writer: Client, reader: Client, text: str) -> None:
    """Write a message, and see it come in a window whose WebSocket is refused."""
    with reader.before_documents(_REFUSED):
        reader.open("home")
    reader.find(".state.polling")
    writer.write(text)
    reader.receive(text)


def test_a_message_comes_live_and_by_polls_counts_down_and_goes_at_its_second(
    site: Site, clients: tuple[Client, Client], person: Callable[[str], Person]
) -> None:
    adas, bobs = clients
    name, bob = unique("ada"), person("bob")
    assert len(adas.sign_up(name)) == 23
    site.say(bob[1], "I am here first")
    find_and_follow(adas, bob[0])
    bobs.enter(bob[1], "home")
    find_and_follow(bobs, name)
    token = adas.run("return sessionStorage.getItem('fstream.token')")

    def come(seconds: int) -> tuple[str, float]:
        text = f"The last boat leaves in {seconds} seconds"
        ends_in(site, token, seconds)
        adas.open("home")
        bobs.open("home")
        bobs.find(".state.live")
        bobs.message("I am here first")
        bobs.run(_WITHOUT_POLLS)
        adas.write(text)
        show_new(bobs, text)
        for each in clients:
            watch(each, text)
        (entity,) = site.get(f"/api/v1/accounts/{site.id_of(token)}/statuses", token)
        return text, bobs.run("return Date.parse(arguments[0])", entity["pleroma"]["expires_at"])

    (text, until), _ = in_time(come, 6)
    for each in clients:
        check_end(each, text, until)
        each.until(partial(has_focus, each, "I am here first"), what="the focus on the next message")
    ends_in(site, token, 3600)
    come_by_polls(adas, bobs, "The last boat has left")
    for each in clients:
        each.check_storage(["The last boat"])
        each.check_calm()


def like(client: Client, question: str, answer: str) -> None:
    """Vote for an answer, and make the question a favourite and boost it."""
    message = client.message(question)
    client.click("label", answer, inside=message)
    client.click("button", "Vote", inside=message)
    client.until(lambda: "(your vote)" in message.text, what="the result")
    client.act(question, "Favourite")
    client.act(question, "Boost")
    client.click("item", "Boost", exact=True)


def test_a_question_is_voted_on_liked_boosted_answered_and_deleted(
    site: Site, clients: tuple[Client, Client], person: Callable[[str], Person]
) -> None:
    """One of the two has a phone in the dark."""
    adas, bobs = clients
    ada, bob = person("ada"), person("bob")
    follow(site, ada, bob)
    follow(site, bob, ada)
    bobs.look(390, 800, "dark", touch=True)
    adas.enter(ada[1])
    bobs.enter(bob[1])
    adas.write("Tea or coffee?", send=False)
    adas.click("button", "Poll")
    adas.fill("Answer 1", "Tea")
    adas.fill("Answer 2", "Coffee")
    adas.find("textarea").send_keys(Keys.CONTROL, Keys.ENTER)
    show_new(bobs, "Tea or coffee?")
    like(bobs, "Tea or coffee?", "Coffee")
    (asked,) = site.get(f"/api/v1/accounts/{site.id_of(ada[1])}/statuses", ada[1])
    path = f"/api/v1/statuses/{asked['id']}"
    assert eventually(lambda: (site.get(path)["favourites_count"], site.get(path)["reblogs_count"]) == (1, 1))
    assert [each["votes_count"] for each in site.get(path)["poll"]["options"]] == [0, 1]
    bobs.act("Tea or coffee?", "Reply")
    bobs.until(lambda: bobs.focused.tag_name == "textarea", what="a field for the reply")
    bobs.press("Coffee, and cake")
    bobs.click("button", "Go with it")
    bobs.until(lambda: not bobs.all(".notice"), what="no warning any more")
    bobs.press_with(Keys.CONTROL, Keys.ENTER)
    show_new(adas, "Coffee, and cake")
    adas.visit(f"@{ada[0]}/{asked['id']}")
    adas.message("Coffee, and cake")
    adas.visit("home")
    once = [each for each in bobs.messages if each.startswith("Tea or coffee?")]
    assert (len(once), bobs.all(".pill button")) == (1, []), "a boost of what is there is no message of its own"
    adas.act("Tea or coffee?", "More")
    adas.click("item", "Delete", exact=True)
    for each in clients:
        each.gone("Tea or coffee?")
        each.check_storage(["Tea or coffee?", "Coffee, and cake"])
        each.check_calm()


def let_back(site: Site, client: Client, ada: Person, eve: Person) -> None:
    """See what somebody says go with a block by another app, and come back when the block is lifted."""
    path, text = f"/api/v1/accounts/{site.id_of(eve[1])}", "Buy my boat"
    site.post(f"{path}/unblock", ada[1])
    client.visit("explore/everyone")
    client.receive(text)
    site.post(f"{path}/block", ada[1])
    client.visit("home")
    client.visit("explore/everyone")
    client.let_go(text)
    client.visit(f"@{eve[0]}")
    client.click(".profile button", "More")
    client.click("item", "Unblock")
    client.visit("explore/everyone")
    client.message(text)


def test_people_are_muted_and_blocked_from_what_they_say(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob, eve = person("ada"), person("bob"), person("eve")
    for each, text in ((bob, "Buy this boat"), (eve, "Buy my boat")):
        follow(site, ada, each)
        site.say(each[1], text)
    assert eventually(lambda: len(site.home(ada[1])) == 2)
    client.enter(ada[1])
    for text, action, (name, _) in (("Buy this boat", "Mute", bob), ("Buy my boat", "Block", eve)):
        client.act(text, "More")
        client.run(_LISTEN, client.find(".toasts + * + .unseen[role=status]"))  # which is there before what it says
        client.click("item", f"{action} @{name}")
        client.click("button", action, exact=True, inside=client.find("dialog"))
        client.gone(text)
        client.until(lambda: name in client.run("return heard"), what="words to be read out")  # noqa: B023
    relations = {"id[]": [site.id_of(each[1]) for each in (bob, eve)]}

    def related() -> list[tuple[bool, bool]]:
        found = site.get("/api/v1/accounts/relationships", ada[1], **relations)
        return [(each["muting"], each["blocking"]) for each in found]

    assert eventually(lambda: related() == [(True, False), (False, True)])
    client.reload()
    client.settle()
    assert client.messages == []
    let_back(site, client, ada, eve)
    client.check_storage(["Buy this boat", "Buy my boat"])
    client.check_calm()
