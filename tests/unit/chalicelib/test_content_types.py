"""Which content types are accepted: any where no body is sent or read; a body without one is JSON or a form."""

import pytest
from chalice.config import Config
from chalice.local import LocalGateway

from app import app
from tests.support.people import Answer, Api, Person

STATUSES = "/api/v1/statuses"
UPDATE = "/api/v1/accounts/update_credentials"
OTHER_TYPES = [
    "text/plain",
    "text/plain;charset=UTF-8",
    "application/octet-stream",
    "image/png",
    "text/xml",
    "x",
    "*/*",
]


def send(api: Api, by: Person, body: bytes, content_type: str | None) -> Answer:
    headers = {} if content_type is None else {"content-type": content_type}
    return api.request("POST", STATUSES, by, body=body, headers=headers)


def test_a_body_without_a_content_type_is_json_or_a_form(api: Api) -> None:
    ada = api.sign_up("ada")
    for body in (b'{"status": "a=b"}', b' \n{"status": "a=b"}', b"status=a%3Db", b"status=a=b&poll=", b" &status=a=b"):
        for content_type in (None, "", " ", ";"):
            answer = send(api, ada, body, content_type)
            assert (answer.status, answer.json.get("content")) == (200, "<p>a=b</p>"), (body, content_type)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=UTF-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
        "application/x-www-form-urlencoded;",
        " application/x-www-form-urlencoded ;charset=utf-8",
        "application/x-www-form-urlencoded, application/x-www-form-urlencoded",
    ],
)
def test_a_form_is_read_with_whatever_parameters_its_type_has(api: Api, content_type: str) -> None:
    assert send(api, api.sign_up("ada"), b"status=x", content_type).status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json;charset=utf-8",
        "Application/JSON",
        "application/json, application/json",
        "text/json",
        "application/vnd.api+json",
        "application/activity+json; charset=utf-8",
    ],
)
def test_json_is_read_by_whatever_name(api: Api, content_type: str) -> None:
    assert send(api, api.sign_up("ada"), b'{"status": "x"}', content_type).status == 200


@pytest.mark.parametrize("content_type", OTHER_TYPES)
def test_any_content_type_is_accepted_where_no_body_is_sent(api: Api, content_type: str) -> None:
    ada, bob, headers = api.sign_up("ada"), api.sign_up("bob"), {"content-type": content_type}
    status = api.post(ada, "x")["id"]
    for verb in ("favourite", "bookmark", "unfavourite", "unbookmark"):
        assert api.request("POST", f"{STATUSES}/{status}/{verb}", bob, headers=headers).status == 200, verb
    for verb in ("follow", "mute", "unmute", "block"):
        assert api.request("POST", f"/api/v1/accounts/{ada.id}/{verb}", bob, headers=headers).status == 200, verb
    for path in ("/api/v1/timelines/home", "/api/v2/instance", "/api/v1/notifications?types[]=follow", "/", "/@ada"):
        assert api.request("GET", path, bob, headers=headers).status == 200, path
    assert api.request("PATCH", UPDATE, ada, headers=headers).status == 200
    assert api.request("DELETE", f"{STATUSES}/{status}", ada, headers=headers).status == 200


@pytest.mark.parametrize("content_type", OTHER_TYPES)
def test_any_content_type_is_accepted_where_no_body_is_read(api: Api, content_type: str) -> None:
    ada, headers = api.sign_up("ada"), {"content-type": content_type}
    status = api.post(ada, "x")["id"]
    for body in (b"{}", b" ", b"\x89PNG", b"x" * 100_000):
        assert api.request("POST", f"{STATUSES}/{status}/favourite", ada, body=body, headers=headers).status == 200
        answer = api.request("POST", "/api/v1/media", ada, body=body, headers=headers)
        assert (answer.status, "text only" in answer.error) == (422, True)
    # These read their query; the meaning of a body is not defined for them.
    assert api.request("GET", "/api/v1/timelines/home", ada, body=b"x", headers=headers, limit=1).status == 200
    assert api.request("DELETE", f"{STATUSES}/{status}", ada, body=b"x", headers=headers).status == 200


def test_a_body_in_base64_as_the_gateway_sends_binary_types_is_empty_or_refused(api: Api) -> None:
    ada = api.sign_up("ada")
    path = f"{STATUSES}/{api.post(ada, 'x')['id']}/favourite"
    headers = {"authorization": f"Bearer {ada.token}", "content-type": "application/octet-stream"}

    def send_event(resource: str, path_parameters: dict[str, str], body: str | None) -> int:
        event = {
            "requestContext": {
                "httpMethod": "POST",
                "resourcePath": resource,
                "path": f"/prod{path}",
                "identity": {"sourceIp": "192.0.2.1"},
            },
            "headers": headers,
            "multiValueQueryStringParameters": None,
            "pathParameters": path_parameters,
            "stageVariables": None,
            "body": body,
            "isBase64Encoded": True,
        }
        status = app(event, None)["statusCode"]
        assert isinstance(status, int)
        return status

    number = path.split("/")[4]
    for body in (None, "", "AAA="):
        assert send_event("/api/v1/statuses/{id}/favourite", {"id": number}, body) == 200
    assert [send_event(STATUSES, {}, body) for body in (None, "", "AAA=")] == [422, 422, 415]


@pytest.mark.parametrize("path", [STATUSES, "/api/v1/timelines/home", "/oauth/token", "/api/v1/apps"])
def test_a_preflight_is_answered_whatever_type_it_announces(api: Api, path: str) -> None:
    headers = LocalGateway(app, Config()).handle_request("OPTIONS", path, {"content-type": "text/plain"}, None)[
        "headers"
    ]
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in headers["Access-Control-Allow-Headers"]
