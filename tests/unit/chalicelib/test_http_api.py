"""Requests of an HTTP API mean to Chalice what those of a REST API mean, and only CloudFront's are answered.

The events are those of API Gateway's Developer Guide ("Create AWS Lambda proxy integrations for HTTP APIs"), with what
was recorded on AWS: the path is percent-decoded (hotsock/voker#8), and X-Forwarded-For is the API's caller alone
(aws-powertools/powertools-lambda-python#7288).
"""

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import app
from chalicelib import http_api
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
    ],
)
def test_the_client_is_cloudfronts_caller_whatever_the_request_says(headers: dict[str, str], chain: str) -> None:
    rest = translated(event(headers=headers))
    assert rest["headers"]["x-forwarded-for"] == chain
    assert rest["requestContext"]["identity"] == {"sourceIp": EDGE}


def test_requests_count_for_the_client(api: Api, configure: Callable[..., None]) -> None:
    configure(rate_limits="on", rate_public="1/300", trusted_proxies=1)
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


def test_a_deployment_without_a_secret_answers_everybody() -> None:
    assert settings.get().origin_secret == ""
    assert call(event(path="/api/v2/instance"))["statusCode"] == 200


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
