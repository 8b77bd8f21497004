"""The web client in real browsers: two people, what they say, and that it goes."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from selenium.webdriver import Keys

from tests.browser.people import Person, follow
from tests.browser.web_client import Client
from tests.support.site import Site, eventually, in_time

MOST_BYTES, MOST_REQUESTS = 40_000, 10
"""Of what is asked for before the first messages arrive: bytes of script, style and markup; requests for files."""
MOST_BYTES_IN_ALL, MOST_REQUESTS_IN_ALL = 48_000, 25
"""Bytes of files, and requests, until the client rests and has its connection: also for what is beside home."""
FIRST_CALLS = ["/api/v1/accounts/verify_credentials", "/api/v1/timelines/home"]
MANY = 1000
_LOADED = """
const [page] = performance.getEntriesByType("navigation");
const all = [page, ...performance.getEntriesByType("resource")];
const { responseEnd } = all.find(each => each.name.includes("/api/v1/timelines/home"));
return all.map(each => [each.name.replace(origin, ""), each.encodedBodySize, each.startTime < responseEnd]);
"""
"""What the document has asked for: its address, its bytes after compression, and whether before messages arrived."""
_WATCH = """
const [text] = arguments;
window.beats = [];
window.woken = [];
setInterval(() => beats.push(Date.now()), 20);
const seen = () => (document.body.innerText.includes(text) ? [text] : ["another frame"]);
const look = ({ type }) => requestAnimationFrame(() => woken.push([type, seen()]));
document.addEventListener("freeze", () => woken.push(["freeze", []]));
document.addEventListener("resume", look);
addEventListener("pageshow", (event) => event.persisted && look(event));
"""
"""Notes the beats of a timer, and whether the first frame after waking, or coming back, shows a text."""
_MANY = """
const MOST = %s;
const model = %s;
const idOf = (number) => model.id.slice(0, 20) + String(999_999 - number);
const make = (id) => {
  const number = 999_999 - Number(id.slice(20));
  const content = `<p>Message ${number} of many. ${"It has some words. ".repeat(number %% 9)}</p>`;
  return { ...model, id, content, text: null };
};
const answer = (ids) => {
  const headers = { "Content-Type": "application/json" };
  if (ids.length) headers.Link = `<${origin}/api/v1/timelines/home?max_id=${ids.at(-1)}>; rel="next"`;
  return Promise.resolve(new Response(JSON.stringify(ids.map(make)), { headers }));
};
const asking = window.fetch;
window.fetch = (address, ...more) => {
  const { pathname, searchParams } = new URL(address.url ?? address, location.href);
  if (pathname === "/api/v1/statuses") return answer(searchParams.getAll("id[]"));
  if (pathname !== "/api/v1/timelines/home") return asking(address, ...more);
  if (searchParams.has("since_id")) return answer([]);
  const first = searchParams.has("max_id") ? 1_000_000 - Number(searchParams.get("max_id").slice(20)) : 1;
  const count = Math.min(20, MOST + 1 - first);
  return answer([...Array(Math.max(0, count)).keys()].map((each) => idOf(first + each)));
};
"""
"""Answers for home, with so many messages."""
_SCROLL = """
const all = () => [...document.querySelectorAll("article[data-id]")];
const last = () => Number(all().at(-1)?.getAttribute("aria-posinset") ?? 0);
while (last() < %s) {
  scrollTo({ top: document.documentElement.scrollHeight, behavior: "instant" });
  await new Promise(requestAnimationFrame);
}
for (let still = 0, count = 0; still < 20; ) {
  await new Promise(requestAnimationFrame);
  const now = all().length;
  still = now === count ? still + 1 : 0;
  count = now;
}
"""
"""Scrolls until a message with this number is in the document, and all rows around it are."""
_GLIDE = """
const drawn = [];
let isFrame = false;
const asking = window.requestAnimationFrame;
const inserting = Node.prototype.insertBefore;
window.requestAnimationFrame = act => asking(time => {
  isFrame = true;
  setTimeout(() => { isFrame = false; });
  act(time);
});
Node.prototype.insertBefore = function (node, before) {
  if (node.matches?.(".slot")) drawn.push(isFrame);
  return inserting.call(this, node, before);
};
for (let frame = 0; frame < 60; frame++) {
  scrollBy({ top: 40, behavior: "instant" });
  await new Promise(requestAnimationFrame);
}
window.requestAnimationFrame = asking;
Node.prototype.insertBefore = inserting;
return drawn;
"""
"""Scrolls by 40 pixels a frame; returns for each row that was drawn whether that was in a frame, not between two."""
_HOLD = """
const fetching = window.fetch;
window.fetch = async (address, options) => {
  if (options?.method === "POST" && String(address).endsWith("/statuses")) await new Promise(go => window.letGo = go);
  return fetching(address, options);
};
"""
"""Holds each message that is posted, until it is let go."""


def test_home_is_light(site: Site, client: Client, person: Callable[[str], Person]) -> None:
    """What the browser loads for home in a wide window, as it counts it: bytes after compression, and requests."""
    ada = person("ada")
    for number in range(20):
        site.say(ada[1], f"Message {number} of many, with some words in it")
    client.look(1280)
    client.enter(ada[1])
    client.find(".state.live")  # which is the last thing that it does
    client.settle()
    loaded = client.run(_LOADED)
    calls = [name.partition("?")[0] for name, _, is_first in loaded if is_first and name.startswith("/api/")]
    assert sorted(calls) == FIRST_CALLS
    files = {name: size for name, size, _ in loaded if not name.startswith("/api/")}
    first = [name for name, _, is_first in loaded if is_first and name in files]
    code = {name: files[name] for name in first if name.startswith(("/#/", "/web/"))}
    assert sum(code.values()) <= MOST_BYTES, code
    assert len(first) <= MOST_REQUESTS, first
    assert sum(files.values()) <= MOST_BYTES_IN_ALL, files
    assert len(loaded) <= MOST_REQUESTS_IN_ALL, loaded


def test_nothing_grows_while_a_thousand_messages_pass_by(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    """The pages of home are made up in the document, from one real message: writing so many takes long."""
    ada = person("ada")
    said = site.say(ada[1], "One of a thousand")
    account = site.get("/api/v1/accounts/verify_credentials", ada[1])
    with client.before_documents(_MANY % (MANY, json.dumps({**said, "account": account}))):
        client.enter(ada[1])
    client.message("Message 1 of many")
    drawn = client.run_async(_GLIDE)
    assert drawn
    assert not any(drawn), drawn
    client.run_async(_SCROLL % 200)
    before = client.load
    client.run_async(_SCROLL % MANY)
    client.message(f"Message {MANY} of many")
    after = client.load
    assert after.nodes <= before.nodes * 1.5, (before, after)
    assert after.listeners <= before.listeners * 1.5, (before, after)
    assert after.heap <= before.heap * 1.3, (before, after)
    client.run("scrollTo({ top: 0, behavior: 'instant' })")
    client.message("Message 1 of many")
    client.check_calm()


def test_the_keyboard_alone_is_enough_and_a_draft_survives_a_crash(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    follow(site, ada, bob)
    site.say(bob[1], "Is anybody awake?")
    assert eventually(lambda: site.home(ada[1]))
    client.enter(ada[1])
    client.press("j")
    assert "Is anybody awake?" in client.focused.text
    client.press("f")
    client.until(lambda: client.all("button", "Take the favourite back"))
    assert eventually(lambda: site.get("/api/v1/favourites", ada[1]))
    client.look(1280)
    client.press("/")
    client.until(lambda: client.focused.tag_name == "input")
    client.press(Keys.ESCAPE)
    client.press("g", "s")
    client.until(lambda: client.driver.current_url.endswith("#/settings"))
    client.press("g", "h")
    client.until(lambda: client.driver.current_url.endswith("#/home"))
    client.press("c")
    client.until(lambda: client.focused.tag_name == "textarea")
    client.press("Half a thought")
    client.run_async("await new Promise(done => setTimeout(done))")
    client.check_calm()
    client.crash()
    client.open("home")
    client.press("c")
    client.until(lambda: client.focused.get_property("value") == "Half a thought")
    client.press(" and the other half")
    client.press_with(Keys.CONTROL, Keys.ENTER)
    client.message("Half a thought and the other half")
    client.until(lambda: "Half a thought" not in str(client.stored), what="the end of the draft")
    client.check_storage(["Half a thought", "Is anybody awake?"])
    client.check_calm()


def frame_after(client: Client, event: str) -> list[str]:
    """Return what the first frame after an event shows, as soon as there is one."""
    frames: list[tuple[str, list[str]]] = client.run("return woken")
    return dict(frames).get(event, [])


def test_a_page_that_was_frozen_or_left_shows_nothing_that_has_expired_not_even_for_a_frame(
    site: Site, clients: tuple[Client, Client], person: Callable[[str], Person]
) -> None:
    """A laptop sleeps with one page open; from the other, its reader went on to another page, and comes back."""
    ada = person("ada")
    sleeping, left = clients
    for each in clients:
        each.enter(ada[1])

    def show(seconds: int) -> dict[str, Any]:
        going = site.say(ada[1], f"Gone in {seconds} seconds, asleep or not", expires_in=seconds)
        for each in clients:
            each.reload()
            each.message("asleep or not")
        return going

    going, _ = in_time(show, 4)
    for each in clients:
        each.run(_WATCH, "asleep or not")
    left.go(f"{site.url}/about")
    with sleeping.frozen():
        asleep_at = sleeping.run("return Date.now()")
        path = f"/api/v1/statuses/{going['id']}"
        assert eventually(lambda: site.request("GET", path).status_code == 404, seconds=400)
        woken_at = sleeping.run("return Date.now()")
    left.driver.back()
    for each, event in ((sleeping, "resume"), (left, "pageshow")):
        assert each.until(partial(frame_after, each, event), what=f"a frame after {event}") == ["another frame"]
    beats = sleeping.run("return beats.filter(each => arguments[0] < each && each < arguments[1])", asleep_at, woken_at)
    assert beats == []
    for each in clients:
        assert ["freeze", []] in each.run("return woken")
        each.check_calm()


def test_offline_nothing_typed_is_lost_and_back_online_it_goes_on(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada = person("ada")
    site.say(ada[1], "Before the tunnel")
    client.enter(ada[1])
    client.write("From the tunnel", send=False)
    with client.offline():
        client.find("textarea").send_keys(Keys.CONTROL, Keys.ENTER)
        client.until(lambda: client.all("[role=alert], [role=status]", "connection"), what="words about the failure")
        client.until(lambda: client.find("textarea").get_property("value") == "From the tunnel", what="the text")
    client.come_back()
    client.find("textarea").send_keys(Keys.CONTROL, Keys.ENTER)
    assert eventually(lambda: len(site.home(ada[1])) == 2)
    client.message("From the tunnel")
    client.check_calm(["ERR_INTERNET_DISCONNECTED"])


def test_what_is_typed_meanwhile_is_kept_and_a_second_answer_is_as_private_as_the_first(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    asked = site.say(bob[1], f"@{ada[0]} Between the two of us", visibility="direct")
    client.enter(ada[1], f"@{bob[0]}/{asked['id']}")
    client.run(_HOLD)
    field = client.find("textarea", inside=client.find("dialog"))
    field.click()
    for text, more in (("One", "Two"), ("", "Three")):
        field.send_keys(text, Keys.CONTROL, Keys.ENTER)
        client.until(lambda: client.run("return Boolean(window.letGo)"), what="a request")
        field.send_keys(more)
        client.run("letGo(); letGo = null")
        client.until(lambda: not client.all("button[aria-busy=true]"), what="an answer")
        assert field.get_property("value") == f"@{bob[0]} {more}"
    said = site.get(f"/api/v1/accounts/{site.id_of(ada[1])}/statuses", ada[1])
    assert [each["visibility"] for each in said] == ["direct"] * 2
    assert [each["mentions"][0]["acct"] for each in said] == [bob[0]] * 2
    client.check_storage(["One", "Two", "Three"], drafts=["Three"])
    client.check_calm()
