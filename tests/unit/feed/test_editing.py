"""Edits: what a message says changes at once everywhere, nothing else does, and nothing of the old version is left."""

from datetime import UTC, datetime

import pytest

from fstream_app import tables
from fstream_app.core.entities import Message
from fstream_app.core.ids import MessageId
from fstream_app.moderation import suspension
from fstream_app.repository import edits, messages
from tests.support.edits import edit, items_with, mentions
from tests.support.people import Api, Person, stored

NOTHING = "Text can't be blank"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def test_an_edit_changes_what_the_message_says_and_nothing_else(api: Api, ada: Person, bob: Person) -> None:
    root = api.post(bob, "root", expires_in=600)
    before = api.post(ada, "one @bob #tea", in_reply_to_id=root["id"], visibility="unlisted", expires_in=300)
    api.deliver()
    for verb in ("favourite", "bookmark"):
        api.request("POST", f"/api/v1/statuses/{before['id']}/{verb}", bob)
    assert api.request("POST", f"/api/v1/statuses/{before['id']}/pin", ada).status == 200
    api.deliver()
    fields: dict[str, object] = {"visibility": "direct", "in_reply_to_id": None, "expires_in": 60, "media_ids": []}
    answer = edit(api, ada, before, "two #milk #5m", spoiler_text="careful", language="de", **fields)
    after = api.get(f"/api/v1/statuses/{before['id']}", bob).json
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        *"content spoiler_text sensitive language edited_at tags favourites_count favourited bookmarked".split()
    }
    assert (answer.status, answer.json["content"]) == (200, after["content"])
    assert ("two" in after["content"], "5m" in after["content"], after["favourites_count"]) == (True, False, 1)
    assert [each["username"] for each in after["mentions"]] == ["bob"]  # as the one who is answered
    assert after["edited_at"] > after["created_at"]
    assert api.get(f"/api/v1/statuses/{before['id']}/source", ada).json["text"] == "two #milk"
    assert api.read(f"/api/v1/accounts/{ada.id}/statuses", bob, pinned="true") == [before["id"]]
    assert api.get(f"/api/v1/statuses/{root['id']}/context", bob).json["descendants"][0]["content"] == after["content"]
    (version,) = api.get(f"/api/v1/statuses/{before['id']}/history", bob).json
    assert (version["content"], version["created_at"]) == (after["content"], after["edited_at"])
    api.clock.advance(300)
    assert edit(api, ada, before, "three").status == 404
    assert api.get(f"/api/v1/statuses/{before['id']}/history", ada).status == 404


def test_what_is_left_out_is_empty_except_text_and_language(api: Api, ada: Person) -> None:
    status = api.post(ada, "text", spoiler_text="careful", language="fr")
    kept = edit(api, ada, status, spoiler_text="look out").json
    assert (kept["spoiler_text"], kept["content"], kept["language"]) == ("look out", "<p>text</p>", "fr")
    assert edit(api, ada, status, "", spoiler_text="only this").json["content"] == ""
    plain = edit(api, ada, status, "text").json
    assert (plain["spoiler_text"], plain["sensitive"], plain["language"]) == ("", False, "fr")
    assert edit(api, ada, status, "text", sensitive="true").json["sensitive"] is True
    form = api.request("PUT", f"/api/v1/statuses/{status['id']}", ada, form={"status": "by form", "sensitive": "1"})
    assert (form.json["content"], form.json["sensitive"]) == ("<p>by form</p>", True)


def test_if_nothing_changes_nothing_happens(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, "same @bob #tea #5m", spoiler_text="careful", sensitive=True)
    api.deliver()
    before = stored()
    for fields in ({}, {"language": "en"}, {"sensitive": False}):
        same = edit(api, ada, status, "same @bob #tea  #5m ", spoiler_text="careful", **fields)
        assert (same.status, same.json["edited_at"]) == (200, None), fields
    assert stored() == before


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"status": " "}, NOTHING),
        ({"status": "#5m"}, NOTHING),
        ({"status": "x" * 501}, "Text can have at most"),
        ({"status": "x", "spoiler_text": "x" * 500}, "Text can have at most"),
        ({"status": "".join(f"#t{n} " for n in range(21))}, "A message can have at most 20 hashtags"),
        ({"status": "".join(f"@a{n} " for n in range(21))}, "A message can mention at most 20 people"),
    ],
)
def test_the_rules_of_posting_apply(api: Api, ada: Person, fields: dict[str, object], error: str) -> None:
    status = api.post(ada, "fine")
    before = stored()
    answer = api.request("PUT", f"/api/v1/statuses/{status['id']}", ada, json=fields)
    posted = api.request("POST", "/api/v1/statuses", ada, json=fields)
    assert (answer.status, answer.json) == (422, posted.json)
    assert error in answer.error
    assert stored() == before


def test_only_the_author_edits_and_only_what_is_there(api: Api, ada: Person, bob: Person) -> None:
    status, hidden = api.post(ada, "mine"), api.post(ada, "for me", visibility="direct")
    assert edit(api, bob, status, "yours").error == "You can only edit your own messages"
    assert {edit(api, bob, each, "x").status for each in (status, hidden, {"id": "x"}, {"id": bob.id})} == {404}
    assert api.get(f"/api/v1/statuses/{hidden['id']}/history", bob).status == 404
    api.delete(ada, status)
    assert edit(api, ada, status, "again").status == 404
    assert messages.get(MessageId.parse(status["id"])) is None


def test_hashtags_leave_and_join_timelines_home_search_and_profiles(api: Api, ada: Person, bob: Person) -> None:
    for verb, by, name in (("follow", bob, "tea"), ("follow", bob, "milk"), ("feature", ada, "tea")):
        api.request("POST", f"/api/v1/tags/{name}/{verb}", by)
    old = api.post(ada, "#tea")
    api.clock.advance(1)
    new = api.post(ada, "#milk")
    api.deliver()
    assert api.home(bob) == [new["id"], old["id"]]
    for status, text in ((old, "#coffee"), (new, "#Tea #milk #sugar")):
        assert edit(api, ada, status, text).status == 200
    assert api.home(bob) == [new["id"]]
    tags = {name: api.read(f"/api/v1/timelines/tag/{name}", bob) for name in ("tea", "milk", "coffee", "sugar")}
    assert tags == {"tea": [new["id"]], "milk": [new["id"]], "coffee": [old["id"]], "sugar": [new["id"]]}
    assert api.read("/api/v1/timelines/tag/milk", bob, **{"all[]": "tea", "none[]": "coffee"}) == [new["id"]]
    for query, found in (("sug", ["sugar"]), ("coff", ["coffee"]), ("te", ["tea"])):
        assert [each["name"] for each in api.get("/api/v2/search", bob, q=f"#{query}").json["hashtags"]] == found
    edit(api, ada, new, "#milk")
    assert api.get("/api/v2/search", bob, q="#te").json["hashtags"] == []
    assert api.get("/api/v1/tags/tea").json["history"][0]["uses"] == "0"
    assert api.get(f"/api/v1/accounts/{ada.id}/featured_tags").json[0]["statuses_count"] == "0"
    api.deliver()  # the records of the edits change nothing
    assert api.home(bob) == [new["id"]]
    assert api.read("/api/v1/timelines/tag/tea") == []


def test_what_is_no_longer_public_knowledge_does_not_trend(api: Api, ada: Person, bob: Person) -> None:
    statuses = [(by, api.post(by, "#tea")) for by in (ada, bob)]
    api.deliver()
    assert [each["name"] for each in api.get("/api/v1/trends/tags").json] == ["tea"]
    for by, status in statuses:
        edit(api, by, status, "#milk")
    api.clock.advance(61)
    assert [each["name"] for each in api.get("/api/v1/trends/tags").json] == ["milk"]


@pytest.mark.parametrize("delivered_first", [True, False])
def test_a_new_mention_notifies_once_and_a_removed_one_not_any_more(
    api: Api, ada: Person, bob: Person, delivered_first: bool
) -> None:
    cyd, dan = api.sign_up("cyd"), api.sign_up("dan")
    api.act(dan, "mute", ada)
    status = api.post(ada, "hello @bob")
    if delivered_first:
        api.deliver()
    edit(api, ada, status, "hello @bob @cyd @dan @ada")
    edit(api, ada, status, "hello again @bob @cyd @dan @ada")
    for _ in range(2):
        api.deliver()
    assert [len(mentions(api, each, status)) for each in (ada, bob, cyd, dan)] == [0, 1, 1, 0]
    first = mentions(api, cyd, status)
    edit(api, ada, status, "hello @bob")
    api.deliver()
    assert [len(mentions(api, each, status)) for each in (bob, cyd)] == [1, 0]
    assert items_with(f'"user_id": {{"S": "{cyd.id}"}}').keys() & {"NotificationItem", "MessageItem"} == set()
    edit(api, ada, status, "hello @cyd")
    api.deliver()
    assert [len(mentions(api, each, status)) for each in (bob, cyd)] == [0, 1]
    assert mentions(api, cyd, status) != first


@pytest.mark.parametrize("visibility", ["private", "direct"])
@pytest.mark.parametrize("delivered_first", [True, False])
def test_naming_the_person_answered_notifies_unless_the_answer_has(
    api: Api, ada: Person, bob: Person, visibility: str, delivered_first: bool
) -> None:
    cyd = api.sign_up("cyd")
    api.act(cyd, "follow", ada)
    found = {}
    for answered, other in ((bob, cyd), (cyd, bob)):
        root = api.post(answered, "root")
        api.clock.advance(1)
        status = api.post(ada, f"you, @{other.name}", in_reply_to_id=root["id"], visibility=visibility)
        if delivered_first:
            api.deliver()
        before = len(mentions(api, answered, status))
        edit(api, ada, status, f"you, @{other.name} and @{answered.name}")
        for _ in range(2):
            api.deliver()
        assert len(mentions(api, other, status)) == 1
        found[answered.name] = before, len(mentions(api, answered, status))
    heard = int(delivered_first and visibility == "private")  # by followers
    assert found == {"bob": (0, 1), "cyd": (heard, 1)}


def test_a_polling_client_misses_no_mention_of_an_edit_that_takes_long(
    api: Api, ada: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, stored_by = api.post(ada, "hello"), edits.replace
    newer: list[str] = []

    def slow(old: Message, new: Message) -> bool:
        if not newer:
            api.clock.advance(0.1)
            api.request("POST", f"/api/v1/statuses/{api.post(bob, 'mine')['id']}/favourite", ada)
            for _ in range(2):
                api.deliver()
            newer.append(api.get("/api/v1/notifications", bob).json[0]["id"])
        return stored_by(old, new)

    monkeypatch.setattr(edits, "replace", slow)
    assert edit(api, ada, status, "hello @bob").status == 200
    api.deliver()
    (found,) = api.get("/api/v1/notifications", bob, since_id=newer[0]).json
    assert (found["type"], len(mentions(api, bob, status))) == ("mention", 1)


def test_a_mention_gives_and_takes_access_to_direct_messages(api: Api, ada: Person, bob: Person) -> None:
    cyd = api.sign_up("cyd")
    root = api.post(ada, "psst @bob", visibility="direct")
    api.clock.advance(1)
    status = api.post(bob, "yes? @ada", visibility="direct", in_reply_to_id=root["id"])
    api.deliver()
    edit(api, bob, status, "yes, @cyd?")
    api.deliver()

    def last(of: Person) -> list[str]:
        return [each["last_status"]["id"] for each in api.get("/api/v1/conversations", of).json]

    assert (last(ada), last(cyd), last(bob)) == ([root["id"]], [status["id"]], [status["id"], root["id"]])
    path = f"/api/v1/statuses/{status['id']}"
    assert [api.get(path, each).status for each in (ada, bob, cyd)] == [404, 200, 200]
    assert [len(mentions(api, each, status)) for each in (cyd,)] == [1]
    assert [each["id"] for each in api.get(f"{path}/context", bob).json["ancestors"]] == [root["id"]]
    assert tables.TimelineItem.count(f"thread#{root['id']}#{ada.id}") == 0
    edit(api, bob, status, "nobody")  # a direct reply that names nobody is for the person whom it answers
    api.deliver()
    assert [api.get(path, each).status for each in (ada, bob, cyd)] == [200, 200, 404]
    assert (last(ada), last(cyd)) == ([status["id"]], [])


def test_an_edit_replaces_everybody_whom_a_direct_reply_that_quotes_mentions(
    api: Api, ada: Person, bob: Person
) -> None:
    before, after = ([api.sign_up(f"{side}{number}") for number in range(19)] for side in ("left", "right"))
    root = api.post(bob, "root")
    api.clock.advance(1)
    fields = {"visibility": "direct", "in_reply_to_id": root["id"], "quoted_status_id": root["id"]}
    status = api.post(ada, " ".join(f"@{each.name}" for each in (bob, *before)), **fields)
    api.deliver()
    assert edit(api, ada, status, " ".join(f"@{each.name}" for each in (bob, *after))).status == 200
    assert [api.get(f"/api/v1/statuses/{status['id']}", each).status for each in (before[0], after[0])] == [404, 200]
    found = [item.timeline for item in tables.TimelineItem.scan() if item.message_id == status["id"]]
    assert not [view for view in found if any(each.id in view for each in before)]
    assert sum(after[-1].id in view for view in found) == 3  # of the thread, of quotes, and of conversations


def test_a_direct_quote_keeps_mentioning_the_author_whom_it_quotes(api: Api, ada: Person, bob: Person) -> None:
    quoted = api.post(bob, "quote me")
    api.clock.advance(1)
    status = api.post(ada, "look, @bob", visibility="direct", quoted_status_id=quoted["id"])
    assert (
        edit(api, ada, status, "look").error
        == "A direct message has to mention the author of the message that it quotes"
    )
    revoke = f"/api/v1/statuses/{quoted['id']}/quotes/{status['id']}/revoke"
    assert api.request("POST", revoke, bob).status == 200
    assert edit(api, ada, status, "look").status == 200


def test_an_edit_changes_who_may_quote_the_message_only_if_it_says_so(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, "one")
    closed = edit(api, ada, status, "two", quote_approval_policy="nobody").json
    assert (closed["quote_approval"]["automatic"], closed["content"]) == ([], "<p>two</p>")
    last = edit(api, ada, status, "three").json
    assert last["quote_approval"]["automatic"] == []
    quote = {"status": "look", "quoted_status_id": status["id"]}
    assert api.request("POST", "/api/v1/statuses", bob, json=quote).status == 404
    again = edit(api, ada, status, "three", quote_approval_policy="public").json  # nothing else changes
    assert (again["quote_approval"]["automatic"], again["edited_at"]) == (["public"], last["edited_at"])
    assert edit(api, ada, status, "x", quote_approval_policy="friends").status == 422
    assert api.get(f"/api/v1/statuses/{status['id']}", ada).json["content"] == "<p>three</p>"


def test_new_words_are_filtered(api: Api, ada: Person, bob: Person) -> None:
    filtering = {"title": "t", "context": ["public"], "keywords_attributes": [{"keyword": "tea"}]}
    api.request("POST", "/api/v2/filters", bob, json=filtering)
    status = api.post(ada, "tea")
    api.deliver()

    def matched() -> list[int]:
        return [len(each["filtered"]) for each in api.get("/api/v1/timelines/public", bob).json]

    assert matched() == [1]
    edit(api, ada, status, "milk")
    assert matched() == [0]


def test_the_web_page_says_that_a_message_was_edited(api: Api, ada: Person) -> None:
    status = api.post(ada, "once upon")
    page = f"/@ada/{status['id']}"
    assert ">edited<" not in api.get(page).text
    edit(api, ada, status, "a time")
    text = api.get(page).text
    assert (">edited<" in text, "once upon" in text, "a time" in text) == (True, False, True)


def test_a_repeated_post_returns_the_edited_message(api: Api, ada: Person) -> None:
    fields, headers = {"status": "once"}, {"Idempotency-Key": "key"}
    status = api.request("POST", "/api/v1/statuses", ada, json=fields, headers=headers).json
    edit(api, ada, status, "twice")
    again = api.request("POST", "/api/v1/statuses", ada, json=fields, headers=headers).json
    assert (again["id"], again["content"]) == (status["id"], "<p>twice</p>")
    assert items_with("once") == {}


def test_timelines_do_not_wait_for_a_message_where_an_edit_has_taken_it_out(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, "#tea")
    edit(api, ada, status, "#milk")
    api.clock.advance(0.1)
    other = api.post(bob, "#tea")
    api.deliver()
    assert api.read("/api/v1/timelines/tag/tea") == [other["id"]]


def test_a_message_that_was_scheduled_is_edited_once_it_is_there(api: Api, ada: Person, bob: Person) -> None:
    due = datetime.fromtimestamp(api.clock.now / 1000 + 400, UTC).isoformat()
    scheduled = api.post(ada, "hi @bob #tea", scheduled_at=due)
    api.deliver()
    assert edit(api, ada, scheduled, "too early").status == 404
    api.clock.advance(402)
    (message_id,) = api.read(f"/api/v1/accounts/{ada.id}/statuses", bob)
    status = {"id": message_id}
    assert len(mentions(api, bob, status)) == 1
    assert edit(api, ada, status, "hi #milk").json["content"].startswith("<p>hi ")
    assert mentions(api, bob, status) == []
    found = {name: api.read(f"/api/v1/timelines/tag/{name}") for name in ("tea", "milk")}
    assert found == {"tea": [], "milk": [message_id]}
    read = messages.get(MessageId.parse(message_id))
    assert read is not None
    suspension.suspend(ada.name, "", api.clock.now)
    assert not edits.replace(read, read)
