"""Fixtures: people who listen, and figures."""

from collections.abc import Callable

import pytest

from fstream_app.core import metrics
from fstream_app.core.metrics import Metric
from tests.support.listening import Listening
from tests.support.people import Api


@pytest.fixture
def listening(api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Listening:
    """The API on moto, with sockets."""
    return Listening(api, configure, monkeypatch)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[Metric, int]:
    """The domain's figures, of all functions together."""
    counts: dict[Metric, int] = {}
    count = metrics.count

    def add(metric: Metric, number: int = 1) -> None:
        counts[metric] = counts.get(metric, 0) + number
        count(metric, number)

    monkeypatch.setattr(metrics, "count", add)
    return counts
