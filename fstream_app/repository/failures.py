"""Why a call to DynamoDB failed."""

from pynamodb.exceptions import PynamoDBException


def code(error: PynamoDBException) -> str | None:
    """Return DynamoDB's error code; None if there was no response, where PynamoDB's own property raises an error."""
    response = getattr(error.cause, "response", None) or {}
    found: str | None = response.get("Error", {}).get("Code")
    return found


def is_condition(error: PynamoDBException) -> bool:
    """Return whether the error is that a write's condition did not hold."""
    return code(error) == "ConditionalCheckFailedException"
