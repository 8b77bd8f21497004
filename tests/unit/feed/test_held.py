"""The user's policy for notifications, and the requests of those whose notifications it filters."""

from typing import Any

import pytest

from ops.meter import metered
from tests.support.ends import leave
from tests.support.people import Answer, Api, Person

V1, V2 = "/api/v1/notifications", "/api/v2/notifications"
POLICY, REQUESTS = f"{V2}/policy", f"{V1}/requests"
MONTH = 30 * 86_400


def choose(api: Api, by: Person, **choices: str) -> dict[str, Any]:
    answer = api.request("PATCH", POLICY, by, json={f"for_{name}": choice for name, choice in choices.items()})
    assert answer.status == 200, answer.json
    policy: dict[str, Any] = answer.json
    return policy


def types(api: Api, by: Person, **query: Any) -> list[tuple[str, str]]:
    """Return the types and accounts of the user's notifications, sorted; in groups they are the same."""
    found = sorted((each["type"], each["account"]["username"]) for each in api.get(V1, by, **query).json)
    apart = {"grouped_types[]": "none"}
    groups = api.get(V2, by, **query, **apart).json
    names = {each["id"]: each["username"] for each in groups["accounts"]}
    assert found == sorted(
        (each["type"], names[each["sample_account_ids"][0]]) for each in groups["notification_groups"]
    )
    if not query:
        counted = [api.get(f"{path}/unread_count", by, **apart).json for path in (V1, V2)]
        assert counted == 2 * [{"count": len(found)}]
    return found


def requests(api: Api, by: Person, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(REQUESTS, by, **query)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json
    return found


def act(api: Api, by: Person, request: str, verb: str, **fields: Any) -> Answer:
    return api.request("POST", f"{REQUESTS}{request}/{verb}", by, **fields)


@pytest.fixture
def people(api: Api) -> dict[str, Person]:
    """Ada follows Bob; Cyd follows Ada; Dan is a stranger; all three are old accounts, Eve is a new one."""
    found = {name: api.sign_up(name) for name in ("ada", "bob", "cyd", "dan")}
    api.act(found["ada"], "follow", found["bob"])
    api.act(found["cyd"], "follow", found["ada"])
    api.deliver()
    api.clock.advance(MONTH + 1)
    found["eve"] = api.sign_up("eve")
    ada = found["ada"]
    open_, private = api.post(ada, "hello"), api.post(ada, "psst @dan", visibility="direct")
    for name in ("bob", "cyd", "dan", "eve"):
        api.post(found[name], "@ada hi")
        api.request("POST", f"/api/v1/statuses/{open_['id']}/favourite", found[name])
    api.post(found["bob"], "@ada psst", visibility="direct")
    api.post(found["dan"], "@ada psst", visibility="direct", in_reply_to_id=private["id"])
    api.post(found["cyd"], "@ada psst", visibility="direct", in_reply_to_id=open_["id"])
    api.deliver()
    return found


CHOICES: dict[str, dict[str, int]] = {
    "not_following": {"cyd": 3, "dan": 3, "eve": 2},
    "not_followers": {"bob": 3, "dan": 3, "eve": 2},
    "new_accounts": {"eve": 2},
    "private_mentions": {"cyd": 1},
    "limited_accounts": {},
}
"""How many notifications of whom each choice is about."""


def test_each_choice_filters_or_drops_its_notifications_and_no_others(api: Api, people: dict[str, Person]) -> None:
    ada, every = people["ada"], types(api, people["ada"])
    assert len(every) == 11
    for choice, filtered in CHOICES.items():
        shown = choose(api, ada, **{choice: "filter"})
        waiting = {"pending_requests_count": len(filtered), "pending_notifications_count": sum(filtered.values())}
        assert shown["summary"] == waiting
        assert {
            each["account"]["username"]: int(each["notifications_count"]) for each in requests(api, ada)
        } == filtered
        left = types(api, ada)
        assert len(left) == len(every) - sum(filtered.values())
        assert types(api, ada, include_filtered=True) == every
        marked = [each for each in api.get(V1, ada, include_filtered=True).json if each.get("filtered")]
        assert len(marked) == sum(filtered.values())
        assert choose(api, ada, **{choice: "drop"})["summary"]["pending_requests_count"] == 0
        assert requests(api, ada) == []
        assert types(api, ada) == types(api, ada, include_filtered=True) == left
        choose(api, ada, **{choice: "accept"})
    assert types(api, ada) == every


def test_a_request_is_accepted_dismissed_or_ended_with_its_sender(api: Api, people: dict[str, Person]) -> None:
    ada, cyd, dan, eve = (people[name] for name in ("ada", "cyd", "dan", "eve"))
    choose(api, ada, not_following="filter", new_accounts="filter")
    found = {each["id"]: each for each in requests(api, ada)}
    assert found.keys() == {cyd.id, dan.id, eve.id}
    assert api.get(f"{REQUESTS}/{dan.id}", ada).json == found[dan.id]
    assert found[dan.id]["last_status"]["account"]["id"] == dan.id
    assert found[dan.id]["created_at"] < found[dan.id]["updated_at"]
    first = api.get(REQUESTS, ada, limit=1)
    second = api.follow_link(first.link("next") or "", ada)
    last = api.follow_link(second.link("next") or "", ada)
    assert [each["id"] for page in (first, second, last) for each in page.json] == list(found)
    assert last.link("next") is None
    assert api.follow_link(second.link("prev") or "", ada).json == first.json
    assert requests(api, ada, max_id=first.json[0]["id"]) == second.json + last.json
    assert act(api, ada, f"/{dan.id}", "accept").status == 200
    assert [name for _, name in types(api, ada)].count("dan") == 3
    assert api.get(f"{REQUESTS}/merged", ada).json == {"merged": True}
    assert act(api, ada, f"/{eve.id}", "dismiss").status == 200
    assert {name for _, name in types(api, ada, include_filtered=True)} == {"bob", "cyd", "dan"}
    for person in (dan, eve, people["bob"]):
        assert api.get(f"{REQUESTS}/{person.id}", ada).status == 404
        assert (
            act(api, ada, f"/{person.id}", "accept").status == act(api, ada, f"/{person.id}", "dismiss").status == 404
        )
    api.post(eve, "@ada again")
    api.post(dan, "@ada again")
    api.deliver()
    assert {each["id"]: each["notifications_count"] for each in requests(api, ada)} == {eve.id: "1", cyd.id: "3"}
    api.act(ada, "block", dan)
    api.act(ada, "unblock", dan)
    api.act(ada, "block", cyd)
    assert {each["id"] for each in requests(api, ada)} == {eve.id, dan.id}
    leave(api, eve, {})
    assert [each["id"] for each in requests(api, ada)] == [dan.id]
    api.clock.advance(8 * 86_400)
    assert requests(api, ada) == []
    assert choose(api, ada)["summary"] == {"pending_requests_count": 0, "pending_notifications_count": 0}


def test_private_mentions_are_held_unless_they_answer_one_of_the_user_whatever_has_become_of_that(
    api: Api, people: dict[str, Person]
) -> None:
    ada, dan, eve = (people[name] for name in ("ada", "dan", "eve"))
    choose(api, ada, private_mentions="filter")
    api.request("POST", f"{V1}/clear", ada)
    open_ = api.post(ada, "hello")
    asked = api.post(ada, "@dan psst", visibility="direct")

    def say(by: Person, to: dict[str, Any], text: str) -> dict[str, Any]:
        api.clock.advance(1)
        return api.post(by, text, visibility="direct", in_reply_to_id=to["id"])

    say(eve, say(eve, open_, "@ada buy this"), "@ada and this")
    answer = say(dan, asked, "@ada yes")
    added = say(dan, answer, "@ada I mean")
    say(eve, say(dan, added, "@ada @eve look"), "@ada hi")  # whom Ada has not written to
    api.deliver()
    for _ in range(2):
        assert types(api, ada) == [("mention", "dan")] * 3
        assert {(each["id"], each["notifications_count"]) for each in requests(api, ada)} == {(eve.id, "3")}
        for status in (open_, asked):
            api.delete(ada, status)


def test_what_a_request_holds_is_shown_with_its_account_and_no_group_shows_or_dismisses_it(
    api: Api, people: dict[str, Person]
) -> None:
    ada, bob, dan = (people[name] for name in ("ada", "bob", "dan"))
    favourites = {"types[]": "favourite"}
    (whole,) = api.get(V2, ada, **favourites).json["notification_groups"]
    assert whole["notifications_count"] == 4
    choose(api, ada, not_following="filter")
    held = [("favourite", "dan"), ("mention", "dan"), ("mention", "dan")]
    assert types(api, ada, account_id=dan.id) == held  # this is how apps show a request
    assert api.get(f"{V1}/unread_count", ada, account_id=dan.id).json == {"count": 3}
    address = f"{V2}/{whole['group_key']}"
    assert [each["id"] for each in api.get(f"{address}/accounts", ada).json] == [bob.id]
    alone = api.get(address, ada).json["notification_groups"]
    assert [(each["notifications_count"], each["sample_account_ids"]) for each in alone] == [(1, [bob.id])]
    shown = api.get(V2, ada, include_filtered=True, **favourites).json["notification_groups"]
    keys = sorted(each["group_key"] for each in shown)
    assert [key.split("-")[0] for key in keys] == ["favourite", *["ungrouped"] * 3]
    listed = api.get(V1, ada, include_filtered=True, **favourites).json
    assert sorted(each["group_key"] for each in listed) == keys
    assert api.get(f"{V2}/{keys[-1]}", ada).json["notification_groups"][0]["notifications_count"] == 1
    assert api.request("POST", f"{address}/dismiss", ada).status == 200
    assert sum(int(each["notifications_count"]) for each in requests(api, ada)) == 8
    assert types(api, ada, account_id=dan.id) == held
    assert act(api, ada, f"/{dan.id}", "accept").status == 200
    (left,) = api.get(V2, ada, **favourites).json["notification_groups"]
    assert (left["group_key"], left["sample_account_ids"]) == (whole["group_key"], [dan.id])


def test_several_requests_are_accepted_and_dismissed_at_once(api: Api, people: dict[str, Person]) -> None:
    ada, cyd, dan, eve = (people[name] for name in ("ada", "cyd", "dan", "eve"))
    choose(api, ada, not_following="filter")

    def send(verb: str, form: str, *ids: str) -> None:
        sent: dict[str, Any] = {
            "json": {"json": {"id": ids}},
            "query": {"id[]": ids},
            **{name: {"form": [(name, each) for each in ids]} for name in ("id[]", "id[][]")},
        }
        answer = act(api, ada, "", verb, **sent[form])
        assert (answer.status, answer.json) == (200, {})

    send("accept", "json", cyd.id, people["bob"].id, "nobody")
    send("dismiss", "query", dan.id, "nobody")
    send("dismiss", "id[]", eve.id, cyd.id)
    assert requests(api, ada) == []
    assert {name for _, name in types(api, ada)} == {"bob", "cyd"}
    api.post(eve, "@ada again")
    api.deliver()
    send("accept", "id[][]", eve.id)
    assert types(api, ada).count(("mention", "eve")) == 1


def test_nobody_hides_the_requests_of_others_by_sending_a_lot(api: Api, people: dict[str, Person]) -> None:
    ada, dan = people["ada"], people["dan"]
    choose(api, ada, not_following="filter")
    before = [each["id"] for each in requests(api, ada)]
    for number in range(45):
        api.post(dan, f"@ada {number}")
    api.deliver()
    with metered() as cost:
        assert {each["account"]["username"] for each in api.get(V1, ada, limit=5).json} == {"bob"}
    assert cost.read_units < 30
    found = {each["id"]: each["notifications_count"] for each in requests(api, ada)}
    assert found.keys() == set(before)
    assert found[dan.id] == api.get(f"{REQUESTS}/{dan.id}", ada).json["notifications_count"] == "40"
    assert act(api, ada, f"/{dan.id}", "dismiss").status == 200
    assert api.get(f"{REQUESTS}/{dan.id}", ada).status == 404


def test_the_policy_has_an_older_form_and_unknown_choices_are_refused(api: Api, people: dict[str, Person]) -> None:
    ada = people["ada"]
    older = f"{V1}/policy"
    names = ("not_following", "not_followers", "new_accounts", "private_mentions")
    assert api.get(older, ada).json.items() >= {f"filter_{name}": False for name in names}.items()
    form = {"filter_not_following": "1", "filter_new_accounts": "", "filter_private_mentions": "false"}
    changed = api.request("PUT", older, ada, form=form).json
    assert [changed[f"filter_{name}"] for name in names] == [True, False, False, False]
    assert changed["summary"]["pending_requests_count"] == 3
    assert choose(api, ada, new_accounts="drop", not_followers="")["for_not_following"] == "filter"
    assert api.get(older, ada).json["filter_new_accounts"] is True
    refused = api.request("PATCH", POLICY, ada, json={"for_new_accounts": "maybe"})
    assert (refused.status, refused.error.partition(" as ")[0]) == (422, "Choose accept, filter or drop")
    assert api.request("PUT", older, ada, json={f"filter_{name}": False for name in names}).status == 200
    assert {value for name, value in api.get(POLICY, ada).json.items() if name != "summary"} == {"accept"}


def test_a_policy_costs_a_read_of_each_stranger_on_the_page_and_nothing_those_who_have_none(
    api: Api, people: dict[str, Person]
) -> None:
    ada, costs = people["ada"], []
    for choices in ({}, {"limited_accounts": "filter"}, {"not_followers": "filter"}, {"not_followers": "accept"}):
        choose(api, ada, **choices)
        api.get(V1, ada, include_filtered=True)
        with metered() as cost:
            api.get(V1, ada, include_filtered=True)
        costs.append(cost.read_units)
    choose(api, ada, limited_accounts="accept")
    with metered() as cost:
        api.get(V1, ada, include_filtered=True)
    assert [each - costs[0] for each in costs] == [0, 3, 8, 3]
    assert cost.read_units == costs[0]
