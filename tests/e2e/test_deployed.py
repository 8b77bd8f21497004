"""A deployed FSTREAM, as its users see it, and the contents of the account."""

import json
import time

import pytest
import requests
from websocket import WebSocketBadStatusException

from chalicelib import http_api
from ops import event_sources
from ops.deployment import data_stack, functions, log_lines, sockets
from ops.event_sources import EventSource
from tests.e2e.deployment import PREFIX, STAGE, Cloud, DeployedSite
from tests.e2e.edge import address
from tests.support import pngs
from tests.support.site import eventually, in_time, unique


@pytest.fixture(scope="module")
def ada(site: DeployedSite) -> str:
    return site.sign_up(unique("ada"))


@pytest.fixture(scope="module")
def bob(site: DeployedSite, ada: str) -> str:
    """The token of Bob, who follows Ada."""
    token = site.sign_up(unique("bob"))
    site.post(f"/api/v1/accounts/{site.id_of(ada)}/follow", token)
    return token


def test_a_message_reaches_its_reader_through_the_stream(site: DeployedSite, ada: str, bob: str) -> None:
    posted = site.say(ada, "hello #deployed")
    assert posted["url"].startswith(f"https://{site.get('/api/v2/instance')['domain']}/@ada")
    assert eventually(lambda: posted["id"] in site.home(bob))
    # Only fan-out writes this timeline.
    assert eventually(lambda: site.ids("/api/v1/timelines/tag/deployed")) == [posted["id"]]


def test_people_are_notified_of_followers(site: DeployedSite, ada: str, bob: str) -> None:
    notifications = eventually(lambda: site.get("/api/v1/notifications", ada))
    assert [(each["type"], each["account"]["id"]) for each in notifications] == [("follow", site.id_of(bob))]


def test_a_deleted_message_is_gone(site: DeployedSite, ada: str, bob: str) -> None:
    posted = site.say(ada, "oops")["id"]
    assert eventually(lambda: posted in site.home(bob))
    assert site.request("DELETE", f"/api/v1/statuses/{posted}", ada).ok
    assert posted not in site.home(bob)
    assert site.request("GET", f"/api/v1/statuses/{posted}", bob).status_code == 404


def test_a_message_and_its_deletion_arrive_on_an_open_websocket(site: DeployedSite, ada: str, bob: str) -> None:
    opened = site.socket(bob)
    try:
        opened.send(json.dumps({"type": "subscribe", "stream": "user"}))
        time.sleep(1)  # functions remember for half a second that nobody was online
        posted = site.say(ada, "are you there?")["id"]
        update = json.loads(opened.recv())
        assert (update["stream"], update["event"]) == (["user"], "update")
        assert json.loads(update["payload"])["id"] == posted
        assert site.request("DELETE", f"/api/v1/statuses/{posted}", ada).ok
        assert json.loads(opened.recv()) == {"stream": ["user"], "event": "delete", "payload": posted}
        opened.send(json.dumps({"type": "subscribe", "stream": "nothing"}))
        assert json.loads(opened.recv())["status"] == 400
    finally:
        opened.shutdown()


def test_a_websocket_is_closed_with_its_token(site: DeployedSite) -> None:
    token = site.sign_up(unique("zed"))
    opened = site.socket(token)
    assert site.request("POST", "/oauth/revoke", json={"token": token, **site.application}).ok
    assert opened.recv() == ""
    assert not opened.connected
    opened.shutdown()
    with pytest.raises(WebSocketBadStatusException) as refused:
        site.socket(token)
    assert refused.value.status_code == 401


def test_a_websocket_around_cloudfront_is_refused(site: DeployedSite, ada: str) -> None:
    for headers in ({"Origin": "https://app.example"}, {http_api.SECRET: "guessed"}):
        with pytest.raises(WebSocketBadStatusException) as refused:
            site.socket(ada, **headers)
        assert refused.value.status_code in {401, 403}


def test_the_websocket_api_is_deployed_with_its_limits(cloud: Cloud, site: DeployedSite) -> None:
    client, api_id = cloud.client("apigatewayv2"), cloud.outputs("data")[data_stack.SOCKETS]
    (stage,) = client.get_stages(ApiId=api_id)["Items"]
    (deployment,) = client.get_deployments(ApiId=api_id)["Items"]
    assert (stage["StageName"], stage["DeploymentId"]) == (STAGE, deployment["DeploymentId"])
    assert stage["DefaultRouteSettings"] == sockets.settings("500")
    (mapping,) = cloud.event_source_mappings(functions.LIVE)
    wanted = event_sources.LIVE.parameters()
    assert {name: mapping.get(name) for name in wanted} == wanted


def test_an_expired_message_is_gone(site: DeployedSite, ada: str, bob: str) -> None:
    def post(seconds: int) -> tuple[str, list[str]]:
        status = site.say(ada, "brief", expires_in=seconds)["id"]
        # Bob's home shows what is delivered.
        assert eventually(lambda: status in site.home(bob), seconds=seconds) or seconds < 100
        return status, site.home(ada)

    (posted, home), _ = in_time(post, 3)
    assert posted in home
    assert eventually(lambda: posted not in site.home(ada), seconds=200)
    assert posted not in site.home(bob)


def test_an_account_that_is_deleted_is_gone(site: DeployedSite) -> None:
    token = site.sign_up(unique("eve"))
    number = site.id_of(token)
    site.say(token, "remember me")
    site.post("/api/pleroma/delete_account", token, password="correct horse")
    assert site.request("GET", f"/api/v1/accounts/{number}").status_code == 404


def test_a_removal_by_ttl_is_nothing_to_the_function(cloud: Cloud, site: DeployedSite, ada: str) -> None:
    posted = site.say(ada, "still here")
    keys = {"author_id": {"S": posted["account"]["id"]}, "id": {"S": posted["id"]}}
    record = {
        "eventName": "REMOVE",
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        "dynamodb": {"Keys": keys, "SequenceNumber": "1", "ApproximateCreationDateTime": 0},
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/messages/stream/x",
    }
    answer = cloud.client("lambda").invoke(
        FunctionName=f"{PREFIX}-fan_out", Payload=json.dumps({"Records": [record]}).encode()
    )
    assert json.load(answer["Payload"]) == {"batchItemFailures": []}
    assert posted["id"] in site.home(ada)


def test_browsers_may_call_it(site: DeployedSite) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = site.request("OPTIONS", "/api/v1/statuses", headers=asked)
    assert answer.ok
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", [f"/avatars/{'0' * 13}.png", f"/headers/{'0' * 13}.png", "/icons/32.png"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pictures_arrive_as_bytes(site: DeployedSite, method: str, path: str) -> None:
    answer = site.request(method, path, headers={"Accept": "text/html,*/*"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
    if method == "GET":
        pngs.decode(answer.content)
    missing = site.request("GET", "/avatars/x.png")
    assert (missing.status_code, missing.json()) == (404, {"error": "Picture not found"})


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/a/b/c/d/e/f/g/h/i/j/k/l"])
def test_what_is_not_there_is_a_404_that_browsers_may_read(site: DeployedSite, path: str) -> None:
    answer = site.request("GET", path)
    assert answer.status_code == 404
    assert answer.json()["error"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/timelines/home", 405), ("/api/v1", 404), ("/nothing/at/all", 404)]
)
def test_a_method_or_path_that_is_not_there_is_answered_without_the_token(
    site: DeployedSite, path: str, status: int
) -> None:
    answer = site.request("PATCH", path, headers={"Authorization": "Bearer wXyZ0123456789"})
    assert (answer.status_code, "wXyZ0123456789" in answer.text) == (status, False)


def test_the_secret_that_cloudfront_adds_is_that_of_the_function(cloud: Cloud, site: DeployedSite) -> None:
    client = cloud.client("lambda")
    variables = {
        name: client.get_function_configuration(FunctionName=functions.function_name(PREFIX, name))["Environment"]
        for name in functions.ALL
    }
    secrets = {name: found["Variables"].get("FSTREAM_ORIGIN_SECRET") for name, found in variables.items()}
    secret = site.edge.headers[http_api.SECRET]
    assert len(secret) >= 32
    having = {functions.API, functions.CONNECT}
    assert secrets == {name: secret if name in having else None for name in functions.ALL}


@pytest.mark.parametrize("headers", [{}, {http_api.SECRET: "guessed"}], ids=["no secret", "a wrong secret"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_nobody_gets_around_cloudfront(site: DeployedSite, method: str, headers: dict[str, str]) -> None:
    for path in ("/api/v2/instance", "/api/v1/timelines/home", "/", "/api/v1/nothing"):
        answer = requests.request(method, site.url + path, headers=headers, timeout=30)
        assert answer.status_code == 403
        assert "accepts requests from CloudFront only" in answer.json()["error"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_rest_api_of_chalice_answers_nobody_because_its_key_does_not_exist(
    cloud: Cloud, site: DeployedSite
) -> None:
    gateway = cloud.client("apigateway")
    assert gateway.get_api_keys()["items"] == []
    (api,) = gateway.get_rest_apis()["items"]
    url = address(cloud.engine.endpoint_url, api["id"], f"/{STAGE}")
    for headers in ({}, {"x-api-key": "guessed"}, site.edge.headers):
        assert requests.get(f"{url}/api/v2/instance", headers=headers, timeout=30).status_code == 403
    # The gateway itself responds to preflight requests, always in the same way.
    resources = gateway.get_resources(restApiId=api["id"], embed=["methods"], limit=500)
    methods = [each for resource in resources["items"] for each in resource.get("resourceMethods", {}).items()]
    assert {verb for verb, method in methods if not method["apiKeyRequired"]} == {"OPTIONS"}
    verbs = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "ANY"}
    assert {verb for verb, method in methods if method["apiKeyRequired"]} == verbs


def test_paths_cookies_and_queries_arrive_through_the_http_api(site: DeployedSite, ada: str) -> None:
    posted = site.say(ada, "ünï #größe")["id"]
    assert eventually(lambda: site.ids("/api/v1/timelines/tag/gr%C3%B6%C3%9Fe")) == [posted]
    assert site.ids("/api/v1/timelines/home/", ada)[0] == posted  # with a slash at the end
    number = site.id_of(ada)
    query = f"id[]={number}&id[]=0000000000000"
    assert number in [each["id"] for each in site.get(f"/api/v1/accounts/relationships?{query}", ada)]


@pytest.mark.parametrize("source", event_sources.ALL, ids=lambda source: str(source.function))
def test_each_stream_is_read_once_and_with_its_settings(cloud: Cloud, site: DeployedSite, source: EventSource) -> None:
    (mapping,) = cloud.event_source_mappings(source.function)
    wanted = source.parameters()
    assert {name: mapping[name] for name in wanted} == wanted
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == cloud.outputs("data")["DeadLettersArn"]


def test_there_is_one_of_everything(cloud: Cloud, site: DeployedSite) -> None:
    apis = cloud.client("apigateway").get_rest_apis()["items"]
    assert len(apis) == 1
    found_apis = {api["ApiId"] for api in cloud.client("apigatewayv2").get_apis()["Items"]}
    assert found_apis == {site.edge.api_id, cloud.outputs("data")[data_stack.SOCKETS]}
    found = sorted(function["FunctionName"] for function in cloud.client("lambda").list_functions()["Functions"])
    assert found == sorted(functions.function_name(PREFIX, name) for name in functions.ALL)


def test_functions_are_what_the_configuration_says(cloud: Cloud, site: DeployedSite) -> None:
    described = cloud.client("lambda").get_function_configuration(FunctionName=PREFIX)
    assert (described["MemorySize"], described["Timeout"]) == (1024, 29)
    assert described["TracingConfig"] == {"Mode": "PassThrough"}
    variables = described["Environment"]["Variables"]
    assert variables["FSTREAM_TRUSTED_PROXIES"] == "1"
    assert variables["FSTREAM_BASE_URL"] == f"https://{cloud.outputs('front')['Domain']}"
    assert "FSTREAM_ALARM_EMAIL" not in variables


@pytest.mark.parametrize("name", functions.ALL)
def test_lambda_itself_writes_no_lines_about_calls_that_succeed(cloud: Cloud, site: DeployedSite, name: str) -> None:
    found = cloud.client("lambda").get_function_configuration(FunctionName=functions.function_name(PREFIX, name))
    assert found["LoggingConfig"].items() >= log_lines.FORMAT.items()


def test_logs_are_kept_for_a_while(cloud: Cloud, site: DeployedSite) -> None:
    groups = cloud.client("logs").describe_log_groups()["logGroups"]
    kept = {group["logGroupName"]: group.get("retentionInDays") for group in groups}
    assert kept == {f"/aws/lambda/{functions.function_name(PREFIX, name)}": 30 for name in functions.ALL}
