"""Configures the responses that Chalice's REST API makes itself: in the API's form, with CORS headers."""

import json
from typing import Any

import boto3

_CORS = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
_SOON = _CORS | {"gatewayresponse.header.Retry-After": "'1'"}


def _answer(error: str, status: int | None = None, headers: dict[str, str] = _CORS) -> dict[str, Any]:
    """Return a response, with another status if given. Its text is constant: API Gateway's own repeats tokens."""
    response = {"responseParameters": headers, "responseTemplates": {"application/json": json.dumps({"error": error})}}
    return response if status is None else response | {"statusCode": str(status)}


_NOT_FOUND = _answer("This address does not exist", 404)

ANSWERS: dict[str, dict[str, Any]] = {
    "DEFAULT_4XX": _answer("The request was rejected before it reached the server"),
    "DEFAULT_5XX": _answer("The server could not be reached. Try again in a moment.", headers=_SOON),
    # What API Gateway says to a path that is not declared: without an Authorization header, and with one, which it
    # takes for a signature.
    "MISSING_AUTHENTICATION_TOKEN": _NOT_FOUND,
    "INVALID_SIGNATURE": _NOT_FOUND,
    # Any request, in a full deployment: it requires a key, and none exists. CloudFront has the HTTP API.
    "INVALID_API_KEY": _answer(
        "This address accepts requests from CloudFront only; use the address of the instance", 403
    ),
    "REQUEST_TOO_LARGE": _answer("The request is too large", 413),
    "THROTTLED": _answer("The server is busy. Try again in a moment.", 429, _SOON),
    "INTEGRATION_FAILURE": _answer("The server did not answer. Try again in a moment.", 503, _SOON),
    "INTEGRATION_TIMEOUT": _answer("The server did not answer in time. Try again in a moment.", 503, _SOON),
}
"""Type of response → the response. All other types are like one of the two defaults."""


def configure(session: boto3.Session, api_id: str, stage: str) -> bool:
    """Set the form and the CORS headers of the gateway's own responses; return whether anything was changed."""
    client = session.client("apigateway")
    missing = {kind: answer for kind, answer in ANSWERS.items() if not _is_there(client, api_id, kind, answer)}
    for kind, answer in missing.items():
        client.put_gateway_response(restApiId=api_id, responseType=kind, **answer)
    if missing:
        client.create_deployment(restApiId=api_id, stageName=stage)
    return bool(missing)


def _is_there(client: Any, api_id: str, kind: str, answer: dict[str, Any]) -> bool:  # noqa: ANN401
    found = client.get_gateway_response(restApiId=api_id, responseType=kind)
    return all(found.get(name) == value for name, value in answer.items())
