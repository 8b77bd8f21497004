"""The web client's components, drawn by themselves: what they make of hostile markup, and of a lifetime's end."""

from tests.browser.web_client import Client

_DRAW = """
const base = document.querySelector("link[rel=stylesheet]").href.replace(/[^/]*$/, "");
const { html, render } = await import(base + "ui.js");
const draw = (what) => {
  const place = document.createElement("div");
  render(what, place);
  return place;
};
"""
_WORDS = """
const { Words } = await import(base + "components/words.js");
const markup = [
  '<p>one &lt;b&gt; <img src="x" onerror="alert(1)"><script>alert(2)</script>two<br />three</p><p>',
  '<a href="javascript:alert(3)">no</a> ',
  '<a href="https://www.example.org/a/&amp;b" onclick="alert(4)">out</a> ',
  '<a href="https://x/@ada" class="u-url mention">@<span>Ada</span></a> ',
  '<a href="https://x/tags/tea" class="mention hashtag" rel="tag">#<span>Tea</span></a></p>',
].join("");
const place = draw(html`<${Words} markup=${markup} />`);
const all = [...place.querySelectorAll("*")];
return {
  elements: [...new Set(all.map((each) => each.localName))].sort(),
  links: [...place.querySelectorAll("a")].map((each) => [each.textContent, each.getAttribute("href"), each.rel]),
  handlers: all.flatMap((each) => each.getAttributeNames()).filter((each) => /^on/.test(each)),
  paragraphs: place.querySelectorAll("p").length,
  text: place.querySelector("p").textContent,
};
"""
_LIFETIME = """
const { Lifetime, Water } = await import(base + "components/lifetime.js");
const status = { created_at: "2030-01-01T00:00:00Z", pleroma: { expires_at: "2030-01-02T00:00:00Z" } };
const until = Date.parse(status.pleroma.expires_at);
return [86_400, 43_200, 8000, 599, 59, 0.5].map((left) => {
  const now = until - left * 1000;
  const place = draw(html`<${Lifetime} status=${status} now=${now} /><${Water} status=${status} now=${now} />`);
  const shown = place.querySelector("time");
  const level = place.querySelector(".water").style.getPropertyValue("--left");
  return [shown.className, shown.textContent.trim(), Number(level)];
});
"""
_CLOSING = """
const { Slot } = await import(base + "components/feed.js");
const place = document.createElement("div");
document.body.replaceChildren(place);
const slots = (going) => render(html`${[0, 1, 2, 3].map((each) => html`<${Slot} key=${each} going=${each === going}>
  <article class="message">${each}<br />${"text ".repeat(1500)}</article>
<//>`)}`, place);
slots(-1);
scrollTo(0, place.children[2].offsetTop);
await new Promise((done) => setTimeout(done, 100));
const read = place.children[2].getBoundingClientRect().top;
slots(0);
await new Promise((done) => setTimeout(done, 600));
return { height: place.children[0].offsetHeight, moved: place.children[2].getBoundingClientRect().top - read };
"""


def test_markup_becomes_text_and_links_of_our_own(client: Client) -> None:
    client.open()
    found = client.run_async(_DRAW + _WORDS)
    assert found["elements"] == ["a", "br", "div", "p"]
    assert found["handlers"] == []
    assert found["links"] == [
        ["out", "https://www.example.org/a/&b", "nofollow noopener noreferrer"],
        ["@Ada", "#/@ada", ""],
        ["#Tea", "#/tags/tea", ""],
    ]
    assert found["paragraphs"] == 2
    assert found["text"] == "one <b> alert(2)twothree"


def test_a_lifetime_is_calm_then_warm_and_counts_the_last_seconds(client: Client) -> None:
    client.open()
    assert client.run_async(_DRAW + _LIFETIME) == [
        ["life calm", "24 h left", 1],
        ["life calm", "12 h left", 0.5],
        ["life ember", "2 h left", 0.093],
        ["life ember", "9 min left", 0.007],
        ["life last", "59 s left", 0.001],
        ["life last", "0 s left", 0],
    ]


def test_a_message_that_goes_closes_up_and_what_is_read_stays_where_it_is(client: Client) -> None:
    client.look(1000)
    client.open()
    found = client.run_async(_DRAW + _CLOSING)
    assert found["height"] == 0
    assert abs(found["moved"]) < 1
