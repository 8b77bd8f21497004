"""Rate limits: requests allowed, the user or address that is limited, headers, errors, and the cost of counting."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from pynamodb.connection import TableConnection
from pynamodb.exceptions import UpdateError

from fstream_app import tables
from fstream_app.access import rates
from fstream_app.core import settings
from fstream_app.core.errors import Unavailable
from fstream_app.repository import rates as windows
from ops.meter import metered
from tests.support.people import PASSWORD, Answer, Api, Person, stored

HOME = "/api/v1/timelines/home"
PUBLIC = "/api/v1/timelines/public"
STATUSES = "/api/v1/statuses"
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")

Configure = Callable[..., None]


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def limit(configure: Configure) -> Configure:
    """Turn limits on and set some: `limit(posts="2/60")`."""

    def change(**of: str) -> None:
        configure(rate_limits="on", trusted_proxies="1", **{f"rate_{name}": rate for name, rate in of.items()})

    return change


@pytest.fixture
def broken_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise UpdateError("what it says", EndpointConnectionError(endpoint_url="http://secret.test"))

    monkeypatch.setattr(tables.LimitItem, "update", fail)
    monkeypatch.setattr(TableConnection, "update_item", fail)


def coming_from(source: str) -> dict[str, str]:
    """Return the header that CloudFront and API Gateway set for a client with this address."""
    return {"x-forwarded-for": f"{source}, 130.176.0.1"}


def limit_and_rest(answer: Answer) -> tuple[int, int]:
    """Return the limit and the remaining requests, from the headers."""
    return int(answer.headers[LIMITS[0]]), int(answer.headers[LIMITS[1]])


def log_in(api: Api, name: str, password: str = PASSWORD, source: str = "192.0.2.1") -> Answer:
    form = {name: api.application[name] for name in ("client_id", "client_secret")}
    form |= {"grant_type": "password", "username": name, "password": password}
    return api.request("POST", "/oauth/token", form=form, headers=coming_from(source))


def sign_up(api: Api, name: str, source: str = "192.0.2.1") -> Answer:
    headers = {"authorization": f"Bearer {api.application_token()}"} | coming_from(source)
    return api.request("POST", "/api/v1/accounts", headers=headers, json={"username": name, "password": PASSWORD})


def post(api: Api, by: Person, **fields: Any) -> Answer:
    return api.request("POST", STATUSES, by, json={"status": "x"}, **fields)


def delete(api: Api, by: Person) -> Answer:
    return api.request("DELETE", f"{STATUSES}/{'0' * 26}", by)


def let_in(api: Api, decision: str, name: str, password: str = PASSWORD) -> Answer:
    """Submit the authorization page."""
    form = {"client_id": api.application["client_id"], "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}
    form |= {"response_type": "code", "decision": decision, "username": name, "password": password}
    return api.request("POST", "/oauth/authorize", form=form, headers=coming_from("192.0.2.1"))


def report(api: Api, by: Person) -> Answer:
    return api.request("POST", "/api/v1/reports", by, json={"account_id": "0" * 13})


SPECIAL = {
    "posts": post,
    "deletes": delete,
    "reports": report,
    "log_ins": lambda api, _: log_in(api, "ada"),
    "sign_ups": lambda api, _: sign_up(api, f"p{len(stored()['UserItem'])}"),
}
"""Requests with a special limit, by its name."""


def test_a_user_makes_no_more_requests_than_the_limit_until_the_window_ends(
    api: Api, ada: Person, limit: Configure
) -> None:
    limit(requests="25/300")
    assert [limit_and_rest(api.get(HOME, ada)) for _ in range(25)] == [(25, 24 - number) for number in range(25)]
    api.clock.advance(299.999)
    refused = api.get(HOME, ada)
    assert (refused.status, limit_and_rest(refused)) == (429, (25, 0))
    api.clock.advance(0.001)
    assert (api.get(HOME, ada).status, limit_and_rest(api.get(HOME, ada))) == (200, (25, 23))


def test_a_refusal_says_when_to_try_again(api: Api, ada: Person, limit: Configure) -> None:
    limit(requests="1/300")
    api.get(HOME, ada)
    for seconds, after, words in ((0, "300", "5 minutes"), (239, "61", "2 minutes"), (59.5, "2", "2 seconds")):
        api.clock.advance(seconds)
        answer = api.get(HOME, ada)
        assert (answer.status, answer.headers["Retry-After"]) == (429, after)
        assert answer.error == f"Too many requests. Try again in {words}."
    api.clock.advance(0.6)
    assert api.get(HOME, ada).error.endswith("in 1 second.")


def test_the_reset_is_a_time_that_clients_can_parse(api: Api, ada: Person, limit: Configure) -> None:
    limit()
    api.clock.advance(1.234)
    reset = api.get(HOME, ada).headers["X-RateLimit-Reset"]
    assert reset == "2040-01-01T00:05:00.000000Z"
    assert datetime.fromisoformat(reset).timestamp() * 1000 == api.clock.now - 1234 + 300_000


def test_the_defaults_are_those_of_the_client_api_where_it_has_any() -> None:
    current = settings.Settings()
    assert {action: str(getattr(current, f"rate_{action}")) for action in rates.Action} == {
        "requests": "300/300",
        "public": "1000/300",
        "posts": "300/10800",
        "deletes": "30/1800",
        "reports": "30/86400",
        "sign_ups": "5/1800",
        "log_ins": "25/300",
        "wrong_passwords": "100/86400",
        "exports": "100/3600",
        "connects": "150/300",
        "frames": "120/60",
        "subscriptions": "300/300",
    }


@pytest.mark.parametrize("kind", SPECIAL)
def test_a_special_limit_holds_from_both_sides_and_is_the_one_in_the_headers(
    api: Api, ada: Person, limit: Configure, kind: str
) -> None:
    limit(**{kind: "3/1800"})
    answers = [SPECIAL[kind](api, ada) for _ in range(5)]
    assert [answer.status == 429 for answer in answers] == [False, False, False, True, True]
    assert [limit_and_rest(answer) for answer in answers] == [(3, 2), (3, 1), (3, 0), (3, 0), (3, 0)]
    assert answers[3].headers["Retry-After"] == "1800"
    assert answers[3].error.endswith("Try again in 30 minutes.")
    api.clock.advance(1800)
    assert limit_and_rest(SPECIAL[kind](api, ada)) == (3, 2)


@pytest.mark.parametrize("kind", ["posts", "deletes"])
def test_what_one_user_does_is_not_counted_for_another(api: Api, ada: Person, limit: Configure, kind: str) -> None:
    bob = api.sign_up("bob")
    limit(**{kind: "1/1800"})
    assert [SPECIAL[kind](api, by).status == 429 for by in (ada, ada, bob)] == [False, True, False]


@pytest.mark.parametrize("act", [sign_up, log_in])
def test_another_address_has_limits_of_its_own(api: Api, limit: Configure, act: Callable[..., Answer]) -> None:
    api.sign_up("ada")
    limit(sign_ups="1/1800", log_ins="1/1800")
    names = iter(["bob", "eve", "joe"])
    answers = [act(api, next(names), source=f"192.0.2.{number}") for number in (1, 1, 2)]
    assert [answer.status == 429 for answer in answers] == [False, True, False]


def test_all_tokens_of_a_user_count_together_and_those_of_an_application_for_the_address(
    api: Api, ada: Person, limit: Configure
) -> None:
    phone = Person("ada", ada.id, api.token("password", username="ada", password=PASSWORD).json["access_token"])
    nobody = Person("", "", api.application_token())
    limit()
    assert [limit_and_rest(api.get(HOME, by))[1] for by in (ada, phone, ada)] == [299, 298, 297]
    assert [limit_and_rest(api.get(PUBLIC, by))[1] for by in (nobody, None, nobody)] == [299, 298, 297]


def test_wrong_tokens_count_for_the_address_and_shut_out_nobody_who_has_a_right_one(
    api: Api, ada: Person, limit: Configure
) -> None:
    limit(requests="2/300")
    wrong = Person("", "", "wrong")
    assert [api.get(HOME, by).status for by in (wrong, None, wrong, None)] == [401, 401, 429, 429]
    assert api.get(PUBLIC).status == 429
    assert [api.get(HOME, ada).status for _ in range(3)] == [200, 200, 429]


def test_requests_that_are_wrong_count_as_requests(api: Api, ada: Person, limit: Configure) -> None:
    limit(requests="2/300")
    answers = [api.request("POST", STATUSES, ada, body=b"{"), api.get(f"{STATUSES}/x", ada), api.get(HOME, ada)]
    assert [answer.status for answer in answers] == [400, 404, 429]


def test_a_repeated_post_counts_again_although_it_is_posted_once(api: Api, ada: Person, limit: Configure) -> None:
    limit(posts="2/10800")
    answers = [post(api, ada, headers={"idempotency-key": "1"}) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[0].json["id"] == answers[1].json["id"]


def test_a_sign_up_that_makes_no_user_does_not_count(api: Api, ada: Person, limit: Configure) -> None:
    limit(sign_ups="1/1800")
    failed = [sign_up(api, name) for name in ("ada", "a b", "ada")]
    assert [(answer.status, limit_and_rest(answer)[0]) for answer in failed] == [(422, 300)] * 3
    assert [sign_up(api, name).status for name in ("bob", "eve")] == [200, 429]


def test_wrong_passwords_for_an_account_are_limited_over_all_new_addresses_together(
    api: Api, ada: Person, limit: Configure
) -> None:
    api.sign_up("bob")
    limit(wrong_passwords="3/300")
    names = ["ada", "ADA", "@ada", "ada@fstream.test", "Ada@FSTREAM.test"]
    answers = [log_in(api, name, "wrong", f"192.0.2.{number}") for number, name in enumerate(names)]
    assert [answer.status for answer in answers] == [400, 400, 400, 429, 429]
    assert answers[3].error == "Too many wrong passwords for this account from new addresses. Try again in 5 minutes."
    assert limit_and_rest(answers[3]) == (3, 0)
    assert (log_in(api, "ada").status, log_in(api, "bob").status) == (429, 200)
    api.clock.advance(300)
    assert log_in(api, "ada").status == 200


def test_the_authorization_page_has_the_limits_of_logging_in_and_signing_up(
    api: Api, ada: Person, limit: Configure
) -> None:
    limit(log_ins="4/300", wrong_passwords="2/300", sign_ups="1/300")
    guesses = [log_in(api, "ada", "wrong"), let_in(api, "log_in", "ada", "wrong"), let_in(api, "log_in", "ada")]
    assert [(answer.status, limit_and_rest(answer)[0]) for answer in guesses] == [(400, 4), (401, 4), (429, 2)]
    assert [let_in(api, "log_in", "bob").status for _ in range(2)] == [401, 429]
    made = [let_in(api, "sign_up", name) for name in ("a b", "bob", "eve")]
    assert [answer.status for answer in made] == [422, 200, 429]
    assert made[2].headers["Retry-After"] == "300"


def test_an_empty_form_does_not_count_as_a_wrong_password(api: Api, ada: Person, limit: Configure) -> None:
    limit(wrong_passwords="1/300")
    assert [let_in(api, "log_in", "ada", "").status for _ in range(3)] == [422, 422, 422]
    assert log_in(api, "ada").status == 200


def test_nobody_learns_from_the_limit_whether_there_is_such_an_account(api: Api, limit: Configure) -> None:
    limit(wrong_passwords="1/300")
    assert [log_in(api, "nobody_here").status for _ in range(2)] == [400, 429]


def test_a_successful_log_in_does_not_count_as_a_wrong_password(api: Api, ada: Person, limit: Configure) -> None:
    limit(wrong_passwords="2/300")
    sources = [f"192.0.2.{number}" for number in range(8)]
    passwords = ["wrong", *[PASSWORD] * 5, "wrong", PASSWORD]
    answers = [log_in(api, "ada", password, source) for password, source in zip(passwords, sources, strict=True)]
    assert [answer.status for answer in answers] == [400, *[200] * 5, 400, 429]


def test_a_log_in_refused_by_the_address_limit_does_not_count_as_a_wrong_password(
    api: Api, ada: Person, limit: Configure
) -> None:
    limit(log_ins="1/300", wrong_passwords="2/300")
    assert [log_in(api, "ada", "wrong").status for _ in range(5)] == [400, 429, 429, 429, 429]
    assert log_in(api, "ada", source="192.0.2.2").status == 200


def test_switched_off_there_is_no_limit_no_header_and_no_cost(api: Api, ada: Person, configure: Configure) -> None:
    configure(rate_limits="off", rate_requests="1/300", rate_posts="1/300", rate_wrong_passwords="1/300")
    answers = [
        post(api, ada),
        post(api, ada),
        log_in(api, "ada", "wrong"),
        log_in(api, "ada", "wrong"),
        delete(api, ada),
    ]
    assert [answer.status for answer in answers] == [200, 200, 400, 400, 404]
    assert not [name for answer in answers for name in LIMITS if name in answer.headers]
    assert stored()["LimitItem"] == []


def test_pictures_and_paths_that_are_none_do_not_count(api: Api, limit: Configure) -> None:
    limit(requests="1/300")
    for _ in range(3):
        picture = api._client.http.get(f"/avatars/{'0' * 13}.png")
        missing = api.get("/api/v1/nothing")
        assert (picture.status_code, missing.status) == (200, 404)
        assert not [name for name in LIMITS if name in picture.headers or name in missing.headers]
    assert [api.get(PUBLIC).status for _ in range(2)] == [200, 429]


def test_what_is_stored_has_no_address_and_no_name_and_goes_with_its_window(
    api: Api, ada: Person, limit: Configure
) -> None:
    limit(requests="1/300")
    api.get(PUBLIC)
    log_in(api, "ada", "wrong")
    items = [json.loads(item) for item in stored()["LimitItem"]]
    assert len(items) == 5
    ends = {api.clock.now // 1000 + seconds + 60 for seconds in (300, 86_400)}
    assert {int(item["expires_at"]["N"]) for item in items} == ends
    assert all(len(item["key"]["S"]) == len("rate#") + 32 for item in items)
    assert not [text for text in ("ada", "127.0.0.1", "192.0.2.1") if text in str(items)]


def test_people_go_on_when_the_table_does_not_answer(
    api: Api, ada: Person, limit: Configure, broken_table: None, caplog: pytest.LogCaptureFixture
) -> None:
    limit(requests="9/300", posts="1/300", deletes="1/300")
    status = post(api, ada).json["id"]
    answers = [post(api, ada), api.request("DELETE", f"{STATUSES}/{status}", ada), delete(api, ada), api.get(HOME, ada)]
    assert [answer.status for answer in answers] == [200, 200, 404, 200]
    assert {"requests", "posts", "deletes"} == {record.getMessage().split()[0] for record in caplog.records}
    assert {record.getMessage().split()[-1] for record in caplog.records} == {"UpdateError"}
    assert "secret" not in caplog.text
    assert [api.get(HOME, ada).status for _ in range(5)][-2:] == [200, 429]  # this function's own count still limits


def test_nobody_guesses_or_signs_up_uncounted(
    api: Api, ada: Person, limit: Configure, broken_table: None, caplog: pytest.LogCaptureFixture
) -> None:
    limit()
    with caplog.at_level(logging.WARNING):
        answers = [log_in(api, "ada"), sign_up(api, "bob")]
    assert [(answer.status, answer.headers["Retry-After"]) for answer in answers] == [(503, "1")] * 2
    assert "log_ins not counted: UpdateError" in caplog.text
    assert not any("bob" in item for item in stored()["UserItem"])


def test_a_log_in_that_succeeded_is_not_undone_by_a_table_that_fails_then(
    api: Api, ada: Person, limit: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit()
    add = windows.add

    def fail(key: str, number: int, expires_at: int) -> int:
        if number < 0:
            raise Unavailable from ValueError()
        return add(key, number, expires_at)

    monkeypatch.setattr(windows, "add", fail)
    assert log_in(api, "ada").status == 200


@pytest.fixture
def limited_api(real_api: Api, limit: Configure) -> Api:
    """The API on MiniStack, which counts write units, with the default limits."""
    limit()
    return real_api


def test_what_counting_costs(limited_api: Api) -> None:
    ada = limited_api.sign_up("ada")
    status = post(limited_api, ada).json["id"]
    steps: dict[str, tuple[Callable[[], object], float]] = {
        "twenty requests": (lambda: [limited_api.get(HOME, ada) for _ in range(20)], 2),
        "post": (lambda: post(limited_api, ada), 1),
        "delete": (lambda: limited_api.request("DELETE", f"{STATUSES}/{status}", ada), 1),
        "wrong password": (lambda: log_in(limited_api, "ada", "wrong"), 3),
        "log in": (lambda: log_in(limited_api, "ada"), 6),
        "wrong password from a known address": (lambda: log_in(limited_api, "ada", "wrong"), 2),
        "log in from a known address": (lambda: log_in(limited_api, "ada"), 3),
        "sign up": (lambda: sign_up(limited_api, "bob"), 2),
    }
    for name, (step, units) in steps.items():
        with metered() as cost:
            step()
        counted = sum(call.write_units for call in cost.calls if call.table == "limits")
        assert counted == units, name
