"""Quotes together with boosts, edits, scheduled messages, reactions and notifications."""

from typing import Any

import pytest

from tests.support.people import Api, Person
from tests.unit.messages.test_quotes import STATUSES, quote, settle


def boost(api: Api, by: Person, status: dict[str, Any]) -> dict[str, Any]:
    api.clock.advance(0.001)
    made: dict[str, Any] = api.request("POST", f"{STATUSES}/{status['id']}/reblog", by).json
    return made


@pytest.mark.parametrize("boosted_last", [False, True])
def test_a_message_that_is_boosted_and_quoted_on_one_page_shows_in_both_what_it_quotes(
    api: Api, boosted_last: bool
) -> None:
    ada, bob, cyd, dan = (api.sign_up(name) for name in ("ada", "bob", "cyd", "dan"))
    for whom in (bob, cyd):
        api.act(dan, "follow", whom)
    first = api.post(ada, "first")
    middle = quote(api, ada, first)
    last = quote(api, ada, middle)
    made = None if boosted_last else boost(api, cyd, last)
    quote(api, bob, last)
    made = made or boost(api, cyd, last)
    settle(api)
    (shown,) = (each for each in api.get("/api/v1/timelines/home", dan).json if each["id"] == made["id"])
    inner = shown["reblog"]["quote"]["quoted_status"]
    assert (inner["id"], inner["quote"]) == (middle["id"], {"state": "accepted", "quoted_status_id": first["id"]})
