"""`make deploy` and `make destroy`: both check the current state before each step, so both are safe to rerun."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fstream_app.core.settings import Settings
from ops.deployment import (
    account,
    budget,
    configuration,
    data_stack,
    front_stack,
    http_api,
    roles_stack,
    smoke,
    transition,
)
from ops.deployment.cloudformation import Confirm, Say, Stack
from ops.deployment.code import UNKNOWN_YET, Code
from ops.deployment.errors import DeploymentError
from ops.deployment.naming import Template
from ops.deployment.places import State

_NOTHING = State({}, "")


class Stage:
    """A stage in an AWS account."""

    def __init__(self, root: Path, stage: str, confirm: Confirm, say: Say) -> None:
        self._deployment = configuration.load(root, stage)
        self._root = root
        self._confirm = confirm
        self._say = say
        session = account.session()
        self._account = account.find(session, self._deployment)
        self._tables = session.client("dynamodb")
        client = session.client("cloudformation")
        self._data = Stack(client, f"{self._deployment.prefix}-data", say)
        self._roles = Stack(client, f"{self._deployment.prefix}-roles", say)
        self._front = Stack(client, f"{self._deployment.prefix}-front", say)
        self._code = Code(root, session, self._deployment, self._account, say)

    def deploy(self) -> str:
        """Deploy the checkout; return the instance's address.

        Raises:
            DeploymentError: a step failed. Completed steps stay done, and the next run continues from there.
        """
        self._say(f"Deploying {self._deployment.prefix} to account {self._account.id}, {self._account.region}.")
        before = self._data.template()
        self._say("1 of 5: data stack (tables, queues, WebSocket API, logs)")
        self._bring_data(transition.before(before, self._data_template))
        state = self._state()
        self._say("2 of 5: roles stack (what the functions may do)")
        if not self._account.boundary:
            self._say("  The roles get no permissions boundary: this account has none (see docs/operations.md)")
        roles = roles_stack.template(self._root, self._deployment, self._account, state)
        extended = roles_stack.extended(roles, self._roles.template())
        self._roles.bring_to(extended, {}, self._confirm)
        self._say("3 of 5: code (functions, API)")
        known = self._base_url()
        self._code.deploy(state, known or UNKNOWN_YET)
        if extended != roles:
            self._roles.bring_to(roles, {}, self._confirm)
        self._bring_data(transition.after(before, self._data_template))
        self._say("4 of 5: front stack (CloudFront, HTTP API, alarms, dashboard); takes a few minutes")
        self._bring_front(state)
        base_url = self._base_url()
        if base_url != known:
            self._say("  Deploying the code again with the address that CloudFront has assigned")
            self._code.deploy(state, base_url)
        self._say("5 of 5: smoke check")
        domain = self._front.outputs()[front_stack.DOMAIN]
        smoke.check(
            f"https://{domain}",
            base_url.partition("://")[2],
            Settings.from_environment(self._deployment.settings),
            self._say,
        )
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
        self._say("1 of 4: front stack (CloudFront, alarms, dashboard); takes a few minutes")
        self._front.delete()
        self._say("2 of 4: code (functions, API)")
        self._code.delete(self._state() if self._data.exists() else _NOTHING)
        self._say("3 of 4: roles stack (what the functions may do)")
        self._roles.delete()
        self._say("4 of 4: data stack (tables, queues, WebSocket API, logs)")
        self._data.delete()
        self._say(f"Deleted, except the tables {' and '.join(kept)}. The next deploy uses them again.")
        self._say("docs/operations.md describes how to delete them.")

    @property
    def _data_template(self) -> Template:
        deployment = self._deployment
        return data_stack.template(deployment.prefix, deployment.log_days, streaming=deployment.streaming)

    def _bring_data(self, steps: Iterator[Template]) -> None:
        for template in steps:
            self._data.bring_to(template, {}, self._confirm)
            transition.wait(self._tables, template)

    def _state(self) -> State:
        outputs = self._data.outputs()
        streams = {model.base_name(): outputs[output] for model, output in data_stack.STREAMS.items()}
        state = State(streams, outputs[data_stack.DEAD_LETTERS])
        if not self._deployment.streaming or data_stack.SOCKETS not in outputs:
            return state
        return replace(state, sockets=outputs[data_stack.SOCKETS], live_queue=outputs[data_stack.LIVE_QUEUE])

    def _bring_front(self, state: State) -> None:
        deployment, region = self._deployment, self._account.region
        parameters = {
            "App": deployment.app,
            "Stage": deployment.stage,
            front_stack.ORIGIN_SECRET: self._code.secret,
            http_api.THROTTLE: deployment.throttle,
            "OwnDomain": deployment.own_domain,
            "Certificate": deployment.certificate,
            "AlarmEmail": deployment.alarm_email,
        }
        if state.sockets:
            parameters[front_stack.SOCKETS] = state.sockets
        with_budget = budget.exists_in(region)
        if with_budget:
            parameters[budget.AMOUNT] = deployment.budget
            parameters[budget.NAME] = budget.name(deployment.prefix, region, deployment.alarm_email)
        else:
            self._say(f"  CloudFormation makes no budgets in {region}; docs/operations.md describes how to")
        template = front_stack.template(with_budget=with_budget, streaming=deployment.streaming)
        self._front.bring_to(template, parameters, self._confirm)

    def _base_url(self) -> str:
        """Return the instance's address; an empty string while the front stack does not exist."""
        domain = self._deployment.own_domain or self._front.outputs().get(front_stack.DOMAIN, "")
        return f"https://{domain}" if domain else ""
