"""The stream functions lose nothing and do nothing twice, however their calls to DynamoDB fail."""

import pytest

from tests.integration.faults import SEEDS
from tests.integration.faults.injector import (
    ANSWER_LOST,
    LOST,
    READ_IN_PART,
    THROTTLED,
    WRITTEN_IN_PART,
    Fault,
    Faults,
)
from tests.integration.faults.world import World, something_of_everything


def test_without_faults_everybody_reads_what_the_model_says(world: World) -> None:
    something_of_everything(world)
    world.deliver()
    world.check()
    assert world.dead_letters == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("kinds", "share"),
    [
        ([THROTTLED], 0.3),
        ([THROTTLED], 0.5),
        ([WRITTEN_IN_PART, READ_IN_PART], 0.7),
        ([LOST, ANSWER_LOST], 0.3),
        ([THROTTLED, WRITTEN_IN_PART, READ_IN_PART, LOST, ANSWER_LOST], 0.5),
    ],
    ids=lambda value: "+".join(kind.name for kind in value) if isinstance(value, list) else None,
)
def test_a_fan_out_whose_calls_fail_loses_nothing_and_does_nothing_twice(
    world: World, faults: Faults, kinds: list[Fault], share: float, seed: int
) -> None:
    something_of_everything(world)
    with faults.happening(*kinds, share=share, seed=seed):
        world.deliver()
    world.check()
    assert world.dead_letters == []
