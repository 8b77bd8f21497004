"""The front stack's template: no way around CloudFront, no caching of what can expire, working alarms."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from msgspec.structs import fields

from app import app
from chalicelib import api, client, http_api, images, observation, openapi, public_pages
from chalicelib.api import AUTHORIZATION, Access
from chalicelib.layout import ACCOUNT
from fstream_app import tables
from fstream_app.core.metrics import Metric
from fstream_app.core.settings import Settings
from ops import event_sources
from ops.deployment import budget, front_stack, functions
from tests.unit.ops.production import ROOT

RESOURCES = front_stack.template()["Resources"]
DISTRIBUTION = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
BEHAVIOURS = [DISTRIBUTION["DefaultCacheBehavior"], *DISTRIBUTION["CacheBehaviors"]]
CACHE_POLICIES = {
    name: each["Properties"]["CachePolicyConfig"]
    for name, each in RESOURCES.items()
    if each["Type"] == "AWS::CloudFront::CachePolicy"
}
SHARED = [each for each in BEHAVIOURS[1:] if each["CachePolicyId"] != {"Ref": "Answers"}]
"""Those of what is the same for everybody."""
SOCKETS = [each for each in BEHAVIOURS if each["TargetOriginId"] == "sockets"]
"""Those of WebSockets: see test_front_sockets."""
OWN_HEADERS = [each for each in BEHAVIOURS[1:] if each["PathPattern"] in {f"{AUTHORIZATION}*", f"{ACCOUNT}*"}]
BLUEPRINTS = (client.api, public_pages.start, public_pages.api, images.api, openapi.describing([]))
PICTURES = {"/avatars/*", "/headers/*", "/icons/*", "/favicon.ico", "/apple-touch-icon.png"}
WITH_CORS, WITHOUT_CORS = "e61eb60c-9c35-4d20-a928-2b84e02af89c", "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""CORS-and-SecurityHeadersPolicy and SecurityHeadersPolicy ("Use managed response headers policies")."""
DOCUMENTED = {
    ("AWS/Lambda", "Errors", ("FunctionName",)),
    ("AWS/Lambda", "Throttles", ("FunctionName",)),
    ("AWS/Lambda", "IteratorAge", ("FunctionName",)),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName",)),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", ("QueueName",)),
    ("FSTREAM", "Throttles", ("App", "Stage")),
    ("AWS/ApiGateway", "5xx", ("ApiId",)),
    ("AWS/ApiGateway", "Latency", ("ApiId",)),
}
"""Metrics, from the developer guides of Lambda, SQS and API Gateway, and FSTREAM's own."""
ALARMS = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::Alarm"}


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.get("PathPattern", "default"))
def test_everything_is_encrypted_on_its_way(behaviour: dict[str, Any]) -> None:
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
    for origin in DISTRIBUTION["Origins"]:
        assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    own = DISTRIBUTION["ViewerCertificate"]["Fn::If"][1]
    assert own["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_the_edge_keeps_only_what_anybody_may_see_and_no_longer_than_allowed() -> None:
    assert {each["PathPattern"] for each in SHARED} == {
        "/", "/@*", "/about", "/docs", "/manifest.webmanifest", "/openapi.json", "/web/*", *PICTURES,
    }  # fmt: skip
    for policy in CACHE_POLICIES.values():
        assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)


def test_the_edge_never_gives_a_response_of_the_api_to_somebody_else() -> None:
    """Even if the function allowed to keep it, which it does not: see `api.PRIVATE`."""
    assert [each for each in BEHAVIOURS if each not in SHARED] == [BEHAVIOURS[0], *SOCKETS, *OWN_HEADERS]
    assert CACHE_POLICIES["Answers"]["MaxTTL"] == 1
    key = cache_key(BEHAVIOURS[0])
    assert key["CookiesConfig"] == {"CookieBehavior": "all"}
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    assert key["HeadersConfig"] == {"HeaderBehavior": "whitelist", "Headers": ["Accept", "Authorization"]}
    for policy in ("no-store", "private"):
        assert policy in api.PRIVATE


def sent(behaviour: dict[str, Any]) -> dict[str, Any]:
    """Return what CloudFront sends to the function besides the key of its cache."""
    policy = RESOURCES[behaviour["OriginRequestPolicyId"]["Ref"]]["Properties"]["OriginRequestPolicyConfig"]
    found: dict[str, Any] = policy
    return found


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.get("PathPattern", "default"))
def test_the_function_learns_who_calls(behaviour: dict[str, Any]) -> None:
    headers = sent(behaviour)["HeadersConfig"]
    assert headers["HeaderBehavior"] == "whitelist"
    assert "cloudfront-viewer-address" in headers["Headers"]
    # The quota of headers in a policy. These two are forbidden there: "Understand origin request policies".
    assert len(headers["Headers"]) <= 10
    assert not {"Authorization", "Accept-Encoding"} & set(headers["Headers"])


def test_every_header_that_the_code_reads_comes_through() -> None:
    source = "".join(file.read_text() for file in (ROOT / "chalicelib").rglob("*.py"))
    read = set(re.findall(r"""headers(?:\.get\(|\[)"([a-z-]+)["]""", source))
    assert {"authorization", "idempotency-key", "content-type"} <= read
    passed = {name.lower() for name in (*front_stack.SENT, *front_stack._KEYED)}
    # The function sets the first itself, and needs the second on a local server only; cookies have a policy, and
    # CloudFront sends the encodings that the policies of its cache allow.
    assert read - {"x-forwarded-for", "host", "cookie", "accept-encoding"} <= passed
    assert sent(BEHAVIOURS[0])["CookiesConfig"] == {"CookieBehavior": "all"}
    assert sent(BEHAVIOURS[0])["QueryStringsConfig"] == {"QueryStringBehavior": "all"}


def cache_key(behaviour: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a request that decides whether a cached response is given to it."""
    key: dict[str, Any] = CACHE_POLICIES[behaviour["CachePolicyId"]["Ref"]]["ParametersInCacheKeyAndForwardedToOrigin"]
    return key


@pytest.mark.parametrize("behaviour", SHARED, ids=lambda behaviour: behaviour["PathPattern"])
def test_neither_the_query_nor_a_token_makes_another_copy_of_what_is_the_same_for_everybody(
    behaviour: dict[str, Any],
) -> None:
    key = cache_key(behaviour)
    assert key["HeadersConfig"] == {"HeaderBehavior": "none"}
    assert key["CookiesConfig"] == {"CookieBehavior": "none"}
    query = key["QueryStringsConfig"]
    allowed = set(query["QueryStrings"]) if query["QueryStringBehavior"] == "whitelist" else set()
    routes = [route for blueprint in BLUEPRINTS for route in blueprint.routes if is_served_by(behaviour, route.path)]
    assert routes
    for route in routes:
        assert route.access is Access.ANYBODY  # tokens are ignored
        assert {field.encode_name for field in fields(route.parameters)} <= allowed
    if allowed:
        assert allowed == {field.encode_name for route in routes for field in fields(route.parameters)}


def is_served_by(behaviour: dict[str, Any], path: str) -> bool:
    """Return whether requests to a route of pages or pictures come to a behaviour. Names of people begin with `@`."""
    parts = path.strip("/").split("/")
    example = path.replace("{part1}", "@ada") if parts[0] == "{part1}" and len(parts) <= 2 else path
    return fnmatchcase(example, behaviour["PathPattern"])


@pytest.mark.parametrize(
    "path", [None, "/", "/@*", "/about", "/docs", "/manifest.webmanifest", "/openapi.json", "/web/*"]
)
def test_text_is_compressed_at_the_edge(path: str | None) -> None:
    """CloudFront compresses only with a cache policy that allows both encodings and a time to live above zero."""
    (behaviour,) = (each for each in BEHAVIOURS if each.get("PathPattern") == path)
    assert behaviour["Compress"] is True
    key = cache_key(behaviour)
    assert key["EnableAcceptEncodingBrotli"] is key["EnableAcceptEncodingGzip"] is True
    assert CACHE_POLICIES[behaviour["CachePolicyId"]["Ref"]]["MaxTTL"] > 0


def test_every_picture_and_nothing_else_is_kept_as_one() -> None:
    patterns = {each["PathPattern"] for each in BEHAVIOURS[1:] if each["CachePolicyId"] == {"Ref": "Pictures"}}
    assert patterns == PICTURES
    for path in app.routes:
        is_picture = any(fnmatchcase(path, pattern) for pattern in patterns)
        assert is_picture == (path in {route.path for route in images.api.routes}), path


@pytest.mark.parametrize("path", sorted(PICTURES))
def test_a_picture_is_kept_once_for_everybody(path: str) -> None:
    (behaviour,) = (each for each in BEHAVIOURS if each.get("PathPattern") == path)
    assert behaviour["CachePolicyId"] == {"Ref": "Pictures"}
    assert sent(behaviour)["HeadersConfig"]["Headers"] == ["cloudfront-viewer-address"]
    assert sent(behaviour)["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    assert sent(behaviour)["CookiesConfig"] == {"CookieBehavior": "none"}


@pytest.mark.parametrize("code", [400, 403, 404, 405, 414, 500, 502, 503, 504])
def test_the_edge_keeps_no_error(code: int) -> None:
    assert {"ErrorCode": code, "ErrorCachingMinTTL": 0} in DISTRIBUTION["CustomErrorResponses"]


def test_the_secret_is_shown_to_nobody_and_is_nowhere_in_the_template() -> None:
    parameter = front_stack.template()["Parameters"][front_stack.ORIGIN_SECRET]
    assert parameter["NoEcho"] is True
    assert "Default" not in parameter
    assert front_stack.ORIGIN_SECRET not in json.dumps(front_stack.template()["Outputs"])


def test_every_function_is_watched() -> None:
    watched = {
        (alarm["MetricName"], dimension["Value"]["Fn::Sub"])
        for alarm in ALARMS.values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    for name in functions.running(streaming=False):
        function = functions.function_name("${App}-${Stage}", name)
        assert {("Errors", function), ("Throttles", function)} <= watched
    for name in (functions.CONNECT, functions.MESSAGE):  # the others cost too much for what they say
        assert ("Errors", f"${{App}}-${{Stage}}-{name}") in watched
    # Events of a failed call of `live` are tried again, and stay in the queue for long enough to be noticed.
    source, threshold = event_sources.LIVE, ALARMS["LiveLag"]["Threshold"]
    assert source.visibility_timeout < threshold < source.retention
    for name in functions.STREAMING:
        assert ("IteratorAge", f"${{App}}-${{Stage}}-{name}") in watched


def test_dead_letters_throttled_tables_errors_and_slowness_are_watched() -> None:
    metrics = {alarm["MetricName"] for alarm in ALARMS.values()}
    assert metrics >= {
        "ApproximateNumberOfMessagesVisible", "Throttles", "5xx", "Latency",
    }  # fmt: skip
    assert ALARMS["Slow"]["ExtendedStatistic"] == "p99"


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS.keys())
def test_an_alarm_says_what_to_do_and_is_heard_if_there_is_anybody_to_hear_it(alarm: dict[str, Any]) -> None:
    assert len(alarm["AlarmDescription"]) > 20
    assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
    assert alarm["TreatMissingData"] == "notBreaching"


def test_the_dashboard_shows_what_there_is() -> None:
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    titles = [widget["properties"]["title"] for widget in body["widgets"]]
    assert {"Posts and deletions", "Deliveries", "Home entries: from memory, from tables", "Fan-out lag"} <= set(titles)
    names = {f"${{App}}-${{Stage}}-{model.base_name()}" for model in tables.ALL}
    shown = [metric for widget in body["widgets"] for metric in widget["properties"].get("metrics", ())]
    assert {metric[3] for metric in shown if metric[0] == "AWS/DynamoDB"} <= names


def test_the_dashboard_is_free() -> None:
    """Three dashboards are, with at most 50 metrics each: "Amazon CloudWatch Pricing"."""
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    assert len({tuple(part for part in metric if isinstance(part, str)) for metric in shown}) <= 50


def test_the_dashboard_shows_all_figures_of_the_domain_of_its_own_stage() -> None:
    body = json.loads(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"])
    shown = [metric for widget in body["widgets"] for metric in widget["properties"]["metrics"]]
    own = [metric for metric in shown if metric[0] == observation.NAMESPACE]
    assert {metric[1] for metric in own} == set(Metric)
    assert {tuple(metric[2:6]) for metric in own} == {("App", "${App}", "Stage", "${Stage}")}


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=ALARMS.keys())
def test_an_alarm_watches_a_figure_that_aws_has_with_these_dimensions(alarm: dict[str, Any]) -> None:
    dimensions = tuple(dimension["Name"] for dimension in alarm["Dimensions"])
    assert (alarm["Namespace"], alarm["MetricName"], dimensions) in DOCUMENTED
    assert ("Statistic" in alarm) != ("ExtendedStatistic" in alarm)


def test_nothing_else_is_made_and_nothing_is_reached_by_anybody_but_through_the_edge() -> None:
    assert {resource["Type"] for resource in RESOURCES.values()} == {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage",
        "AWS::Budgets::Budget",
        "AWS::CloudFront::CachePolicy",
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::Function",
        "AWS::CloudFront::OriginRequestPolicy",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::Permission",
        "AWS::SNS::Topic",
    }
    secret = {"HeaderName": http_api.SECRET, "HeaderValue": {"Ref": front_stack.ORIGIN_SECRET}}
    assert [origin["OriginCustomHeaders"] for origin in DISTRIBUTION["Origins"]] == [[secret], [secret]]
    assert {each["TargetOriginId"] for each in BEHAVIOURS} == {origin["Id"] for origin in DISTRIBUTION["Origins"]}


def test_the_http_api_passes_everything_on_and_answers_nothing_itself() -> None:
    """A response of its own could not have the API's form: an HTTP API's texts are fixed."""
    (route,) = (each for each in RESOURCES.values() if each["Type"] == "AWS::ApiGatewayV2::Route")
    assert route["Properties"]["RouteKey"] == "$default"
    integration = RESOURCES["HttpApiFunction"]["Properties"]
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert integration["IntegrationUri"]["Fn::Sub"].endswith(":function:${App}-${Stage}")
    assert "CorsConfiguration" not in RESOURCES["HttpApi"]["Properties"]


def test_nothing_that_is_sent_is_logged_on_its_way() -> None:
    """Access logs would have paths and addresses, and cost more than the function's line."""
    assert not {"AccessLogSettings", "AccessLogSetting"} & RESOURCES["HttpApiStage"]["Properties"].keys()
    assert "DetailedMetricsEnabled" not in RESOURCES["HttpApiStage"]["Properties"]["DefaultRouteSettings"]
    assert "Logging" not in DISTRIBUTION
    assert not any("RealtimeLogConfigArn" in behaviour for behaviour in BEHAVIOURS)


def test_the_function_ends_before_api_gateway_and_cloudfront_give_up() -> None:
    chalice = json.loads((ROOT / ".chalice" / "config.json").read_text())
    seconds = chalice["lambda_functions"]["api_handler"]["lambda_timeout"]
    assert seconds < RESOURCES["HttpApiFunction"]["Properties"].get("TimeoutInMillis", 30_000) / 1000
    origin = DISTRIBUTION["Origins"][0]
    assert seconds < origin["CustomOriginConfig"].get("OriginReadTimeout", 30)
    assert Settings().request_time < seconds


@pytest.mark.parametrize(
    "path", ["/api/v1/statuses", "/@ada", "/", "/avatars/x.png", "/nothing", AUTHORIZATION, ACCOUNT, "/account/recover"]
)
def test_responses_of_the_gateway_have_cors_headers_where_those_of_the_function_have_them(path: str) -> None:
    """A page of another site could not even read the status of a throttled request without."""
    cors = {any(entry.cors for entry in app.routes[path].values())} if path in app.routes else {True}
    for spelled in (path, f"{path}/"):
        behaviour = next((each for each in BEHAVIOURS[1:] if fnmatchcase(spelled, each["PathPattern"])), BEHAVIOURS[0])
        assert {behaviour["ResponseHeadersPolicyId"] == WITH_CORS} == cors
    assert {each["ResponseHeadersPolicyId"] for each in BEHAVIOURS} == {WITH_CORS, WITHOUT_CORS}


def test_only_this_api_may_call_the_function() -> None:
    permission = RESOURCES["HttpApiPermission"]["Properties"]
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["FunctionName"] == {"Fn::Sub": "${App}-${Stage}"}
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${AWS::AccountId}:${HttpApi}/*")


def test_alarms_are_mailed_if_there_is_an_address() -> None:
    topic = RESOURCES["AlarmTopic"]
    assert topic["Condition"] == "HasAlarmEmail"
    assert topic["Properties"]["Subscription"] == [{"Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}]


def test_api_gateway_accepts_no_more_requests_than_the_stage_says() -> None:
    throttle = RESOURCES["HttpApiStage"]["Properties"]["DefaultRouteSettings"]
    assert throttle == {"ThrottlingRateLimit": {"Ref": "Throttle"}, "ThrottlingBurstLimit": {"Ref": "Throttle"}}
    assert "Default" not in front_stack.template()["Parameters"]["Throttle"]


def test_the_alarm_address_is_mailed_before_and_when_the_budget_is_exceeded() -> None:
    made = RESOURCES["Budget"]
    assert made["Condition"] == "HasAlarmEmail"
    assert made["Properties"]["Budget"] == {
        "BudgetName": {"Ref": "BudgetName"},
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": {"Ref": "BudgetAmount"}, "Unit": "USD"},
    }
    notified = made["Properties"]["NotificationsWithSubscribers"]
    assert {(each["SubscriptionType"], each["Address"]["Ref"]) for one in notified for each in one["Subscribers"]} == {
        ("EMAIL", "AlarmEmail")
    }
    kinds = {(each["Notification"]["NotificationType"], each["Notification"]["Threshold"]) for each in notified}
    assert {("ACTUAL", 50), ("ACTUAL", 100), ("FORECASTED", 100)} == kinds


def test_a_budget_with_other_notifications_has_another_name_because_cloudformation_replaces_it() -> None:
    names = {budget.name("fstream-prod", "eu-central-1", address) for address in ("a@b.example", "c@b.example")}
    assert len(names) == 2
    assert all(name.startswith("fstream-prod-eu-central-1-") for name in names)


def test_a_budget_is_made_where_cloudformation_has_budgets() -> None:
    from cfnlint.helpers import REGIONS  # cfn-lint takes long to load
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError

    missing = {"cn-north-1", "cn-northwest-1"}  # whose currency is another
    for region in REGIONS:
        try:
            PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, "AWS::Budgets::Budget")
        except ResourceNotFoundError:
            missing.add(region)
    assert {region for region in REGIONS if not budget.exists_in(region)} == missing
    without = front_stack.template(with_budget=False)
    assert "Budget" not in json.dumps([without["Parameters"], without["Resources"]])


def test_what_is_named_worldwide_is_named_after_its_region() -> None:
    """CloudFront's policies and CloudWatch's dashboards belong to an account, not to a region."""
    names = [policy["Name"] for policy in CACHE_POLICIES.values()]
    names += [sent(behaviour)["Name"] for behaviour in BEHAVIOURS]
    names.append(RESOURCES["Dashboard"]["Properties"]["DashboardName"])
    assert all("${AWS::Region}" in name["Fn::Sub"] for name in names)
