"""Inspects the resources of a deployed stage; for each problem, says what to do."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from fstream_app import tables
from ops.deployment import data_stack, front_stack, functions, sockets, streams
from ops.deployment.configuration import Deployment
from ops.deployment.mappings import Mappings

_GOOD_STACKS = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_ABSENT = {
    "AWS.SimpleQueueService.NonExistentQueue", "NotFoundException", "QueueDoesNotExist", "ResourceNotFoundException",
}  # fmt: skip
_TIMEOUT = 15
"""Seconds to wait for a response of the instance."""

Answer = tuple[int, dict[str, Any]]
"""A response's status (0 if there was no response) and body."""
Fetch = Callable[[str], Answer]
"""Gets a URL."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of one resource."""

    kind: str
    name: str
    state: str
    details: str = ""
    wrong: str = ""
    """The problem and what to do; empty if all is well."""


def fetch(url: str) -> Answer:
    """Get a URL that returns a JSON object; other content gives an empty body."""
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310  # our own address
            body = json.load(answer)
            return answer.status, body if isinstance(body, dict) else {}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {}
    except (OSError, ValueError):
        return 0, {}


def text(findings: list[Finding]) -> str:
    """Return the findings as a table, followed by the problems."""
    rows = [(each.kind, each.name, each.state, each.details) for each in findings]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    wrong = [f"{each.kind} {each.name}: {each.wrong}" for each in findings if each.wrong]
    return "\n".join([*lines, "", *(wrong or ["All is well."])])


def as_json(findings: list[Finding]) -> str:
    """Return the findings as a JSON array."""
    return json.dumps([asdict(each) for each in findings], indent=2)


class Inspection:
    """Inspects a stage."""

    def __init__(self, session: boto3.Session, deployment: Deployment, get: Fetch = fetch) -> None:
        self._session = session
        self._deployment = deployment
        self._get = get
        self._outputs: dict[str, str] = {}
        self._deploy = f"run `make deploy STAGE={deployment.stage}`"

    def run(self) -> list[Finding]:
        """Return the state of every resource, stacks first."""
        parts = (
            self._stacks,
            self._functions,
            self._concurrency,
            self._event_sources,
            self._tables,
            self._dead_letters,
            self._sockets,
            self._alarms,
            self._address,
        )
        return [finding for part in parts for finding in part()]

    def _stacks(self) -> Iterator[Finding]:
        client = self._session.client("cloudformation")
        for part in ("data", "roles", "front"):
            name = f"{self._deployment.prefix}-{part}"
            try:
                stack = client.describe_stacks(StackName=name)["Stacks"][0]
            except ClientError as error:
                if "does not exist" not in str(error):
                    raise
                yield Finding("stack", name, "missing", wrong=f"is missing; {self._deploy}")
                continue
            self._outputs |= {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())}
            state = stack["StackStatus"]
            changed = stack.get("LastUpdatedTime") or stack["CreationTime"]
            wrong = (
                "" if state in _GOOD_STACKS else f"see its events in the CloudFormation console, then {self._deploy}"
            )
            yield Finding("stack", name, state, f"changed {changed:%Y-%m-%d %H:%M}", wrong)

    def _functions(self) -> Iterator[Finding]:
        client = self._session.client("lambda")
        for function in functions.running(streaming=self._deployment.streaming):
            name = functions.function_name(self._deployment.prefix, function)
            try:
                found = client.get_function_configuration(FunctionName=name)
            except ClientError as error:
                yield self._missing("function", name, error)
                continue
            state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
            details = f"{found['MemorySize']} MB, {found['Timeout']} s, changed {found['LastModified'][:16]}"
            is_well = state in {"Active", "Inactive"} and update == "Successful"
            reason = found.get("StateReason") or found.get("LastUpdateStatusReason") or f"last update: {update}"
            yield Finding("function", name, state, details, "" if is_well else f"{reason}; {self._deploy}")

    def _concurrency(self) -> Iterator[Finding]:
        limits = self._session.client("lambda").get_account_settings()["AccountLimit"]
        free = limits.get("UnreservedConcurrentExecutions", limits["ConcurrentExecutions"])
        yield Finding("concurrency", "account", str(limits["ConcurrentExecutions"]), f"{free} unreserved")

    def _event_sources(self) -> Iterator[Finding]:
        mappings = Mappings(self._session.client("lambda"))
        every = streams.of_all(self._deployment, self._outputs.get(data_stack.DEAD_LETTERS, ""))
        for function, wanted in every.items():
            name = functions.function_name(self._deployment.prefix, function)
            found = mappings.of(name)
            if len(found) != 1:
                wrong = f"reads {len(found)} event sources instead of one; {self._deploy}"
                yield Finding("event source", name, "missing" if not found else "too many", wrong=wrong)
                continue
            mapping = found[0]
            other = sorted(setting for setting, value in wanted.items() if mapping.get(setting) != value)
            result = mapping.get("LastProcessingResult", "")
            wrong = f"has wrong values of {', '.join(other)}; {self._deploy}" if other else ""
            if mapping["State"] not in {"Enabled", "Enabling", "Updating", "Creating"}:
                wrong = f"delivers nothing because it is not enabled; {self._deploy}, then check it again"
            elif "PROBLEM" in result:
                wrong = f"last result: {result}; see the function's log"
            yield Finding("event source", name, mapping["State"], f"last result: {result or 'none'}", wrong)

    def _tables(self) -> Iterator[Finding]:
        client = self._session.client("dynamodb")
        for model in tables.ALL:
            name = f"{self._deployment.prefix}-{model.base_name()}"
            try:
                found = client.describe_table(TableName=name)["Table"]
            except ClientError as error:
                yield self._missing("table", name, error)
                continue
            state, wrong = found["TableStatus"], ""
            if state not in {"ACTIVE", "UPDATING"}:
                wrong = "see the table in the DynamoDB console"
            elif model in data_stack.KEPT and not found.get("DeletionProtectionEnabled"):
                wrong = f"is not protected from deletion; {self._deploy}"
            # DynamoDB counts the items only every six hours.
            yield Finding("table", name, state, f"about {found.get('ItemCount', 0):,} items", wrong)

    def _dead_letters(self) -> Iterator[Finding]:
        client, name = self._session.client("sqs"), f"{self._deployment.prefix}-dead-letters"
        wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        try:
            url = client.get_queue_url(QueueName=name)["QueueUrl"]
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=wanted)["Attributes"]
        except ClientError as error:
            yield self._missing("queue", name, error)
            return
        letters = sum(int(found[attribute]) for attribute in wanted)
        redrive = f"python -m ops redrive --stage {self._deployment.stage}"
        wrong = f"functions gave up on stream records; run `{redrive}`" if letters else ""
        yield Finding("queue", name, f"{letters} letters", wrong=wrong)

    def _sockets(self) -> Iterator[Finding]:
        if not self._deployment.streaming:
            yield Finding("WebSockets", "API", "off")
            return
        client, name = self._session.client("apigatewayv2"), self._outputs.get(data_stack.SOCKETS, "API")
        try:
            wrong = sockets.problem(client, self._deployment, name)
        except ClientError as error:
            yield self._missing("WebSockets", name, error)
            return
        state = "wrong" if wrong else "deployed"
        yield Finding("WebSockets", name, state, wrong=f"{wrong}; {self._deploy}" if wrong else "")

    def _alarms(self) -> Iterator[Finding]:
        prefix = f"{self._deployment.prefix}-front-"
        pages = self._session.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=prefix)
        alarms = [alarm for page in pages for alarm in page["MetricAlarms"]]
        ringing = [alarm for alarm in alarms if alarm["StateValue"] == "ALARM"]
        for alarm in ringing:
            name = alarm["AlarmName"].removeprefix(prefix).partition("-")[0]  # CloudFormation adds a suffix
            since = f"since {alarm['StateUpdatedTimestamp']:%Y-%m-%d %H:%M}"
            yield Finding("alarm", name, "ALARM", since, alarm["AlarmDescription"])
        yield Finding("alarms", prefix + "*", f"{len(alarms)} defined", f"{len(ringing)} ringing")

    def _address(self) -> Iterator[Finding]:
        domain = self._outputs.get(front_stack.DOMAIN, "")
        host = self._deployment.own_domain or domain
        if not host:
            return
        began = time.monotonic()
        status, instance = self._get(f"https://{host}/api/v2/instance")
        took = f"{1000 * (time.monotonic() - began):.0f} ms"
        if status == 200 and instance.get("domain") == host:
            yield Finding("address", f"https://{host}", "responds", took)
            return
        wrong = f"does not respond with 200 as {host}; see the API's log, then {self._deploy}"
        if host != domain:
            wrong += f"; in your DNS, {host} must be a CNAME (or an alias) of {domain}"
        yield Finding("address", f"https://{host}", f"responds {status}" if status else "no response", took, wrong)

    def _missing(self, kind: str, name: str, error: ClientError) -> Finding:
        if error.response["Error"]["Code"] not in _ABSENT:
            raise error
        return Finding(kind, name, "missing", wrong=f"is missing; {self._deploy}")
