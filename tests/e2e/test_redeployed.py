"""Commands on what is deployed: a second deploy, after which a former version's function is gone, and a refused end."""

import pytest

from tests.e2e.deployment import PREFIX, STAGE, Cloud, DeployedSite
from tests.support.site import unique

FUNCTIONS = ("fan_out", "views", "on_relationship", "on_reaction")


def uuids(cloud: Cloud) -> list[str]:
    return [mapping["UUID"] for function in FUNCTIONS for mapping in cloud.event_source_mappings(function)]


@pytest.fixture
def former(cloud: Cloud) -> str:
    """The name of a function that a former version has deployed with Chalice."""
    client, name = cloud.client("lambda"), f"{PREFIX}-former"
    client.create_function(
        FunctionName=name,
        Role=client.get_function_configuration(FunctionName=f"{PREFIX}-fan_out")["Role"],
        Code={"ZipFile": (cloud.checkout / "build" / f"{PREFIX}.zip").read_bytes()},
        Handler="chalicelib.events.fan_out",
        Runtime="python3.12",
        Tags={"aws-chalice": f"version=1.34.0:stage={STAGE}:app=fstream"},
    )
    return name


def test_a_second_deploy_changes_nothing_else_and_keeps_the_data(cloud: Cloud, site: DeployedSite, former: str) -> None:
    token = site.sign_up(unique("fay"))
    posted = site.say(token, "still there after the deploy")["id"]
    before = uuids(cloud)
    again = cloud.ops("deploy")
    assert again.returncode == 0, again.stdout
    for stack in ("data", "roles", "front"):
        assert f"{PREFIX}-{stack}: no changes" in again.stdout
    assert "event source configured" not in again.stdout
    assert "log configured" not in again.stdout
    assert "error responses of the gateway configured" not in again.stdout
    assert uuids(cloud) == before
    assert former not in {each["FunctionName"] for each in cloud.client("lambda").list_functions()["Functions"]}
    assert site.home(token) == [posted]


def test_it_asks_before_it_takes_anything_away(cloud: Cloud, site: DeployedSite) -> None:
    refused = cloud.ops("destroy", answer="n\n")
    assert refused.returncode == 1
    assert f"the tables {PREFIX}-users and {PREFIX}-relationships are kept. [y/N]" in refused.stdout
    assert "nothing was deleted." in refused.stdout
    assert site.get("/api/v2/instance")
