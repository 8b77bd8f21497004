"""Lambda writes nothing about a call that succeeds, so that a log has one line for each request."""

from typing import Any

import pytest

from ops.deployment import configuration, functions, log_lines
from tests.support.lambdas import refusal
from tests.unit.ops.production import ROOT

TEXT = {"LogFormat": "Text", "LogGroup": "/aws/lambda/fstream-prod"}
DEPLOYMENT = configuration.load(ROOT, "prod")


class Lambda:
    """Functions by name. A function rejects changes until somebody has waited for the last one."""

    def __init__(self) -> None:
        names = [functions.function_name("fstream-prod", name) for name in functions.ALL]
        self.logging: dict[str, dict[str, str]] = {name: dict(TEXT) for name in names}
        self.busy: set[str] = set()

    def client(self, name: str) -> "Lambda":
        assert name == "lambda"
        return self

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803  # AWS's names
        return {"FunctionName": FunctionName, "LoggingConfig": self.logging[FunctionName]}

    def update_function_configuration(self, FunctionName: str, LoggingConfig: dict[str, str]) -> None:  # noqa: N803
        if FunctionName in self.busy:
            raise refusal("ResourceConflictException", "An update is in progress", "UpdateFunctionConfiguration")
        self.busy.add(FunctionName)
        self.logging[FunctionName] |= LoggingConfig

    def get_waiter(self, name: str) -> "Lambda":
        assert name == "function_updated_v2"
        return self

    def wait(self, FunctionName: str) -> None:  # noqa: N803
        self.busy.discard(FunctionName)


@pytest.fixture
def aws() -> Any:
    return Lambda()


def test_every_function_gets_it_once(aws: Any) -> None:
    assert list(log_lines.configure(aws, DEPLOYMENT)) == [*functions.ALL]
    assert list(aws.logging.values()) == [TEXT | log_lines.FORMAT] * len(functions.ALL)
    assert list(log_lines.configure(aws, DEPLOYMENT)) == []


def test_the_next_deploy_of_the_code_is_not_rejected(aws: Any) -> None:
    list(log_lines.configure(aws, DEPLOYMENT))
    assert aws.busy == set()


def test_a_function_that_was_changed_by_hand_gets_it_again(aws: Any) -> None:
    list(log_lines.configure(aws, DEPLOYMENT))
    aws.logging["fstream-prod-views"] |= {"SystemLogLevel": "DEBUG"}
    assert list(log_lines.configure(aws, DEPLOYMENT)) == ["views"]


def test_failed_calls_and_our_own_lines_are_still_written() -> None:
    assert log_lines.FORMAT["SystemLogLevel"] == "WARN"
    assert log_lines.FORMAT["ApplicationLogLevel"] == "INFO"
