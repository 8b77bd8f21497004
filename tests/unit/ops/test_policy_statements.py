"""The policies grant calls on tables, streams, queues, WebSockets, logs and traces, and nothing else."""

import pytest

from ops.deployment import functions
from tests.support.permissions import TABLES, others, statements

_QUEUE = "arn:aws:sqs:*:*:fstream-*-live"
_ANNOUNCE = ("sqs:SendMessage", _QUEUE)
_LETTER = ("sqs:SendMessage", "arn:aws:sqs:*:*:fstream-*-dead-letters")
_READ = {(f"sqs:{call}", _QUEUE) for call in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")}
_CLOSE, _SEND = (
    ("execute-api:ManageConnections", f"arn:aws:execute-api:*:*:*/*/{verb}/@connections/*")
    for verb in ("DELETE", "POST")
)
LIVE = {
    functions.API: {_ANNOUNCE, _CLOSE},
    "fan_out": {_ANNOUNCE, _LETTER},
    "views": {_ANNOUNCE, _LETTER},
    "on_relationship": {_ANNOUNCE, _LETTER, _CLOSE},
    "on_reaction": {_ANNOUNCE, _LETTER},
    functions.CONNECT: {_ANNOUNCE, _CLOSE},
    functions.MESSAGE: {_ANNOUNCE, _CLOSE, _SEND},
    "websocket_disconnect": set(),
    functions.LIVE: {_CLOSE, _SEND, *_READ},
}
"""What each function may do with queues and connections. Tokens end in some, and their WebSockets with them."""


@pytest.mark.parametrize("function", functions.ALL)
def test_beside_the_tables_and_streams_a_function_may_log_trace_and_use_queues_and_connections(function: str) -> None:
    log = f"arn:aws:logs:*:*:log-group:/aws/lambda/{functions.function_name('fstream-*', function)}"
    beside = {grant for grant in others(function) if not grant[0].startswith("dynamodb:")}
    assert beside == LIVE[function] | {
        ("logs:CreateLogStream", f"{log}:log-stream:*"),
        ("logs:PutLogEvents", f"{log}:log-stream:*"),
        ("xray:PutTelemetryRecords", "*"),
        ("xray:PutTraceSegments", "*"),
    }
    reading = {action for action, _ in others(function) if action.startswith("dynamodb:")}
    assert len(reading) == (4 if function in functions.STREAMING else 0)


@pytest.mark.parametrize(
    ("function", "table"),
    [
        ("fan_out", "messages"),
        ("views", "messages"),
        ("on_relationship", "relationships"),
        ("on_reaction", "reactions"),
    ],
)
def test_lambda_may_read_a_functions_stream_and_write_its_dead_letters(function: str, table: str) -> None:
    # Lambda uses the function's role: "Execution role permissions" in "Using AWS Lambda with Amazon DynamoDB".
    assert others(function) >= {
        ("dynamodb:DescribeStream", f"{TABLES}{table}/stream/*"),
        ("dynamodb:GetRecords", f"{TABLES}{table}/stream/*"),
        ("dynamodb:GetShardIterator", f"{TABLES}{table}/stream/*"),
        ("dynamodb:ListStreams", f"{TABLES}{table}/stream/*"),
        ("sqs:SendMessage", "arn:aws:sqs:*:*:fstream-*-dead-letters"),
    }


@pytest.mark.parametrize("function", functions.ALL)
def test_nothing_but_tables_is_granted_under_a_condition_and_no_action_has_a_wildcard(function: str) -> None:
    for statement in statements(function):
        assert statement["Effect"] == "Allow"
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert not any("*" in action for action in statement["Action"])
