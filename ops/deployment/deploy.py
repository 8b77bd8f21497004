"""`make deploy` and `make destroy`: both check the current state before each step, so both are safe to rerun."""

import secrets
from pathlib import Path

import boto3

from ops.deployment import account, configuration, data_stack, front_stack, smoke
from ops.deployment.cloudformation import Confirm, Say, Stack
from ops.deployment.code import Code
from ops.deployment.errors import DeploymentError
from ops.deployment.places import State

_UNKNOWN_YET = "https://unset.invalid"
"""Placeholder for the functions' base URL until CloudFront has an address."""
_NOTHING = State("", "", "", "")


class Stage:
    """A stage in an AWS account."""

    def __init__(self, root: Path, stage: str, confirm: Confirm, say: Say) -> None:
        self._deployment = configuration.load(root, stage)
        self._confirm = confirm
        self._say = say
        session = boto3.Session()
        self._account = account.find(session)
        client = session.client("cloudformation")
        self._data = Stack(client, f"{self._deployment.prefix}-data", say)
        self._front = Stack(client, f"{self._deployment.prefix}-front", say)
        self._code = Code(root, session, self._deployment, self._account, say)

    def deploy(self) -> str:
        """Deploy the checkout; return the instance's address.

        Raises:
            DeploymentError: a step failed. Completed steps stay done, and the next run continues from there.
        """
        self._say(f"Deploying {self._deployment.prefix} to account {self._account.id}, {self._account.region}.")
        self._say("1 of 4: data stack (tables, dead letters, logs)")
        state = self._bring_data()
        self._say("2 of 4: code (functions, API)")
        known = self._base_url()
        api_id = self._code.deploy(state, known or _UNKNOWN_YET)
        self._say("3 of 4: front stack (CloudFront, alarms, dashboard); takes a few minutes")
        self._bring_front(api_id)
        base_url = self._base_url()
        if base_url != known:
            self._say("  Deploying the code again with the address that CloudFront has assigned")
            self._code.deploy(state, base_url)
        self._say("4 of 4: smoke check")
        domain = self._front.outputs()[front_stack.DOMAIN]
        smoke.check(f"https://{domain}", base_url.partition("://")[2])
        if self._deployment.own_domain:
            self._say(f"In your DNS, make {self._deployment.own_domain} a CNAME (or an alias) of {domain}.")
        return base_url

    def destroy(self) -> None:
        """Delete everything except the tables of users and relationships.

        Raises:
            DeploymentError: a step failed, or the answer was no.
        """
        kept = [f"{self._deployment.prefix}-{model.base_name()}" for model in data_stack.KEPT]
        question = f"Delete {self._deployment.prefix} from account {self._account.id}, {self._account.region}?"
        if not self._confirm(f"{question} All messages are lost; the tables {' and '.join(kept)} are kept."):
            raise DeploymentError("Stopped at your request: nothing was deleted.")
        self._say("1 of 3: front stack (CloudFront, alarms, dashboard); takes a few minutes")
        self._front.delete()
        self._say("2 of 3: code (functions, API)")
        self._code.delete(self._state() if self._data.exists() else _NOTHING)
        self._say("3 of 3: data stack (tables, dead letters, logs)")
        self._data.delete()
        self._say(f"Deleted, except the tables {' and '.join(kept)}. The next deploy uses them again.")
        self._say("docs/operations.md describes how to delete them.")

    def _bring_data(self) -> State:
        template = data_stack.template(self._deployment.prefix, self._deployment.log_days)
        self._data.bring_to(template, {}, self._confirm)
        return self._state()

    def _state(self) -> State:
        outputs = self._data.outputs()
        messages, relationships, reactions = (outputs[output] for output in data_stack.STREAMS.values())
        return State(messages, relationships, reactions, outputs[data_stack.DEAD_LETTERS])

    def _bring_front(self, api_id: str) -> None:
        # The key is generated once, and only CloudFormation stores it.
        key = None if self._front.exists() else secrets.token_urlsafe(32)
        parameters = {
            "App": self._deployment.app,
            "Stage": self._deployment.stage,
            "ApiId": api_id,
            front_stack.ORIGIN_KEY: key,
            "OwnDomain": self._deployment.own_domain,
            "Certificate": self._deployment.certificate,
            "AlarmEmail": self._deployment.alarm_email,
        }
        self._front.bring_to(front_stack.template(), parameters, self._confirm)

    def _base_url(self) -> str:
        """Return the instance's address; an empty string while the front stack does not exist."""
        domain = self._deployment.own_domain or self._front.outputs().get(front_stack.DOMAIN, "")
        return f"https://{domain}" if domain else ""
