"""What MiniStack lacks, for the deploy under test, the `chalice` that it starts and MiniStack: loaded as they start.

- It ignores the body of ImportRestApi and PutRestApi: here the API is made of Chalice's Swagger, call by call.
- To filters of event sources `{"a": {"b": [{"exists": false}]}}` does not hold where there is no `a`. On AWS it does.
- It has no names of hosts: the smoke check goes to the API in the way in which CloudFront would.
- It reports functions as pending for a moment, and botocore's waiters look every five seconds.

`E2E_INTERRUPT` names a method of Chalice's client, or `make` of the project, after whose first call the process dies.
"""

import os
from collections.abc import Callable
from functools import wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from sys import meta_path
from types import ModuleType
from typing import Any

_INTEGRATION = "x-amazon-apigateway-integration"


class _Finder(MetaPathFinder):
    """Patches a module once it is imported, so that processes that do not need it start as fast as ever."""

    def __init__(self, patches: dict[str, Callable[[Any], None]]) -> None:
        self._patches = patches

    def find_spec(self, name: str, path: Any, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in self._patches:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec and spec.loader:
            spec.loader = _Loader(spec.loader, self._patches[name])
        return spec


class _Loader(Loader):
    def __init__(self, loader: Loader, patch: Callable[[Any], None]) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module)


def _patch_chalice(module: Any) -> None:
    client = module.TypedAWSClient
    client.import_rest_api = _import_rest_api
    client.update_api_from_swagger = _update_api_from_swagger
    interrupted = os.environ.get("E2E_INTERRUPT", "")
    if hasattr(client, interrupted):
        setattr(client, interrupted, _dying(getattr(client, interrupted)))


def _patch_project(module: Any) -> None:
    if os.environ.get("E2E_INTERRUPT") == "make":
        module.make = _dying(module.make)


def _dying(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def die(*arguments: Any, **named: Any) -> None:
        method(*arguments, **named)
        os._exit(137)  # as of SIGKILL: nothing is finished, nothing is written down

    return die


def _import_rest_api(self: Any, swagger_document: dict[str, Any], endpoint_type: str) -> str:
    client = self._client("apigateway")
    title = swagger_document["info"]["title"]
    api_id: str = client.create_rest_api(name=title, endpointConfiguration={"types": [endpoint_type]})["id"]
    _fill(client, api_id, swagger_document)
    return api_id


def _update_api_from_swagger(self: Any, rest_api_id: str, swagger_document: dict[str, Any]) -> None:
    client = self._client("apigateway")
    there = {
        (item["path"], verb)
        for item in client.get_resources(restApiId=rest_api_id, limit=500)["items"]
        for verb in item.get("resourceMethods", {})
    }
    wanted = {(path, verb.upper()) for path, methods in swagger_document["paths"].items() for verb in methods}
    assert there == wanted, "the API's routes changed between two deploys of one test run"


def _fill(client: Any, api_id: str, swagger: dict[str, Any]) -> None:
    ids = {item["path"]: item["id"] for item in client.get_resources(restApiId=api_id, limit=500)["items"]}
    for path, methods in swagger["paths"].items():
        resource_id = _resource(client, api_id, path, ids)
        for verb, method in methods.items():
            place = {"restApiId": api_id, "resourceId": resource_id, "httpMethod": verb.upper()}
            keyed = any("api_key" in requirement for requirement in method.get("security", []))
            client.put_method(**place, authorizationType="NONE", apiKeyRequired=keyed)
            _integrate(client, place, method)


def _resource(client: Any, api_id: str, path: str, ids: dict[str, str]) -> str:
    if path not in ids:
        parent, _, part = path.rpartition("/")
        parent_id = _resource(client, api_id, parent or "/", ids)
        ids[path] = client.create_resource(restApiId=api_id, parentId=parent_id, pathPart=part)["id"]
    return ids[path]


def _integrate(client: Any, place: dict[str, str], method: dict[str, Any]) -> None:
    integration = method[_INTEGRATION]
    if integration["type"] == "aws_proxy":
        client.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=integration["uri"])
        return
    client.put_integration(**place, type="MOCK", requestTemplates=integration["requestTemplates"])
    for status, answer in method["responses"].items():
        declared = {f"method.response.header.{name}": False for name in answer.get("headers", {})}
        client.put_method_response(**place, statusCode=status, responseParameters=declared)
        values = integration["responses"]["default"]["responseParameters"]
        client.put_integration_response(**place, statusCode=status, responseParameters=values)


def _patch_waiters(module: Any) -> None:
    wait = module.Waiter.wait

    def impatient(self: Any, **named: Any) -> None:
        self.config.delay = 0.1
        named.get("WaiterConfig", {}).pop("Delay", None)
        wait(self, **named)

    module.Waiter.wait = impatient


def _patch_smoke_check(module: Any) -> None:
    import boto3

    from tests.e2e.edge import Edge

    get = module._get

    def get_through_edge(url: str) -> Any:
        _, _, host, path = url.split("/", 3)
        edge = Edge(boto3.Session(), os.environ["AWS_ENDPOINT_URL"], host)
        return get(f"{edge.url}/{path}", edge.headers)

    module._get = get_through_edge


def _patch_filters(module: Any) -> None:
    match = module._match_esm_filter

    def match_absent(record: dict[str, Any], pattern: dict[str, Any]) -> Any:
        absent: dict[str, Any] = {name: {} for name, inner in pattern.items() if isinstance(inner, dict)}
        return match(absent | record, pattern)

    module._match_esm_filter = match_absent


def _patch_polling(module: Any) -> None:
    module.POLL = 0.1


meta_path.insert(
    0,
    _Finder(
        {
            "chalice.awsclient": _patch_chalice,
            "botocore.waiter": _patch_waiters,
            "ops.deployment.cloudformation": _patch_polling,
            "ops.deployment.project": _patch_project,
            "ministack.services.lambda_svc": _patch_filters,
            "ops.deployment.smoke": _patch_smoke_check,
        }
    ),
)
