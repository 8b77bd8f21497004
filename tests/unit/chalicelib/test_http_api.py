"""Requests of an HTTP API mean to Chalice what those of a REST API mean, and only CloudFront's are answered.

The events are those of API Gateway's Developer Guide ("Create AWS Lambda proxy integrations for HTTP APIs"), with what
was recorded on AWS: the path is percent-decoded (hotsock/voker#8), and X-Forwarded-For is the API's caller alone
(aws-powertools/powertools-lambda-python#7288).
"""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app import app
from chalicelib import bodies, http_api
from chalicelib.fallback import METHODS
from chalicelib.http_api import Event, Resources
from fstream_app.core import settings
from tests.support import pngs
from tests.support.people import Api

SECRET = "5ec2e7" * 10
EDGE, VIEWER = "130.176.0.1", "192.0.2.7"
RESOURCES = Resources(app.routes)
UNKNOWN = "/{part1}/{part2}/{part3}/{part4}/{part5}/{part6}/{part7}/{part8}"


def event(method: str = "GET", path: str = "/", query: str = "", **more: Any) -> Event:
    """Return a request as an HTTP API sends it; the path is decoded."""
    headers = {
        "accept": "*/*",
        "content-length": "0",
        "host": "a1b2c3.execute-api.eu-central-1.amazonaws.com",
        "user-agent": "Amazon CloudFront",
        "via": "2.0 8f22423015641505b8c857a37450d6c0.cloudfront.net (CloudFront)",
        "x-amzn-trace-id": "Root=1-5e6b67ad-2d4a5560cf6fb7a02780c3a0",
        "x-forwarded-for": EDGE,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
        http_api.VIEWER: f"{VIEWER}:46532",
        http_api.SECRET: SECRET,
    }
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": EDGE, "userAgent": "Amazon CloudFront"}
    context = {
        "accountId": "123456789012",
        "apiId": "a1b2c3",
        "domainName": "a1b2c3.execute-api.eu-central-1.amazonaws.com",
        "domainPrefix": "a1b2c3",
        "http": http,
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": "$default",
        "stage": "$default",
        "time": "26/Nov/2026:04:00:00 +0000",
        "timeEpoch": 1795665600000,
    }
    made: Any = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers | more.pop("headers", {}),
        "requestContext": context,
        "isBase64Encoded": False,
        **more,
    }
    found: Event = made
    return found


def translated(request: Event) -> dict[str, Any]:
    return http_api.translate(request, *RESOURCES.find(request["rawPath"]))


def call(request: Event) -> dict[str, Any]:
    """Call the function as Lambda does."""
    answer: dict[str, Any] = json.loads(json.dumps(app(json.loads(json.dumps(request)), None)))
    return answer


@pytest.mark.parametrize(
    ("path", "resource", "values"),
    [
        ("/", "/", {}),
        ("/api/v1/timelines/home", "/api/v1/timelines/home", {}),
        ("/api/v1/timelines/home/", "/api/v1/timelines/home", {}),
        ("/api/v1/accounts/0ABC/statuses", "/api/v1/accounts/{id}/statuses", {"id": "0ABC"}),
        ("/api/v1/accounts/lookup", "/api/v1/accounts/lookup", {}),  # not an id
        ("/api/v1/timelines/tag/日本語", "/api/v1/timelines/tag/{name}", {"name": "日本語"}),
        ("/api/v1/timelines/tag/100%25", "/api/v1/timelines/tag/{name}", {"name": "100%25"}),
        ("/@ada", "/{part1}", {"part1": "@ada"}),
        ("/@ada/1", "/{part1}/{part2}", {"part1": "@ada", "part2": "1"}),
        ("/.well-known/nodeinfo", "/.well-known/nodeinfo", {}),
        ("/api/v1/nothing", "/{part1}/{part2}/{part3}", {"part1": "api", "part2": "v1", "part3": "nothing"}),
    ],
)
def test_a_path_has_the_route_that_api_gateway_would_find(path: str, resource: str, values: dict[str, str]) -> None:
    assert RESOURCES.find(path) == (resource, values)


@pytest.mark.parametrize("path", ["//a", "/api//v1", "/api/v1/accounts//statuses", "/a/b/c/d/e/f/g/h/i", "a" * 99])
def test_what_no_route_matches_is_a_404_and_never_an_empty_id(path: str) -> None:
    resource, values = RESOURCES.find(path)
    assert resource in {UNKNOWN, "/{part1}"}
    assert set(app.routes[resource]["POST"].view_args) == values.keys()
    answer = call(event(path=path))
    assert (answer["statusCode"], answer["headers"]["Access-Control-Allow-Origin"]) == (404, "*")
    assert json.loads(answer["body"])["error"]


@given(st.sampled_from(sorted(app.routes)), st.data())
def test_every_route_is_found_by_its_path(resource: str, data: st.DataObject) -> None:
    """Whatever the variable parts contain; only a route with more literal parts may come first."""
    part = st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1)
    parts = [data.draw(part) if each.startswith("{") else each for each in resource.split("/")]
    found, values = RESOURCES.find("/".join(parts))
    if found == resource:
        wanted = {name[1:-1]: value for name, value in zip(resource.split("/"), parts, strict=True) if "{" in name}
        assert values == wanted
    else:
        assert len(values) < resource.count("{")


@given(st.lists(st.tuples(st.text("abci[]", min_size=1), st.text())))
def test_the_query_is_that_of_a_rest_api(pairs: list[tuple[str, str]]) -> None:
    query = translated(event(query=urlencode(pairs)))["multiValueQueryStringParameters"]
    assert (query or {}) == {name: [text for other, text in pairs if other == name] for name, _ in pairs}
    assert query is None or pairs


def test_repeated_parameters_keep_their_commas_apart() -> None:
    # The values in queryStringParameters of this format are joined by commas.
    query = translated(event(query="id[]=1,2&id[]=3&empty=&flag"))["multiValueQueryStringParameters"]
    assert query == {"id[]": ["1,2", "3"], "empty": [""], "flag": [""]}


def test_headers_cookies_and_the_body_arrive() -> None:
    body = base64.b64encode(b"\x00\xff").decode()
    headers = {"authorization": "Bearer x", "accept": "text/html,application/json"}
    rest = translated(event("POST", "/api/v1/media", headers=headers, cookies=["a=1", "b=2"], body=body))
    assert rest["headers"].items() >= {**headers, "cookie": "a=1; b=2"}.items()
    assert (rest["body"], rest["requestContext"]["httpMethod"]) == (body, "POST")
    assert translated(event())["body"] is None


def test_a_form_in_base64_is_read(api: Api) -> None:
    form = urlencode({"client_name": "ünï", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = base64.b64encode(form).decode()
    answer = call(event("POST", "/api/v1/apps", headers=headers, body=body, isBase64Encoded=True))
    assert (answer["statusCode"], json.loads(answer["body"])["name"]) == (200, "ünï")


@pytest.mark.parametrize(
    ("headers", "chain"),
    [
        ({}, f"{VIEWER}, {EDGE}"),
        ({"x-forwarded-for": f"10.0.0.1, {VIEWER}, {EDGE}"}, f"{VIEWER}, {EDGE}"),
        ({http_api.VIEWER: "2001:db8::7:443"}, f"2001:db8::7, {EDGE}"),
        ({http_api.VIEWER: "[2001:db8::7]:443"}, f"2001:db8::7, {EDGE}"),
    ],
)
def test_the_client_is_cloudfronts_caller_whatever_the_request_says(headers: dict[str, str], chain: str) -> None:
    rest = translated(event(headers=headers))
    assert rest["headers"]["x-forwarded-for"] == chain
    assert rest["requestContext"]["identity"] == {"sourceIp": EDGE}


def test_requests_count_for_the_client(api: Api, configure: Callable[..., None]) -> None:
    configure(rate_limits="on", rate_public="1/300", trusted_proxies=1, origin_secret=SECRET)
    path = "/.well-known/nodeinfo"
    viewers = [f"192.0.2.{number}:1" for number in (1, 2, 1)]
    statuses = [call(event(path=path, headers={http_api.VIEWER: viewer}))["statusCode"] for viewer in viewers]
    assert statuses == [200, 200, 429]


@pytest.mark.parametrize("given_secret", ["", "x" * 60, SECRET[:-1], f"{SECRET} ", "é", None])
@pytest.mark.parametrize("path", ["/", "/api/v1/timelines/home", "/nothing", "/api/v2/instance"])
def test_a_request_without_the_secret_is_refused(
    configure: Callable[..., None], path: str, given_secret: str | None
) -> None:
    configure(origin_secret=SECRET)
    request = event(path=path)
    request["headers"].pop(http_api.SECRET)
    if given_secret is not None:
        request["headers"][http_api.SECRET] = given_secret
    for method in ("GET", "POST", "OPTIONS"):
        request["requestContext"]["http"]["method"] = method
        answer = call(request)
        assert (answer["statusCode"], answer["headers"]["Access-Control-Allow-Origin"]) == (403, "*")
        assert "accepts requests from CloudFront only" in json.loads(answer["body"])["error"]


def test_a_request_with_the_secret_is_answered_and_nothing_sees_it(configure: Callable[..., None]) -> None:
    configure(origin_secret=SECRET)
    assert call(event(path="/api/v2/instance"))["statusCode"] == 200
    assert SECRET not in json.dumps(translated(event()))


def test_the_secret_is_compared_in_constant_time(
    configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    compare = Mock(wraps=hmac.compare_digest)
    monkeypatch.setattr(hmac, "compare_digest", compare)
    configure(origin_secret=SECRET)
    call(event(path="/api/v2/instance"))
    compare.assert_any_call(SECRET.encode(), SECRET.encode())


def test_a_deployment_without_a_secret_answers_everybody_unless_it_is_behind_cloudfront(
    configure: Callable[..., None],
) -> None:
    assert settings.get().origin_secret == ""
    assert call(event(path="/api/v2/instance"))["statusCode"] == 200
    configure(trusted_proxies=1)  # a function whose secret was deleted
    for secret in ("", SECRET):
        assert call(event(path="/api/v2/instance", headers={http_api.SECRET: secret}))["statusCode"] == 403


@pytest.mark.parametrize("secret", ["short", "x" * 31, "x" * 129, "-" * 40])
def test_a_secret_is_long_and_can_be_in_a_header(secret: str) -> None:
    with pytest.raises(settings.SettingsError, match="FSTREAM_ORIGIN_SECRET must be 32 to 128 letters and digits"):
        settings.Settings.from_environment({"FSTREAM_ORIGIN_SECRET": secret})


def test_a_preflight_request_is_answered_as_chalices_rest_api_answers_it() -> None:
    answer = call(event("OPTIONS", "/api/v1/statuses"))
    assert (answer["statusCode"], answer["body"]) == (200, "")
    headers = answer["headers"]
    having = {method for method, entry in app.routes["/api/v1/statuses"].items() if entry.cors}
    assert set(headers["Access-Control-Allow-Methods"].split(",")) == {*having, "OPTIONS"} >= {"GET", "POST"}
    (cors,) = {entry.cors.get_access_control_headers()["Access-Control-Allow-Headers"]
               for entry in app.routes["/api/v1/statuses"].values() if entry.cors}  # fmt: skip
    assert headers["Access-Control-Allow-Headers"] == cors
    assert headers["Access-Control-Max-Age"] == "86400"


def test_a_path_without_cors_answers_no_preflight_request() -> None:
    without = [path for path, methods in app.routes.items() if not any(entry.cors for entry in methods.values())]
    assert "/oauth/authorize" in without
    for path in without:
        answer = call(event("OPTIONS", path.replace("{", "").replace("}", "")))
        assert (answer["statusCode"] in {404, 405}, "Access-Control-Allow-Methods" in answer["headers"]) == (
            True,
            False,
        )


def test_a_method_that_a_path_does_not_have_is_refused_in_the_apis_form() -> None:
    answer = call(event("PUT", "/api/v1/timelines/home", headers={"authorization": "Bearer hidden"}))
    assert answer["statusCode"] == 405
    assert json.loads(answer["body"])["error"]
    assert "hidden" not in json.dumps(answer)


def test_a_picture_is_bytes_whatever_the_request_accepts() -> None:
    answer = call(event(path="/icons/32.png", headers={"accept": "text/html,*/*"}))
    assert (answer["isBase64Encoded"], answer["headers"]["Content-Type"]) == (True, "image/png")
    pngs.decode(base64.b64decode(answer["body"], validate=True))


def test_repeated_headers_and_cookies_of_a_response_arrive() -> None:
    headers = {"Content-Type": "text/html", "Set-Cookie": "c=3"}
    many = {"set-cookie": ["a=1", "b=2"], "Link": ["<x>", "<y>"]}
    answer = http_api.respond({"statusCode": 200, "headers": headers, "multiValueHeaders": many, "body": "x"})
    assert answer["headers"] == {"Content-Type": "text/html", "Link": "<x>, <y>"}
    assert answer["cookies"] == ["c=3", "a=1", "b=2"]
    assert answer["isBase64Encoded"] is False


def test_a_rest_apis_event_is_chalices_own(configure: Callable[..., None]) -> None:
    """Plain `chalice deploy` has a REST API, whose events have no version; API Gateway checks the key."""
    configure(origin_secret=SECRET)
    rest = translated(event(path="/api/v2/instance"))
    answer = app(rest, None)
    assert answer["statusCode"] == 200
    assert "multiValueHeaders" in answer


@pytest.mark.parametrize("tag", ["a b", "100%", "%41", "日本語", "a/b", "a?b"])
def test_the_path_is_decoded_as_often_as_that_of_another_server(api: Api, tag: str) -> None:
    """An HTTP API decodes all of it but %25, which is decoded with the variable parts."""
    api.post(api.sign_up("ada"), f"#{tag}")
    answer = call(event(path=f"/api/v1/timelines/tag/{tag.replace('%', '%25')}"))
    elsewhere = api.get(f"/api/v1/timelines/tag/{quote(tag)}")
    assert (answer["statusCode"], json.loads(answer["body"])) == (elsewhere.status, elsewhere.json)


def test_the_route_that_api_gateway_has_found_makes_no_difference() -> None:
    request = event(path="/api/v1/accounts/0ABC/statuses")
    explicit: Any = {**request, "routeKey": "GET /api/v1/accounts/{id}/statuses", "pathParameters": {"id": "0ABC"}}
    assert translated(explicit) == translated(request)


@pytest.mark.parametrize("path", ["/", "/api/v2/instance", "/icons/32.png", "/nothing", "/a/b/c/d/e/f/g/h/i"])
def test_head_has_the_headers_of_get_and_no_body(path: str) -> None:
    whole, head = (call(event(method, path)) for method in ("GET", "HEAD"))
    assert (head["statusCode"], head["body"]) == (whole["statusCode"], "")
    for name in ("Content-Type", "Cache-Control", "Access-Control-Allow-Origin"):
        assert head["headers"].get(name) == whole["headers"].get(name)


JOINED = [
    ("GET", "/api/v1/accounts/verify_credentials", {"authorization": "Bearer one,Bearer two"}, 401),
    ("GET", "/api/v1/timelines/public", {"authorization": ","}, 401),
    ("POST", "/api/v1/apps", {"content-type": "application/json, application/json"}, 200),
    ("GET", "/icons/32.png", {"if-none-match": '"other", W/"TAG"'}, 304),
    ("GET", "/nothing", {"accept": "text/html, application/json,*/*"}, 404),
    ("GET", "/api/v2/instance", {"origin": "null,https://a.example", "cookie": "a=1,b=2"}, 200),
]
"""Headers that were sent twice: API Gateway joins their values by commas."""


@pytest.mark.parametrize(("method", "path", "headers", "status"), JOINED, ids=lambda value: str(value)[:40])
def test_headers_that_were_sent_twice_are_read(
    api: Api, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    tag = call(event(path="/icons/32.png"))["headers"]["ETag"].strip('"')
    body = '{"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}'
    sent = {name: value.replace("TAG", tag) for name, value in headers.items()}
    answer = call(event(method, path, headers=sent, body=body if method == "POST" else None))
    assert answer["statusCode"] == status
    assert "Bearer" not in answer["body"]


@pytest.mark.parametrize("is_binary", [False, True])
@pytest.mark.parametrize("kind", [bodies.JSON, bodies.FORM, f"{bodies.MULTIPART}; boundary=b"])
def test_a_body_that_is_too_large_is_refused_in_the_apis_form(api: Api, kind: str, *, is_binary: bool) -> None:
    """API Gateway passes on 10 MB, and Lambda takes 6 MB; in base64, 4.5 MB arrive."""
    text = "x" * (bodies.MAX_BODY + 1)
    body = base64.b64encode(text.encode()).decode() if is_binary else text
    headers = {"content-type": kind, "authorization": f"Bearer {api.sign_up('ada').token}"}
    answer = call(event("POST", "/api/v1/statuses", headers=headers, body=body, isBase64Encoded=is_binary))
    assert answer["statusCode"] == 413
    assert "larger than 64 KB" in json.loads(answer["body"])["error"]


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
HEADERS = [
    *("accept", "authorization", "content-type", "cookie", "host", "idempotency-key", "if-none-match", "origin"),
    *(http_api.VIEWER, "x-forwarded-for"),
]


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from([*METHODS, "OPTIONS", "PROPFIND", "get"]),
    path=st.sampled_from(sorted(app.routes)) | ANY_TEXT.map(lambda text: f"/{text}"),
    query=ANY_TEXT,
    headers=st.dictionaries(st.sampled_from(HEADERS), ANY_TEXT),
    cookies=st.lists(ANY_TEXT, max_size=2),
    body=st.binary(max_size=40),
)
def test_every_request_gets_a_response_that_api_gateway_can_read(api: Api, method: str, path: str, **more: Any) -> None:
    more["body"] = base64.b64encode(more["body"]).decode()
    answer = call(event(method, path, isBase64Encoded=True, **more))
    assert 200 <= answer["statusCode"] < 500
    assert {type(value) for value in [*answer["headers"].values(), *answer["cookies"], answer["body"]]} == {str}
    assert not answer["isBase64Encoded"] or base64.b64decode(answer["body"], validate=True)


def test_the_link_header_of_a_page_has_the_requests_path(api: Api) -> None:
    ada = api.sign_up("ada")
    for number in range(2):
        api.post(ada, f"{number} #日本")
    api.deliver()
    api.clock.advance(2)
    for path in (f"/api/v1/accounts/{ada.id}/statuses", "/api/v1/timelines/tag/日本"):
        answer = call(event(path=path, query="limit=1"))
        elsewhere = api.get(f"{quote(path)}?limit=1")
        assert json.loads(answer["body"])
        assert answer["headers"]["Link"] == elsewhere.headers["Link"]
        assert f"<{settings.get().base_url}{quote(path)}?limit=1&" in answer["headers"]["Link"]
