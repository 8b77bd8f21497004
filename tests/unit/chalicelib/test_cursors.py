"""Cursors that are not this server's ids, and the links between pages."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from chalice.app import Request
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import pages
from chalicelib.api import Call
from chalicelib.pages import Cursors
from chalicelib.rates import Limits
from fstream_app.core.errors import Invalid
from fstream_app.core.ids import HIGHEST, LOWEST, MessageId, is_user_id, new_user_id
from tests.support.people import Api, Person

ADA_ID = "0" * 12 + "1"
FOREIGN = [
    *("0", "1", "-1", "109348684123456789", "x", "null", "undefined", "NaN", "01FZ", "0" * 25, "0" * 27),
    *("8" + "0" * 25, "u" * 26, "%00", "é", "9GsAbCdEfGhIjKlMnO", "z" * 500, "' OR 1=1", "2040-01-01T00:00:00Z"),
]
"""Ids of other servers, and other values that clients send as cursors."""
SAMPLE = ["0", "109348684123456789", "x"]
"""Values for every list. One list is read with all values: the same function parses the cursors of all of them."""
MESSAGE_ID = st.builds(MessageId.new, st.builds(new_user_id), st.integers(0, 2**48 - 1))
NO_ID = st.text(max_size=30).filter(lambda text: pages.message_id(text) is None)


def timelines(author: Person) -> list[str]:
    """Return the lists whose cursors are ids of messages, each with three entries."""
    paths = ["timelines/home", "timelines/public", "timelines/tag/tag", f"accounts/{author.id}/statuses"]
    return [f"/api/v1/{path}" for path in (*paths, "favourites", "bookmarks")]


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def posted(api: Api, ada: Person) -> list[str]:
    """Three messages, newest first, which Ada has favourited and bookmarked."""
    found = []
    for number in range(3):
        found.append(api.post(ada, f"{number} #tag")["id"])
        api.clock.advance(1)
        for verb in ("favourite", "bookmark"):
            api.request("POST", f"/api/v1/statuses/{found[-1]}/{verb}", ada)
    api.deliver()
    return found[::-1]


@pytest.mark.parametrize("cursor", [*FOREIGN, ADA_ID])
def test_a_cursor_that_is_not_a_messages_id_is_below_everything(
    api: Api, ada: Person, posted: list[str], cursor: str
) -> None:
    for path in timelines(ada)[: None if cursor in SAMPLE else 1]:
        for name in ("since_id", "max_id", "min_id"):
            assert api.read(path, ada, **{name: cursor}) == posted, (path, name)
        assert api.read(path, ada, since_id=cursor, limit=2) == posted[:2], path
        assert api.read(path, ada, max_id=cursor, limit=2) == posted[:2], path
        assert api.read(path, ada, min_id=cursor, limit=2) == posted[1:], path
        assert api.read(path, ada, since_id=cursor, max_id=posted[1]) == posted[2:], path
        assert api.read(path, ada, since_id=posted[1], max_id=cursor) == posted[:1], path


@pytest.mark.parametrize("cursor", SAMPLE)
def test_a_cursor_that_is_not_a_notifications_id_is_below_everything(api: Api, ada: Person, cursor: str) -> None:
    bob = api.sign_up("bob")
    for number in range(3):
        api.post(bob, f"@ada {number}")
        api.clock.advance(1)
    api.deliver()
    everything = api.read("/api/v1/notifications", ada)
    assert len(everything) == 3
    for name in ("since_id", "max_id", "min_id"):
        assert api.read("/api/v1/notifications", ada, **{name: cursor}) == everything, name
    assert api.read("/api/v1/notifications", ada, min_id=cursor, limit=1) == everything[2:]


@pytest.mark.parametrize(
    ("kind", "cursor"),
    [
        *(("followers", cursor) for cursor in [*FOREIGN, "0" * 26]),
        *((kind, cursor) for kind in ("following", "blocks", "mutes", "favourited_by") for cursor in SAMPLE),
    ],
)
def test_a_cursor_that_is_not_an_accounts_id_is_the_end_of_the_list(api: Api, kind: str, cursor: str) -> None:
    ada, *others = (api.sign_up(f"user{number}") for number in range(4))
    status = api.post(ada, "x")["id"]
    path = f"/api/v1/accounts/{ada.id}/{kind}"
    for each in others:
        if kind == "followers":
            api.act(each, "follow", ada)
        elif kind == "favourited_by":
            path = f"/api/v1/statuses/{status}/favourited_by"
            api.request("POST", f"/api/v1/statuses/{status}/favourite", each)
        else:
            api.act(ada, {"following": "follow", "blocks": "block", "mutes": "mute"}[kind], each)
            path = path if kind == "following" else f"/api/v1/{kind}"
    everything = sorted(each.id for each in others)
    for name in ("since_id", "max_id", "min_id"):
        assert api.read(path, ada, **{name: cursor}) == everything, name
    assert api.read(path, ada, since_id=cursor, limit=2) == everything[:2]
    assert api.read(path, ada, max_id=cursor, limit=2) == everything[:2]
    assert api.read(path, ada, min_id=cursor, limit=2) == everything[1:]


@given(NO_ID, MESSAGE_ID)
def test_any_text_is_a_cursor(text: str, known: MessageId) -> None:
    for cursors in (Cursors(max_id=text), Cursors(since_id=text), Cursors(min_id=text)):
        window = pages.window(cursors)
        assert (window.after, window.before) == (LOWEST, HIGHEST)
        assert window.oldest_first is bool(cursors.min_id)
    window = pages.window(Cursors(since_id=text, max_id=str(known)))
    assert (window.after, window.before) == (LOWEST, known)
    window = pages.window(Cursors(since_id=str(known), max_id=text))
    assert (window.after, window.before) == (known, HIGHEST)


@given(st.text(max_size=20).filter(lambda text: not is_user_id(text)))
def test_any_text_is_a_cursor_of_accounts(text: str) -> None:
    assert pages.part(Cursors(max_id=text, since_id=text)) == pages.part(Cursors())
    assert pages.part(Cursors(min_id=text)).before == (HIGHEST.author_id if text else None)


KNOWN = [
    ("limit=1", "limit=1"),
    ("limit=1&exclude_replies=true&tagged=tag", "limit=1&exclude_replies=true&tagged=tag"),
    ("limit=1&utm_source=x&access_token=secret&_=1", "limit=1"),
    ("limit=1&limit=1&limit=1", "limit=1"),
    ("max_id=x&limit=1&since_id=0", "limit=1"),
    ("limit=1&" + "x" * 9_000, "limit=1"),
    ("limit=1&" + "&".join(f"x{number}=y" for number in range(900)), "limit=1"),
    ("limit=1&any[]=tag", "limit=1"),
    ("", ""),
]


@pytest.mark.parametrize(("asked", "kept"), [(asked, kept) for asked, kept in KNOWN if asked])
def test_links_repeat_the_parameters_of_the_list_and_no_others(
    api: Api, ada: Person, posted: list[str], asked: str, kept: str
) -> None:
    answer = api.get(f"/api/v1/accounts/{ada.id}/statuses?{asked}", ada)
    base = f"https://fstream.test/api/v1/accounts/{ada.id}/statuses?{kept}"
    assert answer.link("next") == f"{base}&max_id={posted[0]}"
    assert answer.link("prev") == f"{base}&min_id={posted[0]}"


@pytest.mark.parametrize(
    "asked",
    [
        [("any[]", "tea"), ("any[]", "mars"), ("none[]", "dry")],
        [("any[0]", "tea"), ("any[1]", "mars"), ("none[0]", "dry")],
        [("any", "tea"), ("any", "mars"), ("none", "dry")],
    ],
)
def test_links_keep_arrays_as_the_client_spells_them(api: Api, ada: Person, asked: list[tuple[str, str]]) -> None:
    found = [api.post(ada, f"#{tag}")["id"] for tag in ("tag", "tea", "mars", "tag #dry")]
    api.deliver()
    answer = api.get(f"/api/v1/timelines/tag/tag?{urlencode([*asked, ('limit', '1'), ('x[]', 'y')])}", ada)
    walked = [answer.json[0]["id"]]
    assert parse_qsl(urlsplit(answer.link("next") or "").query)[:-1] == [*asked, ("limit", "1")]
    while address := answer.link("next"):
        parts = urlsplit(address)
        answer = api.get(f"{parts.path}?{parts.query}", ada)
        walked += [each["id"] for each in answer.json]
    assert walked == sorted(found[:3], reverse=True)


def call(query: dict[str, list[str]], path: str = "/prod/api/v1/timelines/home") -> Call[Cursors]:
    event = {
        "multiValueQueryStringParameters": query,
        "headers": {},
        "pathParameters": {},
        "requestContext": {"httpMethod": "GET", "resourcePath": "/", "path": path, "stage": "prod"},
        "body": None,
        "stageVariables": {},
    }
    request = Request(event)
    return Call(Cursors(), 0, {}, request, Limits(request, 0))


def header(query: dict[str, list[str]], path: str = "/prod/api/v1/timelines/home") -> str:
    found: Any = pages.linked([], call(query, path), "0" * 26, "0" * 26).headers["Link"]
    return str(found)


@given(st.dictionaries(st.sampled_from(["limit", "limit[]", "x", "é", "y[]"]), st.lists(st.text(max_size=400))))
def test_links_fit_into_the_headers_that_the_gateway_lets_through(query: dict[str, list[str]]) -> None:
    try:
        written = header(query)
    except Invalid as error:
        assert "too long" in str(error)  # noqa: PT017
    else:
        assert len(written) <= pages.MAX_LINKS
        assert written.isascii()
        assert written.isprintable()
        assert 'rel="next"' in written


def test_of_links_that_are_too_long_together_the_next_one_stays() -> None:
    written = header({"limit": ["x" * (pages.MAX_LINKS - 300)]})
    assert ('rel="next"' in written, 'rel="prev"' in written) == (True, False)
    with pytest.raises(Invalid):
        header({"limit": ["x" * pages.MAX_LINKS]})


def test_a_link_has_the_path_encoded_whether_or_not_the_gateway_decodes_it() -> None:
    for path in ("/prod/api/v1/timelines/tag/gr%C3%BCn", "/prod/api/v1/timelines/tag/grün"):
        assert header({}, path).startswith("<https://fstream.test/api/v1/timelines/tag/gr%C3%BCn?max_id=")
    assert ">" not in header({}, '/prod/x>; rel="y"').partition(">; rel=")[0]
