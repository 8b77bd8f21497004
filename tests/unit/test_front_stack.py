"""The front stack's template: one way in, nothing kept at the edge that must be gone, alarms that are heard."""

import json
from typing import Any

import pytest

from fstream_app import tables
from ops.deployment import data_stack, front_stack, functions

RESOURCES = front_stack.template()["Resources"]
DISTRIBUTION = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
BEHAVIOURS = [DISTRIBUTION["DefaultCacheBehavior"], *DISTRIBUTION["CacheBehaviors"]]
ALARMS = {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == "AWS::CloudWatch::Alarm"}


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda behaviour: behaviour.get("PathPattern", "default"))
def test_everything_is_encrypted_on_its_way(behaviour: dict[str, Any]) -> None:
    assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
    (origin,) = DISTRIBUTION["Origins"]
    assert origin["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}
    own = DISTRIBUTION["ViewerCertificate"]["Fn::If"][1]
    assert own["MinimumProtocolVersion"] == "TLSv1.2_2021"


def test_the_edge_keeps_nothing_but_what_anybody_may_see_and_for_as_long_as_it_is_told() -> None:
    # The id is that of AWS's policy CachingDisabled.
    assert BEHAVIOURS[0]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert {each["PathPattern"] for each in BEHAVIOURS[1:]} == {
        "/", "/@*", "/avatars/*", "/docs", "/docs/*", "/openapi.json",
    }  # fmt: skip
    policy = RESOURCES["PublicPages"]["Properties"]["CachePolicyConfig"]
    assert (policy["MinTTL"], policy["DefaultTTL"]) == (0, 0)
    key = policy["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"]["Headers"] == ["Authorization"]


@pytest.mark.parametrize("code", [400, 403, 404, 405, 414, 500, 502, 503, 504])
def test_the_edge_keeps_no_error(code: int) -> None:
    assert {"ErrorCode": code, "ErrorCachingMinTTL": 0} in DISTRIBUTION["CustomErrorResponses"]


def test_the_key_is_shown_to_nobody_and_stands_nowhere_in_the_template() -> None:
    parameter = front_stack.template()["Parameters"][front_stack.ORIGIN_KEY]
    assert parameter["NoEcho"] is True
    assert "Default" not in parameter
    assert front_stack.ORIGIN_KEY not in json.dumps(front_stack.template()["Outputs"])


def test_every_function_is_watched() -> None:
    watched = {
        (alarm["MetricName"], dimension["Value"]["Fn::Sub"])
        for alarm in ALARMS.values()
        for dimension in alarm["Dimensions"]
        if dimension["Name"] == "FunctionName"
    }
    for name in functions.ALL:
        function = functions.function_name("${App}-${Stage}", name)
        assert {("Errors", function), ("Throttles", function)} <= watched
    for name in functions.STREAMING:
        assert ("IteratorAge", f"${{App}}-${{Stage}}-{name}") in watched


def test_dead_letters_throttled_tables_errors_and_slowness_are_watched() -> None:
    metrics = {alarm["MetricName"] for alarm in ALARMS.values()}
    assert metrics >= {
        "ApproximateNumberOfMessagesVisible", "ReadThrottleEvents", "WriteThrottleEvents", "5XXError", "Latency",
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
    assert {"Posts and deletions", "Deliveries", "Home: remembered, pulled", "Fan-out lag"} <= set(titles)
    names = {f"${{App}}-${{Stage}}-{data_stack.short_name(model)}" for model in tables.ALL}
    shown = [metric for widget in body["widgets"] for metric in widget["properties"].get("metrics", ())]
    assert {metric[3] for metric in shown if metric[0] == "AWS/DynamoDB"} <= names
