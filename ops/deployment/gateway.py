"""Configures the responses that Chalice's REST API makes itself: in the API's form, with CORS headers."""

from typing import Any

import boto3

_CORS = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
_MESSAGE = '{"error": $context.error.messageString}'
_DIRECT = '{"error": "This address accepts requests from CloudFront only; use the address of the instance"}'
_NOT_FOUND = '{"error": "This address does not exist"}'

_ANSWERS: dict[str, dict[str, Any]] = {
    "DEFAULT_4XX": {"responseParameters": _CORS, "responseTemplates": {"application/json": _MESSAGE}},
    "DEFAULT_5XX": {"responseParameters": _CORS, "responseTemplates": {"application/json": _MESSAGE}},
    # API Gateway's name, and 403, for a path that is not declared.
    "MISSING_AUTHENTICATION_TOKEN": {
        "statusCode": "404",
        "responseParameters": _CORS,
        "responseTemplates": {"application/json": _NOT_FOUND},
    },
    # API Gateway's name for any request, because there is no key: CloudFront sends its requests to the HTTP API.
    "INVALID_API_KEY": {
        "statusCode": "403",
        "responseParameters": _CORS,
        "responseTemplates": {"application/json": _DIRECT},
    },
}


def configure(session: boto3.Session, api_id: str, stage: str) -> bool:
    """Set the form and the CORS headers of the gateway's own responses; return whether anything was changed."""
    client = session.client("apigateway")
    missing = {kind: answer for kind, answer in _ANSWERS.items() if not _is_there(client, api_id, kind, answer)}
    for kind, answer in missing.items():
        client.put_gateway_response(restApiId=api_id, responseType=kind, **answer)
    if missing:
        client.create_deployment(restApiId=api_id, stageName=stage)
    return bool(missing)


def _is_there(client: Any, api_id: str, kind: str, answer: dict[str, Any]) -> bool:  # noqa: ANN401
    found = client.get_gateway_response(restApiId=api_id, responseType=kind)
    return all(found.get(name) == value for name, value in answer.items())
