"""Everything that a deploy creates in an account, without ids, dates and keys, which differ between deploys."""

import json
import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from tests.e2e.deployment import Cloud

Inventory = dict[str, Any]
_PASSING = {"UUID", "EventSourceMappingArn", "LastModified", "LastProcessingResult"}
"""Fields of an event source mapping that differ between deploys."""

_FUNCTION = ("Handler", "MemorySize", "Timeout", "TracingConfig", "Architectures", "LoggingConfig")
_OWN = {"FSTREAM_BASE_URL", "FSTREAM_ORIGIN_SECRET", "FSTREAM_REPORT_KEY"}
"""Variables that differ between deployments."""


def of(cloud: Cloud) -> Inventory:
    """Return everything in the cloud, by kind and name."""
    return {
        "stacks": dict(_stacks(cloud)),
        "tables": cloud.client("dynamodb").list_tables()["TableNames"],
        "queues": [url.rpartition("/")[2] for url in cloud.client("sqs").list_queues().get("QueueUrls", [])],
        "topics": [each["TopicArn"] for each in cloud.client("sns").list_topics()["Topics"]],
        "logs": {each["logGroupName"]: each.get("retentionInDays") for each in _log_groups(cloud)},
        "alarms": sorted(each["AlarmName"] for each in _alarms(cloud)),
        "roles": dict(_roles(cloud)),
        "functions": dict(_functions(cloud)),
        "event sources": sorted(_event_sources(cloud), key=itemgetter("FunctionArn")),
        "APIs": list(_apis(cloud)),
        "keys": [each["name"] for each in cloud.client("apigateway").get_api_keys()["items"]],
        "HTTP and WebSocket APIs": sorted(_version_2_apis(cloud), key=itemgetter("name")),
        "edge functions": list(_edge_functions(cloud)),
        "distributions": list(_distributions(cloud)),
        "budgets": list(_budgets(cloud)),
        "parameters": [each["Name"] for each in cloud.client("ssm").describe_parameters()["Parameters"]],
    }


def left(cloud: Cloud) -> Inventory:
    """Return everything in the cloud by kind, without the kinds that are empty."""
    return {kind: found for kind, found in of(cloud).items() if found}


def _stacks(cloud: Cloud) -> Iterator[tuple[str, str]]:
    for stack in cloud.client("cloudformation").list_stacks()["StackSummaries"]:
        if stack["StackStatus"] != "DELETE_COMPLETE":
            yield stack["StackName"], stack["StackStatus"].partition("_")[2]


def _log_groups(cloud: Cloud) -> list[dict[str, Any]]:
    groups: list[dict[str, Any]] = cloud.client("logs").describe_log_groups()["logGroups"]
    return groups


def _alarms(cloud: Cloud) -> list[dict[str, Any]]:
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms").paginate()
    return [alarm for page in pages for alarm in page["MetricAlarms"]]


def _roles(cloud: Cloud) -> Iterator[tuple[str, dict[str, str]]]:
    iam = cloud.client("iam")
    for role in iam.list_roles()["Roles"]:
        name = role["RoleName"]
        names = iam.list_role_policies(RoleName=name)["PolicyNames"]
        documents = {each: iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in names}
        yield name, {each: _undated(json.dumps(document)) for each, document in documents.items()}


def _functions(cloud: Cloud) -> Iterator[tuple[str, dict[str, Any]]]:
    client = cloud.client("lambda")
    for function in client.list_functions()["Functions"]:
        name = function["FunctionName"]
        kept = {key: function[key] for key in _FUNCTION}
        variables = function["Environment"]["Variables"]
        kept["variables"] = {key: _undated(value) for key, value in variables.items() if key not in _OWN}
        kept["has its address"] = cloud.host in variables["FSTREAM_BASE_URL"]
        kept["concurrency"] = client.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
        yield name, kept


def _event_sources(cloud: Cloud) -> Iterator[dict[str, str]]:
    for mapping in cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]:
        yield {key: _undated(str(value)) for key, value in mapping.items() if key not in _PASSING}


def _apis(cloud: Cloud) -> Iterator[dict[str, Any]]:
    client = cloud.client("apigateway")
    for api in client.get_rest_apis()["items"]:
        resources = client.get_resources(restApiId=api["id"], embed=["methods"], limit=500)["items"]
        answers = client.get_gateway_responses(restApiId=api["id"])["items"]
        yield {
            "name": api["name"],
            "stages": [stage["stageName"] for stage in client.get_stages(restApiId=api["id"])["item"]],
            "routes": sorted((each["path"], sorted(each.get("resourceMethods", {}))) for each in resources),
            "own answers": {each["responseType"]: each for each in answers if not each["defaultResponse"]},
        }


def _version_2_apis(cloud: Cloud) -> Iterator[dict[str, Any]]:
    client = cloud.client("apigatewayv2")
    for api in client.get_apis()["Items"]:
        stages = client.get_stages(ApiId=api["ApiId"])["Items"]
        yield {
            "name": api["Name"],
            "routes": sorted(each["RouteKey"] for each in client.get_routes(ApiId=api["ApiId"])["Items"]),
            "integrations": len(client.get_integrations(ApiId=api["ApiId"])["Items"]),
            "deployments": len(client.get_deployments(ApiId=api["ApiId"])["Items"]),
            "stages": [(each["StageName"], each["DefaultRouteSettings"]) for each in stages],
        }


def _edge_functions(cloud: Cloud) -> Iterator[str]:
    found = cloud.client("cloudfront").list_functions()["FunctionList"].get("Items", [])
    yield from (each["Name"] for each in found)


def _distributions(cloud: Cloud) -> Iterator[list[str]]:
    client = cloud.client("cloudfront")
    for distribution in client.list_distributions()["DistributionList"].get("Items", []):
        yield [each["Id"] for each in distribution["Origins"]["Items"]]


def _budgets(cloud: Cloud) -> Iterator[tuple[str, str]]:
    found = cloud.client("budgets").describe_budgets(AccountId="000000000000").get("Budgets", [])
    for budget in found:
        yield budget["BudgetName"], budget["BudgetLimit"]["Amount"]


def _undated(text: str) -> str:
    """Remove the creation time, with which the ARN of a stream ends, and the id of an API."""
    text = re.sub(r"/stream/[0-9TZ:.-]+", "/stream/", text)
    return re.sub(r"(:execute-api:[^:]*:\d*:|/execute-api/)\w+/", r"\1", text)
