"""Finds the AWS account and region, before anything else is done, so that missing credentials are reported at once."""

import boto3
from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError, PartialCredentialsError

from ops.deployment.errors import DeploymentError
from ops.deployment.places import Account


def find(session: boto3.Session) -> Account:
    """Return the account of the current credentials.

    Raises:
        DeploymentError: no credentials or no region are set, or the credentials are not valid.
    """
    try:
        identity = session.client("sts").get_caller_identity()
        limits = session.client("lambda").get_account_settings()["AccountLimit"]
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
    return Account(
        id=identity["Account"],
        region=str(session.region_name),
        partition=identity["Arn"].split(":")[1],
        concurrency=int(limits["ConcurrentExecutions"]),
    )
