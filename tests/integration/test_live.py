"""What clients receive live, and by polling after a reconnect, compared with the reference model."""

import inspect
import os

import hypothesis
import pytest
from hypothesis.stateful import INVARIANT_MARKER, RULE_MARKER, run_state_machine_as_test

from fstream_app.core.packing import Visibility
from tests.integration.live_rules import LiveRules
from tests.integration.what_people_read import SETTLING, WhatPeopleRead
from tests.support.gateway import ADDRESS
from tests.support.listening import QUEUE

SEQUENCES = int(os.environ.get("FSTREAM_TEST_SEQUENCES", "50"))
STEPS = 8 if SEQUENCES <= 50 else 30
RULES = {
    *("follow", "end", "mute", "post", "reply", "delete", "wait", "deliver", "deliver_all", "repeat"),
    *("leave", "boost", "show_boosts", "turn_away", "edit", "follow_the_hashtag", "make_a_list", "change_the_members"),
}
"""The rules of the model-based test that concern what arrives."""


class WhatArrives(WhatPeopleRead, LiveRules):
    """Users act, and their clients listen; pages are compared elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open_the_gateway()

    def sign_up(self) -> None:
        super().sign_up()
        self.listen(len(self.people) - 1)

    def relate(self, verb: str, one: int, other: int) -> None:
        if verb == "follow":
            self.follow(one, other)
        elif verb == "mute":
            self.mute(one, other, seconds=0, silently=False)
        else:
            self.end(verb, one, other)

    def post_something(self, author: int) -> None:
        self.post(author, Visibility.PUBLIC, None, mentioned=author, times=1)

    def repeat_any(self, which: int, *, again: bool) -> None:
        if self.processed and again:
            self.repeat(which)

    def teardown(self) -> None:
        """Everything arrives, and clients connect again and poll."""
        try:
            self.everything_arrives()
            self.clock.advance(SETTLING / 1000)
            for client in self.clients.values():
                self.catch_up(client)
        finally:
            self.tables.__exit__()


for _name, _member in inspect.getmembers(WhatPeopleRead):
    if _name not in {*RULES, *vars(WhatArrives)} and (
        hasattr(_member, RULE_MARKER) or hasattr(_member, INVARIANT_MARKER)
    ):
        setattr(WhatArrives, _name, None)


def test_sockets_and_polls_together_give_what_the_model_says(mocked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CONNECTIONS": ADDRESS, "LIVE_QUEUE": QUEUE}.items():
        monkeypatch.setenv(f"FSTREAM_{name}", value)
    monkeypatch.setattr("fstream_app.people.passwords.hash_password", lambda _: "hash")
    monkeypatch.setattr("fstream_app.people.passwords.verify", lambda *_: True)
    settings = hypothesis.settings(
        max_examples=SEQUENCES * 3 // 5,
        stateful_step_count=STEPS,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(hypothesis.seed(1)(WhatArrives), settings=settings)
