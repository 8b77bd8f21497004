"""Private notes about others: who sees them, and how they end."""

import pytest

from fstream_app.core import partitions
from fstream_app.tables import EdgeItem
from ops.meter import metered
from tests.support.ends import leave
from tests.support.people import Api, Person

RELATIONSHIPS = "/api/v1/accounts/relationships"


def note(api: Api, by: Person, about: Person, text: object) -> str:
    return str(api.act(by, "note", about, comment=text)["note"])


def notes(api: Api, by: Person, *about: Person) -> list[str]:
    return [each["note"] for each in api.get(RELATIONSHIPS, by, **{"id[]": [each.id for each in about]}).json]


def test_a_note_is_in_every_relationship_of_its_writer_and_nobody_else_sees_it(api: Api) -> None:
    ada, bob, *more = people = [api.sign_up(f"person{number}") for number in range(11)]
    assert note(api, ada, bob, "  met in Oslo\r\n") == "  met in Oslo"
    assert note(api, ada, more[0], "x") == "x"
    assert notes(api, ada, bob, *more) == ["  met in Oslo", "x", *[""] * 8]  # more than eight: another way of reading
    assert notes(api, ada, bob) == ["  met in Oslo"]
    for verb in ("follow", "unfollow", "mute", "unmute", "block", "unblock"):
        assert api.act(ada, verb, bob)["note"] == "  met in Oslo"
    for reader in people[1:3]:
        assert notes(api, reader, *people) == [""] * 11
    assert note(api, ada, bob, "again") == "again"
    assert note(api, ada, bob, " ") == note(api, ada, bob, "") == ""
    assert api.request("POST", f"/api/v1/accounts/{more[0].id}/note", ada).json["note"] == ""
    assert notes(api, ada, bob, more[0]) == ["", ""]


def test_a_note_has_at_most_2000_characters_and_is_about_another_account_that_exists(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    assert note(api, ada, bob, "é" * 2000) == "é" * 2000
    path = "/api/v1/accounts/{}/note"
    too_long = api.request("POST", path.format(bob.id), ada, json={"comment": "é" * 2001})
    assert (too_long.status, too_long.json["error"]) == (422, "A note can have at most 2000 characters")
    for about, status in ((ada.id, 422), ("0" * 13, 404), ("nobody", 404)):
        assert api.request("POST", path.format(about), ada, json={"comment": "x"}).status == status
    assert api.request("POST", path.format(bob.id), json={"comment": "x"}).status == 401
    other = api.token("password", username="ada", password="correct horse", scope="read").json["access_token"]
    bearer = {"authorization": f"Bearer {other}"}
    assert api.request("POST", path.format(bob.id), headers=bearer, json={"comment": "x"}).status == 403


def test_notes_cost_a_unit_an_account_and_only_those_who_write_them(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    costs = []
    for _ in range(2):
        with metered() as cost:
            notes(api, ada, bob, cyd)
        costs.append(cost.read_units)
        note(api, ada, bob, "x")
    assert costs[1] - costs[0] == 2
    with metered() as cost:
        notes(api, bob, ada, cyd)
    assert cost.read_units == costs[0]


@pytest.mark.parametrize("who", ["writer", "subject"])
def test_notes_go_with_the_account_that_writes_them_and_with_the_one_they_are_about(api: Api, who: str) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    note(api, ada, bob, "x")
    note(api, cyd, bob, "y")
    note(api, ada, cyd, "z")
    leave(api, ada if who == "writer" else bob, {})
    api.deliver()
    left = {(partitions.owner(item.user_id), item.text) for item in EdgeItem.scan() if item.text}
    assert left == ({(cyd.id, "y")} if who == "writer" else {(ada.id, "z")})


@pytest.mark.parametrize("who", ["writer", "subject"])
def test_a_note_that_a_request_left_behind_is_removed(api: Api, who: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    leave(api, ada if who == "writer" else bob, {})
    api.deliver()
    EdgeItem(partitions.notes(ada.id), f"note#{bob.id}", text="late").save()
    api.deliver()
    assert not [item for item in EdgeItem.scan() if item.text]
