"""Patches for MiniStack's gaps, loaded by the deploy under test, the `chalice` that it starts, and MiniStack itself.

- MiniStack ignores the body of ImportRestApi and PutRestApi: see `swagger`.
- Its HTTP APIs reject preflight requests unless CORS is configured. On AWS, the route `$default` gets them ("Configure
  CORS for HTTP APIs").
- Its event source filters do not match `{"a": {"b": [{"exists": false}]}}` when `a` is missing. On AWS they do.
- Its CloudFormation has no budgets: see `budgets`.
- It resolves no host names: the smoke check calls the APIs directly, as CloudFront would, and functions send to
  connections through its endpoint.
- Its WebSocket APIs drop most of what `$connect` responds: see `websockets`.
- It unpacks a function's package for each of its processes, and each imports it: see `unpacking` and `forking`.
- It reports functions as pending for half a second, but botocore's waiters poll every five seconds.
- A package that exists is not built again.

`E2E_INTERRUPT` names a file of survived steps. The process dies after its first change of the cloud that is not listed,
and appends it, so each deploy dies one step later than the one before. `E2E_CHECKS` names a file to which MiniStack
appends the permission checks for calls of functions, and their results.
"""

import os
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from sys import meta_path
from types import ModuleType
from typing import Any

_READING = ("Get", "List", "Describe")
_FUNCTION = "ASIA"
"""The prefix of the access keys of running functions."""
_WITH_NAMES_OF_OTHERS = "apigatewayv2"
"""A service whose operations have the names of another's."""
_KILLED = 137
"""The exit status of a process ended by SIGKILL."""


class _Finder(MetaPathFinder):
    """Patches a module when it is imported, so that processes that do not import it start without delay."""

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


def _patch_calls(module: Any) -> None:
    call = module.BaseClient._make_api_call

    def call_and_die(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        answer = call(self, operation, parameters)
        file = os.environ.get("E2E_INTERRUPT")
        if file is None:
            return answer
        survived = Path(file)
        service = self.meta.service_model.service_name
        about = service if service == _WITH_NAMES_OF_OTHERS else parameters.get("StackName", "")
        step = f"{operation} {about}".strip()
        if not operation.startswith(_READING) and step not in survived.read_text().splitlines():
            with survived.open("a") as steps:
                steps.write(f"{step}\n")
            os._exit(_KILLED)  # without cleaning up
        return answer

    module.BaseClient._make_api_call = call_and_die


def _patch_waiters(module: Any) -> None:
    wait = module.Waiter.wait

    def impatient(self: Any, **named: Any) -> None:
        self.config.delay = 0.02
        named.get("WaiterConfig", {}).pop("Delay", None)
        wait(self, **named)

    module.Waiter.wait = impatient


@cache
def _edge(host: str) -> Any:
    import boto3

    from tests.e2e.edge import Edge

    root = boto3.Session("test", "test")  # the deployer may not list distributions
    return Edge(root, os.environ["AWS_ENDPOINT_URL"], host)


def _patch_smoke_check(module: Any) -> None:
    send = module._send

    def send_through_edge(request: Any) -> Any:
        _, _, host, path = request.full_url.split("/", 3)
        edge = _edge(host)
        request.full_url = f"{edge.url}/{path}"
        for name, value in edge.headers.items():
            request.add_header(name, value)
        return send(request)

    module._send = send_through_edge
    module.POLL = 0.2
    module._READS, module._LOOKS = 600, 250  # the same time as on AWS: this machine may be slow


def _patch_smoke_socket(module: Any) -> None:
    import websocket

    def connect_through_edge(url: str, token: str) -> Any:
        _, _, host, path = url.split("/", 3)
        edge = _edge(host)
        return websocket.create_connection(
            edge.socket_url(f"/{path}"), header=edge.headers, subprotocols=[token], timeout=module._TIMEOUT
        )

    module.connect = connect_through_edge


def _patch_sockets(module: Any) -> None:
    def connections(api_id: str, _: Any, stage: str) -> str:
        return f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{api_id}/{stage}"

    module.connections = connections


def _patch_bundle(module: Any) -> None:
    make = module.make

    def make_once(file: Path, architecture: str | None = None) -> None:
        if not file.exists():
            make(file, architecture)

    module.make = make_once


def _patch_polling(module: Any) -> None:
    module.POLL = 0.02


def _patch_functions(module: Any) -> None:
    match = module._match_esm_filter

    def match_absent(record: dict[str, Any], pattern: dict[str, Any]) -> Any:
        absent: dict[str, Any] = {name: {} for name, inner in pattern.items() if isinstance(inner, dict)}
        return match(absent | record, pattern)

    module._match_esm_filter = match_absent
    module._LAMBDA_STATE_TRANSITION_DELAY = 0


def _patch_runtime(module: Any) -> None:
    import_module("unpacking").patch(module)
    import_module("forking").patch(module)


def _patch_permissions(module: Any) -> None:
    enforce, file = module.enforce, os.environ.get("E2E_CHECKS")
    if file is None:
        return
    checks = Path(file).open("a", buffering=1)  # noqa: SIM115  # for as long as MiniStack runs

    def noted(access_key: str, action: str, *more: Any, **named: Any) -> Any:
        denied = enforce(access_key, action, *more, **named)
        if access_key.startswith(_FUNCTION):
            checks.write(f"{'denied' if denied else 'granted'} {action} {named.get('resource_arn', '*')}\n")
        return denied

    module.enforce = noted


def _patch_gateway(module: Any) -> None:
    import_module("swagger").patch(module)


class _Preflight(str):
    """A method that is equal to none, so that MiniStack looks for the route `$default`."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, _: object) -> bool:
        return False


def _patch_http_apis(module: Any) -> None:
    handle = module._handle_execute_in_scope

    async def handle_preflights(api_id: str, stage: str, path: str, method: str, *more: Any) -> Any:
        is_passed_on = method == "OPTIONS" and not module._apis.get(api_id, {}).get("corsConfiguration")
        return await handle(api_id, stage, path, _Preflight(method) if is_passed_on else method, *more)

    module._handle_execute_in_scope = handle_preflights
    import_module("websockets").patch(module)


def _patch_cloudformation(module: Any) -> None:
    import_module("budgets").patch(module)


meta_path.insert(
    0,
    _Finder(
        {
            "botocore.client": _patch_calls,
            "botocore.waiter": _patch_waiters,
            "ops.deployment.cloudformation": _patch_polling,
            "ops.deployment.mappings": _patch_polling,
            "ops.deployment.transition": _patch_polling,
            "ops.deployment.smoke": _patch_smoke_check,
            "ops.deployment.smoke_socket": _patch_smoke_socket,
            "ops.deployment.sockets": _patch_sockets,
            "ops.packaging.bundle": _patch_bundle,
            "ministack.core.iam_evaluator": _patch_permissions,
            "ministack.core.lambda_runtime": _patch_runtime,
            "ministack.services.apigateway": _patch_http_apis,
            "ministack.services.apigateway_v1": _patch_gateway,
            "ministack.services.cloudformation.provisioners": _patch_cloudformation,
            "ministack.services.lambda_svc": _patch_functions,
        }
    ),
)
