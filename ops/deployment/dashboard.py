"""The dashboard: people's activity, its cost, and response times.

FSTREAM's own metrics are those that the functions write into their logs (`fstream_app.core.metrics`); all others come
from AWS. A metric appears once it has been counted for the first time.

Three dashboards with at most 50 metrics each are free, so it leaves out what an alarm covers.
"""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.observation import DIMENSIONS, NAMESPACE
from fstream_app.core.metrics import Metric
from ops.deployment import front_sockets, functions, http_api
from ops.deployment.naming import PREFIX, Template, named_worldwide

_WIDTH, _HEIGHT = 8, 6
_COLUMNS = 24 // _WIDTH
_PERIOD = 300


def resource(*, streaming: bool) -> Template:
    """Return the dashboard as a CloudFormation resource.

    Args:
        streaming: whether the stage has live streaming.
    """
    widgets = [
        {
            "type": "metric",
            "x": number % _COLUMNS * _WIDTH,
            "y": number // _COLUMNS * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
            "properties": properties | {"region": "${AWS::Region}"},
        }
        for number, properties in enumerate([*_widgets(streaming=streaming), *(_live() if streaming else ())])
    ]
    body = {"Fn::Sub": json.dumps({"widgets": widgets})}
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": named_worldwide("overview"), "DashboardBody": body},
    }


def _widgets(*, streaming: bool) -> list[dict[str, Any]]:
    return [
        _domain("Posts and deletions", {"posted": Metric.POSTS, "deleted": Metric.DELETIONS}),
        _domain("Deliveries", {"entries written": Metric.DELIVERIES}),
        _domain(
            "Home entries: from memory, from tables", {"from memory": Metric.REMEMBERED, "from tables": Metric.PULLED}
        ),
        _lag("Fan-out lag", Metric.FAN_OUT_LAG),
        _lag("Views lag", Metric.VIEWS_LAG),
        _domain("Deliveries after timelines stopped waiting", {"messages": Metric.LATE_DELIVERIES}),
        _domain("Skipped relationships of unknown kinds", {"edges": Metric.UNKNOWN_EDGES}),
        _domain("Calls that DynamoDB refused because it was busy", {"attempts": Metric.THROTTLES}),
        _functions("Age of stream records", "IteratorAge", "Maximum", functions.STREAMING),
        _expired(),
        _api("Requests", {"all": "Count", "4xx": "4xx", "5xx": "5xx"}),
        _latency(),
        _functions("Concurrent functions", "ConcurrentExecutions", "Maximum", [functions.API]),
        _functions("Function errors", "Errors", "Sum", functions.running(streaming=streaming)),
        _units("Read units", "ConsumedReadCapacityUnits"),
        _units("Write units", "ConsumedWriteCapacityUnits"),
    ]


def _live() -> list[dict[str, Any]]:
    opened = ["AWS/ApiGateway", "ConnectCount", "ApiId", f"${{{front_sockets.API}}}", {"label": "connects"}]
    return [
        _graph("WebSockets opened", [opened], "Sum"),
        _domain("Live events", {"sent": Metric.LIVE_EVENTS, "missed": Metric.LIVE_MISSED}),
        _lag("Live lag", Metric.LIVE_LAG),
        _domain("Messages for which not all followers were looked at", {"messages": Metric.LIVE_CUT}),
    ]


def _graph(title: str, metrics: list[list[Any]], statistic: str) -> dict[str, Any]:
    return {"title": title, "metrics": metrics, "stat": statistic, "period": _PERIOD, "view": "timeSeries"}


def _domain(title: str, series: Mapping[str, Metric]) -> dict[str, Any]:
    metrics = [[NAMESPACE, metric, *_OWN, {"label": label}] for label, metric in series.items()]
    return _graph(title, metrics, "Sum")


_OWN = tuple(part for name in DIMENSIONS for part in (name, f"${{{name}}}"))
"""The dimensions of FSTREAM's metrics; their values are the template's parameters of the same names."""


def _lag(title: str, metric: Metric) -> dict[str, Any]:
    stats = ("p50", "p99", "Maximum")
    return _graph(title, [[NAMESPACE, metric, *_OWN, {"label": stat, "stat": stat}] for stat in stats], "p50")


def _expired() -> dict[str, Any]:
    name = "TimeToLiveDeletedItemCount"
    metrics = [["AWS/DynamoDB", name, "TableName", f"{PREFIX}-{table}", {"label": table}] for table in _EPHEMERAL]
    return _graph("Expired items removed by DynamoDB", metrics, "Sum")


_EPHEMERAL = ("messages",)


def _functions(title: str, metric: str, statistic: str, names: Any) -> dict[str, Any]:  # noqa: ANN401
    metrics = [
        ["AWS/Lambda", metric, "FunctionName", functions.function_name(PREFIX, name), {"label": name}] for name in names
    ]
    return _graph(title, metrics, statistic)


def _api(title: str, series: Mapping[str, str]) -> dict[str, Any]:
    metrics = [["AWS/ApiGateway", name, *_API, {"label": label}] for label, name in series.items()]
    return _graph(title, metrics, "Sum")


_API = ("ApiId", f"${{{http_api.API}}}")


def _latency() -> dict[str, Any]:
    metrics = [["AWS/ApiGateway", "Latency", *_API, {"label": stat, "stat": stat}] for stat in ("p50", "p95", "p99")]
    return _graph("Response time", metrics, "p99")


def _units(title: str, metric: str) -> dict[str, Any]:
    tables = ("users", "messages", "relationships", "heads", "log", "timelines", "notifications", "tokens")
    metrics = [["AWS/DynamoDB", metric, "TableName", f"{PREFIX}-{table}", {"label": table}] for table in tables]
    return _graph(title, metrics, "Sum")
