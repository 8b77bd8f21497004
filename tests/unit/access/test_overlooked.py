"""No token outlives its account, even if the index shows it only after the account is gone."""

from collections.abc import Callable

import pytest

from fstream_app.access.overlooked import INDEX_SECONDS
from fstream_app.moderation import suspension
from tests.support.people import PASSWORD, Api, Person, stored
from tests.support.replicas import Replicas


@pytest.fixture
def late(api: Api, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Person]:
    """Logs Ada in, on a device whose token the index does not show for two seconds."""
    ada = api.sign_up("ada")
    api.clock.advance(INDEX_SECONDS)
    replicas = Replicas(api.clock, monkeypatch)

    def log_in() -> Person:
        replicas.lag(2)
        token = api.token("password", username="ada", password=PASSWORD).json["access_token"]
        return Person("ada", ada.id, token)

    return log_in


def test_a_token_that_the_index_showed_too_late_ends_with_its_account(api: Api, late: Callable[[], Person]) -> None:
    bob, device = api.sign_up("bob"), late()
    owner = Person("ada", device.id, device.token)
    other = late()
    assert api.request("POST", "/api/pleroma/delete_account", owner, json={"password": PASSWORD}).status == 200
    api._pump.drain()
    api.clock.advance(2)  # everything has been deleted before the index shows the token
    assert not [item for item in stored()["UserItem"] if other.id in item]
    api.clock.advance(INDEX_SECONDS)
    assert api.request("POST", f"/api/v1/accounts/{bob.id}/block", other).status == 401
    assert not [item for item in stored()["TokenItem"] if other.id in item]


def test_a_token_that_the_index_showed_too_late_is_suspended_too(api: Api, late: Callable[[], Person]) -> None:
    device = late()
    suspension.suspend("ada", "spam", api.clock.now)
    api.clock.advance(INDEX_SECONDS)
    assert api.get("/api/v1/timelines/home", device).status == 403


def test_a_token_is_checked_once(api: Api, late: Callable[[], Person]) -> None:
    device = late()
    assert not [item for item in stored()["TokenItem"] if "settled" in item]
    for _ in range(3):
        api.clock.advance(INDEX_SECONDS)
        assert api.get("/api/v1/timelines/home", device).status == 200
        assert len([item for item in stored()["TokenItem"] if "settled" in item]) == 1
