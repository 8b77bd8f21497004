"""Changes of the data stack, whatever is added and removed, suit the running functions and DynamoDB's rules."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.deployment import data_stack, transition
from ops.deployment.errors import DeploymentError
from ops.deployment.naming import Template

Tables = dict[str, set[str]]
"""Table → its indexes."""
TABLES: st.SearchStrategy[Tables] = st.dictionaries(
    st.sampled_from(["Users", "Messages", "Log"]), st.sets(st.sampled_from(["a", "b", "c", "d"])), min_size=1
)
REAL = data_stack.template("fstream-prod", 30)


def template(tables: Tables) -> Template:
    return {"Resources": {name: table(name, indexes) for name, indexes in tables.items()}}


def table(name: str, indexes: set[str]) -> Template:
    attributes = ["id", *sorted(f"{index}_key" for index in indexes)]
    properties: dict[str, Any] = {
        "TableName": f"fstream-prod-{name.lower()}",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in attributes],
    }
    if indexes:
        properties["GlobalSecondaryIndexes"] = [
            {"IndexName": each, "KeySchema": [{"AttributeName": f"{each}_key", "KeyType": "HASH"}]}
            for each in sorted(indexes)
        ]
    return {"Type": "AWS::DynamoDB::Table", "Properties": properties}


def of(template: Template) -> Tables:
    """Return a template's tables and indexes; check that exactly the attributes of keys are defined."""
    found = {}
    for name, resource in template["Resources"].items():
        properties = resource["Properties"]
        indexes = properties.get("GlobalSecondaryIndexes", [])
        assert "GlobalSecondaryIndexes" not in properties or indexes
        keys = [key for schema in [properties, *indexes] for key in schema["KeySchema"]]
        defined = [each["AttributeName"] for each in properties["AttributeDefinitions"]]
        assert sorted(defined) == sorted({key["AttributeName"] for key in keys})
        found[name] = {index["IndexName"] for index in indexes}
    return found


@given(TABLES, TABLES)
def test_the_old_code_and_the_new_find_their_tables_and_indexes(old: Tables, new: Tables) -> None:
    steps = [of(each) for each in transition.before(template(old), template(new))]
    for step in steps:  # the old code runs
        assert all(indexes <= step.get(name, set()) and name in step for name, indexes in old.items())
    for step in [steps[-1], *map(of, transition.after(template(old), template(new)))]:  # the new code runs
        assert all(indexes <= step.get(name, set()) and name in step for name, indexes in new.items())


@given(TABLES, TABLES)
def test_an_update_changes_one_index_of_a_table_at_most(old: Tables, new: Tables) -> None:
    steps = [old, *map(of, transition.before(template(old), template(new)))]
    steps += map(of, transition.after(template(old), template(new)))
    for earlier, later in pairwise(steps):
        for name in earlier.keys() & later.keys():
            assert len(earlier[name] ^ later[name]) <= 1


@given(TABLES, TABLES)
def test_in_the_end_the_stack_is_what_is_wanted(old: Tables, new: Tables) -> None:
    steps = [*transition.before(template(old), template(new)), *transition.after(template(old), template(new))]
    assert steps[-1] == template(new)


@given(TABLES, TABLES, st.data())
def test_an_interrupted_change_continues(old: Tables, new: Tables, data: st.DataObject) -> None:
    steps = [*transition.before(template(old), template(new)), *transition.after(template(old), template(new))]
    reached = data.draw(st.sampled_from(steps))
    continued = [*transition.before(reached, template(new)), *transition.after(reached, template(new))]
    assert continued[-1] == template(new)


def test_a_new_stack_and_an_unchanged_one_take_one_step() -> None:
    for current in ({}, REAL):
        assert list(transition.before(current, REAL)) == [REAL]
        assert list(transition.after(current, REAL)) == []


class DynamoDB:
    """A stub: an index that is filled for a number of looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def describe_table(self, **_: str) -> dict[str, Any]:
        self.looks -= 1
        state = "ACTIVE" if self.looks <= 0 else "CREATING"
        return {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": [{"IndexStatus": state}]}}


def test_an_index_is_waited_for_because_the_new_code_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transition, "POLL", 0)
    client = DynamoDB(3)
    transition.wait(client, template({"Users": {"a"}}))
    assert client.looks == 0
    monkeypatch.setattr(transition, "ATTEMPTS", 3)
    with pytest.raises(DeploymentError, match="fstream-prod-users is still changing"):
        transition.wait(DynamoDB(10), template({"Users": {"a"}}))
