"""The web client in rare states: asleep, cut off, behind a wrong clock, logged out elsewhere, in two windows."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium.webdriver import Keys

from tests.browser.people import Person, follow
from tests.browser.web_client import Client
from tests.support.site import Site, unique

SECRET = "Schwalbenflug"
_CLOCK = """
const SECRET = "Schwalbenflug";
let shift = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + shift;
window.setClock = (seconds) => { shift = 1000 * seconds; };
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  setClock(7200);
  window.wasKept = true;
  window.afterwards = look();
}, true);
window.look = async () => {
  await new Promise(requestAnimationFrame);
  return document.title.includes(SECRET) || [...document.querySelectorAll("main, aside, dialog, input, textarea")]
    .some(each => (each.value ?? each.textContent).includes(SECRET));
};
"""
"""Lets a test set the device's clock. One that sleeps sees it leap, too; a page that comes back slept two hours."""
_TIMELESS = """
window.saysTime = true;
const receiving = window.fetch;
window.fetch = async (...all) => {
  const answer = await receiving(...all);
  if (saysTime) return answer;
  const headers = new Headers(answer.headers);
  headers.delete("date");
  return new Response(answer.body, { status: answer.status, headers });
};
"""
"""Lets a test decide whether the server's answers say what time it is, which a poll could bring at any moment."""
_WAKE = """
setClock(7200);
document.dispatchEvent(new Event("resume"));
return await look();
"""
_WAKE_SILENTLY = """
setClock(7200);
let beats = 0;
setInterval(() => beats++, 100);
while (beats < 3) if (!await look()) return false;
return true;
"""
"""Wakes with the window in sight, of which a browser says nothing. On a busy machine, 300 ms may have no beat."""
_GAP = """
dispatchEvent(new Event("pagehide"));
await fetch(`api/v1/statuses/${ID}`, { method: "DELETE", headers: { Authorization: `Bearer ${TOKEN}` } });
dispatchEvent(new Event("pageshow"));
"""
"""Deletes a message while there is no connection."""
_NO_STORES = """
Object.defineProperty(navigator, "cookieEnabled", { value: false });
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { configurable: true, get() { throw new DOMException("No", "SecurityError"); } });
"""
"""Lets the browser keep nothing, as where its user blocks all cookies."""
_HAS_ASKED = "return performance.getEntriesByType('resource').some(each => each.name.includes('/statuses?id'))"
_FAKES = """
window.fakes = [];
const later = window.setTimeout;
let giveUp;
window.setTimeout = (act, wait, ...all) => {
  if (wait === 32_000) giveUp = act;
  return later(act, wait, ...all);
};
const through = window.fetch;
window.fetch = async (input, init = {}) => {
  const end = giveUp;
  const asked = `${init.method ?? "GET"} ${input}`;
  const at = fakes.findIndex(each => new RegExp(each.match).test(asked));
  if (at < 0) return through(input, init);
  const { status, body = "", headers = {}, lasts, waits, arrives } = fakes[at];
  if (!lasts) fakes.splice(at, 1);
  if (waits) await new Promise(go => { window.letGo = go; });
  if (arrives || waits) {
    const answer = await through(input, init);
    if (waits) return answer;
  }
  if (status) return new Response(body, { status, headers });
  if (arrives) throw new TypeError("lost");
  later(end);
  return new Promise((_, fail) => init.signal.addEventListener("abort", () => fail(new Error())));
};
"""
"""Answers requests in place of the server. Without a status there is no answer, and the 32 seconds for it pass at once.

The client sets its timer for them just before it sends a request. Other requests keep all of their time.
"""
_AT_ONCE = """
const later = window.setTimeout;
window.setTimeout = (act, wait, ...all) => later(act, wait >= 1000 && wait <= 3000 ? 0 : wait, ...all);
"""
"""Loads at once what is loaded some seconds later."""
_KNOWS_OTHERS = "return performance.getEntriesByType('resource').some(each => each.name.endsWith('/windows.js'))"
JSON = {"Content-Type": "application/json"}
REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"status": 502, "body": "<html>Bad gateway"}, "The server has a problem"),
    ({"status": 200, "body": "<html>Welcome to our hotel"}, "want you to log in?"),
    ({"status": 403, "headers": JSON, "body": '{"error": "No way"}'}, "No way."),
    ({}, "No connection"),
    ({"status": 429, "headers": {**JSON, "Retry-After": "1"}, "body": "{}"}, "asks for a pause"),
]
"""Answers that are not the server's, none at all, and a pause that ends by itself; and what is said about each."""


def fake(client: Client, match: str, **answer: object) -> None:
    """Let requests that match a pattern be answered by the test: the next one, or all of them with `lasts`."""
    client.run("fakes.push(arguments[0])", {"match": match, **answer})


def is_there(client: Client, words: str) -> bool:
    """Come back to the window, and return whether it shows these words."""
    client.come_back()
    return words in client.text


@contextmanager
def another_window(client: Client) -> Iterator[Client]:
    """Open another window with the same profile."""
    driver = client.driver
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    try:
        yield Client(driver, client.url)
    finally:
        driver.close()
        driver.switch_to.window(first)


@contextmanager
def shown(client: Client) -> Iterator[None]:
    """Turn to the first window for a while."""
    driver = client.driver
    current = driver.current_window_handle
    driver.switch_to.window(driver.window_handles[0])
    try:
        yield
    finally:
        driver.switch_to.window(current)


def test_whatever_is_on_screen_when_a_device_falls_asleep_is_gone_before_it_shows_a_frame(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    follow(site, ada, bob)
    tag = unique("rain")
    said = site.say(bob[1], f"{SECRET} #{tag} @{ada[0]}", expires_in=3600)
    quoting = site.say(bob[1], "About that", expires_in=86400, quoted_status_id=said["id"])
    site.say(bob[1], f"@{ada[0]} {SECRET}", expires_in=3600, visibility="direct")
    own = site.say(ada[1], f"{SECRET}, as I say", expires_in=3600)
    site.post(f"/api/v1/statuses/{own['id']}/favourite", bob[1])
    site.post(f"/api/v1/statuses/{said['id']}/bookmark", ada[1])
    screens = (
        "home soon notifications/mentions notifications/reactions conversations bookmarks "
        f"@{bob[0]}/{quoting['id']} tags/{tag} search/{site.url}/@{bob[0]}/{said['id']}"
    ).split()
    with client.before_documents(_CLOCK):
        client.enter(ada[1])
        for path in screens:
            client.visit(path)
            # The clock had only been set forward, as the server's next answer says: what was taken away comes back.
            client.until(lambda: is_there(client, SECRET), what=f"{SECRET} at {path}")
            assert client.run_async(_WAKE) is False, path
            client.check_storage([SECRET])
            client.run("setClock(0)")
        client.visit("home")
        client.message(SECRET)
        # Another site is looked at in this window, until the messages have expired.
        client.go(site.url.replace("127.0.0.1", "localhost") + "/about")
        client.driver.back()
        assert client.run("return window.wasKept") is True
        assert client.run_async("return await afterwards") is False
        client.message("About that")
        client.check_storage([SECRET])
    client.check_calm(["WebSocket is closed before"])  # a page that is left


def test_words_survive_what_they_are_about_of_which_nothing_stays(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    parent = site.say(bob[1], "What do you think?", expires_in=3600, spoiler_text=SECRET)
    site.say(ada[1], f"{SECRET}, as I say", expires_in=3600)
    with client.before_documents(_CLOCK + _TIMELESS):
        client.enter(ada[1], f"@{bob[0]}/{parent['id']}")
    client.find("dialog textarea").send_keys("I think so")
    client.find("input.spoiler")
    client.run("saysTime = false")
    assert client.run_async(_WAKE_SILENTLY) is False
    client.see("Your words are still here")
    assert client.focused.get_property("value") == f"@{bob[0]} I think so"
    assert not client.all("input.spoiler")
    client.click("button", "Post them on their own")
    client.click("button", "Post", exact=True)
    client.press(Keys.ESCAPE)
    client.message("I think so")
    client.until(lambda: len(site.home(ada[1])) == 2, what="the message on the server")
    assert not site.get(f"/api/v1/statuses/{parent['id']}/context")["descendants"]
    # What is edited, and not yet changed, goes.
    client.run("setClock(0); saysTime = true")
    client.until(lambda: is_there(client, SECRET), what="the own message")
    client.act(SECRET, "More")
    client.click("item", "Edit", exact=True)
    client.until(lambda: SECRET in str(client.find("dialog textarea").get_property("value")), what="the text")
    assert client.run_async(_WAKE) is False
    client.until(lambda: not client.all("dialog"), what="no composer")
    client.check_calm()


def test_what_is_deleted_while_there_is_no_connection_is_not_shown_afterwards(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada = person("ada")
    said = [site.say(ada[1], f"Number {number:02}" + "\nand so on" * 12) for number in range(15)]
    client.enter(ada[1])
    client.find(".state.live")
    client.run_async(f"const ID = {said[0]['id']!r}, TOKEN = {ada[1]!r};{_GAP}")
    client.find(".state.live")
    client.until(lambda: client.run(_HAS_ASKED), what="what is drawn read again")
    client.settle()
    client.run("scrollTo(0, document.body.scrollHeight)")
    client.message("Number 01")
    client.gone("Number 00", seconds=5)
    client.check_calm(["WebSocket is closed before"])


def test_an_answer_that_is_wrong_late_or_missing_has_a_state_of_its_own(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    with client.before_documents(_FAKES):
        client.enter(ada[1])
    # A part that could not be loaded is loaded once that is possible: browsers remember failed imports.
    with client.offline():
        client.run("location.hash = '#/lists'")
        client.see("No connection")
    client.until(lambda: is_there(client, "Lists"), what="a screen after all")
    for answer, words in REFUSALS:
        tag = unique("rain")
        fake(client, f"/timelines/tag/{tag}", lasts=True, **answer)
        client.run("location.hash = arguments[0]", f"#/tags/{tag}")
        client.see(words)
        client.run("fakes.length = 0")
    client.see("right now")
    # Two profiles, one right after the other, whose answers come in the other order.
    client.visit(f"@{bob[0]}")
    fake(client, f"lookup.*{ada[0]}", waits=True)
    client.run("location.hash = arguments[0]", f"#/@{ada[0]}")
    client.until(lambda: client.run("return 'letGo' in window"), what="a request that waits")
    client.run("location.hash = arguments[0]", f"#/@{bob[0]}")
    client.find("heading", bob[0])
    client.run("letGo()")
    client.settle()
    client.find("heading", bob[0])


def test_a_message_whose_answer_was_lost_is_not_posted_twice(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    """Not even by a window that has been closed meanwhile, and a second press."""
    ada = person("ada")
    with client.before_documents(_FAKES):
        client.enter(ada[1])
    client.write("Said once", send=False)
    for answer, words in [({"arrives": True}, "no connection"), REFUSALS[1]]:
        fake(client, "POST .*/statuses$", **answer)
        client.find("textarea").send_keys(Keys.CONTROL, Keys.ENTER)
        client.see(words)
        client.until(
            lambda: client.find("textarea").get_property("value") == "Said once", what="the words that were typed"
        )
    client.reload()
    client.find("form.composer [type=submit]")
    client.run("const post = document.querySelector('form.composer [type=submit]'); post.click(); post.click()")
    client.until(lambda: client.messages == ["Said once"] and not client.all("textarea"), what="one message")
    assert len(site.home(ada[1])) == 1
    assert not [key for key in client.stored if "draft" in key]


def test_a_session_that_ends_elsewhere_leads_back_to_the_same_words(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    """A thread lies above the screen, so that the way in has to come to the top. A redraft knows what it answers."""
    ada, bob = person("ada"), person("bob")
    parent = site.say(bob[1], "What do you think?", spoiler_text=SECRET)
    path = f"@{bob[0]}/{parent['id']}"
    client.enter(ada[1], path)
    client.find("dialog textarea").send_keys("I think so")
    client.check_storage([SECRET])
    application = {name: site.application[name] for name in ("client_id", "client_secret")}
    assert site.request("POST", "/oauth/revoke", json={"token": ada[1], **application}).status_code == 200
    client.until(lambda: is_there(client, "Your drafts are still here"), what="the end of a session")
    client.click("button", "Log in")
    client.find("#username")
    client.identify(ada[0])
    client.settle()
    assert client.driver.current_url.endswith(path)
    field = client.find("dialog textarea")
    assert field.get_property("value") == f"@{bob[0]} I think so"
    client.click("button", "Content warning", inside=client.find("dialog form"))
    field.send_keys(Keys.CONTROL, Keys.ENTER)
    client.message("I think so")
    client.press(Keys.ESCAPE)
    client.settle()
    client.act("I think so", "More")
    client.click("item", "Delete and", exact=False)
    client.click("button", "Cancel", inside=client.find("dialog form"))
    client.visit("drafts")
    client.click("button", "I think so")
    client.find("dialog textarea").send_keys(Keys.CONTROL, Keys.ENTER)
    [reply] = client.until(lambda: site.get(f"/api/v1/statuses/{parent['id']}/context")["descendants"])
    assert reply["in_reply_to_id"] == parent["id"]
    client.run("history.back()")


def test_what_a_person_does_in_one_window_holds_in_the_other(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    follow(site, ada, bob)
    site.say(bob[1], "From Bob")
    site.say(ada[1], "From me")
    with client.before_documents(_AT_ONCE):
        client.enter(ada[1])
    client.until(lambda: client.run(_KNOWS_OTHERS), what="what other windows need")
    client.write("Typed in one", send=False)
    with another_window(client) as other, other.before_documents(_AT_ONCE):
        other.enter(ada[1])
        other.until(lambda: other.run(_KNOWS_OTHERS), what="what other windows need")
        other.find("textarea").send_keys(" and two")
        with shown(client):
            client.receive("From Bob")
            client.act("From me", "More")
            client.click("item", "Delete", exact=True)
            client.act("From Bob", "More")
            client.click("item", "Mute @", exact=False)
            client.click("button", "Mute", inside=client.find("dialog"))
            client.until(lambda: not client.messages, what="an empty home")
        other.until(lambda: not other.messages, what="an empty home")
        drafts = [json.loads(value)["text"] for key, value in other.stored.items() if "draft" in key]
        assert sorted(drafts) == ["Typed in one", "Typed in one and two"]
        other.visit("settings/look")
        other.click("label", "Dark")
        other.visit("settings")
        with shown(client):
            client.until(lambda: client.run("return document.documentElement.dataset.theme") == "dark", what="the dark")
        other.look(390)
        other.click("button", "Log out")
        other.click("button", "Log out", inside=other.find("dialog"))
        other.find("button", "Join")
    client.find("button", "Join")
    client.check_calm()


def test_a_browser_that_keeps_nothing_is_good_for_reading_and_says_so(client: Client) -> None:
    with client.before_documents(_NO_STORES):
        client.open()
        client.click("button", "Log in")
        client.click("button", "Continue", inside=client.find("dialog"))
        client.see("you can read but not log in")
        client.check_calm()
    client.reload()
