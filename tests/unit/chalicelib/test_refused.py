"""Unsupported operations are refused with a sentence, after the usual checks of token and scope."""

from itertools import chain

import pytest

from chalicelib import bodies
from chalicelib.refused import REFUSED
from tests.support.people import Api, Person

ROUTES = [(method, path, scope) for method, path, scope, _ in REFUSED]
MULTIPART = "multipart/form-data; boundary=b"
PICTURE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="cat.png"\r\n\r\n\x89PNG\xff\r\n--b--\r\n'


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def test_each_is_refused_in_its_own_words(api: Api, ada: Person) -> None:
    for method, path, _, sentence in REFUSED:
        answer = api.request(method, path.replace("{id}", "1"), ada)
        assert (answer.status, answer.json) == (422, {"error": sentence}), path


def test_every_sentence_tells_what_to_do_instead_or_that_nothing_is_kept() -> None:
    for method, path, _, sentence in REFUSED:
        assert sentence.endswith("."), (method, path)
        assert sentence.count(". ") == 1 or "not kept here" in sentence, sentence


def test_without_a_token_it_is_401(api: Api) -> None:
    assert {api.request(method, path).status for method, path, _ in ROUTES} == {401}


def test_with_a_token_for_other_things_it_is_403(api: Api) -> None:
    for method, path, scope in ROUTES:
        other = "write:bookmarks" if scope.startswith("read") else "read"
        headers = {"authorization": f"Bearer {api.application_token(other)}"}
        assert api.request(method, path, headers=headers).status == 403, (method, path)


def test_an_application_alone_is_told_that_it_takes_a_user(api: Api) -> None:
    headers = {"authorization": f"Bearer {api.application_token()}"}
    for method, path, _ in ROUTES:
        answer = api.request(method, path, headers=headers)
        assert (answer.status, "user" in answer.error) == (422, True), path


@pytest.mark.parametrize("path", ["/api/v1/media", "/api/v2/media"])
def test_a_picture_is_refused_in_the_same_words_whatever_its_size_and_form(api: Api, ada: Person, path: str) -> None:
    large = PICTURE.replace(b"PNG", b"PNG" * bodies.MAX_BODY)
    sent = [(MULTIPART, PICTURE), (MULTIPART, large), (MULTIPART, b"broken"), ("multipart/form-data", PICTURE)]
    sent += [(bodies.JSON, b"{"), (bodies.JSON, b'{"file": "x"}'), (bodies.FORM, b"file=\xff"), (bodies.JSON, b"")]
    for content_type, body in sent:
        answer = api.request("POST", path, ada, body=body, headers={"content-type": content_type})
        assert (answer.status, "text only" in answer.error) == (422, True), (content_type, body[:30])


def test_what_is_refused_is_served_by_nothing_else(api: Api, ada: Person) -> None:
    status = api.post(ada, "Hello")
    for method, path, _ in chain(ROUTES, reversed(ROUTES)):
        assert api.request(method, path.replace("{id}", status["id"]), ada).status == 422
    assert api.get(f"/api/v1/statuses/{status['id']}", ada).json == status


def test_there_is_no_push_subscription(api: Api) -> None:
    assert api.get("/api/v1/push/subscription", api.sign_up("ada")).status == 404
