"""What is new in the web client when connections are deaf or die, and when much has come."""

from collections.abc import Callable

from tests.browser.people import Person
from tests.browser.web_client import Client
from tests.support.site import Site

_CLOCK = """
const now = Date.now.bind(Date);
let shift = 0;
Date.now = () => now() + shift;
window.setClock = (seconds) => { shift = 1000 * seconds; };
"""
"""Lets a test set the device's clock."""
_DEAF = """
window.opened = [];
window.WebSocket = class extends EventTarget {
  static OPEN = 1;
  readyState = 0;
  constructor(address) {
    super();
    opened.push(address);
    setTimeout(() => { this.readyState = 1; this.onopen(); });
  }
  send() {}
  close() { this.readyState = 3; }
};
"""
"""Connections that open but never bring anything."""
_HEARD = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  heard = [];
  constructor(...all) {
    super(...all);
    sockets.push(this);
    this.addEventListener("message", ({ data }) => this.heard.push(JSON.parse(data)));
  }
};
"""
"""Notes the connections, and what each of them brings."""
_SILENCE = "sockets[0].onmessage = () => {}"
"""Lets a connection die, and the browser not know."""
_ERRORS = "return sockets[0].heard.filter(each => each.error)"
_GROW = """
const { timelineOf, putAll } = await import(document.querySelector("script[type=module]").src);
const model = await (await fetch(`api/v1/statuses/${ID}`)).json();
const inHours = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();
let created_at = inHours(1);
const make = (number) => ({ ...model, created_at, id: model.id.slice(0, -3) + number });
const numbers = (ids) => ids.map((id) => Number(id.slice(-3)));
const young = timelineOf("made up just now");
young.read = async ({ limit }) => ({ data: [...Array(limit).keys()].map((each) => make(300 - each)), next: "below" });
await young.load();
await young.poll();
const unread = numbers(young.pending.peek());
created_at = inHours(-1);
let newest = 120;
const timeline = timelineOf("made up");
timeline.read = async ({ limit, since_id: since, max_id: until }) => {
  const all = [...Array(newest - 99).keys()].map((each) => make(newest - each));
  const data = all.filter(({ id }) => (!since || id > since) && (!until || id < until)).slice(0, limit);
  if (until?.endsWith("600")) timeline.offer(putAll([make(++newest), make(++newest)]));
  return { data, next: data.length === limit ? data.at(-1).id : null };
};
await timeline.load();
newest = 639;
timeline.offer(putAll([make(200)]));
await timeline.poll();
timeline.prepend(putAll([make(++newest)])[0]);
const before = numbers(timeline.ids.peek());
const pending = numbers(timeline.pending.peek());
timeline.show();
const shown = numbers(timeline.ids.peek());
while (timeline.hasMore.peek()) await timeline.more();
return { unread, before, pending, shown, all: numbers(timeline.ids.peek()) };
"""
"""Polls a timeline in which all is too new to have settled; lets another grow by 520 messages at once, and by two more
while it reads them."""
_SOON = """
const later = window.setTimeout;
const isOfPoll = (wait) => wait >= 20_000 && wait <= 330_000 && wait !== 32_000;
window.setTimeout = (act, wait, ...all) => later(act, isOfPoll(wait) ? 200 : wait, ...all);
"""
"""Polls soon, where the next poll would be in half a minute or later. Requests may still take 32 seconds."""
_HAS_POLLED = """
return opened.length && performance.getEntriesByType("resource").some(each => each.name.includes("/home?limit=40"));
"""


def test_a_connection_that_never_speaks_is_replaced(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada = person("ada")
    with client.before_documents(_DEAF + _SOON):
        client.enter(ada[1])
    client.until(lambda: client.run(_HAS_POLLED), what="a connection, and the poll that follows it")
    site.say(ada[1], "Never announced")
    client.message("Never announced")
    client.until(lambda: client.run("return opened.length > 1"), what="another connection")


def test_a_connection_that_dies_in_silence_is_replaced_and_what_one_writes_elsewhere_is_there(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada = person("ada")
    site.say(ada[1], "Here before")
    with client.before_documents(_CLOCK + _HEARD):
        client.enter(ada[1])
    client.find(".state.live")
    site.say(ada[1], "From my phone")
    client.message("From my phone")
    assert not client.all(".pill button")

    def pass_by(seconds: int) -> None:
        client.run("setClock(arguments[0])", seconds)
        client.come_back()

    pass_by(60)
    client.until(lambda: client.run(_ERRORS), what="an answer")
    pass_by(80)
    assert client.run("return sockets.length") == 1
    client.run(_SILENCE)
    pass_by(140)
    client.until(lambda: len(client.run(_ERRORS)) == 2, what="an answer that is not heard")
    client.find(".state.live")
    pass_by(160)
    client.until(lambda: client.run("return sockets.length") == 2, what="another connection")
    assert client.run("return sockets[0].readyState") >= 2
    site.say(ada[1], "On another line")
    client.message("On another line")
    client.check_calm()


def test_what_comes_while_a_long_gap_is_read_is_not_lost(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    said = site.say(bob[1], "One of many")
    client.enter(ada[1])
    found = client.run_async(f"const ID = {said['id']!r};{_GROW}")
    assert found["unread"] == []
    assert found["before"] == [642, *range(120, 100, -1)]
    assert found["pending"] == list(range(641, 439, -1))
    assert found["shown"] == list(range(642, 439, -1))
    assert found["all"] == list(range(642, 99, -1))
