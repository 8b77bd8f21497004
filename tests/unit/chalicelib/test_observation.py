"""One log line per request and per batch, with its cost and without its content."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from chalice.app import Response
from chalice.local import LambdaContext
from jsonschema_rs import Draft202012Validator

from app import app
from chalicelib import observation
from chalicelib.events import BatchError, fan_out, on_relationship
from fstream_app.core import metrics
from fstream_app.core.metrics import Metric, Tally
from fstream_app.feed import fanout
from fstream_app.repository import heads, messages
from ops.meter import metered
from tests.support.engines import cool_down
from tests.support.logs import Log, written
from tests.support.people import Api, Person

ROOT = Path(__file__).parents[3]
STATUSES = "/api/v1/statuses"
FIELDS = ["request", "route", "status", "ms", "read_units", "write_units", "calls", "cold"]
MOST_BYTES = 350
UNITS = ["Count", "Milliseconds"]
EMBEDDED = {
    "type": "object",
    "required": ["_aws", "App", "Stage"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "additionalProperties": False,
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": False,
                        "properties": {
                            "Namespace": {"type": "string", "minLength": 1, "maxLength": 255},
                            "Dimensions": {"type": "array", "minItems": 1, "items": {"type": "array", "maxItems": 9}},
                            "Metrics": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": 100,
                                "items": {
                                    "type": "object",
                                    "required": ["Name", "Unit"],
                                    "additionalProperties": False,
                                    "properties": {"Name": {"type": "string"}, "Unit": {"enum": UNITS}},
                                },
                            },
                        },
                    },
                },
            },
        },
    },
}  # fmt: skip
"""The embedded metric format of CloudWatch's user guide, narrowed to the part that is used."""


@pytest.fixture
def log() -> Iterator[Log]:
    with written() as log:
        yield log


@pytest.fixture
def ada(api: Api, log: Log) -> Person:
    """A user whose sign-up is no longer in the log."""
    person = api.sign_up("ada")
    log.clear()
    return person


def assert_embedded(line: dict[str, Any]) -> None:
    """Check a line against the format; the line must contain each dimension as a text and each metric as numbers."""
    Draft202012Validator(EMBEDDED).validate(line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    for name in (name for dimensions in directive["Dimensions"] for name in dimensions):
        assert isinstance(line[name], str)
    for name in (metric["Name"] for metric in directive["Metrics"]):
        values = line[name] if isinstance(line[name], list) else [line[name]]
        assert 1 <= len(values) <= 100
        assert all(isinstance(value, int | float) for value in values)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/api/v1/timelines/public?limit=2", "GET /api/v1/timelines/public", 200),
        ("GET", f"{STATUSES}/{'0' * 26}", "GET /api/v1/statuses/{id}", 404),
        ("GET", "/api/v1/timelines/home", "GET /api/v1/timelines/home", 401),
        ("PUT", STATUSES, "PUT /api/v1/statuses", 405),
        ("GET", "/no/such/thing", "GET /{part1}/{part2}/{part3}", 404),
        ("GET", "/", "GET /", 200),
        ("GET", "/@ada", "GET /{part1}", 200),
        ("GET", "/@nobody", "GET /{part1}", 404),
        ("GET", "/oauth/authorize", "GET /oauth/authorize", 422),
        ("GET", f"/avatars/{'0' * 13}.png", "GET /avatars/{file}", 200),
    ],
)
def test_a_request_is_one_line(
    api: Api, ada: Person, log: Log, method: str, path: str, route: str, status: int
) -> None:
    answer = api.request(method, path)
    (line,) = log.lines
    assert list(line) == FIELDS
    assert (line["route"], line["status"]) == (route, answer.status) == (route, status)
    assert line["request"] == answer.headers.get("X-Request-Id", line["request"])
    assert line["request"]


def test_a_request_that_is_refused_for_its_type_its_body_or_its_number_is_one_line(
    api: Api, ada: Person, log: Log, configure: Callable[..., None]
) -> None:
    configure(rate_limits="on", rate_requests="4/300")
    for body, content_type in ((b"x", "text/plain"), (b"{", "application/json"), (b"{}", "application/json")):
        api.request("POST", STATUSES, ada, body=body, headers={"content-type": content_type})
    api.get("/api/v1/timelines/home", ada)
    api.get("/api/v1/timelines/home", ada)
    assert [line["status"] for line in log.lines] == [415, 400, 422, 200, 429]


def test_a_preflight_is_answered_by_the_gateway_so_no_function_logs_it(api: Api, ada: Person, log: Log) -> None:
    gateway = api._client.http._local_gateway
    assert gateway.handle_request("OPTIONS", STATUSES, {}, b"")["statusCode"] == 200
    assert log.lines == []


def test_a_defect_is_logged_by_type_and_traceback_and_the_request_by_one_line(
    api: Api, ada: Person, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("what ada wrote")

    monkeypatch.setattr(messages, "put", fail)
    api.request("POST", STATUSES, ada, json={"status": "what ada wrote"})
    error, request = log.lines
    assert (request["status"], request["request"]) == (500, error["request"])
    assert (error["level"], error["error"]) == ("ERROR", "RuntimeError")
    assert error["where"][0].endswith(" view")
    assert error["where"][-1].endswith(" fail")
    assert "what ada wrote" not in log.text


def test_a_database_that_does_not_answer_is_logged_without_a_traceback(
    api: Api, ada: Person, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise EndpointConnectionError(endpoint_url="http://secret.test")

    monkeypatch.setattr(messages, "put", fail)
    api.request("POST", STATUSES, ada, json={"status": "x"})
    error, request = log.lines
    assert (error["error"], "where" in error, request["status"]) == ("EndpointConnectionError", False, 503)
    assert "secret" not in log.text


def test_what_chalice_itself_fails_at_is_one_line_and_goes_on_to_chalice(log: Log) -> None:
    def fail(_: object) -> Response:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        observation.observe(None, fail)
    (line,) = log.lines
    assert (line["route"], line["status"]) == ("", 500)


def test_a_line_is_short(api: Api, ada: Person, log: Log) -> None:
    lengths = []
    for path, methods in app.routes.items():
        for method in methods:
            log.clear()
            request = type("Request", (), {"method": method, "context": {"resourcePath": path}, "lambda_context": None})
            with metrics.tally():
                observation.observe(request, lambda _: Response("", status_code=200))  # type: ignore[arg-type]
            lengths.append(len(log.text) + len("6a36ce27-42a7-4d94-8d75-84d361128cee") + 3 * len("99999"))
    assert max(lengths) < MOST_BYTES


def test_units_and_calls_are_those_that_the_meter_counts(real_api: Api, log: Log) -> None:
    ada, bob = real_api.sign_up("ada"), real_api.sign_up("bob")
    log.clear()
    with metered() as cost:
        real_api.act(bob, "follow", ada)
        status = real_api.post(ada, "#one #two @bob")
        real_api.request("POST", f"{STATUSES}/{status['id']}/favourite", bob)
        real_api.deliver()
        real_api.home(bob)
        real_api.delete(ada, status)
        real_api.deliver()
    assert sum(line["calls"] for line in log.lines) == len(cost.calls)
    assert sum(line["write_units"] for line in log.lines) == cost.write_units > 0
    # The engine's read units are wrong, but nonzero for the right requests.
    assert {line["route"] for line in log.requests if line["read_units"]} == {line["route"] for line in log.requests}


def test_a_process_is_cold_once(api: Api, ada: Person, log: Log) -> None:
    cool_down()
    for _ in range(3):
        api.get("/api/v1/instance")
    assert [line["cold"] for line in log.lines] == [True, False, False]


def test_requests_at_the_same_time_have_lines_of_their_own(mocked: None, log: Log) -> None:
    heads.put("author", b"x", 4_000_000_000)
    both = Barrier(2)

    def request(number: int) -> None:
        def respond(_: object) -> Response:
            both.wait()
            for _ in range(number):
                heads.get("author")
            logging.getLogger("fstream_app.tests").warning("%d calls", number)
            both.wait()
            return Response("")

        name = f"/api/v1/{number}"
        made = type("Request", (), {"method": "GET", "context": {"resourcePath": name}})
        made.lambda_context = LambdaContext(str(number), 256)  # type: ignore[attr-defined]
        observation.observe(made, respond)  # type: ignore[arg-type]

    threads = [Thread(target=request, args=[number]) for number in (2, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {line["route"]: line["calls"] for line in log.requests} == {"GET /api/v1/2": 2, "GET /api/v1/7": 7}
    logged = {line["message"]: line["request"] for line in log.lines if "message" in line}
    assert logged == {f"{line['calls']} calls": line["request"] for line in log.requests}


def test_a_batch_is_one_line(api: Api, ada: Person, log: Log) -> None:
    for text in ("1", "2"):
        api.post(ada, text)
    log.clear()
    api.deliver()
    (line,) = (line for line in log.lines if line["function"] == "fan_out")
    assert (line["records"], line["failed"], line["cold"]) == (2, 0, False)
    assert line["request"]
    assert line["calls"] == 4  # the messages, the log, the author's newest, the head
    assert_embedded(line)


def test_a_record_that_is_not_understood_is_logged_by_its_number_alone(log: Log) -> None:
    record = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "17", "Keys": {"id": {"S": "somebody's"}}}}
    fan_out({"Records": [record]}, None)
    error, line = log.lines
    assert error["message"] == "cannot parse record 17"
    assert error["error"] == "ValueError"
    assert (line["records"], line["failed"]) == (1, 1)
    assert "somebody" not in log.text


def test_a_batch_that_fails_is_logged_and_retried(
    api: Api, ada: Person, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = api.post(ada, "x")
    log.clear()

    def fail(*_: object) -> set[str]:
        raise RuntimeError(status["id"])

    monkeypatch.setattr(fanout, "append", fail)
    keys = {"author_id": {"S": ada.id}, "id": {"S": status["id"]}}
    record = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "Keys": keys}}
    with pytest.raises(BatchError) as raised:
        fan_out({"Records": [record, record]}, None)
    assert (str(raised.value), raised.value.__suppress_context__) == ("RuntimeError", True)
    error, line = log.lines
    assert (error["error"], error["where"][-1].rpartition(" ")[2]) == ("RuntimeError", "fail")
    assert (line["function"], line["records"], line["failed"]) == ("fan_out", 2, 2)
    assert status["id"] not in log.text


def test_an_empty_batch_is_one_line(log: Log) -> None:
    on_relationship({"Records": []}, None)
    (line,) = log.lines
    assert (line["function"], line["records"], line["failed"], line["calls"]) == ("on_relationship", 0, 0, 0)


def test_figures_of_the_domain_are_in_the_line_in_the_embedded_metric_format(api: Api, ada: Person, log: Log) -> None:
    api.post(ada, "x")
    (line,) = log.lines
    assert_embedded(line)
    assert (line["App"], line["Stage"], line["Posts"]) == ("fstream", "dev", 1)
    assert line["_aws"] == {
        "Timestamp": api.clock.now,
        "CloudWatchMetrics": [
            {
                "Namespace": "FSTREAM",
                "Dimensions": [["App", "Stage"]],
                "Metrics": [{"Name": "Posts", "Unit": "Count"}],
            }
        ],
    }


def test_figures_count_for_the_deployment_that_the_settings_name(log: Log, configure: Callable[..., None]) -> None:
    configure(app="club", stage="prod")
    with observation.batch("fan_out", None, 1):
        metrics.count(Metric.POSTS)
    (line,) = log.lines
    assert (line["App"], line["Stage"], line["Posts"]) == ("club", "prod", 1)


@pytest.mark.parametrize(("number", "kept"), [(100, 100), (101, 100)])
def test_all_figures_at_once_are_valid_and_of_values_there_are_at_most_a_hundred(number: int, kept: int) -> None:
    tally = Tally()
    for metric in Metric:
        if metric.unit == "Count":
            tally.add(metric, 1)
        else:
            tally.note(metric, range(number))
    line = json.loads(str(observation.Line(observation._embedded(tally))))
    assert_embedded(line)
    assert len(line["FanOutLag"]) == kept


def test_where_nothing_of_the_domain_happened_there_is_no_metric(api: Api, ada: Person, log: Log) -> None:
    api.get("/api/v1/accounts/verify_credentials", ada)
    assert "_aws" not in log.lines[0]


def test_what_others_log_is_one_line_without_what_they_put_in(log: Log) -> None:
    error = ValueError("secret")
    logging.getLogger("urllib3.pool").warning("cannot reach %s\nat all", "secret", exc_info=error)
    (line,) = log.lines
    assert (line["level"], line["logger"]) == ("WARNING", "urllib3.pool")
    assert line["message"] == "cannot reach %s\nat all"
    assert (line["error"], "secret" in log.text) == ("ValueError", False)


def run(program: str, **surroundings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | surroundings
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)


BATCH = "import chalicelib.events; chalicelib.events.fan_out({'Records': []}, None)"
RUNTIME = """
import logging
logging.basicConfig(format="[%(levelname)s] %(message)s")  # as Lambda's own does before it imports the function
"""


def test_on_lambda_lines_are_json_and_nothing_stands_before_them() -> None:
    done = run(
        RUNTIME + BATCH + "; logging.getLogger('a').warning('b')", AWS_LAMBDA_FUNCTION_NAME="fstream-dev-fan_out"
    )
    batch, other = (json.loads(line) for line in done.stdout.splitlines())
    assert (batch["function"], batch["cold"]) == ("fan_out", True)
    assert (other["logger"], other["message"]) == ("a", "b")
    assert done.stderr == ""


def test_elsewhere_nothing_is_written() -> None:
    done = run(BATCH)
    assert (done.stdout, done.stderr) == ("", "")
