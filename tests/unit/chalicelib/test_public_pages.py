"""The pages that people open in a browser."""

import re
from typing import Any
from urllib.parse import quote, urljoin

import pytest

from chalicelib import layout
from fstream_app.core.ids import MessageId
from ops.meter import metered
from tests.support.departing import one_call_at_a_time
from tests.support.ends import ENDS
from tests.support.people import Answer, Api, Person
from tests.support.visitor import BROWSER, Page


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def browse(api: Api, path: str) -> Answer:
    return api.get(path, headers={"accept": BROWSER})


def see(api: Api, path: str) -> Page:
    answer = browse(api, path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return Page(answer.text)


def path_of(status: dict[str, Any]) -> str:
    return str(status["url"]).removeprefix("https://fstream.test")


def test_a_hashtag_has_a_page_with_its_public_messages(api: Api, ada: Person, bob: Person) -> None:
    api.post(ada, "in public #Löwe")
    api.post(ada, "for followers #löwe", visibility="private")
    api.post(bob, "unlisted #löwe", visibility="unlisted")
    api.post(bob, "of another #tiger")
    api.deliver()
    for path in ("/tags/löwe", f"/tags/{quote('löwe')}", f"/tags/{quote('LÖWE')}"):
        page = see(api, path)
        assert page.title == "#löwe"
        assert "in public" in page.text
        assert not [word for word in ("followers", "unlisted", "another") if word in page.text]
    assert "No messages right now." in see(api, "/tags/nothing").text


def test_pages_of_many_messages_lead_to_older_ones(api: Api, ada: Person) -> None:
    for number in range(45):
        api.clock.advance(1)
        api.post(ada, f"message {number} #many")
    api.deliver()
    for start in ("/@ada", "/tags/many"):
        seen, path = [], start
        while path:
            page = see(api, path)
            seen += re.findall(r"message (\d+)", page.text)
            path = next((urljoin(start, link["href"]) for link in page.all("a") if link.get("rel") == "next"), "")
        assert seen == [str(number) for number in reversed(range(45))]


def gone(api: Api, ada: Person, bob: Person) -> dict[str, str]:
    """Return paths of messages that no anonymous reader may see, by the reason."""
    deleted, expired = api.post(ada, "x"), api.post(ada, "x", expires_in=60)
    private, direct = api.post(ada, "x", visibility="private"), api.post(ada, "@bob x", visibility="direct")
    api.delete(ada, deleted)
    api.clock.advance(61)
    never = f"/@ada/{MessageId.new(ada.id, api.clock.now)}"
    others = f"/@ada/{api.post(bob, 'x')['id']}"
    hidden = {"deleted": deleted, "expired": expired, "private": private, "direct": direct}
    return {name: path_of(status) for name, status in hidden.items()} | {"never": never, "somebody else's": others}


def test_a_message_that_is_gone_never_was_or_is_not_for_all_looks_the_same(api: Api, ada: Person, bob: Person) -> None:
    seen = {name: browse(api, path) for name, path in gone(api, ada, bob).items()}
    assert {answer.status for answer in seen.values()} == {404}
    # Only the link to the client has what was asked for.
    assert len({re.sub(r"/#/@ada/\w{26}", "", answer.text) for answer in seen.values()}) == 1
    page = Page(seen["deleted"].text)
    assert page.title == "This message is gone"
    assert {"../@ada", "../"} <= {link["href"] for link in page.all("a")}
    assert "Refresh" not in seen["deleted"].headers
    for path in gone(api, ada, bob).values():
        assert api.get(path).json == {"error": "Message not found"}


def test_what_is_not_the_id_of_a_message_is_an_unknown_path(api: Api, ada: Person) -> None:
    for part in ("followers", "109348684578374", "x" * 26, "8" * 26, "é"):
        answer = browse(api, f"/@ada/{part}")
        assert (answer.status, "Page not found" in answer.text) == (404, True), part


def test_a_message_stands_in_its_thread(api: Api, ada: Person, bob: Person) -> None:
    first = api.post(ada, "the first")
    reply = api.post(bob, "@ada the reply", in_reply_to_id=first["id"])
    api.post(ada, "@bob below it", in_reply_to_id=reply["id"])
    api.post(ada, "@bob not for all", in_reply_to_id=reply["id"], visibility="private")
    api.post(bob, "@ada beside it", in_reply_to_id=first["id"])
    api.deliver()
    page = see(api, path_of(reply))
    shown = [text for text in ("the first", "the reply", "below it", "not for all", "beside it") if text in page.text]
    assert shown == ["the first", "the reply", "below it"]
    assert page.text.index("the first") < page.text.index("the reply") < page.text.index("below it")
    assert [article["class"] for article in page.all("article")] == ["message", "message here", "message"]
    assert "in reply to @ada" in page.text
    assert reply["url"] in page.text.partition("Reply")[2]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("text", ["because", "@ada because"])
def test_a_message_whose_parent_is_gone_answers_nothing_on_its_page(
    api: Api, ada: Person, bob: Person, end: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_call_at_a_time(monkeypatch)
    asked = api.post(ada, "why?", expires_in=600)
    api.clock.advance(1)
    reply = api.post(bob, text, in_reply_to_id=asked["id"])
    api.deliver()
    assert "in reply to @ada" in see(api, path_of(reply)).text
    ENDS[end](api, ada, asked)
    api.clock.advance(60)  # until then, profiles are remembered
    assert "in reply to" not in see(api, path_of(reply)).text


@pytest.mark.parametrize("end", ["deleted", "expired"])
def test_a_message_below_a_gap_answers_the_nearest_message_on_its_page(
    api: Api, ada: Person, bob: Person, end: str
) -> None:
    first = api.post(ada, "the first")
    gap = api.post(bob, "the gap", in_reply_to_id=first["id"], expires_in=600)
    last = api.post(ada, "@bob the last", in_reply_to_id=gap["id"])
    beside = api.post(api.sign_up("cyd"), "@ada beside", in_reply_to_id=gap["id"])
    api.deliver()
    assert "in reply to @bob" in see(api, path_of(last)).text
    ENDS[end](api, bob, gap)
    assert "in reply to" not in see(api, path_of(last)).text
    assert "in reply to @ada" in see(api, path_of(beside)).text


@pytest.mark.parametrize("end", ENDS)
def test_the_page_of_a_message_whose_parent_is_gone_reads_no_more(
    api: Api, ada: Person, bob: Person, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_call_at_a_time(monkeypatch)
    asked = api.post(ada, "why?", expires_in=600)
    reply = api.post(bob, "because", in_reply_to_id=asked["id"])
    api.deliver()

    def units() -> float:
        api.clock.advance(60)
        with metered() as cost:
            see(api, path_of(reply))
        return cost.read_units

    before = units()
    ENDS[end](api, ada, asked)
    assert units() <= before


def test_the_text_below_a_content_warning_is_only_on_the_page_that_somebody_asks_for_it(
    api: Api, ada: Person, bob: Person
) -> None:
    status = api.post(ada, "what happens #film", spoiler_text="The <end>")
    reply = api.post(bob, "no warning", in_reply_to_id=status["id"])
    api.deliver()
    for path in ("/@ada", "/tags/film", path_of(status), path_of(reply)):
        page = see(api, path)
        assert "The <end>" in page.text
        assert "what happens" not in api.request("GET", path, headers={"accept": BROWSER}).text, path
        links = [urljoin(path, each["href"]) for each in page.all("a")]
        assert [each for each in links if "unfold" in each] == [path_of(status) + "?unfold=true"]
    page = see(api, path_of(status) + "?unfold=true")
    assert page.text.index("The <end>") < page.text.index("what happens")
    assert "unfold" not in str(page.elements)


def test_a_content_warning_without_a_text_leads_nowhere(api: Api, ada: Person) -> None:
    status = api.post(ada, "", spoiler_text="The <end>")
    for path in ("/@ada", path_of(status)):
        page = see(api, path)
        assert "The <end>" in page.text
        assert "unfold" not in str(page.elements)


def test_the_time_left_is_shown_in_words_and_exactly_on_hover(api: Api, ada: Person) -> None:
    status = api.post(ada, "x", expires_in=2460)
    page = see(api, path_of(status))
    assert "41 min left" in page.text
    posted, expires = page.all("time")[1], page.all("time")[0]
    assert expires["datetime"] == status["pleroma"]["expires_at"]
    assert re.fullmatch(r"Gone on \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC", expires["title"])
    assert posted["datetime"] == status["created_at"]
    assert "just now" in page.text
    api.clock.advance(1260)
    page = see(api, path_of(status))
    assert "20 min left" in page.text
    assert "21 min ago" in page.text
    assert page.all("span")[0]["class"] == "left"
    api.clock.advance(601)
    assert see(api, path_of(status)).all("span")[0]["class"] == "left hot"


def test_a_page_left_open_loads_again_when_the_first_message_on_it_expires(api: Api, ada: Person, bob: Person) -> None:
    long = api.post(ada, "long #tag", expires_in=7200)
    assert browse(api, path_of(long)).headers["Refresh"] == "3600"
    short = api.post(bob, "@ada short #tag", in_reply_to_id=long["id"], expires_in=90)
    api.deliver()
    for path in (path_of(long), path_of(short), "/@bob", "/tags/tag"):
        assert browse(api, path).headers["Refresh"] == "89", path  # 1.5 s have passed, rounded up
    api.clock.advance(89)
    for path in (path_of(long), "/tags/tag"):
        answer = browse(api, path)
        assert "short" not in answer.text
        assert answer.headers["Refresh"] == "3600"
    assert browse(api, path_of(short)).status == 404


def test_pages_without_messages_do_not_load_again(api: Api, ada: Person) -> None:
    for path in ("/", "/@ada", "/tags/x", "/@nobody", "/x/y", "/docs", "/oauth/authorize"):
        assert "Refresh" not in browse(api, path).headers


@pytest.mark.parametrize(
    ("expiries", "seconds"),
    [([1], "1"), ([1000], "1"), ([1001], "2"), ([59_000, 30_000], "30"), ([10**9], "3600"), ([0], "1"), ([-5000], "1")],
)
def test_a_refresh_is_rounded_up_and_bounded(expiries: list[int], seconds: str) -> None:
    assert layout.refresh(expiries, 0) == {"Refresh": seconds}
    assert layout.refresh([], 0) == {}


def test_a_profile_shows_who_somebody_is(api: Api, ada: Person, bob: Person) -> None:
    fields = [{"name": "Pronouns", "value": "she"}, {"name": "Site", "value": "https://ada.example/"}]
    changed = {"display_name": "Ada L.", "note": "Hello #world", "bot": True, "fields_attributes": fields}
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json=changed)
    api.act(bob, "follow", ada)
    api.post(ada, "one")
    api.deliver()
    page = see(api, "/@ada")
    for text in ("Ada L.", "@ada@fstream.test", "bot", "Hello #world", "Pronouns", "she", "1 message", "1 follower",
                 "0 following", "Joined"):  # fmt: skip
        assert text in " ".join(page.text.split()), text
    assert "https://ada.example/" in {link["href"] for link in page.all("a")}
    picture = page.all("img")[0]["src"]
    assert api.get(urljoin("/@ada", picture)).status == 200


def test_wrong_cursors_are_no_defect(api: Api, ada: Person) -> None:
    for path in ("/@ada", "/tags/x"):
        for query in ("max_id=x", "limit=0", "limit=x", "max_id[]=x"):
            assert browse(api, f"{path}?{query}").status < 500


def previewed(page: Page) -> dict[str, str]:
    """Return what a preview of a link to a page shows."""
    return {each["property"]: each["content"] for each in page.all("meta") if "property" in each}


def test_a_preview_has_the_name_and_says_that_the_message_goes_away_but_nothing_of_it(api: Api, ada: Person) -> None:
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json={"display_name": 'Ada "L"'})
    status = api.post(ada, "my words #tag", spoiler_text="my warning", expires_in=3600)
    api.deliver()
    shown = previewed(see(api, path_of(status)))
    assert shown["og:title"] == 'Ada "L" (@ada@fstream.test)'
    assert re.fullmatch(r"A message that goes away on \d+ \w+ \d{4}, \d\d:\d\d:\d\d UTC\.", shown["og:description"])
    assert shown["og:url"] == status["url"]
    for path in (path_of(status), path_of(status) + "?unfold=true", "/@ada", "/tags/tag"):
        page, answer = see(api, path), browse(api, path)
        head = answer.text.partition("<style>")[0]
        assert "my words" not in head
        assert "my warning" not in head
        assert api.get(previewed(page)["og:image"].removeprefix("https://fstream.test")).status == 200
        robots = [each["content"] for each in page.all("meta") if each.get("name") == "robots"]
        assert [*robots, answer.headers["X-Robots-Tag"]] == ["noindex, noarchive"] * 2
        assert previewed(page)["og:url"] == f"https://fstream.test{path.partition('?')[0]}"
    api.delete(ada, status)
    gone = browse(api, path_of(status))
    assert previewed(Page(gone.text)) == {}


@pytest.mark.parametrize("end", ["there", "gone"])
def test_every_page_leads_to_its_place_in_the_client(api: Api, ada: Person, end: str) -> None:
    status = api.post(ada, "words #löwe")
    api.deliver()
    if end == "gone":
        api.delete(ada, status)
    path = path_of(status)
    for place, into in (
        ("/@ada", "/#/@ada"),
        ("/@ada/tagged/löwe", "/#/@ada"),
        (path, f"/#{path}"),
        ("/tags/löwe", "/#/tags/l%C3%B6we"),
        ("/about", "/"),
        ("/account", "/#/settings"),
        ("/account/recover", "/#/settings"),
    ):
        links = [link["href"] for link in Page(browse(api, place).text).all("a")]
        for prefix in ("", "/stage"):  # whatever they are served below
            found = {urljoin(f"https://fstream.test{prefix}{place}", each) for each in links}
            assert f"https://fstream.test{prefix}{into}" in found, place


def test_pages_have_the_colors_of_the_client_and_nothing_else_of_it() -> None:
    client = (layout._CLIENT_STYLESHEET).read_text(encoding="utf-8")
    taken = layout.colors(client)
    assert {"--page", "--ink", "--accent", "--ember", "--error"} <= set(re.findall(r"(--[\w-]+):", taken))
    assert set(re.findall(r"^([^\s@}][^{]*) \{", taken, re.MULTILINE)) == {
        ":root", ":root[data-theme=light]", ":root[data-theme=dark]",
    }  # fmt: skip
    used = set(re.findall(r"var\((--[\w-]+)\)", layout._STYLESHEET.read_text(encoding="utf-8")))
    assert used <= set(re.findall(r"(--[\w-]+):", taken))
