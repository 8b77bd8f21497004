"""A deploy that dies after any step is continued by the next; the tables that `destroy` keeps are used again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import inventory
from tests.e2e.deployment import PREFIX, Cloud, running_cloud
from tests.support.site import eventually, unique

STACKS = ("data", "roles", "front")
DEPLOYED = {
    *(f"{step} {PREFIX}-{stack}" for step in ("CreateChangeSet", "ExecuteChangeSet") for stack in STACKS),
    "CreateFunction", "PutFunctionConcurrency", "CreateEventSourceMapping",
    "ImportRestApi", "CreateDeployment", "AddPermission", "UpdateEventSourceMapping", "PutGatewayResponse",
    "UpdateFunctionCode", "UpdateFunctionConfiguration", "PutRestApi",
    *(f"{step} apigatewayv2" for step in (
        "CreateIntegration", "CreateRoute", "CreateDeployment", "CreateStage", "DeleteRoute", "DeleteIntegration",
    )),
}  # fmt: skip
"""Steps of a deploy after which it must have died; it may have more."""
TAKEN_AWAY = {
    f"DeleteStack {PREFIX}-front", "DeleteRestApi", "DeleteEventSourceMapping", "DeleteFunction",
    f"DeleteStack {PREFIX}-roles", f"DeleteStack {PREFIX}-data",
}  # fmt: skip
SURVIVED = ("UpdateStage apigatewayv2", "DeleteDeployment apigatewayv2")
"""Steps after which it need not die here, because each death takes seconds: `tests/unit/ops/test_sockets.py`."""
KEPT = [f"{PREFIX}-relationships", f"{PREFIX}-users"]

pytestmark = pytest.mark.timeout(1800)  # about thirty deploys


def die_after_each_step(cloud: Cloud, command: str, survived: Path) -> set[str]:
    """Repeat a command, which dies after each step that it has not survived before, until it succeeds.

    A step is a call that changes the cloud. Returns all steps.
    """
    survived.write_text("".join(f"{step}\n" for step in SURVIVED))
    died = len(SURVIVED)
    while (ended := cloud.ops(command, "--yes", E2E_INTERRUPT=str(survived))).returncode != 0:
        steps = survived.read_text().splitlines()
        assert len(steps) == died + 1, f"it failed after {steps[-1:]}: {ended.stdout}"
        died += 1
    return set(survived.read_text().splitlines())


@pytest.fixture(scope="module")
def survivor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cloud with a deployment made by many deploys, each killed one step later than the one before."""
    folder = tmp_path_factory.mktemp("survivor")
    with running_cloud(folder, None) as cloud:
        assert die_after_each_step(cloud, "deploy", folder / "deployed") >= DEPLOYED
        yield cloud


def test_a_deploy_that_died_after_any_step_leaves_what_works(survivor: Cloud) -> None:
    here = survivor.site()
    token = here.sign_up(unique("zoe"))
    posted = here.say(token, "still alive #survived")["id"]
    assert eventually(lambda: here.ids("/api/v1/timelines/tag/survived")) == [posted]


def test_nothing_is_left_but_users_and_relationships_and_the_next_deploy_takes_them_in(
    survivor: Cloud, tmp_path: Path
) -> None:
    site, name = survivor.site(), unique("gus")
    user_id = site.id_of(site.sign_up(name))
    survived = inventory.of(survivor)
    assert die_after_each_step(survivor, "destroy", tmp_path / "taken away") >= TAKEN_AWAY
    assert inventory.left(survivor) == {"tables": KEPT}
    back = survivor.ops("deploy")
    assert back.returncode == 0, back.stdout
    assert survivor.site().get("/api/v1/accounts/lookup", acct=name)["id"] == user_id
    # The deploys that died have made the same as one that did not.
    for kind, found in inventory.of(survivor).items():
        assert survived[kind] == found


def test_what_is_not_there_can_be_taken_away(tmp_path: Path) -> None:
    with running_cloud(tmp_path, None) as empty:
        destroyed = empty.ops("destroy", answer="y\n")
        assert destroyed.returncode == 0, destroyed.stdout
        assert inventory.left(empty) == {}
