"""What API Gateway answers: FSTREAM for every path and every method; and no template repeats a request."""

import json
import re
from typing import Any

import pytest
from chalice.deploy.swagger import SwaggerGenerator

from app import app
from chalicelib.methods import ANY
from ops.deployment import gateway
from tests.support.people import Answer, Api

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Every method that API Gateway lets through."""
HANDLER = "arn:aws:lambda:us-east-1:123456789012:function:fstream"
TOKEN = "wXyZ0123456789"
WITH_TOKEN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def swagger() -> dict[str, Any]:
    """The API description that Chalice sends to API Gateway."""
    generated: dict[str, Any] = SwaggerGenerator("us-east-1", {"api_handler_arn": HANDLER}).generate_swagger(app)
    return generated


def resources(paths: dict[str, Any]) -> set[str]:
    """API Gateway's resources: the paths, and every path above them."""
    parts = [path.strip("/").split("/") for path in paths]
    return {"/" + "/".join(path[:depth]) for path in parts for depth in range(len(path) + 1)}


def test_every_method_of_every_resource_is_passed_on_or_a_preflight(swagger: dict[str, Any]) -> None:
    paths = swagger["paths"]
    assert len(paths) > 100
    for path in resources(paths):
        declared = paths[path]
        for method in METHODS:
            found = declared.get(method.lower()) or declared[ANY.lower()]
            integration = found["x-amazon-apigateway-integration"]
            if integration["type"] == "mock":
                assert method == "OPTIONS"
                assert "$" not in json.dumps(integration)  # nothing of the request
            else:
                assert integration["type"] == "aws_proxy"
                assert HANDLER in integration["uri"]


def test_preflights_allow_the_methods_of_the_path_and_no_others(swagger: dict[str, Any]) -> None:
    options = swagger["paths"]["/api/v1/statuses"]["options"]["x-amazon-apigateway-integration"]
    allowed = options["responses"]["default"]["responseParameters"]
    assert allowed["method.response.header.Access-Control-Allow-Methods"] == "'POST,GET,HEAD,OPTIONS'"
    assert ANY.lower() not in json.dumps(options).lower()


def test_the_description_is_small_enough_to_be_imported(swagger: dict[str, Any]) -> None:
    assert len(json.dumps(swagger)) < 0.5 * 6_000_000


def call(api: Api, method: str, path: str) -> Answer:
    return api.request(method, re.sub(r"{\w+}", "x", path), headers=WITH_TOKEN)


def test_every_path_answers_every_method_and_never_with_the_token(api: Api, swagger: dict[str, Any]) -> None:
    for path in sorted(swagger["paths"]):
        methods = swagger["paths"][path].keys() - {ANY.lower(), "options"}
        for method in set(METHODS) - {"OPTIONS"}:
            answer = call(api, method, path)
            where = (method, path, answer.status)
            assert TOKEN not in answer.text + str(answer.headers), where
            assert answer.status < 500, where
            if not methods:
                assert answer.status == 404, where
            elif method.lower() not in methods:
                assert answer.status == 405, where
                assert set(answer.headers["Allow"].split(", ")) == {*map(str.upper, methods), "OPTIONS"}, where
            else:
                assert answer.status != 405, where


@pytest.mark.parametrize("path", ["/", "/docs", "/api/v1/instance", "/api/v1/timelines/public", "/nobody", "/oauth"])
def test_head_is_get_without_the_body(api: Api, path: str) -> None:
    head, whole = (api.request(method, path) for method in ("HEAD", "GET"))
    assert (head.status, head.text) == (whole.status, "")
    assert whole.text
    for name in ("Content-Type", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("kind", gateway.ANSWERS)
def test_the_gateways_own_answers_are_constant_errors_that_browsers_may_read(kind: str) -> None:
    answer = gateway.ANSWERS[kind]
    (text,) = answer["responseTemplates"].values()
    assert "$" not in text
    assert list(json.loads(text)) == ["error"]
    for name, value in answer["responseParameters"].items():
        assert name.startswith("gatewayresponse.header.")
        assert re.fullmatch(r"'[^']*'", value)  # a constant: a value of the request has no quotes
    assert answer["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"


def test_kinds_without_an_answer_of_their_own_get_a_default() -> None:
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= gateway.ANSWERS.keys()
