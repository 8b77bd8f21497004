"""The budget: mails the alarm address before and when a month's costs exceed an amount. AWS charges nothing for it.

AWS knows costs by account, so the budget covers everything in it. AWS updates costs a few times a day.
"""

import json
from hashlib import sha256
from typing import Any

from ops.deployment.naming import Template

AMOUNT, NAME = "BudgetAmount", "BudgetName"
"""Names of the parameters with the amount (dollars a month) and the budget's name."""
_NOT_IN = frozenset(
    {
        "af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-3", "ap-south-2", "ap-southeast-3", "ap-southeast-4",
        "ap-southeast-5", "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-north-1", "eu-south-1",
        "eu-south-2", "il-central-1", "me-central-1", "mx-central-1", "us-gov-east-1", "us-gov-west-1",
    }
)  # fmt: skip
"""Regions whose CloudFormation has no budgets. Those of China have them, but in another currency."""
_NOTIFICATIONS: tuple[tuple[str, int], ...] = (("ACTUAL", 50), ("ACTUAL", 100), ("FORECASTED", 100))
"""The costs that trigger a notification, in percent of the amount: so far, or forecast for the month."""


def exists_in(region: str) -> bool:
    """Return whether CloudFormation can make this budget in a region."""
    return region not in _NOT_IN and not region.startswith("cn-")


def name(prefix: str, region: str, address: str) -> str:
    """Return the budget's name. It changes with its notifications, which CloudFormation can only replace."""
    content = json.dumps([_NOTIFICATIONS, address])
    return f"{prefix}-{region}-{sha256(content.encode()).hexdigest()[:8]}"


def resource() -> Template:
    """Return the budget as a CloudFormation resource."""
    address: dict[str, Any] = {"SubscriptionType": "EMAIL", "Address": {"Ref": "AlarmEmail"}}
    return {
        "Type": "AWS::Budgets::Budget",
        "Condition": "HasAlarmEmail",
        "Properties": {
            "Budget": {
                "BudgetName": {"Ref": NAME},
                "BudgetType": "COST",
                "TimeUnit": "MONTHLY",
                "BudgetLimit": {"Amount": {"Ref": AMOUNT}, "Unit": "USD"},
            },
            "NotificationsWithSubscribers": [
                {
                    "Notification": {
                        "NotificationType": kind,
                        "ComparisonOperator": "GREATER_THAN",
                        "Threshold": percent,
                        "ThresholdType": "PERCENTAGE",
                    },
                    "Subscribers": [address],
                }
                for kind, percent in _NOTIFICATIONS
            ],
        },
    }
