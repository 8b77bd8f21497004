"""A small evaluator of IAM's policies: identity policies, a permissions boundary, and the conditions used here.

Source: "Policy evaluation logic" and "Permissions boundaries for IAM entities" in the IAM User Guide.
"""

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

Policy = Mapping[str, Any]
Context = Mapping[str, str]
"""Condition keys of a request, such as `iam:PassedToService`; a key without a value is absent."""

_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "ArnLike": fnmatchcase,
    "StringEquals": lambda value, wanted: value == wanted,
    "ForAllValues:StringLike": fnmatchcase,
}
ADMINISTRATOR: Policy = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def allows(policy: Policy, action: str, resource: str, context: Context | None = None) -> bool:
    """Return whether a policy of Allow statements allows a request. Patterns in `resource` are taken literally."""
    return any(_covers(statement, action, resource, context or {}) for statement in policy["Statement"])


def allows_within(
    boundary: Policy | None, policies: Iterable[Policy], action: str, resource: str, context: Context | None = None
) -> bool:
    """Return whether policies allow a request to a role or user with a boundary, or (None) without one."""
    if boundary is not None and not allows(boundary, action, resource, context):
        return False
    return any(allows(policy, action, resource, context) for policy in policies)


def _covers(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    assert statement["Effect"] == "Allow", "this evaluator knows no others"
    assert statement.keys() <= {"Sid", "Effect", "Action", "Resource", "Condition"}
    if not any(fnmatchcase(action.lower(), pattern.lower()) for pattern in _listed(statement["Action"])):
        return False
    if not any(fnmatchcase(resource, pattern) for pattern in _listed(statement["Resource"])):
        return False
    return all(
        _holds(operator, context.get(key), _listed(values))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _holds(operator: str, value: str | None, values: list[str]) -> bool:
    if value is None:
        return operator.startswith("ForAllValues:")
    return any(_OPERATORS[operator](value, each) for each in values)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
