"""Unsupported features fail with their own message, after token and scopes have been checked."""

from itertools import chain

import pytest

from chalicelib import bodies
from chalicelib.unsupported import UNSUPPORTED
from tests.support.people import Api, Person

ROUTES = [(method, path, scope) for method, path, scope, _ in UNSUPPORTED]
MULTIPART = "multipart/form-data; boundary=b"
PICTURE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="cat.png"\r\n\r\n\x89PNG\xff\r\n--b--\r\n'


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def test_each_fails_with_its_own_message(api: Api, ada: Person) -> None:
    for method, path, _, message in UNSUPPORTED:
        answer = api.request(method, path.replace("{id}", "1"), ada)
        assert (answer.status, answer.json) == (422, {"error": message}), path


def test_every_message_suggests_an_alternative_in_a_second_sentence() -> None:
    for method, path, _, message in UNSUPPORTED:
        assert message.endswith("."), (method, path)
        assert message.count(". ") == 1, message


def test_without_a_token_it_is_401(api: Api) -> None:
    assert {api.request(method, path).status for method, path, _ in ROUTES} == {401}


def test_with_a_token_for_other_things_it_is_403(api: Api) -> None:
    for method, path, scope in ROUTES:
        other = "write:bookmarks" if scope.startswith("read") else "read"
        headers = {"authorization": f"Bearer {api.application_token(other)}"}
        assert api.request(method, path, headers=headers).status == 403, (method, path)


def test_an_application_alone_gets_the_message_that_a_user_is_needed(api: Api) -> None:
    headers = {"authorization": f"Bearer {api.application_token()}"}
    for method, path, _ in ROUTES:
        answer = api.request(method, path, headers=headers)
        assert (answer.status, "user" in answer.error) == (422, True), path


@pytest.mark.parametrize("path", ["/api/v1/media", "/api/v2/media"])
def test_a_picture_fails_with_the_same_message_whatever_its_size_and_form(api: Api, ada: Person, path: str) -> None:
    large = PICTURE.replace(b"PNG", b"PNG" * bodies.MAX_BODY)
    sent = [(MULTIPART, PICTURE), (MULTIPART, large), (MULTIPART, b"broken"), ("multipart/form-data", PICTURE)]
    sent += [(bodies.JSON, b"{"), (bodies.JSON, b'{"file": "x"}'), (bodies.FORM, b"file=\xff"), (bodies.JSON, b"")]
    for content_type, body in sent:
        answer = api.request("POST", path, ada, body=body, headers={"content-type": content_type})
        assert (answer.status, "text only" in answer.error) == (422, True), (content_type, body[:30])


def test_what_is_not_supported_is_served_by_nothing_else(api: Api, ada: Person) -> None:
    status = api.post(ada, "Hello")
    for method, path, _ in chain(ROUTES, reversed(ROUTES)):
        assert api.request(method, path.replace("{id}", status["id"]), ada).status == 422
    assert api.get(f"/api/v1/statuses/{status['id']}", ada).json == status


def test_there_is_no_push_subscription(api: Api) -> None:
    answer = api.get("/api/v1/push/subscription", api.sign_up("ada"))
    assert (answer.status, answer.error) == (404, "Push subscription not found")  # Phanpy looks for "not found"
