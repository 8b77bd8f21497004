"""Event source mappings are changed as AWS allows: not while Lambda changes them, and again when it refuses."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from ops.deployment import configuration, functions, mappings, streams
from ops.deployment.errors import DeploymentError
from ops.deployment.mappings import Mappings
from tests.support.lambdas import IN_USE, ROLE, Lambda, Session, refusal
from tests.unit.ops.production import ROOT, STATE

TRANSITIONS = ("Creating", "Updating", "Enabling", "Disabling")
CHANGES: dict[str, Callable[[Mappings], None]] = {
    "update": lambda made: made.update("a", {"BatchSize": 7}),
    "delete": lambda made: made.delete("a"),
}
DEPLOYMENT = configuration.load(ROOT, "prod")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mappings, "POLL", 0)
    monkeypatch.setattr(mappings, "ATTEMPTS", 8)


@pytest.fixture
def client() -> Lambda:
    return Lambda()


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize("state", TRANSITIONS)
def test_a_mapping_is_changed_once_lambda_has_stopped_changing_it(client: Lambda, verb: str, state: str) -> None:
    client.add("a", state)
    CHANGES[verb](Mappings(client))
    assert client.calls == [verb]
    remaining = {"update": ["Enabled"], "delete": []}[verb]
    assert [each["State"] for each in client.mappings.values()] == remaining


@pytest.mark.parametrize("verb", CHANGES)
@pytest.mark.parametrize(
    "error",
    [refusal("ResourceInUseException", IN_USE.format("update")), refusal("InvalidParameterValueException", ROLE)],
    ids=["in use", "role not propagated"],
)
def test_a_change_that_lambda_refuses_for_a_while_is_repeated(client: Lambda, verb: str, error: ClientError) -> None:
    client.add("a")
    client.refusals = [error, error]
    CHANGES[verb](Mappings(client))
    assert client.calls == [f"refused {verb}", f"refused {verb}", verb]


@pytest.mark.parametrize("verb", CHANGES)
def test_a_change_that_lambda_refuses_for_good_is_reported_at_once(client: Lambda, verb: str) -> None:
    client.add("a")
    client.refusals = [refusal("InvalidParameterValueException", "Batch size is too large.")]
    with pytest.raises(ClientError, match="Batch size"):
        CHANGES[verb](Mappings(client))
    assert client.calls == [f"refused {verb}"]


@pytest.mark.parametrize("verb", CHANGES)
def test_waiting_has_an_end(verb: str) -> None:
    client = Lambda(looks=1000)
    client.add("a", "Creating")
    with pytest.raises(DeploymentError, match="a has been changing"):
        CHANGES[verb](Mappings(client))
    assert client.calls == []


def test_a_mapping_that_is_gone_is_deleted(client: Lambda) -> None:
    Mappings(client).delete("a")


def test_a_mapping_that_is_being_deleted_does_not_count(client: Lambda) -> None:
    arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{DEPLOYMENT.prefix}-fan_out"
    client.add("old", "Deleting", FunctionArn=arn)
    client.add("new", FunctionArn=arn)
    found = Mappings(client).of(f"{DEPLOYMENT.prefix}-fan_out")
    assert [mapping["UUID"] for mapping in found] == ["new"]


@pytest.mark.parametrize("state", ["Creating", "Updating"])
def test_all_settings_are_made_right_after_chalice_has_made_the_mappings(client: Lambda, state: str) -> None:
    every = streams.of_all(DEPLOYMENT, STATE.dead_letters)
    assert every.keys() == {*functions.STREAMING, functions.LIVE}
    for function in every:
        arn = (
            f"arn:aws:lambda:eu-central-1:123456789012:function:{functions.function_name(DEPLOYMENT.prefix, function)}"
        )
        client.add(function, state, FunctionArn=arn, BatchSize=100)
        client.add(f"former {function}", "Deleting", FunctionArn=arn)
    session = Session(client)
    changed = streams.configure(session, DEPLOYMENT, STATE.dead_letters)
    assert changed == list(every)
    for function, wanted in every.items():
        assert client.mappings[function].items() >= wanted.items()
    assert streams.configure(session, DEPLOYMENT, STATE.dead_letters) == []


def test_a_function_without_a_mapping_is_reported(client: Lambda) -> None:
    with pytest.raises(DeploymentError, match="fan_out reads 0 event sources"):
        streams.configure(Session(client), DEPLOYMENT, STATE.dead_letters)
