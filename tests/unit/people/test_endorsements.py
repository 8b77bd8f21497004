"""Endorsements: accounts that a user follows and shows on the profile."""

from tests.support.people import Api, Person


def endorsed(api: Api, whose: Person, by: Person | None = None) -> list[str]:
    shown = api.read(f"/api/v1/accounts/{whose.id}/endorsements", by)
    assert api.read("/api/v1/endorsements", whose) == api.read(f"/api/v1/accounts/{whose.id}/endorsements", whose)
    return shown


def test_an_endorsement_lasts_as_long_as_the_follow(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    path = f"/api/v1/accounts/{bob.id}/endorse"
    refused = api.request("POST", path, ada)
    assert refused.error == "Validation failed: You must be already following the person you want to endorse"
    assert [refused.status, api.request("POST", path, bob).status] == [422, 422]
    assert api.request("POST", "/api/v1/accounts/0000000000000/endorse", ada).status == 404
    api.act(ada, "follow", bob)
    made = api.request("POST", "/api/v1/lists", ada, json={"title": "list"}).json["id"]
    api.request("POST", f"/api/v1/lists/{made}/accounts", ada, json={"account_ids": [bob.id]})
    for verb, expected in (("pin", True), ("endorse", True), ("unpin", False), ("unendorse", False), ("endorse", True)):
        assert api.act(ada, verb, bob)["endorsed"] is expected
        assert endorsed(api, ada, cyd) == ([bob.id] if expected else [])
    (relationship,) = api.get("/api/v1/accounts/relationships", ada, **{"id[]": bob.id}).json
    assert relationship["endorsed"]
    assert [each["id"] for each in api.get(f"/api/v1/accounts/{bob.id}/lists", ada).json] == [made]
    assert api.get("/api/v1/lists/endorsed", ada).status == 404
    assert api.get("/api/v1/timelines/list/endorsed", ada).status == 404
    assert api.request("DELETE", "/api/v1/lists/endorsed", ada).status == 404
    api.act(ada, "follow", bob, reblogs=False)
    assert endorsed(api, ada) == [bob.id]
    api.act(ada, "unendorse", bob)
    assert api.read(f"/api/v1/lists/{made}/accounts", ada) == [bob.id]
    for end, by, whom in (("unfollow", ada, bob), ("remove_from_followers", bob, ada), ("block", bob, ada)):
        api.act(ada, "endorse", bob)
        api.act(by, end, whom)
        assert endorsed(api, ada) == []
        api.act(bob, "unblock", ada)
        assert not api.act(ada, "follow", bob)["endorsed"]
    assert endorsed(api, ada) == []


def test_endorsements_are_paged_and_blocks_hide_them(api: Api) -> None:
    ada, *others = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for other in others:
        api.act(ada, "follow", other)
        api.act(ada, "endorse", other)
    everybody = sorted(other.id for other in others)
    page = api.get(f"/api/v1/accounts/{ada.id}/endorsements", limit=2)
    older = api.follow_link(page.link("next") or "")
    assert [each["id"] for each in page.json + older.json] == everybody
    bob, cyd, dan = others
    api.act(bob, "block", cyd)
    assert cyd.id not in endorsed(api, ada, bob)
    api.act(ada, "block", dan)
    assert endorsed(api, ada, dan) == []
