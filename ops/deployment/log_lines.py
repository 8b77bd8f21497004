"""Leaves one log line to each request and batch: Lambda's own lines about every call would be most of a log.

In the format of text, Lambda writes START, END and REPORT for each call. In that of JSON, it writes what has at least a
level, and WARN leaves calls that fail ("Log-level filtering" in the Lambda Developer Guide). FSTREAM's own lines are
JSON and stay as they are.
"""

from collections.abc import Iterator

import boto3

from ops.deployment import functions
from ops.deployment.configuration import Deployment

FORMAT = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
"""What Lambda's UpdateFunctionConfiguration calls LoggingConfig. Chalice leaves it as it is."""


def configure(session: boto3.Session, deployment: Deployment) -> Iterator[str]:
    """Set the format of every function's log, and yield the functions that had another."""
    client = session.client("lambda")
    for name in functions.running(streaming=deployment.streaming):
        function = functions.function_name(deployment.prefix, name)
        found = client.get_function_configuration(FunctionName=function).get("LoggingConfig", {})
        if any(found.get(key) != value for key, value in FORMAT.items()):
            client.update_function_configuration(FunctionName=function, LoggingConfig=FORMAT)
            # Until then, Lambda rejects other changes, such as those of a second deployment of the code.
            client.get_waiter("function_updated_v2").wait(FunctionName=function)
            yield name
