"""The policies grant calls on tables, streams, logs, traces and dead letters, closing WebSockets, and nothing else."""

import pytest

from ops.deployment import functions
from tests.support.permissions import TABLES, others, statements


@pytest.mark.parametrize("function", functions.ALL)
def test_beside_the_tables_a_function_may_log_and_trace(function: str) -> None:
    log = f"arn:aws:logs:*:*:log-group:/aws/lambda/{functions.function_name('fstream-*', function)}"
    assert others(function) >= {
        ("logs:CreateLogStream", f"{log}:log-stream:*"),
        ("logs:PutLogEvents", f"{log}:log-stream:*"),
        ("xray:PutTelemetryRecords", "*"),
        ("xray:PutTraceSegments", "*"),
    }
    more = {"api_handler": 1, "on_relationship": 6}.get(function, 5)
    assert len(others(function)) == 4 + more


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
def test_a_function_that_ends_tokens_may_close_sockets_and_send_nothing_to_them(function: str) -> None:
    close = ("execute-api:ManageConnections", "arn:aws:execute-api:*:*:*/*/DELETE/@connections/*")
    granted = {grant for grant in others(function) if grant[0].startswith("execute-api:")}
    assert granted == ({close} if function in {functions.API, "on_relationship"} else set())


@pytest.mark.parametrize("function", functions.ALL)
def test_nothing_but_tables_is_granted_under_a_condition_and_no_action_has_a_wildcard(function: str) -> None:
    for statement in statements(function):
        assert statement["Effect"] == "Allow"
        assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
        assert not any("*" in action for action in statement["Action"])
