"""Fixtures for the tests with the requests of web clients."""

import pytest

from tests.clients.web.replay import Names
from tests.support.site import Site, eventually, unique


@pytest.fixture(scope="module")
def stage(site: Site) -> Names:
    """The names that requests may use.

    Ada uses the client. She and Bob follow each other. He greeted, she wrote, he favourited that and replied. Cleo is
    unrelated to them.
    """
    people = {name: unique(name) for name in ("ada", "bob", "cleo")}
    token = {name: site.sign_up(account) for name, account in people.items()}
    ids = {name: site.id_of(token[name]) for name in people}
    site.post(f"/api/v1/accounts/{ids['bob']}/follow", token["ada"])
    greeting = site.say(token["bob"], "Good #evening, see https://example.org/2026/11")
    mine = site.say(token["ada"], "It is dark already")
    site.post(f"/api/v1/accounts/{ids['ada']}/follow", token["bob"])
    site.post(f"/api/v1/statuses/{mine['id']}/favourite", token["bob"])
    reply = site.say(token["bob"], f"@{people['ada']} it is", in_reply_to_id=mine["id"])
    # Other users' messages are on pages once they have settled.
    assert eventually(lambda: site.home(token["ada"]) == [reply["id"], mine["id"], greeting["id"]])
    assert eventually(lambda: len(site.ids("/api/v1/notifications", token["ada"])) == 3)
    assert eventually(lambda: site.ids("/api/v1/timelines/tag/evening")[:1] == [greeting["id"]])
    statuses = {"greeting": greeting["id"], "mine": mine["id"], "reply": reply["id"], "greeting_url": greeting["url"]}
    named = {f"{name}_name": account for name, account in people.items()}
    return {**ids, **named, **statuses, "bob_url": f"{site.url}/@{people['bob']}", "token": token["ada"]}
