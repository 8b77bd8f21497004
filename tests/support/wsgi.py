"""The API as a WSGI application, for tools that call one: through the same local gateway as `make run`."""

from base64 import b64decode
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from chalice.config import Config
from chalice.local import LocalGateway, LocalGatewayException

from app import app

Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer a request."""
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    headers |= {"content-type": environ["CONTENT_TYPE"]} if environ.get("CONTENT_TYPE") else {}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or None
    query = environ.get("QUERY_STRING", "")
    path = environ["REQUEST_URI"].partition("?")[0] + (f"?{query}" if query else "")
    try:
        answer = LocalGateway(app, Config()).handle_request(environ["REQUEST_METHOD"], path, headers, body)
    except LocalGatewayException as error:
        answer = {"statusCode": error.CODE, "headers": dict(error.headers), "body": error.body or b""}
    content = answer["body"] or b""
    content = b64decode(content) if answer.get("isBase64Encoded") else content
    status = int(answer["statusCode"])
    start(f"{status} {HTTPStatus(status).phrase}", [(name, str(value)) for name, value in answer["headers"].items()])
    return [content if isinstance(content, bytes) else content.encode()]
