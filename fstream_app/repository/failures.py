"""Why DynamoDB did not do what it was asked to."""

from pynamodb.exceptions import PynamoDBException


def code(error: PynamoDBException) -> str | None:
    """Return DynamoDB's word for an error; None if it did not answer at all, where PynamoDB's own property fails."""
    response = getattr(error.cause, "response", None) or {}
    found: str | None = response.get("Error", {}).get("Code")
    return found


def is_condition(error: PynamoDBException) -> bool:
    """Tell whether the condition of a write did not hold."""
    return code(error) == "ConditionalCheckFailedException"
