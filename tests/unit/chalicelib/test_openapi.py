"""The OpenAPI document covers every route that returns JSON, and is generated from the types that validate."""

import json
import re
from typing import Any

import msgspec
import pytest

import app
from chalicelib import openapi, schemas
from chalicelib.api import Route
from tests.support import contract, routes
from tests.support.people import Api

PICTURES = {"/avatars/{file}", "/headers/{file}", "/icons/{file}", "/favicon.ico", "/apple-touch-icon.png"}
_PAGES = "sessions", "password", "recovery-code", "recover", "export", "delete-messages"
ACCOUNT = {"/account"} | {f"/account/{page}" for page in _PAGES}
CLIENT = {"/", "/manifest.webmanifest", "/web/{version}/{part}", "/web/{version}/{part}/{file}"}
LEFT_OUT = {
    "GET": {"/docs", "/oauth/authorize", "/about", "/tags/{name}", "/{part1}", "/{part1}/{part2}"}
    | {"/{part1}/tagged/{part3}"}
    | CLIENT
    | ACCOUNT
    | PICTURES
    | {"/api/v1/streaming/health"},
    "POST": {"/oauth/authorize"} | (ACCOUNT - {"/account"}),
}
"""Paths that are not described: the web client, pages and pictures for people, and what is for monitoring."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return contract.document()


def served() -> set[tuple[str, str]]:
    """Return method and path of every described route: without LEFT_OUT and the catch-all paths."""
    paths = {(route.method, route.path) for route in routes.declared()}
    left_out = {(method, path) for method, paths in LEFT_OUT.items() for path in paths}
    return {(method, path) for method, path in paths - left_out if not path.startswith("/{part1}")}


def declared() -> list[Route]:
    return [route for blueprint in app.BLUEPRINTS for route in blueprint.routes]


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    from openapi_spec_validator import validate  # which takes long to load

    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_route_that_the_app_serves_is_described(document: dict[str, Any]) -> None:
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == served()


def test_what_is_left_out_is_served(document: dict[str, Any]) -> None:
    for method, paths in LEFT_OUT.items():
        assert not {path for path in paths if method.lower() in document["paths"].get(path, {})}
        assert all(method in app.app.routes[path] for path in paths)


def test_every_answer_has_a_type_of_its_own(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            success = described["responses"].get("200", described["responses"].get("201"))
            unsupported = described["tags"] == ["unsupported"]
            assert (success is None) == unsupported, (method, path)
            schema = success["content"]["application/json"]["schema"] if success else {"$ref": ""}
            assert {"$ref", "anyOf"} & schema.keys() or schema.get("type") in {"array", "object"}, (method, path)
            assert schema.get("type") != "object" or path == "/openapi.json", (method, path)


def test_every_operation_has_an_id_a_summary_and_a_resource(document: dict[str, Any]) -> None:
    ids = [each["operationId"] for each in operations(document)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9_]+", each) for each in ids)
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert all(tags.values())
    for each in operations(document):
        assert each["summary"], each
        assert set(each["tags"]) <= tags.keys()


def test_the_same_routes_make_the_same_document() -> None:
    first, second = (json.dumps(openapi.document(app.BLUEPRINTS)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("method", "path", "security"),
    [
        ("get", "/api/v1/timelines/home", [{"user": ["read:statuses"]}]),
        (
            "get",
            "/api/v1/timelines/public",
            [{}, {"user": ["read:statuses"]}, {"application": ["read:statuses"]}],
        ),
        ("post", "/api/v1/accounts", [{"user": ["write:accounts"]}, {"application": ["write:accounts"]}]),
        ("get", "/api/v1/apps/verify_credentials", [{"user": []}, {"application": []}]),
        ("post", "/api/v1/apps", []),
    ],
)
def test_the_required_token_is_described(document: dict[str, Any], method: str, path: str, security: object) -> None:
    assert operation(document, method, path)["security"] == security


def test_every_scope_that_a_route_takes_can_be_asked_for(document: dict[str, Any]) -> None:
    flows = [flow for scheme in document["components"]["securitySchemes"].values() for flow in scheme["flows"].values()]
    assert len(flows) == 3
    for flow in flows:
        assert {route.scope for route in declared() if route.scope} <= flow["scopes"].keys()


def test_what_is_read_is_a_query_string_or_a_body_of_three_kinds(document: dict[str, Any]) -> None:
    query = {each["name"]: each for each in operation(document, "get", "/api/v1/notifications")["parameters"]}
    assert query["limit"]["schema"] == {"type": "integer", "minimum": 1, "default": 20}
    assert query["types[]"]["schema"]["type"] == "array"
    body = operation(document, "post", "/api/v1/statuses")["requestBody"]["content"]
    assert body.keys() == {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    assert {json.dumps(each) for each in body.values()} == {'{"schema": {"$ref": "#/components/schemas/NewStatus"}}'}
    assert "requestBody" not in operation(document, "post", "/api/v1/accounts/{id}/unfollow")


def test_what_must_be_sent_is_required_and_all_that_is_answered_is_there(document: dict[str, Any]) -> None:
    kinds = document["components"]["schemas"]
    assert kinds["NewAccount"]["required"] == ["username", "password"]
    assert operation(document, "post", "/api/v1/accounts")["requestBody"]["required"] is True
    assert operation(document, "post", "/api/v1/statuses")["requestBody"]["required"] is False
    assert set(kinds["Status"]["required"]) == kinds["Status"]["properties"].keys()
    assert kinds["Error"]["required"] == ["error"]


def test_null_is_described_where_it_is_returned_and_not_where_it_counts_as_missing(document: dict[str, Any]) -> None:
    kinds = document["components"]["schemas"]
    assert kinds["Status"]["properties"]["in_reply_to_id"]["type"] == ["string", "null"]
    assert kinds["NewStatus"]["properties"]["language"]["type"] == "string"


def test_fields_are_described_by_their_docstrings_inherited_ones_too(document: dict[str, Any]) -> None:
    kinds = document["components"]["schemas"]
    assert "millisecond" in kinds["Pleroma"]["properties"]["expires_at"]["description"]
    wanted = operation(document, "get", "/api/v1/notifications")["parameters"]
    assert {each["name"] for each in wanted if "description" in each} >= {"limit", "max_id", "account_id"}


def test_pages_describe_their_links_and_limited_routes_their_limit(document: dict[str, Any]) -> None:
    home, instance = (
        operation(document, "get", path)["responses"]["200"] for path in ("/api/v1/timelines/home", "/api/v1/instance")
    )
    assert home["headers"].keys() == {"Link", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
    assert "headers" not in instance


def test_what_is_not_supported_answers_errors_alone(document: dict[str, Any]) -> None:
    translate = operation(document, "post", "/api/v1/statuses/{id}/translate")
    assert "422" in translate["responses"]
    assert all(status >= "400" for status in translate["responses"])


def test_two_structs_of_one_name_are_an_error() -> None:
    def make(module: str) -> type:
        return msgspec.defstruct("Twin", [("value", int)], module=module)

    with pytest.raises(ValueError, match="Twin"):
        schemas.taken([make("a"), make("b")])


def test_the_instance_gives_the_document_its_title_and_address(configure: Any) -> None:
    configure(title="The club", base_url="https://club.example", contact_email="club@club.example")
    described = openapi.document(app.BLUEPRINTS)
    assert described["info"]["title"] == "The club"
    assert described["info"]["contact"] == {"email": "club@club.example"}
    assert described["servers"] == [{"url": "https://club.example"}]


def test_anybody_may_read_the_document_and_keep_it_for_minutes(api: Api) -> None:
    answer = api.get("/openapi.json")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"count": 1}, 200),
        ({"count": "1"}, None),
        ({}, None),
        ({"count": 1, "more": 1}, None),
        ([], None),
        ({"error": "x"}, 401),
        ({"errors": "x"}, None),
    ],
)
def test_an_answer_that_is_not_as_described_fails_a_test(body: object, status: int | None) -> None:
    path = "/api/v1/notifications/unread_count?limit=1"
    if status:
        contract.check("GET", path, status, body)
        return
    for wrong in (200, 401):
        with pytest.raises(AssertionError):
            contract.check("GET", path, wrong, body)


def test_a_status_that_is_not_described_fails_a_test() -> None:
    with pytest.raises(AssertionError, match="413"):
        contract.check("GET", "/api/v1/notifications/unread_count", 413, {"error": "x"})


def test_links_lead_to_operations_that_take_what_they_carry(document: dict[str, Any]) -> None:
    by_id = {each["operationId"]: each for each in operations(document)}
    links = document["components"]["links"]
    for name, link in links.items():
        target = by_id[link["operationId"]]
        assert link.get("parameters", {}).keys() <= {each["name"] for each in target.get("parameters", [])}, name
        assert "requestBody" in target or "requestBody" not in link, name
    followed = {name: set(each["responses"].get("200", {}).get("links", {})) for name, each in by_id.items()}
    assert set().union(*followed.values()) == links.keys()
    assert {"get_v1_statuses_id", "delete_v1_statuses_id", "get_v1_statuses_id_context"} <= followed["post_v1_statuses"]
    assert "get_v1_statuses_id_first" in followed["get_v1_timelines_home"]
    assert followed["post_v1_apps"] == {"application_token"}
    assert "post_v1_accounts_id_follow" in followed["get_v1_accounts_lookup"]


def test_every_id_count_and_time_in_a_response_has_a_rule(document: dict[str, Any]) -> None:
    for name in ("Account", "Status", "Notification", "Relationship", "Report", "Mention"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            wanted = "pattern" if re.fullmatch("(.*_)?id", field) else "minimum" if field.endswith("_count") else ""
            wanted = "format" if re.fullmatch(".*_at|url|uri", field) and schema["type"] != "null" else wanted
            assert not wanted or wanted in schema, (name, field)
