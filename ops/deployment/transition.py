"""Changes the data stack in steps that the running functions and DynamoDB allow.

What an upgrade adds is there before the new code is, and what it removes stays until the old code is gone. Within a
table, one update creates or deletes one index ("UpdateTable" in DynamoDB's API reference), and CloudFormation does not
wait until a new index can be read ("AWS::DynamoDB::Table", GlobalSecondaryIndexes).
"""

import copy
import time
from collections.abc import Iterator
from typing import Any

from ops.deployment.errors import DeploymentError
from ops.deployment.naming import Template

POLL = 5.0
"""Seconds between two looks at a table."""
ATTEMPTS = 720
"""Number of looks after which waiting ends: an hour. Filling an index takes as long as its table is large."""
_TABLE = "AWS::DynamoDB::Table"


def before(current: Template, wanted: Template) -> Iterator[Template]:
    """Return the templates to bring the stack to before the code changes: all that is wanted, and all that exists."""
    return _steps(current, _both(current, wanted))


def after(current: Template, wanted: Template) -> Iterator[Template]:
    """Return the templates to bring the stack to after the code has changed: without what is no longer wanted."""
    both = _both(current, wanted)
    return _steps(both, wanted) if both != wanted else iter(())


def wait(client: Any, template: Template) -> None:  # noqa: ANN401
    """Wait until every table of a template, and every index, can be used.

    Args:
        client: a client of DynamoDB.
        template: the template to which the stack was brought.

    Raises:
        DeploymentError: an index is still being created after an hour.
    """
    for table in _tables(template).values():
        name = table["Properties"]["TableName"]
        for _ in range(ATTEMPTS):
            found = client.describe_table(TableName=name)["Table"]
            indexes = found.get("GlobalSecondaryIndexes", ())
            # MiniStack leaves the status of indexes out.
            if {found["TableStatus"], *(index.get("IndexStatus", "ACTIVE") for index in indexes)} == {"ACTIVE"}:
                break
            time.sleep(POLL)
        else:
            raise DeploymentError(f"The table {name} is still changing. Run this command again to keep waiting.")


def _both(current: Template, wanted: Template) -> Template:
    """Return the wanted template, with the resources, properties and indexes that only the current one has."""
    both = copy.deepcopy(wanted)
    both["Resources"] = copy.deepcopy(current.get("Resources", {})) | both["Resources"]
    for name, table in _tables(wanted).items():
        old = _tables(current).get(name)
        if old is not None:
            properties = old["Properties"] | table["Properties"]
            had, needed = _indexes(old), _indexes(table)
            indexes = needed | {index: had[index] for index in had if index not in needed}
            both["Resources"][name]["Properties"] = _indexed(properties, indexes, old)
    return both


def _steps(start: Template, goal: Template) -> Iterator[Template]:
    """Return the templates that lead from one to another; each changes at most one index of every existing table."""
    while True:
        step = copy.deepcopy(goal)
        for name, old in _tables(start).items():
            new = _tables(goal).get(name)
            if new is not None:
                step["Resources"][name]["Properties"] = _indexed(new["Properties"], _nearer(old, new), old)
        yield step
        if step == goal:
            return
        start = step


def _nearer(old: Template, new: Template) -> dict[str, Any]:
    """Return a table's indexes after the first of the changes that its old ones need to become the new ones."""
    had, wanted = _indexes(old), _indexes(new)
    added = [name for name in wanted if name not in had]
    removed = [name for name in had if name not in wanted]
    if len(added) + len(removed) <= 1:
        return wanted
    if added:
        return had | {added[0]: wanted[added[0]]}
    return {name: index for name, index in had.items() if name != removed[0]}


def _indexed(properties: Template, indexes: dict[str, Any], old: Template) -> Template:
    """Return a table's properties with other indexes, and with the definitions of exactly the attributes in keys."""
    changed = {name: value for name, value in properties.items() if name != "GlobalSecondaryIndexes"}
    if indexes:
        changed["GlobalSecondaryIndexes"] = list(indexes.values())
    schemas = [changed["KeySchema"], *(index["KeySchema"] for index in indexes.values())]
    used = {key["AttributeName"] for schema in schemas for key in schema}
    defined = {
        each["AttributeName"]: each
        for source in (old["Properties"], properties)
        for each in source["AttributeDefinitions"]
    }
    in_order = dict.fromkeys([*(each["AttributeName"] for each in properties["AttributeDefinitions"]), *defined])
    changed["AttributeDefinitions"] = [defined[name] for name in in_order if name in used]
    return changed


def _tables(template: Template) -> dict[str, Template]:
    resources = template.get("Resources", {})
    return {name: resource for name, resource in resources.items() if resource["Type"] == _TABLE}


def _indexes(table: Template) -> dict[str, Any]:
    return {index["IndexName"]: index for index in table["Properties"].get("GlobalSecondaryIndexes", ())}
