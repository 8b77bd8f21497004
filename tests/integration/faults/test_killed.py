"""A function killed at any of its calls is run again, with the same result."""

import pytest

from tests.integration.faults.injector import Faults
from tests.integration.faults.world import World, something_of_everything


@pytest.mark.timeout(600)
def test_stream_functions_killed_after_any_call_and_retried_leave_what_undisturbed_ones_do(
    mortal: Faults, world: World
) -> None:
    something_of_everything(world)
    before = mortal.calls
    world.deliver()
    calls = mortal.calls - before
    assert calls > 10
    for number in range(calls + 1):
        world.begin()
        something_of_everything(world)
        mortal.kill_after(number)
        world.deliver()
        assert mortal.happened["killed"] == number + 1
        world.check()
    assert world.dead_letters == []
