"""What there is not is answered with an empty list, under the scope that it would have."""

import pytest

from chalicelib.empty import LISTS
from tests.people import Api


@pytest.mark.parametrize("path", LISTS)
def test_there_is_nothing_and_no_error(path: str, api: Api) -> None:
    answer = api.get(path, api.sign_up("ada"))
    assert (answer.status, answer.json) == (200, [])


def test_markers_are_an_empty_object(api: Api) -> None:
    assert api.get("/api/v1/markers", api.sign_up("ada")).json == {}


def test_nobody_has_familiar_followers(api: Api) -> None:
    answer = api.get("/api/v1/accounts/familiar_followers?id[]=a&id[]=b", api.sign_up("ada"))
    assert answer.json == [{"id": "a", "accounts": []}, {"id": "b", "accounts": []}]


@pytest.mark.parametrize("path", [path for path, scope in LISTS.items() if scope])
def test_what_would_be_ones_own_takes_a_token(path: str, api: Api) -> None:
    assert api.get(path).status == 401
