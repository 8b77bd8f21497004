"""The dashboard: what people do, what it costs, how long it takes. All of it are figures that AWS counts anyway.

DynamoDB tells of each table how often each of its operations was called, and as every access pattern has its table,
that is what people did: a PutItem on `messages` is a post, a BatchWriteItem on `log` a fan-out batch.
"""

import json
from collections.abc import Mapping
from typing import Any

from ops.deployment import functions
from ops.deployment.naming import PREFIX, Template, named

_WIDTH, _HEIGHT = 8, 6
_COLUMNS = 24 // _WIDTH
_PERIOD = 300


def resource() -> Template:
    """Return the dashboard in CloudFormation's words."""
    widgets = [
        {
            "type": "log" if "query" in properties else "metric",
            "x": number % _COLUMNS * _WIDTH,
            "y": number // _COLUMNS * _HEIGHT,
            "width": _WIDTH,
            "height": _HEIGHT,
            "properties": properties | {"region": "${AWS::Region}"},
        }
        for number, properties in enumerate(_widgets())
    ]
    body = {"Fn::Sub": json.dumps({"widgets": widgets})}
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": named("overview"), "DashboardBody": body},
    }


def _widgets() -> list[dict[str, Any]]:
    return [
        _calls("Posts and deletions", {"posted": "messages PutItem", "deleted": "messages DeleteItem"}),
        _calls("Deliveries", {"batches": "log BatchWriteItem", "views, notifications": "timelines BatchWriteItem"}),
        _calls("Home: remembered, pulled", {"tail refreshed": "log Query", "heads pulled": "heads BatchGetItem"}),
        _expired(),
        _functions("Fan-out lag", "IteratorAge", "Maximum", functions.STREAMING),
        _late(),
        _api("Requests", {"all": "Count", "refused": "4XXError", "failed": "5XXError"}),
        _latency(),
        _functions("Functions at the same time", "ConcurrentExecutions", "Maximum", functions.ALL),
        _functions("Failures of functions", "Errors", "Sum", functions.ALL),
        _units("Read units", "ConsumedReadCapacityUnits"),
        _units("Write units", "ConsumedWriteCapacityUnits"),
    ]


def _graph(title: str, metrics: list[list[Any]], statistic: str) -> dict[str, Any]:
    return {"title": title, "metrics": metrics, "stat": statistic, "period": _PERIOD, "view": "timeSeries"}


def _calls(title: str, series: Mapping[str, str]) -> dict[str, Any]:
    metrics = []
    for label, call in series.items():
        table, operation = call.split()
        dimensions = ["TableName", f"{PREFIX}-{table}", "Operation", operation]
        metrics.append(["AWS/DynamoDB", "SuccessfulRequestLatency", *dimensions, {"label": label}])
    return _graph(title, metrics, "SampleCount")


def _expired() -> dict[str, Any]:
    name = "TimeToLiveDeletedItemCount"
    metrics = [["AWS/DynamoDB", name, "TableName", f"{PREFIX}-{table}", {"label": table}] for table in _EPHEMERAL]
    return _graph("Expired and removed", metrics, "Sum")


_EPHEMERAL = ("messages", "timelines", "log")


def _functions(title: str, metric: str, statistic: str, names: Any) -> dict[str, Any]:  # noqa: ANN401
    metrics = [
        ["AWS/Lambda", metric, "FunctionName", functions.function_name(PREFIX, name), {"label": name}] for name in names
    ]
    return _graph(title, metrics, statistic)


def _late() -> dict[str, Any]:
    query = (
        f"SOURCE '/aws/lambda/{PREFIX}-fan_out' | filter @message like 'late deliveries' "
        "| parse @message 'late deliveries: *' as late | stats sum(late) by bin(5m)"
    )
    return {"title": "Delivered later than readers wait", "query": query, "view": "timeSeries"}


def _api(title: str, series: Mapping[str, str]) -> dict[str, Any]:
    metrics = [["AWS/ApiGateway", name, *_API, {"label": label}] for label, name in series.items()]
    return _graph(title, metrics, "Sum")


_API = ("ApiName", "${App}", "Stage", "${Stage}")


def _latency() -> dict[str, Any]:
    metrics = [["AWS/ApiGateway", "Latency", *_API, {"label": stat, "stat": stat}] for stat in ("p50", "p95", "p99")]
    return _graph("Time to answer", metrics, "p99")


def _units(title: str, metric: str) -> dict[str, Any]:
    tables = ("users", "messages", "relationships", "heads", "log", "timelines", "notifications", "tokens", "limits")
    metrics = [["AWS/DynamoDB", metric, "TableName", f"{PREFIX}-{table}", {"label": table}] for table in tables]
    return _graph(title, metrics, "Sum")
