"""Live arrival that fails: only live events are missed, and counted. Deliveries and pages are as without it."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError

from fstream_app.core import metrics
from fstream_app.core.ids import MessageId
from fstream_app.core.metrics import Metric
from fstream_app.core.streams import Socket
from fstream_app.feed import fanout, views
from fstream_app.live import online
from ops.meter import Cost, metered
from tests.integration.faults.injector import LOST, THROTTLED, Call, Fault, Faults, Killed
from tests.support.delivery import changes_of
from tests.support.listening import Listening
from tests.support.people import SETTLED, Api, Person

LATENCY = 0.03
"""Seconds per call, so that round trips are counted."""
ATTEMPTS = 3
"""Of a question whether anybody is online, at most."""
FULL = ClientError({"Error": {"Code": "OverLimit", "Message": ""}}, "SendMessage")


class Scene(NamedTuple):
    """Ada, and Bob, who follows her and listens."""

    listening: Listening
    ada: Person
    bob: Person
    socket: Socket


@pytest.fixture
def api(faults: Faults, real_api: Api) -> Api:
    """The API on MiniStack, with faults in between."""
    return real_api


@pytest.fixture
def scene(api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Scene:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    api.deliver()
    listening = Listening(api, configure, monkeypatch)
    return Scene(listening, ada, bob, listening.opens(bob))


def is_about_sockets(call: Call) -> bool:
    return "-sockets" in str(call.body)


def post(scene: Scene, deliver: Callable[[], object]) -> tuple[str, Cost, dict[Metric, int]]:
    """Let Ada post, and deliver it; return the message's id, what the fan-out cost, and what was counted."""
    status = scene.listening.api.post(scene.ada, "hello")["id"]
    changes = changes_of([MessageId.parse(status)])
    with metered(LATENCY) as cost, metrics.tally() as tally:
        assert fanout.deliver(changes, scene.listening.api.clock.now) == set()
    deliver()
    assert views.deliver(changes, scene.listening.api.clock.now) == set()
    return status, cost, dict(tally.counts)


def home(scene: Scene) -> tuple[str, tuple[float, int]]:
    """Return the newest message on Bob's home timeline once it has settled, and the units and round trips of that."""
    scene.listening.api.clock.advance(SETTLED)
    with metered(LATENCY) as cost:
        found = scene.listening.api.home(scene.bob, limit=1)
    return found[0], (cost.read_units, cost.round_trips)


def measured(cost: Cost) -> tuple[float, float, int]:
    return cost.read_units, cost.write_units, cost.round_trips


def test_a_queue_that_takes_nothing_is_counted_and_delivery_costs_the_same(scene: Scene) -> None:
    listening = scene.listening
    first, undisturbed, _ = post(scene, listening.run)
    assert listening.events(scene.socket) == [("update", first)]
    listening.queue.error = FULL
    online.presence.clear()
    second, cost, counted = post(scene, listening.run)
    assert measured(cost) == measured(undisturbed)
    assert counted[Metric.LIVE_MISSED] == 1
    assert listening.events(scene.socket) == [("update", first)]
    assert home(scene)[0] == second


@pytest.mark.parametrize("fault", [THROTTLED, LOST], ids=lambda fault: fault.name)
def test_an_index_of_sockets_that_cannot_be_read_is_asked_once_and_counted(
    scene: Scene, faults: Faults, fault: Fault
) -> None:
    _, undisturbed, _ = post(scene, scene.listening.run)
    online.presence.clear()
    before = faults.happened[fault.name]
    with faults.happening(fault, share=1, seed=0, only=is_about_sockets):
        status, cost, counted = post(scene, scene.listening.run)
    assert faults.happened[fault.name] - before <= ATTEMPTS
    assert cost.round_trips <= undisturbed.round_trips
    assert counted[Metric.LIVE_MISSED] == 1
    assert home(scene)[0] == status


@pytest.mark.parametrize("fault", [THROTTLED, LOST], ids=lambda fault: fault.name)
def test_a_function_whose_calls_fail_misses_events_and_counts_them(
    scene: Scene, faults: Faults, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed = Counter[Metric]()
    monkeypatch.setattr(metrics, "count", lambda metric, number=1: missed.update({metric: number}))
    listening = scene.listening
    post(scene, listening.run)
    _, undisturbed = home(scene)

    def fail() -> None:
        with faults.happening(fault, share=1, seed=0):
            listening.run()

    status, _, _ = post(scene, fail)
    assert home(scene) == (status, undisturbed)
    assert missed[Metric.LIVE_MISSED] == 1
    again, _, _ = post(scene, listening.run)
    assert listening.events(scene.socket)[-1] == ("update", again)


def test_a_function_that_is_killed_after_any_call_misses_events_counts_them_and_leaves_nothing_behind(
    scene: Scene, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening, missed = scene.listening, Counter[Metric]()
    monkeypatch.setattr(metrics, "count", lambda metric, number=1: missed.update({metric: number}))
    first, undisturbed, _ = post(scene, lambda: None)
    before = faults.calls
    listening.run()
    calls = faults.calls - before
    assert calls > 3
    _, read = home(scene)
    died: list[bool] = []
    for number in range(calls):

        def die(number: int = number) -> None:
            texts = [text for text, _ in listening.queue.entries]
            faults.kill_after(number)
            with suppress(Killed):
                listening.run()
            died.append(faults.killed)
            faults.revive()
            if died[-1]:
                listening.call(*texts, received=2)  # as the queue delivers them again

        status, cost, _ = post(scene, die)
        assert measured(cost) == measured(undisturbed)
        found, again = home(scene)
        assert found == status
        assert listening.events(scene.socket).count(("update", status)) <= 1
        assert all(one <= other for one, other in zip(again, read, strict=True))
    assert sum(died) >= calls - 2
    assert missed[Metric.LIVE_MISSED] == sum(died)
    last, _, _ = post(scene, listening.run)
    assert listening.events(scene.socket)[-1] == ("update", last)
    assert listening.events(scene.socket).count(("update", first)) == 1
