"""Edits at the same time as other edits, the delivery of the message, and its end."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.events import views
from fstream_app import tables
from fstream_app.core.ids import MessageId
from fstream_app.moderation import suspension
from fstream_app.repository import messages, timelines
from tests.support.edits import edit, items_with, mentions
from tests.support.people import Api, Person
from tests.support.racing import Races, one_way
from tests.support.records import posted
from tests.support.records import run as run_function


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def test_two_edits_at_the_same_time_never_mix(api: Api, races: Races, ada: Person, bob: Person) -> None:
    status = api.post(ada, "#none")
    api.deliver()
    runs = races.between(
        lambda: edit(api, ada, status, "one #one @bob", spoiler_text="one"),
        lambda: edit(api, ada, status, "two #two", spoiler_text="two", sensitive=True),
    )
    for run in one_way(runs):
        assert (run.result.status, getattr(run.event, "status", 0)) == (200, 200), run
        found = api.get(f"/api/v1/statuses/{status['id']}", ada).json
        (said,) = [each["name"] for each in found["tags"]]
        assert said in found["content"]
        assert found["spoiler_text"] == said
        shown = {name: api.read(f"/api/v1/timelines/tag/{name}") for name in ("none", "one", "two")}
        assert shown == {"none": [], "one": [], "two": [], said: [status["id"]]}, run
        api.clock.advance(2)
        assert len(mentions(api, bob, status)) == (said == "one"), run


@pytest.mark.parametrize("visibility", ["public", "direct"])
def test_an_edit_while_the_message_is_delivered_leaves_nothing_of_the_former_version(
    api: Api, races: Races, ada: Person, bob: Person, visibility: str
) -> None:
    cyd, dan = api.sign_up("cyd"), api.sign_up("dan")
    status = api.post(ada, "hello @bob @cyd #tea", visibility=visibility)
    for run in one_way(
        races.between(
            lambda: run_function(views, posted(status)), lambda: edit(api, ada, status, "hello @bob @dan #milk")
        )
    ):
        if run.result:  # Lambda sends the record again
            assert run_function(views, posted(status)) == [], run
        message = messages.get(MessageId.parse(status["id"]))
        assert message is not None
        put = {
            item.timeline: item.conversation for item in tables.TimelineItem.scan() if item.message_id == status["id"]
        }
        wanted = [item for item in timelines.items(message) if isinstance(item, tables.TimelineItem)]
        assert put == {item.timeline: item.conversation for item in wanted}, run
        assert tables.NotificationItem.count(cyd.id) == 0, run
        api.clock.advance(2)
        assert [len(mentions(api, each, status)) for each in (bob, dan)] == [1, 1], run


def events(api: Api, by: Person, status: dict[str, Any]) -> dict[str, Callable[[], object]]:
    return {
        "deleted": lambda: api.delete(by, status),
        "cleared": lambda: api.request("POST", "/api/v1/statuses/delete_all", by, json={"password": "correct horse"}),
        "suspended": lambda: suspension.suspend(by.name, "", api.clock.now),
        "left": lambda: api.request("POST", "/api/pleroma/delete_account", by, json={"password": "correct horse"}),
    }


@pytest.mark.parametrize("end", ["deleted", "cleared", "suspended", "left"])
def test_an_edit_brings_nothing_back(api: Api, races: Races, ada: Person, bob: Person, end: str) -> None:
    status = api.post(ada, "old #old @bob", visibility="public")
    api.deliver()
    event = events(api, ada, status)[end]
    for run in one_way(races.between(lambda: edit(api, ada, status, "new #new @bob", spoiler_text="x"), event)):
        assert run.result.status in {200, 401, 403, 404}, (run, run.result.json)
        api.deliver()
        assert api.get(f"/api/v1/statuses/{status['id']}", bob).status == 404, run
        assert mentions(api, bob, status) == []
        assert [api.read(f"/api/v1/timelines/tag/{name}") for name in ("old", "new")] == [[], []]
        if end != "suspended":
            assert items_with("new #new", "old #old") == {}, run
