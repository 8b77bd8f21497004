"""Searching hashtags through the API, by the beginning of their names."""

import pytest

from fstream_app.feed.hashtags import MAX_HASHTAGS
from ops.meter import metered
from tests.support.people import Api, Person


def hashtags(api: Api, query: str, by: Person | None = None) -> list[str]:
    return [tag["name"] for tag in api.get("/api/v2/search", by, q=query, type="hashtags").json["hashtags"]]


def test_hashtags_are_found_by_the_beginning_of_their_name_whatever_its_case(api: Api) -> None:
    ada = api.sign_up("ada")
    api.post(ada, "#Maths #mathematics #math #tea #t")
    api.deliver()
    assert hashtags(api, "#MATH") == hashtags(api, "math") == ["math", "mathematics", "maths"]
    assert hashtags(api, "maths") == ["maths"]
    assert hashtags(api, "t") == ["t"]
    for query in ("mathsy", "no tag", "1", "#", "", "é" * 101):
        assert hashtags(api, query) == [], query


def test_ones_own_hashtags_are_found_at_once(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.post(ada, "#secret_garden", visibility="private")
    assert hashtags(api, "secret", ada) == ["secret_garden"]
    api.deliver()
    assert hashtags(api, "secret", bob) == hashtags(api, "secret") == []


@pytest.mark.parametrize("end", ["delete", "expire"])
def test_a_hashtag_is_found_for_as_long_as_a_message_has_it(api: Api, end: str) -> None:
    ada = api.sign_up("ada")
    brief = api.post(ada, "#passing #staying", expires_in=60)
    api.post(ada, "#staying", expires_in=3600)
    api.deliver()
    assert (hashtags(api, "passing"), hashtags(api, "staying")) == (["passing"], ["staying"])
    if end == "delete":
        api.delete(ada, brief)
    else:
        api.clock.advance(60)
    assert (hashtags(api, "passing"), hashtags(api, "staying")) == ([], ["staying"])


def test_twenty_hashtags_are_found_and_what_that_costs_is_bounded(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(2):
        api.post(ada, " ".join(f"#tag{number}{letter}" for letter in "abcdefghijklmno"))
    api.deliver()
    with metered() as cost:
        assert len(hashtags(api, "tag")) == MAX_HASHTAGS
    assert cost.read_units <= 35
