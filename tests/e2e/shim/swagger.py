"""Applies the body of ImportRestApi and PutRestApi, Chalice's Swagger, which MiniStack ignores."""

import json
from typing import Any

_INTEGRATION = "x-amazon-apigateway-integration"
_ANY = "x-amazon-apigateway-any-method"
_BINARY_TYPES = "x-amazon-apigateway-binary-media-types"


def patch(gateway: Any) -> None:
    """Patch MiniStack's API Gateway, which already reads such a body from CloudFormation."""
    create, handle = gateway._create_rest_api, gateway.handle_request

    def create_of_body(body: dict[str, Any]) -> Any:
        if "swagger" not in body:
            return create(body)
        api_id = gateway._import_rest_api(body)
        _complete(gateway, api_id, body)
        return gateway._get_rest_api(api_id)

    async def handle_overwriting(method: str, path: str, headers: Any, body: Any, query: Any) -> Any:
        parts = path.strip("/").split("/")
        if method != "PUT" or len(parts) != 2:
            return await handle(method, path, headers, body, query)
        _overwrite(gateway, parts[1], json.loads(body))
        return gateway._get_rest_api(parts[1])

    gateway._create_rest_api, gateway.handle_request = create_of_body, handle_overwriting


def _overwrite(gateway: Any, api_id: str, swagger: dict[str, Any]) -> None:
    resources = gateway._resources[api_id]
    (root_id,) = [number for number, resource in resources.items() if resource["path"] == "/"]
    resources[root_id]["resourceMethods"] = {}
    gateway._resources[api_id] = {root_id: resources[root_id]}
    schemes = gateway._import_security_schemes(api_id, swagger)
    for path, methods in swagger["paths"].items():
        gateway._import_path_item(api_id, path, methods, schemes)
    _complete(gateway, api_id, swagger)


def _complete(gateway: Any, api_id: str, swagger: dict[str, Any]) -> None:
    """Add what MiniStack omits from such a body: binary media types, responses to preflights, all other methods."""
    gateway._rest_apis[api_id]["binaryMediaTypes"] = swagger[_BINARY_TYPES]
    ids = {resource["path"]: number for number, resource in gateway._resources[api_id].items()}
    schemes = gateway._import_security_schemes(api_id, swagger)
    for path, methods in swagger["paths"].items():
        if _ANY in methods:
            gateway._import_operation(api_id, ids[path], "ANY", methods[_ANY], schemes)
        for verb, method in methods.items():
            if method[_INTEGRATION]["type"] == "mock":
                _mock(gateway, (api_id, ids[path], verb.upper()), method)


def _mock(gateway: Any, place: tuple[str, str, str], method: dict[str, Any]) -> None:
    integration = method[_INTEGRATION]
    gateway._put_integration(*place, {"type": "MOCK", "requestTemplates": integration["requestTemplates"]})
    values = integration["responses"]["default"]["responseParameters"]
    for status in method["responses"]:
        gateway._put_method_response(*place, status, {"responseParameters": dict.fromkeys(values, False)})
        gateway._put_integration_response(*place, status, {"responseParameters": values})
