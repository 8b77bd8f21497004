"""AWS::Budgets::Budget, which MiniStack's CloudFormation lacks, in terms of its service for budgets."""

import json
from importlib import import_module
from typing import Any


def patch(provisioners: Any) -> None:
    """Add the resource type to MiniStack's CloudFormation."""
    service = import_module("ministack.services.budgets")

    def call(operation: str, parameters: dict[str, Any]) -> None:
        status, _, body = getattr(service, operation)(parameters)
        if status != 200:
            raise ValueError(f"{operation}: {json.loads(body)}")

    def create(_: str, properties: dict[str, Any], __: str) -> tuple[str, dict[str, str]]:
        call("_create_budget", properties)
        return properties["Budget"]["BudgetName"], {}

    def update(name: str, _: Any, properties: dict[str, Any], __: str) -> tuple[str, dict[str, str]]:
        call("_update_budget", {"NewBudget": properties["Budget"]})
        return name, {}

    def delete(name: str, _: Any) -> None:
        call("_delete_budget", {"BudgetName": name})

    provisioners._RESOURCE_HANDLERS["AWS::Budgets::Budget"] = {"create": create, "update": update, "delete": delete}
