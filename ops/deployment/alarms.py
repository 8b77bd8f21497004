"""The alarms: what somebody must look at. Whoever is told of them finds what to do in `docs/operations.md`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ops.deployment import functions
from ops.deployment.naming import PREFIX, Template, named

_HOT_TABLES = ("messages", "log", "timelines")
"""Tables in which many write to one partition, so these are the first that DynamoDB slows down."""
_PERIOD = 300


@dataclass(frozen=True, slots=True)
class Alarm:
    """That a figure of five minutes is above a threshold."""

    name: str
    description: str
    """What is the matter, and what to look at."""
    metric: str
    """Namespace and name."""
    dimensions: Template
    threshold: float
    statistic: str = "Sum"
    periods: int = 1
    """How many in a row must be above it."""

    def resource(self) -> Template:
        """Return the alarm in CloudFormation's words."""
        namespace, _, name = self.metric.rpartition("/")
        topic = {"Fn::If": ["HasAlarmEmail", [{"Ref": "AlarmTopic"}], {"Ref": "AWS::NoValue"}]}
        is_percentile = self.statistic.startswith("p")
        properties: dict[str, Any] = {
            "AlarmDescription": self.description,
            "Namespace": namespace,
            "MetricName": name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions.items()],
            "ExtendedStatistic" if is_percentile else "Statistic": self.statistic,
            "Period": _PERIOD,
            "EvaluationPeriods": self.periods,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": self.threshold,
            # Where nothing happens there is no figure, and nothing is wrong.
            "TreatMissingData": "notBreaching",
            "AlarmActions": topic,
            "OKActions": topic,
        }
        return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def resources() -> dict[str, Template]:
    """Return the alarms, and the topic that tells somebody of them if there is anybody to tell."""
    made = [*_of_functions(), *_of_streams(), *_of_tables(), *_of_api()]
    return {alarm.name: alarm.resource() for alarm in made} | {"AlarmTopic": _topic()}


def _of_functions() -> Iterator[Alarm]:
    for function in functions.ALL:
        dimensions, name = _function(function), _camel(function)
        yield Alarm(f"{name}Errors", "It fails. See its log.", "AWS/Lambda/Errors", dimensions, 5)
        throttled = "It has reached its concurrency. Raise it, or the account's quota."
        yield Alarm(f"{name}Throttles", throttled, "AWS/Lambda/Throttles", dimensions, 5)


def _of_streams() -> Iterator[Alarm]:
    for function in functions.STREAMING:
        late = "Records wait for more than a minute. See the function's errors and throttles."
        name = f"{_camel(function)}Lag"
        yield Alarm(name, late, "AWS/Lambda/IteratorAge", _function(function), 60_000, statistic="Maximum")
    given_up = "Records of a stream were given up. See the functions' logs; the stream has them for another 18 hours."
    visible = "AWS/SQS/ApproximateNumberOfMessagesVisible"
    yield Alarm("DeadLetter", given_up, visible, {"QueueName": named("dead-letters")}, 0, statistic="Maximum")


def _of_tables() -> Iterator[Alarm]:
    hot = "A partition is asked for more than it can give. Raise FSTREAM_LOG_SHARDS or FSTREAM_PUBLIC_SHARDS."
    for table in _HOT_TABLES:
        for kind in ("Read", "Write"):
            metric = f"AWS/DynamoDB/{kind}ThrottleEvents"
            yield Alarm(f"{table.capitalize()}{kind}Throttles", hot, metric, {"TableName": named(table)}, 20)


def _of_api() -> Iterator[Alarm]:
    api: Template = {"ApiName": {"Ref": "App"}, "Stage": {"Ref": "Stage"}}
    yield Alarm("ServerErrors", "It answers with 5xx. See the log of its function.", "AWS/ApiGateway/5XXError", api, 5)
    slow = "One request in a hundred takes more than 3 seconds, for a quarter of an hour. See the dashboard and X-Ray."
    yield Alarm("Slow", slow, "AWS/ApiGateway/Latency", api, 3_000, statistic="p99", periods=3)


def _function(name: str) -> Template:
    return {"FunctionName": {"Fn::Sub": functions.function_name(PREFIX, name)}}


def _camel(name: str) -> str:
    return name.title().replace("_", "")


def _topic() -> Template:
    return {
        "Type": "AWS::SNS::Topic",
        "Condition": "HasAlarmEmail",
        "Properties": {
            "TopicName": named("alarms"),
            "Subscription": [{"Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}],
        },
    }
