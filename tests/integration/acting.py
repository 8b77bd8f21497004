"""What the rules of the model-based test share: the users, the model, and numbers that choose among them."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from fstream_app.core.ids import MessageId
from fstream_app.messages.posting import Draft
from tests.integration.reference_model import Network
from tests.support.clock import Clock

PEOPLE = 4
somebody = st.integers(0, PEOPLE - 1)
anything = st.integers(0, 10_000)


class Acting(RuleBasedStateMachine):
    """A machine in which users act."""

    clock: Clock
    network: Network
    people: list[str]
    names: dict[str, str]
    step: int

    def who(self, number: int) -> str:
        return self.people[number % len(self.people)]

    def _post(self, author: int, draft: Draft) -> None:
        raise NotImplementedError

    def record(self, message_id: MessageId, *, inserted: bool) -> None:
        """Let the stream have a record of a message."""
        raise NotImplementedError

    def react(self, user_id: str, reaction: str) -> None:
        """Deliver a change of a reaction."""
        raise NotImplementedError

    def message(self, number: int) -> MessageId:
        return list(self.network.posted)[number % len(self.network.posted)]
