"""What API Gateway answers by itself, where no function is called: in the API's form, and readable for browsers."""

from typing import Any

import boto3

_CORS = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
_MESSAGE = '{"error": $context.error.messageString}'
_AROUND = '{"error": "This is not the address of the instance, which can only be reached through CloudFront"}'
_NOTHING = '{"error": "This address does not exist"}'

_ANSWERS: dict[str, dict[str, Any]] = {
    "DEFAULT_4XX": {"responseParameters": _CORS, "responseTemplates": {"application/json": _MESSAGE}},
    "DEFAULT_5XX": {"responseParameters": _CORS, "responseTemplates": {"application/json": _MESSAGE}},
    # So it calls a path that nobody has declared, with 403.
    "MISSING_AUTHENTICATION_TOKEN": {
        "statusCode": "404",
        "responseParameters": _CORS,
        "responseTemplates": {"application/json": _NOTHING},
    },
    # So it calls a request without the key that CloudFront adds.
    "INVALID_API_KEY": {
        "statusCode": "403",
        "responseParameters": _CORS,
        "responseTemplates": {"application/json": _AROUND},
    },
}


def configure(session: boto3.Session, api_id: str, stage: str) -> bool:
    """Give the gateway's own answers their form and CORS headers, and deploy that; return whether it was needed."""
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
