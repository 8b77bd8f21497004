"""Markers: positions that all of a user's clients share, and the unread notifications that follow from them."""

import pytest

from fstream_app import tables
from tests.support.departing import DELETE
from tests.support.people import PASSWORD, Api, Person
from tests.support.racing import Races, one_way

PATH = "/api/v1/markers"
UNREAD = "/api/v1/notifications/unread_count"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def test_markers_are_set_in_every_spelling_and_only_those_asked_for_are_returned(api: Api, ada: Person) -> None:
    first, second = api.post(ada, "one")["id"], api.post(ada, "two")["id"]
    both = {"timeline[]": ["home", "notifications", "other"]}
    assert api.get(PATH, ada, **both).json == api.get(PATH, ada).json == {}
    made = api.request("POST", PATH, ada, form={"home[last_read_id]": first}).json
    assert made == {"home": {"last_read_id": first, "version": 1, "updated_at": made["home"]["updated_at"]}}
    api.clock.advance(1)
    sent = {"home": {"last_read_id": second}, "notifications": {"last_read_id": first}}
    changed = api.request("POST", PATH, ada, json=sent).json
    assert [changed[each]["last_read_id"] for each in ("home", "notifications")] == [second, first]
    assert changed["home"]["version"] == 2
    assert changed["home"]["updated_at"] > made["home"]["updated_at"]
    query = {"home[last_read_id]": first, "notifications[last_read_id]": ""}
    assert api.request("POST", PATH, ada, **query).json["home"]["last_read_id"] == first  # backwards, as in Mastodon
    assert api.get(PATH, ada, timeline="home").json.keys() == {"home"}
    assert api.get(PATH, ada, **both).json["notifications"] == changed["notifications"]
    assert api.request("POST", PATH, ada, json={"home": None, "notifications": {}}).json == {}
    assert api.get(PATH, api.sign_up("bob"), **both).json == {}


def test_a_position_that_is_no_id_changes_nothing(api: Api, ada: Person) -> None:
    first = api.post(ada, "one")["id"]
    for wrong in ("0", "ungrouped-1", "x" * 26, first[:-1]):
        sent = {"home": {"last_read_id": first}, "notifications": {"last_read_id": wrong}}
        answer = api.request("POST", PATH, ada, json=sent)
        assert (answer.status, "last_read_id" in answer.error) == (422, True)
    assert api.get(PATH, ada, timeline="home").json == {}
    unknown = first[:10] + "z" * 16
    assert api.request("POST", PATH, ada, form={"home[last_read_id]": unknown}).json["home"]["last_read_id"] == unknown


def test_what_is_newer_than_the_marker_is_unread(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")

    def mention() -> str:
        api.post(bob, "@ada")
        api.deliver()
        return str(api.read("/api/v1/notifications", ada)[0])

    def unread(**query: object) -> int:
        return int(api.get(UNREAD, ada, **query).json["count"])

    ids = [mention() for _ in range(3)]
    assert unread() == 3
    for last_read, expected in ((ids[1], 1), (ids[2], 0), (ids[0], 2)):
        api.request("POST", PATH, ada, form={"notifications[last_read_id]": last_read})
        assert unread() == expected
    assert len(api.read("/api/v1/notifications", ada)) == 3
    assert [unread(limit=1), unread(**{"types[]": "follow"})] == [1, 0]
    api.request("POST", f"/api/v1/notifications/{ids[2]}/dismiss", ada)
    assert unread() == 1
    api.request("POST", PATH, ada, form={"home[last_read_id]": ids[2]})
    assert unread() == 1
    api.clock.advance(7 * 86_400 + 1)
    assert api.get(PATH, ada, **{"timeline[]": ["home", "notifications"]}).json == {}
    assert [mention(), unread()][1] == 1


def test_scopes_are_those_of_statuses(api: Api, ada: Person) -> None:
    token = api.token("password", username="ada", password=PASSWORD, scope="read:notifications write:notifications")
    other = Person("ada", ada.id, token.json["access_token"])
    assert [api.get(PATH, other).status, api.request("POST", PATH, other).status] == [403, 403]


def test_no_update_at_the_same_time_is_lost_and_none_survives_its_user(api: Api, ada: Person, races: Races) -> None:
    first, second = api.post(ada, "one")["id"], api.post(ada, "two")["id"]

    def move(to: str) -> int:
        answer = api.request("POST", PATH, ada, form={"home[last_read_id]": to})
        return int(answer.json["home"]["version"]) if answer.status == 200 else 0

    for run in one_way(races.between(lambda: move(first), lambda: move(second))):
        if run.event:
            assert {run.result, run.event} == {1, 2}, str(run)

    def leave() -> None:
        assert api.request("POST", DELETE, ada, json={"password": PASSWORD}).status == 200
        api.deliver()

    for run in one_way(races.between(lambda: move(first), leave)):
        if run.before:
            assert run.result == 0, str(run)
            assert not list(tables.NotificationItem.query(ada.id)), str(run)
