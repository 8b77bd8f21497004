"""What MiniStack's WebSocket APIs lack: what `$connect` responds, and a stage that has to be deployed."""

from contextvars import ContextVar
from typing import Any

_CONNECT = "CONNECT"
_REFUSED = 1008
"""The code with which MiniStack closes a connection that `$connect` refuses; it responds 403 to that."""
_response: ContextVar[dict[str, Any]] = ContextVar("response")
"""The response of `$connect` to the handshake that a task serves."""


def patch(gateway: Any) -> None:
    """Patch MiniStack's API Gateway (version 2).

    A handshake is answered with the status and the subprotocol of the function's response. A stage without a deployment
    refuses it with 403, as AWS does.
    """
    invoke, handle = gateway._invoke_ws_lambda, gateway.handle_websocket

    async def invoke_noting(
        api: str, account: str, region: str, route: Any, stage: str, *more: Any, **named: Any
    ) -> Any:
        is_connect = more[1] == _CONNECT
        stages = gateway._stages.get_scoped(account, region, api, {})
        if is_connect and "deploymentId" not in stages.get(stage, {}):
            response: Any = {"statusCode": 403}
        else:
            response = await invoke(api, account, region, route, stage, *more, **named)
        if is_connect:
            _response.set(response or {})
        return response

    async def handle_responding(scope: Any, receive: Any, send: Any, *more: Any, **named: Any) -> None:
        async def send_response(message: dict[str, Any]) -> None:
            response = _response.get({})
            headers = {name.lower(): value for name, value in (response.get("headers") or {}).items()}
            if message["type"] == "websocket.accept":
                await send({**message, "subprotocol": headers.get("sec-websocket-protocol")})
            elif message["type"] == "websocket.close" and message.get("code") == _REFUSED and response:
                start = {"type": "websocket.http.response.start", "status": response["statusCode"], "headers": []}
                await send(start)
                await send({"type": "websocket.http.response.body", "body": b""})
            else:
                await send(message)

        await handle(scope, receive, send_response, *more, **named)

    gateway._invoke_ws_lambda, gateway.handle_websocket = invoke_noting, handle_responding
