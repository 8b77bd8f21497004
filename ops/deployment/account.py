"""Finds the AWS account and region, before anything else is done, so that missing credentials are reported at once."""

from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

from ops.deployment import functions
from ops.deployment.configuration import Deployment
from ops.deployment.errors import DeploymentError
from ops.deployment.places import Account

RETRIES = {"AWS_RETRY_MODE": "standard", "AWS_MAX_ATTEMPTS": "10"}
"""botocore's settings, as environment variables. API Gateway takes one deployment per 5 seconds in an account, and
answers others with TooManyRequestsException, which this mode repeats for a minute.
"""


def session() -> boto3.Session:
    """Return a session whose clients repeat throttled calls for longer than botocore's default."""
    core = botocore.session.Session()
    attempts = int(RETRIES["AWS_MAX_ATTEMPTS"])
    core.set_default_client_config(Config(retries={"mode": RETRIES["AWS_RETRY_MODE"], "total_max_attempts": attempts}))
    return boto3.Session(botocore_session=core)


def check(session: boto3.Session) -> tuple[str, str]:
    """Return the id of the current credentials' account, and its partition.

    Raises:
        DeploymentError: no credentials or no region are set, or the credentials are not valid.
    """
    try:
        identity = session.client("sts").get_caller_identity()
    except NoRegionError:
        raise DeploymentError(
            "No AWS region is set. Set one, for example: export AWS_DEFAULT_REGION=eu-central-1"
        ) from None
    except (NoCredentialsError, PartialCredentialsError):
        raise DeploymentError("No AWS credentials were found. Log in to AWS, or set AWS_PROFILE.") from None
    except ClientError as error:
        message = error.response["Error"]["Message"]
        raise DeploymentError(
            f"AWS rejects these credentials: {message}. Log in to AWS again, or set AWS_PROFILE."
        ) from None
    return str(identity["Account"]), identity["Arn"].split(":")[1]


def find(session: boto3.Session, deployment: Deployment) -> Account:
    """Return the account of the current credentials, with what a stage's deployment needs to know of it.

    Raises:
        DeploymentError: no credentials or no region are set, or the credentials are not valid.
    """
    number, partition = check(session)
    return Account(
        id=number,
        region=str(session.region_name),
        partition=partition,
        unreserved=_unreserved(session.client("lambda"), deployment.prefix),
        boundary=_boundary(session.client("iam"), f"arn:{partition}:iam::{number}:policy/{deployment.app}-boundary"),
    )


def _unreserved(client: Any, prefix: str) -> int:  # noqa: ANN401
    """Return the concurrency that the stage can reserve or share: all that functions of others have not reserved."""
    free = int(client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"])
    for name in functions.ALL:
        try:
            found = client.get_function(FunctionName=functions.function_name(prefix, name))
        except client.exceptions.ResourceNotFoundException:
            continue
        free += int(found.get("Concurrency", {}).get("ReservedConcurrentExecutions", 0))
    return free


def _boundary(client: Any, arn: str) -> str:  # noqa: ANN401
    """Return the ARN if such a policy exists, else an empty string."""
    try:
        client.get_policy(PolicyArn=arn)
    except client.exceptions.NoSuchEntityException:
        return ""
    return arn
