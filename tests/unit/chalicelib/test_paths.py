"""Percent-encoded parts of paths, as the local server passes them on and as API Gateway decodes them."""

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.people import Api


def encoded(text: str) -> str:
    """Return a text with every byte percent-encoded."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def spellings(text: str) -> list[str]:
    """Return ways to write a part of a path."""
    return [text, quote(text, safe=""), encoded(text), encoded(text).lower(), text[:1] + encoded(text[1:])]


def test_pages_are_found_by_encoded_paths(api: Api) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "hello")["id"]
    for name in ("%40ada", "%40ADA", "@%61da", encoded("@ada"), "@ada"):
        for path in (f"/{name}", f"/{name}/", f"/{name}/{status}", f"/{name}/{encoded(status)}"):
            answer = api.get(path)
            assert (answer.status, "hello" in answer.text) == (200, True), path


def test_accounts_and_messages_are_found_by_encoded_ids(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "hello")["id"]
    for account in spellings(ada.id):
        assert api.get(f"/api/v1/accounts/{account}", bob).json["id"] == ada.id
        assert api.get(f"/api/v1/accounts/{account}/statuses", bob).json[0]["id"] == status
        assert api.request("POST", f"/api/v1/accounts/{account}/follow", bob).json["id"] == ada.id
    for number in spellings(status):
        assert api.get(f"/api/v1/statuses/{number}", bob).json["id"] == status
        assert api.get(f"/api/v1/statuses/{number}/context", bob).status == 200
        assert api.request("POST", f"/api/v1/statuses/{number}/favourite", bob).json["favourited"] is True


@pytest.mark.parametrize("tag", ["mars", "grün", "東京", "тест"])
def test_hashtags_are_found_by_encoded_names(api: Api, tag: str) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, f"#{tag}")["id"]
    api.deliver()
    for name in spellings(tag):
        assert api.read(f"/api/v1/timelines/tag/{name}") == [status]
        assert api.get(f"/api/v1/tags/{name}").json["name"] == tag


def test_a_name_to_look_up_may_be_encoded_once_more(api: Api) -> None:
    ada = api.sign_up("ada")
    for name in ("%40ada", "ada%40fstream.test", "%40ada%40fstream.test", "ada"):
        assert api.get(f"/api/v1/accounts/lookup?acct={name}").json["id"] == ada.id


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("%@04aZ/.\x00é\ud7ff", min_size=1, max_size=8))
def test_no_part_of_a_path_breaks_anything(api: Api, part: str) -> None:
    for path in ("/{}", "/{}/x", "/api/v1/accounts/{}", "/api/v1/statuses/{}", "/api/v1/timelines/tag/{}"):
        for written in (quote(part, safe="%"), quote(part, safe="")):
            assert api.get(path.format(written)).status < 500, (path, written)
