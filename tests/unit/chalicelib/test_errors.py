"""Any invalid request gets a fitting status and a JSON `error`, never 5xx."""

import json
import logging
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import bodies
from fstream_app.core.entities import Message
from fstream_app.repository import messages
from tests.support import routes
from tests.support.people import Answer, Api, Person

STATUSES = "/api/v1/statuses"
UPDATE = "/api/v1/accounts/update_credentials"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
JSON = {"content-type": "application/json"}


def send(api: Api, by: Person | None, body: bytes, content_type: str | None = None) -> Answer:
    headers = {"content-type": content_type} if content_type else {}
    return api.request("POST", STATUSES, by, body=body, headers=headers)


def multipart(disposition: str, value: bytes = b"x") -> bytes:
    return f"--b\r\nContent-Disposition: {disposition}\r\n\r\n".encode() + value + b"\r\n--b--\r\n"


def is_well_formed(answer: Answer) -> bool:
    """Return whether it has the shape of every error: a sentence, in JSON or on the authorization page."""
    if answer.headers["Content-Type"].startswith("text/html"):
        return 'role="alert"' in answer.text and answer.headers["Cache-Control"] == "private, no-store"
    message = isinstance(answer.json, dict) and isinstance(answer.json.get("error"), str) and answer.json["error"]
    open_to_all = answer.headers.get("Access-Control-Allow-Origin") == "*"
    return bool(message) and open_to_all and answer.headers["Cache-Control"] == "private, no-store"


def assert_refused(answer: Answer, status: int, sent: object = None) -> None:
    assert answer.status == status, (sent, answer)
    assert is_well_formed(answer), (sent, answer)


def test_a_body_that_is_not_a_json_object_is_malformed(api: Api) -> None:
    ada = api.sign_up("ada")
    bodies_sent = [b"{", b"x", b"[]", b'["status"]', b'"x"', b"1", b"null", b'{"status": "x"} x', b"{'status': 'x'}"]
    bodies_sent += [b"\xff\xfe", b'{"status": "\xff"}', b'{"status": "\\ud800"}', b'{"status": NaN}', b" ", b"\x00"]
    bodies_sent += [b"[" * 30_000, b'{"a":' * 10_000, b'{"poll": ' + b"[" * 20_000 + b"]" * 20_000 + b"}"]
    for body in bodies_sent:
        for content_type in ("application/json", "Application/JSON; charset=utf-8", None):
            assert_refused(send(api, ada, body, content_type), 400, body[:20])


def test_a_field_of_a_wrong_type_is_named(api: Api) -> None:
    ada = api.sign_up("ada")
    wrong: list[tuple[str, object]] = [("status", 1), ("status", ["x"]), ("status", {"a": "x"}), ("status", True)]
    wrong += [("expires_in", "x"), ("expires_in", [60]), ("expires_in", {}), ("expires_in", True)]
    wrong += [("expires_in", 1e300), ("expires_in", 0.5)]
    wrong += [("visibility", 1), ("visibility", ["public"]), ("sensitive", "maybe"), ("sensitive", 2)]
    wrong += [("spoiler_text", 1), ("in_reply_to_id", 1), ("in_reply_to_id", ["x"])]
    for name, value in wrong:
        answer = api.request("POST", STATUSES, ada, json={"status": "x", name: value})
        assert_refused(answer, 422, (name, value))
        assert list(answer.json["details"]) == [name]
        assert answer.error.startswith(f"The parameter {name} ")


def test_a_value_that_is_not_one_of_several_is_refused_with_what_can_be_chosen(api: Api) -> None:
    answer = api.request("POST", STATUSES, api.sign_up("ada"), json={"status": "x", "visibility": "local"})
    assert_refused(answer, 422)
    assert answer.error.startswith("Choose public, unlisted, private or direct as visibility")
    assert list(answer.json["details"]) == ["visibility"]


def test_what_is_missing_is_named(api: Api) -> None:
    answer = api.request("POST", "/api/v1/reports", api.sign_up("ada"), json={})
    assert_refused(answer, 422)
    assert answer.error == "Something required is missing from the request: account_id"
    assert list(answer.json["details"]) == ["account_id"]


def test_other_content_types_are_not_supported(api: Api) -> None:
    ada = api.sign_up("ada")
    for content_type in ("text/plain", "text/xml", "application/octet-stream", "x", "application/json5"):
        assert_refused(send(api, ada, b'{"status": "x"}', content_type), 415, content_type)


def test_a_body_has_at_most_64_kilobytes(api: Api) -> None:
    ada = api.sign_up("ada")
    fitting = json.dumps({"status": "x", "more": ""}).encode()
    fitting = fitting[:-2] + b"y" * (65_536 - len(fitting)) + fitting[-2:]
    assert send(api, ada, fitting, "application/json").status == 200
    for content_type in (bodies.JSON, bodies.FORM, "multipart/form-data; boundary=b"):
        assert_refused(send(api, ada, b"x" * 65_537, content_type), 413, content_type)


def test_a_broken_form_is_malformed(api: Api) -> None:
    ada = api.sign_up("ada")
    for body in (b"status=%ff", b"status=\xff", b"status=%ED%A0%80", b"&".join([b"a=b"] * 501)):
        assert_refused(send(api, ada, body, bodies.FORM), 400, body[:20])
    assert send(api, ada, b"status=x&" + b"&".join([b"a=b"] * 499), bodies.FORM).status == 200


def test_a_broken_multipart_body_is_malformed(api: Api) -> None:
    ada, named, kind = api.sign_up("ada"), multipart('form-data; name="status"'), "multipart/form-data; boundary=b"
    broken = [(named, kind.removesuffix("b")), (named, kind + "c"), (named, "multipart/form-data")]
    broken += [(named.removesuffix(b"--b--\r\n"), kind), (named[:20], kind), (multipart("form-data"), kind)]
    broken += [(multipart('form-data; name="status"', b"\xff"), kind)]
    for body, content_type in broken:
        assert_refused(send(api, ada, body, content_type), 400, (body, content_type))


def test_a_parameter_that_breaks_the_parser_of_headers_is_malformed(api: Api) -> None:
    body = multipart("form-data; name*1*")
    assert_refused(send(api, api.sign_up("ada"), body, "multipart/form-data; boundary=b"), 400)


def test_a_file_is_refused_with_a_clear_word(api: Api) -> None:
    ada = api.sign_up("ada")
    for name in (b"media", b"media[]", "für".encode(), b"\xff"):
        body = multipart('form-data; name="NAME"; filename="cat.png"').replace(b"NAME", name)
        answer = send(api, ada, body, "multipart/form-data; boundary=b")
        assert_refused(answer, 422, name)
        assert "text only" in answer.error


def test_an_unknown_path_is_not_found(api: Api) -> None:
    for depth in range(1, 9):
        path = "/x" * depth
        for method in METHODS:
            assert_refused(api.request(method, path), 404, (method, path))
    for path in ("/api/v1/nothing", "/api/v1/statuses/1/nothing", "/api/v1/pictures", "/api/v3/instance", "/%00", "/é"):
        assert_refused(api.get(path), 404, path)


def test_a_method_that_a_path_has_not_is_not_allowed(api: Api) -> None:
    for method, path in (("PUT", STATUSES), ("DELETE", "/api/v1/instance"), ("GET", "/oauth/token"), ("POST", "/")):
        answer = api.request(method, path)
        assert_refused(answer, 405, path)
        assert method not in answer.headers["Allow"]


def test_an_invalid_token_is_not_accepted(api: Api) -> None:
    ada = api.sign_up("ada")
    headers = [
        "Bearer x",
        "Bearer NULL",
        "Bearer Bearer",
        "null",
        f"Basic {ada.token}",
        ada.token,
        f"Bearer {ada.token}x",
        "x",
    ]
    headers += [f"Bearer {ada.token} x", "Bearer é", "Bearer \x00", "Bearer \udc80", f"Bearer {ada.token[:-1]}"]
    for header in headers:
        for path in ("/api/v1/timelines/home", "/api/v1/timelines/public"):
            answer = api.request("GET", path, headers={"authorization": header})
            assert_refused(answer, 401, header)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert (
        api.request("GET", "/api/v1/timelines/home", headers={"authorization": f"bearer  {ada.token} "}).status == 200
    )


@pytest.mark.parametrize(
    "header",
    [
        *("", " ", "Bearer", "Bearer ", "bearer", "BEARER  ", "Bearer \t "),
        *("Bearer null", "Bearer undefined", "Bearer NaN", "Bearer None", "Bearer nil"),
    ],
)
def test_a_token_that_is_left_out_is_no_token(api: Api, header: str) -> None:
    api.sign_up("ada")
    headers = {"authorization": header}
    assert api.request("GET", "/api/v1/timelines/public", headers=headers).status == 200
    assert api.request("GET", "/api/v2/search?q=ada", headers=headers).json["accounts"]
    refused = api.request("GET", "/api/v1/timelines/home", headers=headers)
    assert_refused(refused, 401, header)


def test_a_defect_is_answered_with_500_and_its_message_is_not_logged(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ada = api.sign_up("ada")

    def fail(message: Message) -> None:
        raise RuntimeError(message.text)

    monkeypatch.setattr(messages, "put", fail)
    with caplog.at_level(logging.DEBUG, "chalicelib"), caplog.at_level(logging.DEBUG, "fstream_app"):
        answer = api.request("POST", STATUSES, ada, json={"status": "what ada wrote"})
    assert_refused(answer, 500)
    assert "ada" not in answer.error
    assert "RuntimeError" in caplog.text
    assert "what ada wrote" not in caplog.text


def test_a_database_that_does_not_answer_is_503_and_worth_trying_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = api.sign_up("ada")

    def fail(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://secret.test")

    monkeypatch.setattr(messages, "put", fail)
    answer = api.request("POST", STATUSES, ada, json={"status": "x"})
    assert_refused(answer, 503)
    assert (answer.headers["Retry-After"], "secret" in answer.error) == ("1", False)


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
WORDS = st.sampled_from(["public", "60", "", "read", "password", "0" * 26, "0" * 13, "https://a.test", "@ada", "on"])
VALUES = st.recursive(
    LEAVES | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
PARTS = st.sampled_from(["0" * 26, "0" * 13, "@ada", "ada.svg", "%"]) | st.text(
    st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=30
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_that_is_sent_breaks_a_route(api: Api, people: list[Person], data: st.DataObject) -> None:
    route = data.draw(st.sampled_from(routes.declared()))
    names = list(route.parameters.__struct_fields__) or ["x"]
    fields: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=4))
    by = data.draw(st.sampled_from([None, *people]))
    parts = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    ids = {part: data.draw(st.just(people[0].id) | PARTS.map(lambda text: quote(text, safe=""))) for part in parts}
    path = route.path.format_map(ids)
    style = data.draw(st.sampled_from(["json", "form", "query"]))
    if style == "json":
        answer = api.request(route.method, path, by, json=fields)
    else:
        form = [(data.draw(st.sampled_from([name, f"{name}[]", f"{name}[a]"])), str(fields[name])) for name in fields]
        answer = api.request(route.method, path, by, **{"form": form} if style == "form" else dict(form))
    assert answer.status < 500, answer
    assert answer.status < 400 or is_well_formed(answer), answer


@pytest.fixture
def people(api: Api) -> list[Person]:
    return [api.sign_up("ada"), Person("", "", api.application_token())]
