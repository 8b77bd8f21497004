"""What becomes of a frame is returned, and never raised."""

from collections.abc import Callable

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import EndpointConnectionError

from fstream_app.core import connections, deadline, retry
from fstream_app.core.connections import Outcome
from tests.support import gateway
from tests.support.gateway import Gateway

ID = "L0SM9cOFvHcCIhw="


@pytest.fixture
def api(configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    configure(connections=gateway.ADDRESS)
    monkeypatch.setattr(retry, "pause", lambda _: 0)
    answering = Gateway()
    answering.install()
    answering.open = {ID}
    return answering


def test_a_frame_is_sent_to_a_connection_that_is_open(api: Gateway) -> None:
    assert connections.post(ID, b'{"event":"x"}') is Outcome.DONE
    assert api.sent == [(ID, {"event": "x"})]


def test_a_closed_connection_is_gone(api: Gateway) -> None:
    assert connections.close(ID) is Outcome.DONE
    assert connections.post(ID, b"{}") is Outcome.GONE
    assert connections.close(ID) is Outcome.GONE
    assert (api.closed, api.sent) == ([ID], [])


@pytest.mark.parametrize(
    ("status", "outcome"), [(429, Outcome.BUSY), (403, Outcome.FAILED), (413, Outcome.FAILED), (500, Outcome.FAILED)]
)
def test_a_refused_frame_is_not_repeated_and_a_refused_closing_is(
    api: Gateway, status: int, outcome: Outcome, caplog: pytest.LogCaptureFixture
) -> None:
    api.failures[ID] = status
    assert connections.post(ID, b"{}") is outcome
    assert api.calls == 1
    assert connections.close(ID) is outcome
    assert api.calls == 1 + connections._CLOSE_ATTEMPTS
    assert ID not in caplog.text


def test_neither_an_outage_nor_a_passed_deadline_raises(api: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: AWSPreparedRequest) -> None:
        raise EndpointConnectionError(endpoint_url=gateway.ADDRESS)

    client = connections.client()
    monkeypatch.setattr(client._endpoint.http_session, "send", fail)
    client.meta.events.unregister("before-send.apigatewaymanagementapi", unique_id="gateway")
    assert connections.post(ID, b"{}") is Outcome.FAILED
    with deadline.within(0):
        assert connections.post(ID, b"{}") is Outcome.FAILED
    assert api.calls == 0


def test_without_an_address_there_are_no_connections(configure: Callable[..., None]) -> None:
    configure(connections="")
    assert (connections.post(ID, b"{}"), connections.close(ID)) == (Outcome.GONE, Outcome.GONE)
