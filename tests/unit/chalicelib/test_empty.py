"""Unsupported lists are returned empty, and require the scope that they would have."""

import pytest

from chalicelib.empty import LISTS, OBJECTS
from tests.support.people import Api


@pytest.mark.parametrize("path", LISTS)
def test_there_is_nothing_and_no_error(path: str, api: Api) -> None:
    answer = api.get(path, api.sign_up("ada"))
    assert (answer.status, answer.json) == (200, [])


@pytest.mark.parametrize("path", OBJECTS)
def test_there_is_an_empty_object(path: str, api: Api) -> None:
    answer = api.get(path, api.sign_up("ada"))
    assert (answer.status, answer.json) == (200, {})


@pytest.mark.parametrize("path", [path for path, scope in LISTS.items() if not scope])
def test_public_lists_need_no_token(path: str, api: Api) -> None:
    assert (api.get(path).status, api.get(path).json) == (200, [])


def test_nobody_has_familiar_followers(api: Api) -> None:
    answer = api.get("/api/v1/accounts/familiar_followers?id[]=a&id[]=b", api.sign_up("ada"))
    assert answer.json == [{"id": "a", "accounts": []}, {"id": "b", "accounts": []}]


@pytest.mark.parametrize("path", [path for path, scope in (LISTS | OBJECTS).items() if scope])
def test_what_would_be_ones_own_takes_a_token(path: str, api: Api) -> None:
    assert api.get(path).status == 401
