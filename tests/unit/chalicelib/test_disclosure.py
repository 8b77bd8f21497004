"""The instance's rules, and the sentence about copies of reported messages, are where people look."""

from collections.abc import Callable

import pytest

from tests.support.people import Api
from tests.support.visitor import Visitor

RULES = "Be kind | Even to bots\nNo <b>spam</b>"
SENTENCE = (
    "One exception: when somebody reports a message, a sealed copy of it is kept for the moderators until they decide, "
    "and for at most 14 days."
)


def pages(api: Api) -> dict[str, str]:
    """Return the start page and the page for signing up."""
    sign_up = Visitor(api).open(prompt="create").page.text
    return {"start": api.get("/").text, "sign up": sign_up}


def descriptions(api: Api) -> list[str]:
    return [api.get(f"/api/{version}/instance").json["description"] for version in ("v1", "v2")]


@pytest.mark.parametrize("evidence", ["on", "off"])
def test_it_is_said_whether_copies_outlive_messages(api: Api, configure: Callable[..., None], evidence: str) -> None:
    configure(report_evidence=evidence)
    for each in (*descriptions(api), *pages(api).values()):
        assert (SENTENCE in each) is (evidence == "on")
    assert SENTENCE not in Visitor(api).open().page.text  # logging in is no news


def test_rules_are_listed_where_people_sign_up_and_where_apps_look(api: Api, configure: Callable[..., None]) -> None:
    configure(rules=RULES)
    listed = api.get("/api/v1/instance/rules").json
    assert [(each["text"], each["hint"]) for each in listed] == [("Be kind", "Even to bots"), ("No <b>spam</b>", "")]
    for version in ("v1", "v2"):
        assert api.get(f"/api/{version}/instance").json["rules"] == listed
    shown = pages(api)
    assert "<li>Be kind <small>Even to bots</small></li>\n<li>No &lt;b&gt;spam&lt;/b&gt;</li>" in shown["start"]
    assert "Be kind Even to bots\nNo <b>spam</b>" in shown["sign up"]  # without the page's markup
    assert "Be kind" not in Visitor(api).open().page.text


def test_an_instance_without_rules_has_an_empty_list(api: Api) -> None:
    assert api.get("/api/v1/instance/rules").json == []
    assert all("Rules" not in page for page in pages(api).values())


def test_a_report_names_rules_of_the_instance(api: Api, configure: Callable[..., None]) -> None:
    configure(rules=RULES)
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    kind, spam = (each["id"] for each in api.get("/api/v1/instance/rules").json)
    fields = {"account_id": ada.id, "rule_ids": [spam, kind, kind], "category": "spam"}
    form = [("account_id", ada.id), ("rule_ids[]", spam), ("rule_ids[]", kind)]
    for filed in (
        api.request("POST", "/api/v1/reports", bob, json=fields),
        api.request("POST", "/api/v1/reports", bob, form=form),
        api.request("POST", "/api/v1/reports", bob, json=fields | {"rule_ids": [int(spam), kind]}),
    ):
        assert (filed.status, filed.json["category"], filed.json["rule_ids"]) == (200, "violation", [kind, spam])
    filed = api.request("POST", "/api/v1/reports", bob, json={"account_id": ada.id, "category": "violation"})
    assert (filed.status, filed.json["category"], filed.json["rule_ids"]) == (200, "violation", None)
    for unknown in ("1", "x", kind + "0"):
        answer = api.request("POST", "/api/v1/reports", bob, json={"account_id": ada.id, "rule_ids": [kind, unknown]})
        assert (answer.status, list(answer.json["details"])) == (422, ["rule_ids"])
