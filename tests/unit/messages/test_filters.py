"""Filters: what people make, change and delete, in both versions of the API, and what statuses say of them."""

from typing import Any

import pytest

from fstream_app import tables
from fstream_app.messages import filter_changes, filters
from fstream_app.repository import filters as repository
from ops.meter import item_size
from tests.support.people import Answer, Api, Person, stored

V1, V2 = "/api/v1/filters", "/api/v2/filters"
CONTEXTS = ["home", "notifications", "public", "thread", "account"]


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def make(api: Api, by: Person, *keywords: str, **fields: object) -> dict[str, Any]:
    """Make a filter with these keywords."""
    wanted = {"title": "news", "context": ["home"], "keywords_attributes": [{"keyword": each} for each in keywords]}
    answer = api.request("POST", V2, by, json=wanted | fields)
    assert answer.status == 200, answer.json
    made: dict[str, Any] = answer.json
    return made


def applied(api: Api, by: Person, status: dict[str, Any]) -> list[str]:
    """Return the titles of the filters that a status matches for a reader."""
    return [each["filter"]["title"] for each in api.get(f"/api/v1/statuses/{status['id']}", by).json["filtered"]]


def test_a_filter_is_made_changed_and_deleted(api: Api, ada: Person) -> None:
    made = make(api, ada, "storm", "rain", context=["public", "home"], filter_action="hide", expires_in=60)
    assert made == {
        "id": made["id"],
        "title": "news",
        "context": ["home", "public"],
        "expires_at": made["expires_at"],
        "filter_action": "hide",
        "keywords": [
            {"id": made["keywords"][0]["id"], "keyword": "storm", "whole_word": True},
            {"id": made["keywords"][1]["id"], "keyword": "rain", "whole_word": True},
        ],
        "statuses": [],
    }
    assert made["expires_at"].endswith("Z")
    path, first, second = f"{V2}/{made['id']}", *(each["id"] for each in made["keywords"])
    assert api.get(V2, ada).json == [api.get(path, ada).json] == [made]
    change = [
        {"id": first, "keyword": "hail"},
        {"id": int(second), "_destroy": True},
        {"keyword": "new", "whole_word": "0"},
        {"keyword": "x", "_destroy": True},
    ]
    changed = api.request("PUT", path, ada, json={"title": " more\nnews ", "keywords_attributes": change}).json
    kept = {"id": first, "keyword": "hail", "whole_word": True}
    new = {"id": changed["keywords"][1]["id"], "keyword": "new", "whole_word": False}
    assert changed == made | {"title": "more news", "keywords": [kept, new]}
    assert api.request("DELETE", path, ada).json == {}
    assert api.get(V2, ada).json == api.get(V1, ada).json == []
    assert api.get(path, ada).status == api.request("DELETE", path, ada).status == 404


LATER, EARLIER = "2040-01-01T01:00:01.000Z", "2039-12-31T23:59:31.000Z"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, "kept"),
        ({"json": {"expires_in": None}}, None),
        ({"json": {"expires_in": ""}}, None),
        ({"form": {"expires_in": ""}}, None),
        ({"form": {"expires_in": "0"}}, None),
        ({"json": {"expires_in": "3600"}}, LATER),
        ({"form": {"expires_in": "3600"}}, LATER),
        ({"json": {"expires_in": -30}}, EARLIER),
        ({"form": {"expires_in": "-30"}}, EARLIER),
    ],
)
def test_an_expiry_is_kept_unless_it_is_sent(api: Api, ada: Person, sent: Any, expected: Any) -> None:
    made = make(api, ada, "x", expires_in=60)
    api.clock.advance(1)
    changed = api.request("PUT", f"{V2}/{made['id']}", ada, **sent).json["expires_at"]
    assert changed == (made["expires_at"] if expected == "kept" else expected)


KEYWORDS = [("storm", True), ("rain", False), ("hail", True)]
REPEATED = [
    ("keywords_attributes[][keyword]", "storm"),
    ("keywords_attributes[][whole_word]", "true"),
    ("keywords_attributes[][keyword]", "rain"),
    ("keywords_attributes[][whole_word]", "0"),
    ("keywords_attributes[][keyword]", "hail"),
]
NUMBERED = [
    ("keywords_attributes[2][keyword]", "hail"),
    ("keywords_attributes[0][whole_word]", "1"),
    ("keywords_attributes[0][keyword]", "storm"),
    ("keywords_attributes[1][keyword]", "rain"),
    ("keywords_attributes[1][whole_word]", "false"),
]
OBJECTS = [{"keyword": "storm", "whole_word": True}, {"keyword": "rain", "whole_word": False}, {"keyword": "hail"}]


@pytest.mark.parametrize(
    "sent",
    [
        {"form": [("title", "x"), ("context[]", "home"), ("context[]", "thread"), *REPEATED]},
        {"form": [("title", "x"), ("context[0]", "home"), ("context[1]", "thread"), *NUMBERED]},
        {"json": {"title": "x", "context": ["home", "thread"], "keywords_attributes": OBJECTS}},
        {"json": {"title": "x", "context": ["home", "thread"], "keywords_attributes": dict(enumerate(OBJECTS))}},
    ],
)
def test_keywords_are_sent_in_every_spelling(api: Api, ada: Person, sent: Any) -> None:
    made = api.request("POST", V2, ada, **sent).json
    assert [(each["keyword"], each["whole_word"]) for each in made["keywords"]] == KEYWORDS
    assert made["context"] == ["home", "thread"]
    first, second, third = (each["id"] for each in made["keywords"])
    form = [
        ("keywords_attributes[][id]", first),
        ("keywords_attributes[][_destroy]", "1"),
        ("keywords_attributes[][id]", third),
        ("keywords_attributes[][keyword]", "snow"),
    ]
    changed = api.request("PUT", f"{V2}/{made['id']}", ada, form=form).json
    assert [(each["id"], each["keyword"]) for each in changed["keywords"]] == [(second, "rain"), (third, "snow")]


def test_a_form_has_room_for_every_keyword(api: Api, ada: Person) -> None:
    made = make(api, ada, *("x" for _ in range(filter_changes.MAX_KEYWORDS)))
    names = ("id", "keyword", "whole_word", "_destroy")
    form = [(f"keywords_attributes[][{name}]", str(each.get(name, 0))) for each in made["keywords"] for name in names]
    assert api.request("PUT", f"{V2}/{made['id']}", ada, form=form).json == made


def test_keywords_and_statuses_have_routes_of_their_own(api: Api, ada: Person, bob: Person) -> None:
    made, status = make(api, ada), api.post(bob, "hello", expires_in=3600)
    words, statuses = f"{V2}/{made['id']}/keywords", f"{V2}/{made['id']}/statuses"
    word = api.request("POST", words, ada, form={"keyword": "storm", "whole_word": "false"}).json
    assert word == {"id": word["id"], "keyword": "storm", "whole_word": False}
    one = f"{V2}/keywords/{word['id']}"
    word = api.request("PUT", one, ada, json={"whole_word": True}).json
    assert api.get(words, ada).json == [api.get(one, ada).json] == [word]
    entry = api.request("POST", statuses, ada, form={"status_id": status["id"]}).json
    assert entry == {"id": entry["id"], "status_id": status["id"]}
    single = f"{V2}/statuses/{entry['id']}"
    assert api.get(statuses, ada).json == [api.get(single, ada).json] == [entry]
    again = api.request("POST", statuses, ada, form={"status_id": status["id"]})
    assert (again.status, again.error) == (422, "Validation failed: Status has already been taken")
    assert api.get(f"{V2}/{made['id']}", ada).json == made | {"keywords": [word], "statuses": [entry]}
    assert len({made["id"], word["id"], entry["id"]}) == 3
    for path in (one, single):
        assert api.request("DELETE", path, ada).json == {}
        assert api.get(path, ada).status == api.request("DELETE", path, ada).status == 404
    assert api.get(V2, ada).json == [made]


@pytest.mark.parametrize("gone", ["expired", "deleted", "removed with its filter"])
def test_a_single_status_disappears_with_its_message(api: Api, ada: Person, bob: Person, gone: str) -> None:
    made, status = make(api, ada), api.post(bob, "hello", expires_in=60)
    path = f"{V2}/{made['id']}"
    api.request("POST", f"{path}/statuses", ada, json={"status_id": status["id"]})
    assert applied(api, ada, status) == ["news"]
    assert api.get("/api/v1/timelines/public", ada).status == 200
    (item,) = (item for item in tables.EdgeItem.query(f"{ada.id}~filtered"))
    assert item.expires_at == -(-(api.clock.now + 60_000) // 1000)  # with TTL it is physically gone
    if gone == "expired":
        api.clock.advance(60)
    elif gone == "deleted":
        api.delete(bob, status)
    else:
        api.request("DELETE", path, ada)
        assert not [item for item in stored()["EdgeItem"] if "filter" in item]
        assert applied(api, ada, status) == []
        return
    assert api.get(path, ada).json == made
    assert api.request("PUT", path, ada, json={}).json == made
    assert api.get(f"{path}/statuses", ada).json == []


def test_a_change_of_filters_applies_to_the_next_read(api: Api, ada: Person, bob: Person) -> None:
    api.act(ada, "follow", bob)
    api.post(bob, "storm")
    api.deliver()

    def home() -> list[str]:
        return [each["filter"]["title"] for each in api.get("/api/v1/timelines/home", ada).json[0]["filtered"]]

    assert home() == []
    made = make(api, ada, "storm")
    assert home() == ["news"]
    api.request("PUT", f"{V2}/{made['id']}", ada, json={"title": "more"})
    assert home() == ["more"]
    api.request("DELETE", f"{V2}/{made['id']}", ada)
    assert home() == []
    assert not [item for item in stored()["EdgeItem"] if "filter" in item]


def test_version_1_shows_and_changes_a_keyword_with_its_filter(api: Api, ada: Person) -> None:
    form = [("phrase", "storm"), ("context[]", "home"), ("irreversible", "true"), ("whole_word", "false")]
    made = api.request("POST", V1, ada, form=form).json
    assert made == {
        "id": made["id"],
        "phrase": "storm",
        "context": ["home"],
        "whole_word": False,
        "expires_at": None,
        "irreversible": True,
    }
    (version2,) = api.get(V2, ada).json
    assert (version2["title"], version2["filter_action"]) == ("storm", "hide")
    assert version2["keywords"] == [{"id": made["id"], "keyword": "storm", "whole_word": False}]
    path = f"{V1}/{made['id']}"
    assert api.get(V1, ada).json == [api.get(path, ada).json] == [made]
    form = [("phrase", "rain"), ("context[]", "public"), ("irreversible", "0"), ("expires_in", "60")]
    changed = api.request("PUT", path, ada, form=form).json
    assert changed == made | {
        "phrase": "rain", "context": ["public"], "irreversible": False, "expires_at": changed["expires_at"]
    }  # fmt: skip
    assert changed["expires_at"]
    assert api.get(V2, ada).json[0]["title"] == "rain"
    assert api.request("DELETE", path, ada).json == {}
    assert api.get(V2, ada).json == []
    assert api.get(path, ada).status == api.request("PUT", path, ada, json={}).status == 404


def test_version_1_changes_nothing_that_other_keywords_share(api: Api, ada: Person) -> None:
    made = make(api, ada, "storm", "rain")
    word = made["keywords"][1]["id"]
    path = f"{V1}/{word}"
    for change in ({"context": ["public"]}, {"irreversible": True}, {"expires_in": 60}):
        answer = api.request("PUT", path, ada, json={"phrase": "hail", **change})
        assert (answer.status, "apply to all keywords" in answer.error) == (422, True)
    assert api.get(V2, ada).json == [made]
    same = {"phrase": "hail", "context": ["home"], "irreversible": False, "expires_in": "", "whole_word": False}
    assert api.request("PUT", path, ada, json=same).status == 200
    kept, changed = made["keywords"]
    expected = made | {"keywords": [kept, changed | {"keyword": "hail", "whole_word": False}]}
    assert api.get(V2, ada).json == [expected]
    assert api.request("DELETE", path, ada).status == 200
    assert api.get(V2, ada).json == [made | {"keywords": [kept]}]


INVALID = "Validation failed: "
BLANK = "Title can't be blank"
NO_CONTEXT = "Context can't be blank, Context None or invalid context supplied"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, f"{INVALID}{BLANK}, {NO_CONTEXT}"),
        ({"title": " ", "context": ["home"]}, INVALID + BLANK),
        ({"title": "x", "context": []}, INVALID + NO_CONTEXT),
        ({"title": "x", "context": ["home", "nowhere"]}, INVALID + NO_CONTEXT),
        ({"title": "x", "context": ["home"], "filter_action": "blur"}, "There are no pictures to blur"),
        ({"title": "x", "context": ["home"], "filter_action": "drop"}, "filter_action must be warn or hide"),
        ({"title": "x", "context": ["home"], "expires_in": -315_360_001}, "A filter can expire at most"),
        ({"title": "x", "context": ["home"], "keywords_attributes": [{}]}, f"{INVALID}Keyword can't be blank"),
        ({"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": "\u200b"}]}, INVALID),
        ({"title": "x", "context": ["home"], "keywords_attributes": [{"id": "1"}]}, "Keyword not found"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_a_sentence(api: Api, ada: Person, fields: Any, error: str) -> None:
    answer = api.request("POST", V2, ada, json=fields)
    assert answer.error.startswith(error)
    assert answer.status == (404 if "not found" in error else 422)
    assert api.get(V2, ada).json == []


def refused(answer: Answer) -> bool:
    assert answer.status in {200, 422}, answer.json
    assert answer.status == 200 or "at most" in answer.error
    return answer.status == 422


def test_there_are_limits_of_everything(api: Api, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(api, ada, title="x" * filter_changes.MAX_TITLE)
    path = f"{V2}/{made['id']}"
    for sent, is_refused in (
        ({"title": "x" * (filter_changes.MAX_TITLE + 1)}, True),
        ({"keywords_attributes": [{"keyword": "x" * filter_changes.MAX_KEYWORD}]}, False),
        ({"keywords_attributes": [{"keyword": "x" * (filter_changes.MAX_KEYWORD + 1)}]}, True),
        ({"keywords_attributes": [{"keyword": "x"}] * (filter_changes.MAX_KEYWORDS - 1)}, False),
        ({"keywords_attributes": [{"keyword": "x"}]}, True),
        ({"expires_in": filter_changes.MAX_SECONDS}, False),
        ({"expires_in": filter_changes.MAX_SECONDS + 1}, True),
    ):
        assert refused(api.request("PUT", path, ada, json=sent)) is is_refused
    monkeypatch.setattr(filters, "MAX_FILTERS", 2)
    assert not refused(api.request("POST", V2, ada, json={"title": "y", "context": ["home"]}))
    assert refused(api.request("POST", V2, ada, json={"title": "z", "context": ["home"]}))
    monkeypatch.setattr(filters, "MAX_MESSAGES", 2)
    posted = [api.post(bob, "hello") for _ in range(3)]

    def add(status: dict[str, Any]) -> bool:
        return refused(api.request("POST", f"{path}/statuses", ada, json={"status_id": status["id"]}))

    assert [add(each) for each in posted] == [False, False, True]
    api.delete(bob, posted[0])  # which nobody could remove, because no list has it
    assert not add(posted[2])
    assert len(api.get(f"{path}/statuses", ada).json) == 2


def test_the_keywords_of_all_filters_fit_into_half_a_read_unit(api: Api, ada: Person) -> None:
    full = [make(api, ada, "x" * 256, title="y" * 256) for _ in range(7)]
    rest = filters.MAX_BYTES - len(repository.pack(repository.read(ada.id).all))
    for room, is_refused in ((rest + 1, True), (rest, False)):  # 12 bytes besides the title
        last = {"title": "z" * (room - 12), "context": ["home"]}
        assert refused(api.request("POST", V2, ada, json=last)) is is_refused
    assert len(repository.pack(repository.read(ada.id).all)) == filters.MAX_BYTES
    (item,) = tables.EdgeItem.query(f"{ada.id}~filters")
    assert item_size(item.serialize()) <= 4096
    assert refused(api.request("POST", f"{V2}/{full[0]['id']}/keywords", ada, json={"keyword": "x"}))
    assert not refused(api.request("PUT", f"{V2}/{full[0]['id']}", ada, json={"title": "shorter"}))


def test_only_their_user_has_filters(api: Api, ada: Person, bob: Person) -> None:
    made, status = make(api, ada, "storm"), api.post(bob, "storm")
    entry = api.request("POST", f"{V2}/{made['id']}/statuses", ada, json={"status_id": status["id"]}).json
    word = made["keywords"][0]["id"]
    before = api.get(V2, ada).json
    paths = [f"{V2}/{made['id']}", f"{V2}/keywords/{word}", f"{V2}/statuses/{entry['id']}", f"{V1}/{word}"]
    asked = [(method, path) for path in paths for method in ("GET", "PUT", "DELETE")]
    asked += [(method, f"{paths[0]}/{kind}") for kind in ("keywords", "statuses") for method in ("GET", "POST")]
    fields = {"keyword": "x", "phrase": "x", "status_id": status["id"]}
    for method, path in asked:
        if (method, path) != ("PUT", paths[2]):
            assert api.request(method, path, bob, json=fields).status == 404, (method, path)
    assert api.get(V2, ada).json == before
    assert api.get(V2, bob).json == api.get(V1, bob).json == []


def test_a_message_that_the_user_may_not_see_cannot_be_filtered(api: Api, ada: Person, bob: Person) -> None:
    made, hidden = make(api, ada), api.post(bob, "hello", visibility="direct")
    for status_id in (hidden["id"], "1", ""):
        answer = api.request("POST", f"{V2}/{made['id']}/statuses", ada, json={"status_id": status_id})
        assert (answer.status, answer.error) == (404, "Message not found")
