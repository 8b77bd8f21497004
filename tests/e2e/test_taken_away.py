"""What is left when it is taken away, and that it can come back."""

from tests.clients.site import unique
from tests.e2e.conftest import PREFIX, Cloud, DeployedSite

KEPT = [f"{PREFIX}-relationships", f"{PREFIX}-users"]


def test_it_asks_before_it_takes_anything_away(cloud: Cloud, site: DeployedSite) -> None:
    refused = cloud.ops("destroy", answer="n\n")
    assert refused.returncode == 1
    assert f"the tables {PREFIX}-users and {PREFIX}-relationships stay. [y/N]" in refused.stdout
    assert "Nothing was taken away." in refused.stdout
    assert site.get("/api/v2/instance")


def test_nothing_is_left_but_users_and_relationships_and_the_next_deploy_takes_them_in(
    cloud: Cloud, site: DeployedSite
) -> None:
    user_id = site.id_of(site.sign_up(unique("gus")))
    destroyed = cloud.ops("destroy", answer="y\n")
    assert destroyed.returncode == 0, destroyed.stdout
    assert cloud.client("dynamodb").list_tables()["TableNames"] == KEPT
    assert left(cloud) == []
    cloud.ops("deploy", E2E_INTERRUPT="make")  # it need not get further than the data stack
    found = cloud.client("dynamodb").get_item(TableName=f"{PREFIX}-users", Key={"id": {"S": user_id}})
    assert found["Item"]["id"] == {"S": user_id}
    assert len(cloud.client("dynamodb").list_tables()["TableNames"]) == 11


def left(cloud: Cloud) -> list[str]:
    """Everything else that a deploy makes."""
    stacks = cloud.client("cloudformation").list_stacks()["StackSummaries"]
    distributions = cloud.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
    return [
        *[each["FunctionName"] for each in cloud.client("lambda").list_functions()["Functions"]],
        *[each["UUID"] for each in cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]],
        *[each["id"] for each in cloud.client("apigateway").get_rest_apis()["items"]],
        *[each["id"] for each in cloud.client("apigateway").get_api_keys()["items"]],
        *[each["RoleName"] for each in cloud.client("iam").list_roles()["Roles"]],
        *[each["AlarmName"] for each in cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]],
        *[each["logGroupName"] for each in cloud.client("logs").describe_log_groups()["logGroups"]],
        *[each["TopicArn"] for each in cloud.client("sns").list_topics()["Topics"]],
        *[each["DomainName"] for each in distributions],
        *cloud.client("sqs").list_queues().get("QueueUrls", []),
        *[each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"],
    ]
