"""`make deploy` and `make destroy`: every step looks at what is there, so that each can be called again at any time."""

import secrets
from pathlib import Path

import boto3

from ops.deployment import account, configuration, data_stack, front_stack, smoke
from ops.deployment.cloudformation import Confirm, Say, Stack
from ops.deployment.code import Code
from ops.deployment.errors import DeploymentError
from ops.deployment.places import State

_UNKNOWN_YET = "https://unset.invalid"
"""What the functions take for their address until CloudFront has one."""
_NOTHING = State("", "", "")


class Stage:
    """A stage in somebody's account."""

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
        """Bring everything to what the checkout says; return the address at which people reach it.

        Raises:
            DeploymentError: a step failed. What was done stays done, and the next call goes on from there.
        """
        self._say(f"FSTREAM as {self._deployment.prefix} to account {self._account.id}, {self._account.region}")
        self._say("1 of 4: data stack")
        state = self._bring_data()
        self._say("2 of 4: code")
        known = self._base_url()
        api_id = self._code.deploy(state, known or _UNKNOWN_YET)
        self._say("3 of 4: front stack; CloudFront takes some minutes")
        self._bring_front(api_id)
        base_url = self._base_url()
        if base_url != known:
            self._say("  The functions are told the address that CloudFront has got.")
            self._code.deploy(state, base_url)
        self._say("4 of 4: smoke check")
        domain = self._front.outputs()[front_stack.DOMAIN]
        smoke.check(f"https://{domain}", base_url.partition("://")[2])
        if self._deployment.own_domain:
            self._say(f"Let {self._deployment.own_domain} be a CNAME (or an alias) of {domain}.")
        return base_url

    def destroy(self) -> None:
        """Take everything away but the tables of users and relationships.

        Raises:
            DeploymentError: a step failed, or it is not wanted.
        """
        kept = [f"{self._deployment.prefix}-{model.base_name()}" for model in data_stack.KEPT]
        question = f"Take {self._deployment.prefix} away from account {self._account.id}, {self._account.region}?"
        if not self._confirm(f"{question} All messages are lost; the tables {' and '.join(kept)} stay."):
            raise DeploymentError("Nothing was taken away.")
        self._say("1 of 3: front stack; CloudFront takes some minutes")
        self._front.delete()
        self._say("2 of 3: code")
        self._code.delete(self._state() if self._data.exists() else _NOTHING)
        self._say("3 of 3: data stack")
        self._data.delete()
        self._say(f"What is left: {', '.join(kept)}. The next deploy takes them in again; docs/operations.md tells how")
        self._say("to delete them.")

    def _bring_data(self) -> State:
        template = data_stack.template(self._deployment.prefix, self._deployment.log_days)
        self._data.bring_to(template, {}, self._confirm)
        return self._state()

    def _state(self) -> State:
        outputs = self._data.outputs()
        messages, relationships = (outputs[output] for output in data_stack.STREAMS.values())
        return State(messages, relationships, outputs[data_stack.DEAD_LETTERS])

    def _bring_front(self, api_id: str) -> None:
        # The key is made once, and known to nobody but CloudFormation.
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
        """Return the address at which people reach it; nothing, as long as there is no front stack to have one."""
        domain = self._deployment.own_domain or self._front.outputs().get(front_stack.DOMAIN, "")
        return f"https://{domain}" if domain else ""
