"""The alarms: conditions that need an operator. `docs/operations.md` says what to do about each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.observation import DIMENSIONS, NAMESPACE
from fstream_app.core.metrics import Metric
from ops import event_sources
from ops.deployment import functions, http_api
from ops.deployment.naming import PREFIX, Template, named

_PERIOD = 300


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm that rings when a metric, taken over five minutes, exceeds a threshold."""

    name: str
    description: str
    """The problem, and what to look at; the text of the alarm's e-mail."""
    metric: str
    """Namespace and name, separated by a slash."""
    dimensions: Template
    threshold: float
    statistic: str = "Sum"
    periods: int = 1
    """Number of consecutive periods of five minutes in which the metric must exceed the threshold."""

    def resource(self) -> Template:
        """Return the alarm as a CloudFormation resource."""
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
            # Without activity the metric has no data, which is not a problem.
            "TreatMissingData": "notBreaching",
            "AlarmActions": topic,
            "OKActions": topic,
        }
        return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def resources(*, streaming: bool) -> dict[str, Template]:
    """Return the resources of the alarms, and of the topic that mails them if an address is set.

    Args:
        streaming: whether the stage has live streaming.
    """
    made = [*_of_functions(), *_of_streams(), *_of_tables(), *_of_api(), *(_of_streaming() if streaming else ())]
    return {alarm.name: alarm.resource() for alarm in made} | {"AlarmTopic": _topic()}


def _of_functions() -> Iterator[Alarm]:
    for function in functions.running(streaming=False):
        dimensions, name = _function(function), functions.logical_name(function)
        yield _errors(function)
        throttled = f"The function {function} has reached its concurrency. Raise it, or the account's quota."
        yield Alarm(f"{name}Throttles", throttled, "AWS/Lambda/Throttles", dimensions, 5)


def _of_streams() -> Iterator[Alarm]:
    for function in functions.STREAMING:
        late = f"Stream records wait for {function} for more than a minute. See the function's errors and throttles."
        name = f"{functions.logical_name(function)}Lag"
        yield Alarm(name, late, "AWS/Lambda/IteratorAge", _function(function), 60_000, statistic="Maximum")
    given_up = (
        "Functions gave up on stream records. See their logs, then run `python -m ops redrive`: the stream keeps the "
        "records for another 18 hours."
    )
    visible = "AWS/SQS/ApproximateNumberOfMessagesVisible"
    yield Alarm("DeadLetter", given_up, visible, {"QueueName": named("dead-letters")}, 0, statistic="Maximum")


def _of_tables() -> Iterator[Alarm]:
    # FSTREAM's own metric: it has the conflicts of transactions, and covers all tables and indexes in one alarm. AWS's
    # metrics would need three alarms for each of them.
    busy = "DynamoDB refuses calls because a table, an index or an item is busy. See this alarm in docs/operations.md."
    dimensions: Template = {name: {"Ref": name} for name in DIMENSIONS}
    yield Alarm("DatabaseThrottles", busy, f"{NAMESPACE}/{Metric.THROTTLES}", dimensions, 50)


def _of_api() -> Iterator[Alarm]:
    api: Template = {"ApiId": {"Ref": http_api.API}}
    failed = "The API returns 5xx. See the log of its function."
    yield Alarm("ServerErrors", failed, "AWS/ApiGateway/5xx", api, 5)
    slow = "For 15 minutes, 1 % of requests have taken more than 3 seconds. See the dashboard and the log."
    yield Alarm("Slow", slow, "AWS/ApiGateway/Latency", api, 3_000, statistic="p99", periods=3)


def _of_streaming() -> Iterator[Alarm]:
    # An alarm costs $0.10 a month. Without these, a stage loses only what clients then poll for: so there is none for
    # the end of connections, and the last one covers the throttles of `live`.
    yield from map(_errors, (functions.CONNECT, functions.MESSAGE, functions.LIVE))
    late = "Live events wait for more than a minute. See the errors and throttles of the function live."
    age, queue = "AWS/SQS/ApproximateAgeOfOldestMessage", {"QueueName": named(event_sources.LIVE.queue)}
    yield Alarm("LiveLag", late, age, queue, 60, statistic="Maximum")


def _errors(function: str) -> Alarm:
    failed = f"The function {function} fails. See its log."
    return Alarm(f"{functions.logical_name(function)}Errors", failed, "AWS/Lambda/Errors", _function(function), 5)


def _function(name: str) -> Template:
    return {"FunctionName": {"Fn::Sub": functions.function_name(PREFIX, name)}}


def _topic() -> Template:
    return {
        "Type": "AWS::SNS::Topic",
        "Condition": "HasAlarmEmail",
        "Properties": {
            "TopicName": named("alarms"),
            "Subscription": [{"Protocol": "email", "Endpoint": {"Ref": "AlarmEmail"}}],
        },
    }
