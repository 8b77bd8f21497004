"""The front stack's part for WebSockets: a second origin, and a function that rewrites the path.

Clients connect to `/api/v1/streaming` on the instance's own host: most of them drop any other path of the announced
address. A WebSocket API accepts connections at its stage only, `/<stage>`, and CloudFront's `OriginPath` can put
something before a path but not replace it. So a CloudFront Function does, at $0.10 a million connects.

Requests that are not for a WebSocket get the API's answer from that function: API Gateway's would be a 403 with a text
of its own. A function does not see `Upgrade`, so it goes by `Sec-WebSocket-Key`, which every handshake has.
"""

import json

from chalicelib import http_api as requests
from chalicelib.api import CORS, PRIVATE
from ops.deployment.naming import Template, named_worldwide

API = "SocketsApi"
"""Name of the parameter with the id of the WebSocket API."""
FUNCTION = "StreamingPath"
"""Name of the function within the template."""
POLICY = "Handshakes"
"""Name of the origin request policy within the template."""
ORIGIN = "sockets"
"""Id of the origin."""
PATHS = ("/api/v1/streaming", "/api/v1/streaming/")
SENT = (
    requests.VIEWER,
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Extensions",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Version",
)
"""Headers that CloudFront sends to the WebSocket API, besides Authorization: "Using WebSockets with CloudFront
distributions" in its Developer Guide, and the client's address."""
_TEXT = "Server-sent events are not supported. Open a WebSocket at this address instead."
"""As the API says it for the paths below, except that the function does not know the instance's own address."""
_RUNTIME = "cloudfront-js-2.0"
_CODE = """\
function handler(event) {
    var request = event.request;
    if (request.headers["sec-websocket-key"]) {
        request.uri = "/STAGE";
        return request;
    }
    return ANSWER;
}
"""


def parameters() -> dict[str, Template]:
    """Return the parameters of this part."""
    return {API: {"Type": "String", "MinLength": 1, "Description": "Id of the WebSocket API"}}


def code(stage: str) -> str:
    """Return the function's program.

    Args:
        stage: the stage of the WebSocket API, or the template's expression for it.
    """
    return _CODE.replace("STAGE", stage).replace("ANSWER", json.dumps(_answer()))


def function() -> Template:
    """Return the function as a CloudFormation resource."""
    properties = {
        "Name": named_worldwide("streaming-path"),
        "AutoPublish": True,
        "FunctionCode": {"Fn::Sub": code("${Stage}")},
        "FunctionConfig": {"Comment": "Leads WebSockets to their API", "Runtime": _RUNTIME},
    }
    return {"Type": "AWS::CloudFront::Function", "Properties": properties}


def association() -> Template:
    """Return what a cache behaviour needs to run the function on each request."""
    arn = {"Fn::GetAtt": [FUNCTION, "FunctionARN"]}
    return {"FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": arn}]}


def _answer() -> Template:
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": PRIVATE}
    headers |= CORS.get_access_control_headers()
    return {
        "statusCode": 404,
        "statusDescription": "Not Found",
        "headers": {name.lower(): {"value": value} for name, value in headers.items()},
        "body": json.dumps({"error": _TEXT}),
    }
