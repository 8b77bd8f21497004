"""The roles stack: a CloudFormation template with the functions' roles, whose policies are limited to the stage.

If the account has a permissions boundary, every role gets it: then no policy can grant a role more than the boundary,
regardless of who writes the policy. `docs/deployer-policy.json` allows only roles with the boundary.
"""

import copy
from pathlib import Path

from ops.deployment import functions, policies
from ops.deployment.configuration import Deployment
from ops.deployment.naming import Template
from ops.deployment.places import Account, State

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

POLICY = "function"
"""Name of each role's policy."""
_OLD = "Old"
"""Prefix of the ids of statements that are kept from the current template."""


def template(root: Path, deployment: Deployment, account: Account, state: State) -> Template:
    """Return the template of a stage.

    Args:
        root: the checkout, whose `.chalice/` has the functions' policies.
        deployment: the stage.
        account: where it is deployed.
        state: the data stack's resources.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "FSTREAM: the functions' roles",
        "Resources": {
            f"{functions.logical_name(name)}Role": _role(root, deployment, account, state, name)
            for name in functions.running(streaming=deployment.streaming)
        },
    }


def extended(wanted: Template, current: Template) -> Template:
    """Return the wanted template with the roles and the grants that only the current one has.

    The old code needs them until the new code has replaced it.
    """
    both = copy.deepcopy(wanted)
    for name, role in current.get("Resources", {}).items():
        if name not in both["Resources"]:
            both["Resources"][name] = role
            continue
        granted, old = _statements(both["Resources"][name]), _statements(role)
        kept = [statement for statement in old if statement not in granted]
        # Some may be of a deploy that was interrupted, and have the names of others.
        granted += [statement | {"Sid": f"{_OLD}{number}"} for number, statement in enumerate(kept, 1)]
    return both


def _statements(role: Template) -> list[Template]:
    statements: list[Template] = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return statements


def _role(root: Path, deployment: Deployment, account: Account, state: State, name: str) -> Template:
    policy = (root / ".chalice" / f"policy-{name}.json").read_text(encoding="utf-8")
    granted = policies.narrowed(policy, deployment, account, state)
    properties: Template = {
        "Path": functions.role_path(deployment.app),
        "RoleName": functions.role_name(deployment.prefix, account.region, name),
        "AssumeRolePolicyDocument": _TRUST,
        "Policies": [{"PolicyName": POLICY, "PolicyDocument": granted}],
    }
    if account.boundary:
        properties["PermissionsBoundary"] = account.boundary
    return {"Type": "AWS::IAM::Role", "Properties": properties}
