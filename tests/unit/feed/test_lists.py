"""The timelines of lists: home's rules with other authors, and the list that everybody has."""

from collections.abc import Iterator
from typing import Any

import pytest

from fstream_app.core import packing
from fstream_app.feed.tail import Tail
from tests.support.people import Api, Person

SOON = "/api/v1/timelines/list/going-soon"


def people(api: Api, *names: str) -> list[Person]:
    """Sign people up; the first follows all others."""
    signed_up = [api.sign_up(name) for name in names]
    for other in signed_up[1:]:
        api.act(signed_up[0], "follow", other)
    api.deliver()
    return signed_up


def make(api: Api, owner: Person, *members: Person, **fields: object) -> str:
    """Make a list; return the path of its timeline."""
    made = api.request("POST", "/api/v1/lists", owner, json={"title": "list"} | fields).json
    sent = {"account_ids": [member.id for member in members]}
    assert api.request("POST", f"/api/v1/lists/{made['id']}/accounts", owner, json=sent).status == 200
    return f"/api/v1/timelines/list/{made['id']}"


def post(api: Api, by: Person, text: str = "hello", **fields: object) -> str:
    api.clock.advance(0.001)
    return str(api.post(by, text, **fields)["id"])


def walk(api: Api, path: str, by: Person, relation: str = "", **query: Any) -> Iterator[list[str]]:
    """Yield a timeline's pages, by the Link header or (no relation) by the last id, as Tusky and IceCubes do."""
    answer = api.get(path, by, **query)
    while page := [status["id"] for status in answer.json]:
        yield page
        if not relation:
            answer = api.get(path, by, **query | {"max_id": page[-1]})
        elif address := answer.link(relation):
            answer = api.follow_link(address, by)
        else:
            return


def test_a_list_shows_what_home_would_show_of_its_members(api: Api) -> None:
    bob, ada, cyd, dan = people(api, "bob", "ada", "cyd", "dan")
    path = make(api, bob, ada, dan)
    assert api.get(path, ada).status == api.get(f"{path}x", bob).status == 404
    shown = [
        post(api, ada, "for followers", visibility="private"),
        post(api, ada, f"direct @{bob.name}", visibility="direct"),
        post(api, dan, "brief", expires_in=60),
    ]
    for by, text, visibility in ((ada, "@cyd direct", "direct"), (cyd, "no member", "public"), (bob, "own", "public")):
        post(api, by, text, visibility=visibility)
    assert api.read(path, bob) == []  # not settled, and not delivered
    api.deliver()
    assert api.read(path, bob) == shown[::-1]
    assert api.read(path, bob, since_id=shown[0]) == shown[:0:-1]
    assert list(walk(api, path, bob, "next", limit=2)) == [shown[:0:-1], shown[:1]]
    api.clock.advance(60)
    assert api.read(path, bob) == shown[1::-1]
    api.act(bob, "mute", ada)
    assert api.read(path, bob) == []
    api.act(bob, "unmute", ada)
    api.act(ada, "block", bob)
    assert api.read(path, bob) == []


def test_a_lists_policy_decides_which_replies_of_members_it_shows(api: Api) -> None:
    bob, ada, dan, cyd = people(api, "bob", "ada", "dan", "cyd")
    eve = api.sign_up("eve")
    first = {by: post(api, by) for by in (bob, ada, dan, cyd, eve)}
    answered = {"s": ada, "o": bob, "l": dan, "f": cyd, "e": eve}
    posted = {letter: post(api, ada, in_reply_to_id=first[by]) for letter, by in answered.items()}
    posted |= {"m": first[ada], "n": first[dan]}
    api.deliver()
    for policy, shown in (("list", "mnsol"), ("followed", "mnsolf"), ("none", "mnso")):
        path = make(api, bob, ada, dan, replies_policy=policy)
        assert set(api.read(path, bob)) == {posted[letter] for letter in shown}


def test_the_members_of_an_exclusive_list_are_on_it_and_not_on_home(api: Api) -> None:
    bob, ada, cyd = people(api, "bob", "ada", "cyd")
    first = post(api, ada)
    reply = post(api, cyd, in_reply_to_id=first)
    path = make(api, bob, ada, exclusive=True)
    api.deliver()
    assert (api.home(bob), api.read(path, bob)) == ([reply], [first])
    assert api.read(SOON, bob) == []
    assert api.request("PUT", path.replace("timelines/list", "lists"), bob, json={"exclusive": False}).status == 200
    assert (api.home(bob), api.read(path, bob)) == ([reply, first], [first])


def test_going_soon_is_home_by_expiry_within_the_hour(api: Api) -> None:
    bob, ada, cyd = people(api, "bob", "ada", "cyd")
    eve = api.sign_up("eve")
    late = post(api, ada, expires_in=7200)
    own = post(api, bob, expires_in=1800)
    soon = [post(api, by, expires_in=seconds) for by, seconds in ((ada, 3600), (cyd, 900), (ada, 60))]
    post(api, eve, expires_in=60)
    post(api, ada, in_reply_to_id=post(api, eve, expires_in=60), expires_in=60)
    api.deliver()
    assert api.read(SOON, bob) == [soon[2], soon[1], own, soon[0]]
    api.act(bob, "mute", cyd)
    api.clock.advance(60)
    assert api.read(SOON, bob) == [own, soon[0]]
    api.clock.advance(3540)
    assert api.read(SOON, bob) == [late]
    api.delete(ada, {"id": late})
    assert api.read(SOON, bob) == []


@pytest.mark.parametrize("cold", [True, False])
def test_a_client_that_pages_gets_each_message_that_goes_soon_once(
    api: Api, monkeypatch: pytest.MonkeyPatch, cold: bool
) -> None:
    bob, ada, cyd = people(api, "bob", "ada", "cyd")
    if cold:  # the log can't be read, and the authors have more messages than their heads
        monkeypatch.setattr(packing, "HEAD_CAPACITY", 2)
        monkeypatch.setattr(Tail, "refresh", lambda *_: False)
    order = (8, 3, 5, 1, 9, 2, 7, 4, 6)
    posted = {minutes: post(api, (ada, cyd, bob)[minutes % 3], expires_in=60 * minutes) for minutes in order}
    api.deliver()
    api.clock.advance(40)  # without the log, it is not known for a while that they have been delivered
    wanted = [posted[minutes] for minutes in sorted(order)]
    for relation in ("next", ""):
        assert [each for page in walk(api, SOON, bob, relation, limit=2) for each in page] == wanted
    answer = api.get(SOON, bob, limit=3, max_id=wanted[2])
    assert [each["id"] for each in api.follow_link(answer.link("prev") or "", bob).json] == wanted[:3]
    # Between two pages, what was on the first expires, and the last one on it is deleted.
    pages = walk(api, SOON, bob, limit=3)
    assert next(pages) == wanted[:3]
    if not cold:
        api.delete(ada, {"id": wanted[2]})
    api.clock.advance(60)
    assert [each for page in pages for each in page] == wanted[3:]
    api.clock.advance(120)
    assert api.read(SOON, bob, max_id=wanted[1]) == wanted[3:]


def test_a_poll_of_going_soon_returns_what_is_new_and_nothing_twice(api: Api) -> None:
    bob, ada = people(api, "bob", "ada")
    first, later = post(api, ada, expires_in=120), post(api, ada, expires_in=1800)
    api.deliver()
    assert api.read(SOON, bob) == [first, later]
    for name in ("since_id", "min_id"):
        assert api.read(SOON, bob, **{name: first}) == []
    sooner = post(api, ada, expires_in=60)
    api.deliver()
    for name in ("since_id", "min_id"):
        assert api.read(SOON, bob, **{name: first}) == [sooner]
        assert api.read(SOON, bob, **{name: sooner}) == []
    api.clock.advance(60)  # the first one on the client's page has expired
    assert api.read(SOON, bob, since_id=sooner) == []
    new = post(api, ada, expires_in=900)
    api.deliver()
    assert api.read(SOON, bob, since_id=sooner) == [new]
    assert api.read(SOON, bob, since_id=new) == []
    assert api.read(SOON, bob, since_id="0") == [first, new, later]
