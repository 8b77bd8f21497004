"""docs/deployer-policy.json suffices for a deploy, and does not make the deployer an administrator of the account.

The needed permissions are those that AWS's resource schemas, which cfn-lint bundles, name for CloudFormation's calls.
"""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from ops.deployment import budget, configuration, data_stack, front_stack, functions, roles_stack
from ops.deployment.places import Account, State
from tests.support import iam
from tests.unit.ops.production import ROOT

NUMBER, REGION = "123456789012", "eu-central-1"
BOUNDARY = f"arn:aws:iam::{NUMBER}:policy/fstream-boundary"
ACCOUNT = Account(NUMBER, REGION, "aws", unreserved=1000, boundary=BOUNDARY)
DEPLOYMENT = configuration.load(ROOT, "prod")
_TABLES = f"arn:aws:dynamodb:{REGION}:{NUMBER}:table/fstream-prod-"
STATE = State(
    {model.base_name(): f"{_TABLES}{model.base_name()}/stream/2026-11-24T12:00:00.000" for model in data_stack.STREAMS},
    f"arn:aws:sqs:{REGION}:{NUMBER}:fstream-prod-dead-letters",
    "socket5api",
    f"https://sqs.{REGION}.amazonaws.com/{NUMBER}/fstream-prod-live",
)
TEMPLATES = [
    data_stack.template("fstream-prod", 30),
    roles_stack.template(ROOT, DEPLOYMENT, ACCOUNT, STATE),
    front_stack.template(),
]
ROLE = f"arn:aws:iam::{NUMBER}:role/fstream/fstream-x"

UNUSED = {
    "AWS::ApiGatewayV2::Api": {"BodyS3Location": ["s3:getObject"]},
    "AWS::CloudFront::Distribution": {
        "Tags": ["cloudfront:CreateDistributionWithTags", "cloudfront:UntagResource"],
        "ConnectionMode": ["cloudfront:CreateConnectionGroup", "cloudfront:GetConnectionGroup"],
        "VpcOriginConfig": ["cloudfront:GetVpcOrigin"],
        "Staging": ["cloudfront:UpdateDistributionWithStagingConfig"],
    },
    "AWS::CloudFront::Function": {"Tags": ["cloudfront:UntagResource"]},
    "AWS::DynamoDB::Table": {
        "ContributorInsightsSpecification": ["dynamodb:UpdateContributorInsights"],
        "ImportSourceSpecification": [
            "dynamodb:DescribeImport", "dynamodb:ImportTable", "logs:CreateLogStream", "logs:DescribeLogStreams",
            "logs:PutLogEvents", "s3:GetObject", "s3:GetObjectMetadata", "s3:ListBucket",
        ],
        "KinesisStreamSpecification": [
            "dynamodb:DisableKinesisStreamingDestination", "dynamodb:EnableKinesisStreamingDestination",
            "dynamodb:UpdateKinesisStreamingDestination", "iam:CreateServiceLinkedRole", "kinesis:DescribeStream",
            "kinesis:PutRecords",
        ],
        "KMSMasterKeyId": [
            "kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListAliases", "kms:RevokeGrant",
        ],
        "ReplicationSpecification": ["dynamodb:AssociateTableReplica", "dynamodb:CreateTableReplica"],
        "ResourcePolicy": ["dynamodb:DeleteResourcePolicy", "dynamodb:PutResourcePolicy"],
        "Tags": ["dynamodb:TagResource", "dynamodb:UntagResource"],
    },
    "AWS::IAM::Role": {
        "ManagedPolicyArns": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
        "Tags": ["iam:TagRole", "iam:UntagRole"],
    },
    "AWS::Logs::LogGroup": {
        "BearerTokenAuthenticationEnabled": ["logs:PutBearerTokenAuthentication"],
        "DataProtectionPolicy": [
            "firehose:TagDeliveryStream", "logs:CreateLogDelivery", "logs:PutDataProtectionPolicy",
            "s3:REST.PUT.OBJECT",
        ],
        "DeletionProtectionEnabled": ["logs:PutLogGroupDeletionProtection"],
        "FieldIndexPolicies": ["logs:DeleteIndexPolicy", "logs:PutIndexPolicy"],
        "KmsKeyId": ["logs:AssociateKmsKey", "logs:DisassociateKmsKey"],
        "ResourcePolicyDocument": ["logs:DeleteResourcePolicy", "logs:PutResourcePolicy"],
    },
    "AWS::SNS::Topic": {
        "DataProtectionPolicy": ["sns:PutDataProtectionPolicy"],
        "DeliveryStatusLogging": ["iam:GetRole", "iam:PassRole"],
    },
    "AWS::SQS::Queue": {"Tags": ["sqs:TagQueue", "sqs:UntagQueue"]},
}  # fmt: skip
"""Permissions that AWS's handlers need only for a property that the templates do not use, by type and property."""
NEVER = {
    "logs:DeleteRetentionPolicy": "every log has a retention",
    "iam:DeleteRolePermissionsBoundary": "taking a boundary away would make the deployer an administrator",
}
"""Permissions that no update needs, with the reason."""


def filled(name: str) -> dict[str, Any]:
    """Return a policy of the documents, with account and region filled in."""
    text = (ROOT / "docs" / name).read_text()
    policy: dict[str, Any] = json.loads(text.replace("ACCOUNT", NUMBER).replace("REGION", REGION))
    return policy


DEPLOYER, LIMIT = filled("deployer-policy.json"), filled("boundary-policy.json")
ACTIONS = {action for statement in DEPLOYER["Statement"] for action in statement["Action"]}


@cache
def used() -> dict[str, set[str]]:
    """Return the resource types of the templates, each with the names of all properties, at any depth."""
    found: dict[str, set[str]] = {}
    for template in TEMPLATES:
        for resource in template["Resources"].values():
            found.setdefault(resource["Type"], set()).update(names(resource["Properties"]))
    return found


def names(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from names(child)


def schema(kind: str) -> dict[str, Any]:
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # which takes long to load

    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return found


@pytest.mark.parametrize("kind", sorted(used()))
def test_the_deployer_may_do_what_cloudformation_does_for_it(kind: str) -> None:
    described = schema(kind)
    handlers = described["handlers"].items()
    needed = {action for name, handler in handlers if name != "list" for action in handler["permissions"]}
    if described["tagging"].get("cloudFormationSystemTags"):
        needed |= set(described["tagging"]["permissions"])
    unneeded = {action for actions in UNUSED.get(kind, {}).values() for action in actions}
    assert needed - unneeded - NEVER.keys() - ACTIONS == set()


@pytest.mark.parametrize("kind", sorted(UNUSED))
def test_a_permission_is_left_out_only_for_what_the_templates_do_not_use(kind: str) -> None:
    assert UNUSED[kind].keys() & used()[kind] == set()
    known = {action for handler in schema(kind)["handlers"].values() for action in handler["permissions"]}
    assert {action for actions in UNUSED[kind].values() for action in actions} <= known


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("apigateway:PUT", f"arn:aws:apigateway:{REGION}::/tags/arn%3Aaws%3Aapigateway%3A{REGION}%3A%3A%2Fapis%2Fx"),
        ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis"),
        ("apigateway:POST", f"arn:aws:apigateway:{REGION}::/apis/x/routes"),
        ("cloudfront:PublishFunction", f"arn:aws:cloudfront::{NUMBER}:function/fstream-prod-{REGION}-streaming-path"),
        ("budgets:ModifyBudget", f"arn:aws:budgets::{NUMBER}:budget/{budget.name('fstream-prod', REGION, 'a@b.c')}"),
        ("cloudformation:GetTemplate", f"arn:aws:cloudformation:{REGION}:{NUMBER}:stack/fstream-prod-roles/1"),
        ("cloudwatch:TagResource", f"arn:aws:cloudwatch:{REGION}:{NUMBER}:alarm:fstream-prod-front-Slow-1"),
        ("cloudwatch:TagResource", f"arn:aws:cloudwatch::{NUMBER}:dashboard/fstream-prod-{REGION}-overview"),
        ("iam:GetPolicy", BOUNDARY),
        ("lambda:ListFunctions", "*"),
        ("logs:TagResource", f"arn:aws:logs:{REGION}:{NUMBER}:log-group:/aws/lambda/fstream-prod-fan_out"),
        ("sns:TagResource", f"arn:aws:sns:{REGION}:{NUMBER}:fstream-prod-alarms"),
    ],
)
def test_the_deployer_may_do_it_to_the_resources_that_are_made(action: str, resource: str) -> None:
    assert iam.allows(DEPLOYER, action, resource)


@pytest.mark.parametrize("name", functions.ALL)
def test_the_deployer_makes_the_roles_of_the_template_and_gives_them_to_lambda(name: str) -> None:
    arn = functions.role_arn("fstream", "fstream-prod", ACCOUNT, name)
    within = {"iam:PermissionsBoundary": BOUNDARY}
    for action in ("CreateRole", "PutRolePolicy", "PutRolePermissionsBoundary", "DeleteRolePolicy"):
        assert iam.allows(DEPLOYER, f"iam:{action}", arn, within)
    assert iam.allows(DEPLOYER, "iam:PassRole", arn, {"iam:PassedToService": "lambda.amazonaws.com"})


@pytest.mark.parametrize("policy", [DEPLOYER, LIMIT], ids=["deployer", "boundary"])
def test_a_policy_fits_into_a_managed_policy(policy: dict[str, Any]) -> None:
    # "IAM and AWS STS quotas": 6,144 characters without white space. A partition's name may be 7 characters longer.
    assert len(json.dumps(policy, separators=(",", ":"))) < 6_144


@pytest.mark.parametrize("name", functions.ALL)
def test_the_boundary_lets_the_functions_do_what_their_policies_grant(name: str) -> None:
    role = TEMPLATES[1]["Resources"][f"{functions.logical_name(name)}Role"]["Properties"]
    assert role["PermissionsBoundary"] == BOUNDARY
    (policy,) = role["Policies"]
    granted = [
        (action, resource)
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    ]
    assert granted
    assert [each for each in granted if not iam.allows(LIMIT, *each)] == []


class Role:
    """A role at a place that the deployer may use, in one of the states that its calls can bring it to."""

    def __init__(self, boundary: str | None, policies: tuple[str, ...] = ()) -> None:
        self.boundary = boundary
        """Its boundary's ARN, if any."""
        self.policies = policies
        """`*` for a policy that allows everything."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Role) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.boundary, self.policies))

    def after(self, action: str, argument: str | None) -> "Role | None":
        """Return the role after a call by the deployer; None if the policy does not allow the call."""
        now = argument if action in {"CreateRole", "PutRolePermissionsBoundary"} else self.boundary
        context = {"iam:PermissionsBoundary": now} if now else {}
        if not iam.allows(DEPLOYER, f"iam:{action}", ROLE, context):
            return None
        match action:
            case "CreateRole":
                return Role(argument)
            case "PutRolePermissionsBoundary":
                return Role(argument, self.policies)
            case "DeleteRolePermissionsBoundary":
                return Role(None, self.policies)
            case _:
                return Role(self.boundary, ("*",))


CALLS = [
    ("CreateRole", None), ("CreateRole", BOUNDARY), ("CreateRole", "arn:aws:iam::aws:policy/AdministratorAccess"),
    ("PutRolePermissionsBoundary", BOUNDARY), ("DeleteRolePermissionsBoundary", None), ("PutRolePolicy", "*"),
    ("PutRolePermissionsBoundary", "arn:aws:iam::aws:policy/AdministratorAccess"), ("AttachRolePolicy", "*"),
]  # fmt: skip


def reachable(start: Role) -> set[Role]:
    """Return all states that the deployer's calls can bring a role to."""
    found, new = {start}, {start}
    while new:
        new = {after for role in new for call in CALLS if (after := role.after(*call)) is not None} - found
        found |= new
    return found


@pytest.mark.parametrize("boundary", [None, BOUNDARY, "arn:aws:iam::aws:policy/PowerUserAccess"])
def test_the_deployer_cannot_make_a_role_of_an_administrator(boundary: str | None) -> None:
    """Not even with a policy that allows everything, and whatever role there is at the beginning."""
    states = reachable(Role(boundary))
    assert Role(BOUNDARY, ("*",)) in states  # the attempt is made, so the boundary has to hold
    for role in states:
        assert "*" not in role.policies or role.boundary == BOUNDARY
    for action, resource in [
        ("iam:CreateUser", "*"),
        ("iam:PutRolePolicy", ROLE),
        ("iam:PassRole", ROLE),
        ("sts:AssumeRole", "*"),
        ("lambda:UpdateFunctionCode", "*"),
        ("s3:GetObject", "arn:aws:s3:::payroll/2026.csv"),
        ("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{NUMBER}:table/payroll"),
        ("dynamodb:DeleteTable", f"{_TABLES}users"),
        ("logs:DeleteLogGroup", f"arn:aws:logs:{REGION}:{NUMBER}:log-group:/aws/lambda/fstream-prod"),
    ]:
        assert not iam.allows_within(LIMIT, [iam.ADMINISTRATOR], action, resource), (action, resource)
    assert iam.allows_within(LIMIT, [iam.ADMINISTRATOR], "dynamodb:GetItem", f"{_TABLES}users")


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("iam:PassRole", ROLE, {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("iam:PassRole", ROLE, {}),
        ("iam:PassRole", f"arn:aws:iam::{NUMBER}:role/admin", {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", f"arn:aws:iam::{NUMBER}:role/fstream-x", {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:CreatePolicyVersion", BOUNDARY, {}),
        ("iam:SetDefaultPolicyVersion", BOUNDARY, {}),
        ("iam:DeletePolicy", BOUNDARY, {}),
        ("iam:UpdateAssumeRolePolicy", f"arn:aws:iam::{NUMBER}:role/fstream-deployer", {}),
        ("iam:PutUserPolicy", f"arn:aws:iam::{NUMBER}:user/ada", {}),
        ("iam:CreateAccessKey", f"arn:aws:iam::{NUMBER}:user/ada", {}),
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{NUMBER}:function:payroll", {}),
    ],
)
def test_the_deployer_has_no_other_way_up(action: str, resource: str, context: dict[str, str]) -> None:
    assert not iam.allows(DEPLOYER, action, resource, context)
