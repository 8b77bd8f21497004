"""The way of WebSockets through CloudFront: their own origin, and a function that leads handshakes there."""

import json
import shutil
import subprocess
from fnmatch import fnmatchcase
from typing import Any

import pytest

from chalicelib import http_api
from ops.deployment import front_sockets, front_stack

TEMPLATE = front_stack.template()
DISTRIBUTION = TEMPLATE["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
BEHAVIOURS = DISTRIBUTION["CacheBehaviors"]
PATHS = ["/api/v1/streaming", "/api/v1/streaming/"]
HANDSHAKE = {"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol"}
PROGRAM = "const events = {events};\n{code}\nconsole.log(JSON.stringify(events.map(handler)));"


def behaviour(path: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in BEHAVIOURS if fnmatchcase(path, each["PathPattern"]))
    return found


def answers(*requests: dict[str, Any]) -> list[dict[str, Any]]:
    """Run the function in node, as CloudFront would, and return what it makes of requests."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    events = json.dumps([{"version": "1.0", "request": request} for request in requests])
    program = PROGRAM.format(events=events, code=front_sockets.code("prod"))
    ran = subprocess.run([node, "-e", program], capture_output=True, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(ran.stdout)
    return found


def test_a_handshake_is_led_to_the_stage_with_its_query_and_other_requests_get_an_error_of_the_api() -> None:
    query = {"stream": {"value": "user"}, "access_token": {"value": "x"}}
    headers = {"sec-websocket-key": {"value": "dGhlIHNhbXBsZQ=="}, "host": {"value": "d1.cloudfront.net"}}
    request = {"method": "GET", "uri": PATHS[0], "querystring": query, "cookies": {}}
    led, refused = answers({**request, "headers": headers}, {**request, "headers": {}})
    assert led == {**request, "headers": headers, "uri": "/prod"}
    assert refused["statusCode"] == 404
    assert json.loads(refused["body"])["error"]
    assert refused["headers"]["content-type"] == {"value": "application/json; charset=utf-8"}
    assert refused["headers"]["cache-control"] == {"value": "private, no-store"}
    assert refused["headers"]["access-control-allow-origin"] == {"value": "*"}


def test_the_function_is_small_enough_and_published() -> None:
    # "Quotas on CloudFront Functions": 10 KB.
    assert len(front_sockets.code("a" * 16)) < 10_240
    properties = TEMPLATE["Resources"]["StreamingPath"]["Properties"]
    assert properties["AutoPublish"] is True
    assert properties["FunctionCode"] == {"Fn::Sub": front_sockets.code("${Stage}")}
    assert front_sockets.code("${Stage}").count("${") == 1


@pytest.mark.parametrize("path", PATHS)
def test_sockets_have_their_own_origin_which_gets_what_a_handshake_consists_of(path: str) -> None:
    found = behaviour(path)
    origins = {each["Id"]: each for each in DISTRIBUTION["Origins"]}
    origin = origins[found["TargetOriginId"]]
    assert origin["DomainName"]["Fn::Sub"].startswith("${SocketsApi}.execute-api.")
    assert origin["OriginCustomHeaders"] == origins["api"]["OriginCustomHeaders"]
    (function,) = found["FunctionAssociations"]
    assert function == {"EventType": "viewer-request", "FunctionARN": {"Fn::GetAtt": ["StreamingPath", "FunctionARN"]}}
    sent = TEMPLATE["Resources"][found["OriginRequestPolicyId"]["Ref"]]["Properties"]["OriginRequestPolicyConfig"]
    assert sent["HeadersConfig"]["HeaderBehavior"] == "whitelist"
    assert HANDSHAKE | {http_api.VIEWER} <= set(sent["HeadersConfig"]["Headers"])
    assert "Host" not in sent["HeadersConfig"]["Headers"]  # API Gateway answers to its own host only
    assert sent["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    # Authorization can only be sent as a part of the cache's key.
    assert found["CachePolicyId"] == {"Ref": "Answers"}


@pytest.mark.parametrize("path", ["/api/v1/streaming/user", "/api/v1/streaming/health", "/api/v1/streamings"])
def test_other_paths_are_the_apis(path: str) -> None:
    assert not [each for each in BEHAVIOURS if fnmatchcase(path, each["PathPattern"])]


def test_without_live_streaming_nothing_of_it_is_deployed() -> None:
    without = front_stack.template(streaming=False)
    (origin,) = without["Resources"]["Distribution"]["Properties"]["DistributionConfig"]["Origins"]
    assert origin["Id"] == "api"
    text = json.dumps(without).lower()
    for word in ("socket", "streamingpath", "-live", "cloudfront::function"):
        assert word not in text
    assert set(TEMPLATE["Resources"]) - set(without["Resources"]) == {
        "StreamingPath", "Handshakes", "LiveErrors", "LiveLag", "WebsocketConnectErrors", "WebsocketMessageErrors",
    }  # fmt: skip
