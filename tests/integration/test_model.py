"""What users read, compared with the reference model after any sequence of events."""

import os

import hypothesis
import pytest
from hypothesis.stateful import run_state_machine_as_test

from fstream_app.core import packing
from fstream_app.feed import tail
from tests.integration.what_people_read import WhatPeopleRead

SEQUENCES = int(os.environ.get("FSTREAM_TEST_SEQUENCES", "50"))
PARTS = 5
STEPS = 8 if SEQUENCES <= 50 else 30


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("part", range(PARTS))
def test_everybody_reads_what_the_model_says(part: int, mocked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "HEAD_CAPACITY", 4)
    monkeypatch.setattr(tail, "PAGE", 3)
    monkeypatch.setattr("fstream_app.people.passwords.hash_password", lambda _: "hash")
    monkeypatch.setattr("fstream_app.people.passwords.verify", lambda *_: True)
    run_state_machine_as_test(
        hypothesis.seed(part)(WhatPeopleRead),
        settings=hypothesis.settings(
            max_examples=-(-SEQUENCES // PARTS),
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize=False,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
