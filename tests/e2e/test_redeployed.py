"""A second deploy without changes."""

from tests.e2e.deployment import PREFIX, Cloud, DeployedSite
from tests.support.site import unique

FUNCTIONS = ("fan_out", "views", "on_relationship", "on_reaction")


def uuids(cloud: Cloud) -> list[str]:
    return [mapping["UUID"] for function in FUNCTIONS for mapping in cloud.event_source_mappings(function)]


def test_a_second_deploy_changes_nothing_and_keeps_the_data(cloud: Cloud, site: DeployedSite) -> None:
    token = site.sign_up(unique("fay"))
    posted = site.say(token, "still there after the deploy")["id"]
    before = uuids(cloud)
    again = cloud.ops("deploy")
    assert again.returncode == 0, again.stdout
    for stack in ("data", "front"):
        assert f"{PREFIX}-{stack}: no changes" in again.stdout
    assert "event source configured" not in again.stdout
    assert "error responses of the gateway configured" not in again.stdout
    assert uuids(cloud) == before
    assert site.home(token) == [posted]
