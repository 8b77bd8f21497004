"""Quotes: what a reader sees of a quoted message, who may quote, the count, the list, and revoking."""

from typing import Any

from tests.support.people import SETTLED, Api, Person

STATUSES = "/api/v1/statuses"
ME = "/api/v1/accounts/update_credentials"
WORDS = "unmistakable"


def quote(api: Api, by: Person, status: dict[str, Any], text: str = "look", **fields: Any) -> dict[str, Any]:
    return api.post(by, text, quoted_status_id=status["id"], **fields)


def settle(api: Api) -> None:
    api.deliver()
    api.clock.advance(SETTLED)


def show(api: Api, status: dict[str, Any], by: Person | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = api.get(f"{STATUSES}/{status['id']}", by).json
    return shown


def test_a_quote_shows_the_quoted_message_to_all_and_links_to_it(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, WORDS)
    made = quote(api, bob, quoted)
    assert made["quote"]["state"] == "accepted"
    assert made["quote"]["quoted_status"]["content"] == f"<p>{WORDS}</p>"
    assert made["quote"]["quoted_status"]["account"]["id"] == ada.id
    link = f'<p class="quote-inline">RE: <a href="{quoted["url"]}" rel="nofollow noopener">{quoted["url"]}</a></p>'
    assert made["content"] == f"{link}<p>look</p>"
    for by in (None, ada, bob):
        assert show(api, made, by)["quote"]["quoted_status"]["id"] == quoted["id"]
    assert "quote-inline" not in quote(api, bob, quoted, f"look {quoted['url']}")["content"]
    outer = quote(api, ada, made)
    assert outer["quote"]["quoted_status"]["quote"] == {"state": "accepted", "quoted_status_id": quoted["id"]}
    api.request("DELETE", f"{STATUSES}/{quoted['id']}", ada)
    assert show(api, outer)["quote"]["quoted_status"]["quote"] == {"state": "deleted", "quoted_status_id": None}
