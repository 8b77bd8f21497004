"""A new password ends every other session: set by its owner, by a recovery code or by an operator, and in any race."""

from typing import Any

import pytest

from fstream_app.access import credentials, oauth
from fstream_app.access.credentials import Proof
from fstream_app.core.errors import DomainError, NotFound, Unauthenticated
from fstream_app.moderation import suspension
from fstream_app.people import departures, recovery
from fstream_app.repository import batch, users
from fstream_app.repository import oauth as tokens
from fstream_app.tables import TokenItem, UserItem
from tests.support.clock import Clock
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races
from tests.support.replicas import Replicas
from tests.support.visitor import Visitor

CHANGE, CODE = "/api/pleroma/change_password", "/api/v1/recovery_code"
HOME = "/api/v1/timelines/home"
NEW = "battery staple"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def change(api: Api, by: Person, old: str = PASSWORD, new: str = NEW, **fields: str) -> Answer:
    return api.request("POST", CHANGE, by, json={"password": old, "new_password": new, **fields})


def new_code(api: Api, by: Person, password: str = PASSWORD) -> str:
    answer = api.request("POST", CODE, by, json={"password": password})
    assert answer.status == 200, answer.json
    return str(answer.json["recovery_code"])


def log_in(api: Api, password: str) -> Person | None:
    answer = api.token("password", username="ada", password=password)
    return Person("ada", "", answer.json["access_token"]) if answer.status == 200 else None


def known(api: Api, password: str) -> bool:
    return log_in(api, password) is not None


def works(api: Api, *sessions: Person | None) -> list[bool]:
    return [each is not None and api.get(HOME, each).status == 200 for each in sessions]


def recover(api: Api, code: str, new: str = NEW, name: str = "ada") -> str:
    return credentials.recover(Proof(name, code), new, api.clock.now)


def test_a_changed_password_ends_all_other_sessions_and_codes(api: Api, ada: Person) -> None:
    visitor = Visitor(api)
    code = visitor.log_in("ada", PASSWORD).answer["code"]
    phone = log_in(api, PASSWORD)
    answer = change(api, ada, new_password_confirmation=NEW)
    assert answer.status == 200
    assert answer.json["status"] == "success"
    assert works(api, ada, phone) == [True, False]
    assert visitor.exchange(code).status == 400
    assert (known(api, PASSWORD), known(api, NEW)) == (False, True)


def test_more_sessions_than_a_transaction_has_room_for_end(api: Api, ada: Person) -> None:
    fields: dict[str, Any] = {"application_id": "x", "application_name": "x", "scopes": "read", "created_at": 0}
    batch.put(TokenItem(f"{number:064}", user_id=ada.id, **fields) for number in range(92))
    assert change(api, ada).status == 200
    assert len([item for item in stored()["TokenItem"] if ada.id in item and "recent#" not in item]) == 1
    assert works(api, ada) == [True]


def test_a_wrong_or_invalid_password_changes_nothing(api: Api, ada: Person) -> None:
    before = stored()["UserItem"]
    assert change(api, ada, "wrong").error == "Invalid password."
    assert change(api, ada, new="short").json["details"].keys() == {"new_password"}
    assert change(api, ada, new_password_confirmation="x").json["details"].keys() == {"new_password_confirmation"}
    assert api.request("POST", CODE, ada, json={"password": "wrong"}).status == 403
    assert stored()["UserItem"] == before


def test_a_log_in_with_the_old_password_leaves_no_session_behind(api: Api, ada: Person, races: Races) -> None:
    for run in races.between(lambda: log_in(api, PASSWORD), lambda: change(api, ada).status):
        assert run.event == 200
        assert works(api, ada, run.result) == [True, False], run


def test_a_change_ends_the_sessions_that_begin_during_it(api: Api, ada: Person, races: Races) -> None:
    for run in races.between(lambda: change(api, ada).status, lambda: log_in(api, PASSWORD)):
        assert run.result == 200, run
        thief = run.event
        assert isinstance(thief, Person | None)
        assert works(api, ada, thief) == [True, False], run


def test_a_code_that_is_exchanged_during_a_change_gives_no_session(api: Api, ada: Person, races: Races) -> None:
    visitor = Visitor(api)
    code = visitor.log_in("ada", PASSWORD).answer["code"]
    for run in races.between(lambda: change(api, ada).status, lambda: visitor.exchange(code)):
        assert run.result == 200, run
        exchanged = run.event
        assert isinstance(exchanged, Answer)
        if exchanged.status == 200:
            assert works(api, Person("", "", exchanged.json["access_token"])) == [False], run


def test_a_change_ends_sessions_that_the_index_does_not_show_yet(
    api: Api, ada: Person, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    Replicas(clock, monkeypatch).lag(2)
    thief = log_in(api, PASSWORD)
    code = Visitor(api).log_in("ada", PASSWORD).answer["code"]
    assert change(api, ada).status == 200
    assert works(api, ada, thief) == [True, False]
    assert not any(oauth.hash_secret(code) in item for item in stored()["TokenItem"] if "recent#" not in item)


@pytest.mark.parametrize("seconds", [0, 1, 599, 600, 601])
def test_windows_that_end_meanwhile_lose_no_session(api: Api, ada: Person, seconds: int) -> None:
    api.clock.advance(600 - api.clock.now / 1000 % 600 - 0.001)
    thief = log_in(api, PASSWORD)
    api.clock.advance(seconds)
    assert change(api, ada).status == 200
    assert works(api, thief) == [False]


def test_of_two_changes_at_once_one_is_refused(api: Api, ada: Person, races: Races) -> None:
    for run in races.between(lambda: change(api, ada).status, lambda: change(api, ada, new="third time").status):
        assert {run.result, run.event} in ({200, 401}, {200, 403}), run
        assert known(api, NEW) is (run.result == 200), run


def used(api: Api, code: str, new: str = NEW) -> bool:
    """Use a recovery code; return whether that was allowed."""
    try:
        return bool(recover(api, code, new))
    except DomainError:
        return False


def test_no_password_is_set_after_a_departure(api: Api, ada: Person, races: Races) -> None:
    code = new_code(api, ada)

    def leave() -> bool:
        """Return whether the account has ended: one cannot leave with a password that has been replaced."""
        try:
            departures.leave(ada.id, oauth.hash_secret(ada.token), PASSWORD, api.clock.now)
        except Unauthenticated:
            return False
        return True

    for run in races.between(lambda: used(api, code), leave):
        assert run.result is not run.event, run
        if run.event:
            assert (known(api, PASSWORD), known(api, NEW)) == (False, False), run
            api._pump.drain()
            assert not any(ada.id in item for model in ("UserItem", "TokenItem") for item in stored()[model]), run


def test_a_suspended_user_is_not_let_in_by_a_new_password(api: Api, ada: Person, races: Races) -> None:
    code = new_code(api, ada)
    for run in races.between(lambda: used(api, code), lambda: suspension.suspend("ada", "spam", api.clock.now)):
        assert (known(api, PASSWORD), known(api, NEW)) == (False, False), run


def test_a_recovery_code_sets_a_new_password_once_and_ends_all_sessions(api: Api, ada: Person) -> None:
    code = new_code(api, ada)
    following = recover(api, code)
    assert works(api, ada) == [False]
    assert (known(api, PASSWORD), known(api, NEW)) == (False, True)
    with pytest.raises(Unauthenticated, match="recovery code"):
        recover(api, code)
    assert recover(api, following, "third time")


def test_of_two_uses_at_once_one_is_refused(api: Api, ada: Person, races: Races) -> None:
    code = new_code(api, ada)

    for run in races.between(lambda: used(api, code), lambda: used(api, code, "third time")):
        assert run.result is not run.event, run
        assert known(api, NEW) is run.result, run


def test_a_code_may_be_typed_in_any_way(api: Api, ada: Person) -> None:
    code = new_code(api, ada)
    typed = f"  {code.upper().replace('-', ' ').replace('0', 'O').replace('1', 'l')} "
    pasted = "\u00a0".join(["", *recover(api, typed).replace("-", "\u2011")]) + "\t"
    assert recover(api, pasted)


def test_a_code_of_somebody_else_or_of_nobody_is_refused(api: Api, ada: Person) -> None:
    bob = api.sign_up("bob")
    code = new_code(api, bob)
    UserItem(ada.id).update([UserItem.recovery_hash.remove()])  # as in an account of an earlier version
    for name, wrong in (("ada", code), ("ada", ""), ("eve", code), ("bob", code[:-1]), ("bob", f"{code}0")):
        with pytest.raises(Unauthenticated, match="recovery code"):
            recover(api, wrong, name=name)
    assert recovery.matches(None, "") is False


def test_every_new_password_replaces_the_code_that_a_thief_may_have(api: Api, ada: Person) -> None:
    stolen = new_code(api, ada)
    change(api, ada)
    with pytest.raises(Unauthenticated):
        recover(api, stolen)
    stolen = new_code(api, ada, NEW)
    credentials.reset("ada", api.clock.now)
    with pytest.raises(Unauthenticated):
        recover(api, stolen)


def test_a_new_account_has_a_code(api: Api) -> None:
    headers = {"authorization": f"Bearer {api.application_token()}"}
    fields = {"username": "ada", "password": PASSWORD, "agreement": True}
    made = api.request("POST", "/api/v1/accounts", headers=headers, json=fields).json
    assert recover(api, made["recovery_code"])
    assert works(api, Person("ada", "", made["access_token"])) == [False]


def test_only_hashes_of_codes_are_stored(api: Api, ada: Person) -> None:
    code = new_code(api, ada)
    plain = code.replace("-", "")
    for items in stored().values():
        assert not [item for item in items if code in item or plain in item]
    user = users.get(ada.id)
    assert user is not None
    assert user.recovery_hash == recovery.hash_code(code)


def test_codes_are_random_and_long(api: Api) -> None:
    codes = {recovery.new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code.replace("-", "")) for code in codes} == {recovery.LENGTH}


def test_the_operator_resets_a_password(api: Api, ada: Person) -> None:
    password = credentials.reset("@ada", api.clock.now)
    assert works(api, ada) == [False]
    assert (known(api, PASSWORD), known(api, password)) == (False, True)
    with pytest.raises(NotFound, match="no account eve"):
        credentials.reset("eve", api.clock.now)


def test_nothing_is_left_to_do_after_the_transaction_that_changes_the_password(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted: list[str] = []
    phone = log_in(api, PASSWORD)
    monkeypatch.setattr(tokens, "delete_tokens", deleted.extend)
    assert change(api, ada).status == 200
    assert works(api, ada, phone) == [True, False]
    assert deleted == []
