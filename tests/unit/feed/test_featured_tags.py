"""Hashtags that a profile features."""

from urllib.parse import urlsplit

from fstream_app.people import tags, users
from tests.support.people import Api, Person
from tests.support.racing import Races


def featured(api: Api, of: Person, by: Person | None = None) -> list[tuple[str, str, str | None]]:
    found = api.get(f"/api/v1/accounts/{of.id}/featured_tags", by).json
    return [(tag["name"], tag["statuses_count"], tag["last_status_at"]) for tag in found]


def test_a_profile_features_hashtags_with_their_use(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    for name in ("#Tea", "milk", "tea"):
        tag = api.request("POST", "/api/v1/featured_tags", ada, form={"name": name}).json
        assert tag["name"] == name.lstrip("#").lower()
    status = api.post(ada, "#tea #sugar")
    api.post(ada, "more #sugar", visibility="unlisted")
    api.post(ada, "#tea #secret", visibility="private")
    day = status["created_at"][:10]
    own = api.get("/api/v1/featured_tags", ada).json
    assert featured(api, ada) == featured(api, ada, bob) == [("tea", "1", day), ("milk", "0", None)]
    assert [tag["name"] for tag in own] == ["tea", "milk"]
    assert status["id"] in api.get(urlsplit(own[0]["url"]).path).text
    shown = api.get("/api/v1/tags/tea", ada).json
    assert (shown["featuring"], shown["id"], shown["following"]) == (True, own[0]["id"], False)
    assert api.get("/api/v1/tags/tea", bob).json["featuring"] is False
    suggested = api.get("/api/v1/featured_tags/suggestions", ada).json
    assert [(tag["name"], tag["history"][0]["uses"]) for tag in suggested] == [("sugar", "2")]
    api.act(ada, "block", bob)
    assert featured(api, ada, bob) == []
    assert api.request("DELETE", f"/api/v1/featured_tags/{own[0]['id']}", bob).status == 404
    assert api.request("DELETE", f"/api/v1/featured_tags/{own[0]['id']}", ada).json == {}
    assert api.request("DELETE", f"/api/v1/featured_tags/{own[0]['id']}", ada).status == 404
    assert api.request("POST", "/api/v1/tags/milk/unfeature", ada).json["featuring"] is False
    assert api.request("POST", "/api/v1/tags/milk/unfeature", ada).status == 200
    assert featured(api, ada) == []


def test_a_profile_features_ten_hashtags_at_most(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(tags.MAX_FEATURED):
        assert api.request("POST", f"/api/v1/tags/tag{number}/feature", ada).json["featuring"] is True
    assert api.request("POST", "/api/v1/tags/tag0/feature", ada).status == 200
    assert "at most 10" in api.request("POST", "/api/v1/tags/more/feature", ada).error
    assert api.get("/api/v2/instance").json["configuration"]["accounts"]["max_featured_tags"] == tags.MAX_FEATURED
    for name in ("", "#", "two words", "1"):
        assert api.request("POST", "/api/v1/featured_tags", ada, json={"name": name}).status == 422


def test_no_hashtag_is_lost_if_two_are_featured_at_once(api: Api, races: Races) -> None:
    ada = api.sign_up("ada")
    for run in races.between(lambda: tags.feature(ada.id, "tea"), lambda: tags.feature(ada.id, "milk")):
        assert sorted(users.get(ada.id, consistent=True).featured) == ["milk", "tea"], run
