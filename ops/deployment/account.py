"""Whose account it is, and where: asked before anything is done, so that what is missing is told at once."""

import boto3
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

from ops.deployment.errors import DeploymentError
from ops.deployment.places import Account


def find(session: boto3.Session) -> Account:
    """Ask AWS who we are.

    Raises:
        DeploymentError: there are no credentials, they are not valid, or no region is set.
    """
    try:
        identity = session.client("sts").get_caller_identity()
        limits = session.client("lambda").get_account_settings()["AccountLimit"]
    except NoRegionError:
        raise DeploymentError("No region is set. Say where: export AWS_DEFAULT_REGION=eu-central-1") from None
    except (NoCredentialsError, PartialCredentialsError):
        raise DeploymentError("There are no AWS credentials. Log in, or set AWS_PROFILE.") from None
    except ClientError as error:
        message = error.response["Error"]["Message"]
        raise DeploymentError(f"AWS refuses these credentials: {message}. Log in anew, or set AWS_PROFILE.") from None
    return Account(
        id=identity["Account"],
        region=str(session.region_name),
        partition=identity["Arn"].split(":")[1],
        concurrency=int(limits["ConcurrentExecutions"]),
    )
