"""Sessions are listed without their secrets, show the day of their last use, and end at once."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fstream_app.access import oauth, sessions
from fstream_app.core.errors import Unavailable
from fstream_app.moderation import suspension
from fstream_app.repository import oauth as tokens
from fstream_app.repository import sessions as items
from fstream_app.tables import TokenItem
from ops.meter import metered
from tests.support.clock import Clock
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races
from tests.support.replicas import Replicas
from tests.support.visitor import Visitor

LIST = "/api/oauth_tokens"
HOME = "/api/v1/timelines/home"
DAY = 86_400


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def log_in(api: Api, who: Person, password: str = PASSWORD) -> Person:
    answer = api.token("password", username=who.name, password=password)
    assert answer.status == 200, answer.json
    return Person(who.name, who.id, answer.json["access_token"])


def listed(api: Api, by: Person) -> list[dict[str, Any]]:
    answer = api.get(LIST, by)
    assert answer.status == 200, answer.json
    found: list[dict[str, Any]] = answer.json
    return found


def end(api: Api, by: Person, session: int | str) -> int:
    return api.request("DELETE", f"{LIST}/{session}", by).status


def works(api: Api, *sessions: Person) -> list[bool]:
    return [api.get(HOME, each).status == 200 for each in sessions]


def own(api: Api, by: Person) -> int:
    (found,) = [each["id"] for each in listed(api, by) if each["current"]]
    return int(found)


def test_a_session_has_its_application_its_beginning_and_the_day_of_its_last_use(api: Api, ada: Person) -> None:
    began, phone = api.clock.now, log_in(api, ada)
    api.clock.advance(3 * DAY)
    assert works(api, phone) == [True]
    api.clock.advance(2 * DAY)
    first, second = listed(api, ada)
    assert (first["current"], second["current"]) == (True, False)
    assert second["app_name"] == "tests"
    assert second["created_at"] == datetime.fromtimestamp(began / 1000, UTC).isoformat(timespec="milliseconds").replace(
        "+00:00", "Z"
    )
    assert (second["last_used_on"], first["last_used_on"]) == ("2040-01-04", "2040-01-06")
    assert second["valid_until"].startswith("2140")


def test_a_session_costs_one_write_a_day_and_only_when_it_is_used(api: Api, ada: Person) -> None:
    for writes in ([], ["UpdateItem"], ["UpdateItem"]):
        with metered() as cost:
            assert works(api, ada, ada, ada) == [True] * 3
        assert [call.operation for call in cost.calls if call.table == "tokens" and call.write_units] == writes
        api.clock.advance(DAY)


def test_a_use_that_cannot_be_recorded_is_answered_nevertheless(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("no answer")

    api.clock.advance(DAY)
    monkeypatch.setattr(tokens, "use_token", fail)
    assert works(api, ada) == [True]


def test_recording_a_use_restores_no_session_that_has_ended(api: Api, ada: Person, races: Races) -> None:
    phone = log_in(api, ada)
    api.clock.advance(DAY)
    key = oauth.hash_secret(phone.token)
    for run in races.between(lambda: works(api, phone), lambda: tokens.delete_token(key)):
        assert works(api, phone) == [False], run
        assert not any(key in item for item in stored()["TokenItem"] if "recent" not in item), run


def test_neither_secrets_nor_their_hashes_are_listed(api: Api, ada: Person) -> None:
    phone = log_in(api, ada)
    text = api.get(LIST, ada).text
    for secret in (ada.token, phone.token):
        digest = oauth.hash_secret(secret)
        assert secret not in text
        assert digest not in text
        assert str(int(digest, 16))[:12] not in text
    assert all(0 <= each["id"] <= 2**53 - 1 for each in listed(api, ada))  # JavaScript's exact whole numbers


def test_ending_a_session_takes_effect_with_the_next_request(api: Api, ada: Person) -> None:
    phone, tablet = log_in(api, ada), log_in(api, ada)
    assert end(api, ada, own(api, phone)) == 201
    assert works(api, ada, phone, tablet) == [True, False, True]
    assert len(listed(api, ada)) == 2
    assert end(api, tablet, own(api, tablet)) == 201  # one may end one's own
    assert works(api, ada, tablet) == [True, False]


def test_nobody_ends_or_sees_sessions_of_others(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")
    assert end(api, bob, own(api, ada)) == 201
    assert works(api, ada, bob) == [True, True]
    assert len(listed(api, bob)) == 1
    assert end(api, ada, 12345) == 201
    for wrong in ("x", "-1", "1.5", str(2**53), "9" * 400, "0" * 4400 + "1", "٣"):
        assert end(api, ada, wrong) == 404, wrong


def test_all_other_sessions_end_together(api: Api, ada: Person) -> None:
    others = [log_in(api, ada) for _ in range(3)]
    assert api.request("DELETE", LIST, others[0]).status == 200
    assert works(api, ada, *others) == [False, True, False, False]
    assert len(listed(api, others[0])) == 1


def test_a_code_that_is_exchanged_while_all_other_sessions_end_gives_none(api: Api, ada: Person, races: Races) -> None:
    visitor = Visitor(api)
    code = visitor.log_in("ada", PASSWORD).answer["code"]
    for run in races.between(lambda: api.request("DELETE", LIST, ada).status, lambda: visitor.exchange(code)):
        assert (run.result, works(api, ada)) == (200, [True]), run
        exchanged = run.event
        if isinstance(exchanged, Answer) and exchanged.status == 200:
            assert works(api, Person("", "", exchanged.json["access_token"])) == [False], run


def test_a_session_that_began_a_moment_ago_is_listed_and_ends_although_the_index_lags(
    api: Api, ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Replicas(clock, monkeypatch).lag(2)
    thief = log_in(api, ada)
    assert len(listed(api, ada)) == 2
    assert end(api, ada, own(api, thief)) == 201
    other = log_in(api, ada)
    assert api.request("DELETE", LIST, ada).status == 200
    assert works(api, thief, other, ada) == [False, False, True]


def test_a_session_of_an_earlier_version_works_and_is_listed(api: Api, ada: Person) -> None:
    phone = log_in(api, ada)
    old = TokenItem(oauth.hash_secret(phone.token))
    old.update([TokenItem.used_on.remove()])
    for item in [json.loads(text) for text in stored()["TokenItem"] if "recent" in text]:
        TokenItem(item["hash"]["S"]).delete()
    assert [each["last_used_on"] for each in listed(api, ada) if not each["current"]] == [None]
    assert works(api, phone) == [True]
    assert [each["last_used_on"] for each in listed(api, ada)] == ["2040-01-01"] * 2
    assert end(api, ada, own(api, phone)) == 201
    assert works(api, phone) == [False]


def test_neither_codes_nor_tokens_of_applications_are_listed(api: Api, ada: Person) -> None:
    api.application_token()
    assert len(listed(api, ada)) == 1
    assert len(items.keys_of(ada.id, api.clock.now)) == 1


def test_a_restricted_token_neither_lists_nor_ends_sessions(api: Api, ada: Person) -> None:
    secret = api.token("password", username="ada", password=PASSWORD, scope="read:statuses").json["access_token"]
    limited = Person("ada", ada.id, secret)
    assert api.get(LIST, limited).status == 403
    assert end(api, limited, own(api, ada)) == 403
    assert api.request("DELETE", LIST, limited).status == 403


def test_the_sessions_of_a_suspended_user_are_listed_once_the_suspension_is_lifted(api: Api, ada: Person) -> None:
    log_in(api, ada)
    assert suspension.suspend("ada", "spam", api.clock.now).tokens == 2
    assert suspension.lift("ada", api.clock.now).tokens == 2
    assert len(listed(api, ada)) == 2


def test_ids_differ_and_do_not_show_the_hash(api: Api, ada: Person) -> None:
    keys = [oauth.hash_secret(str(number)) for number in range(1000)]
    assert len({sessions.session_id(key) for key in keys}) == 1000
    assert not {f"{sessions.session_id(key):x}" for key in keys} & {key[:14] for key in keys}
