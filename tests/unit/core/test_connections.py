"""What becomes of a frame is returned, and never raised."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError, EndpointConnectionError

from fstream_app.core import connections, deadline, retry, transport
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

    monkeypatch.setattr(api, "send", fail)
    assert connections.post(ID, b"{}") is Outcome.FAILED
    with deadline.within(0):
        assert connections.post(ID, b"{}") is Outcome.FAILED
    assert api.calls == 0


@pytest.mark.parametrize(
    "address", ["https://a1.execute-api.eu-west-1.amazonaws.com/prod", "http://127.0.0.1:1/_aws/x/y/"]
)
def test_requests_are_those_of_botocores_own_client(
    address: str, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    configure(connections=address)
    ours, theirs = Gateway(), Gateway()
    connections.http.use(ours)
    client = transport.client("apigatewaymanagementapi", connect=1, read=1, connections=1, endpoint_url=address)
    monkeypatch.setattr(client._endpoint, "http_session", theirs)
    for connection_id in (ID, "a/b c?d#e", "%2F~é=="):
        ours.open = theirs.open = {connection_id}
        assert connections.post(connection_id, b'{"event":"x"}') is Outcome.DONE
        assert connections.close(connection_id) is Outcome.DONE
        theirs.open = {connection_id}
        client.post_to_connection(ConnectionId=connection_id, Data=b'{"event":"x"}')
        client.delete_connection(ConnectionId=connection_id)
    assert [_essence(each) for each in ours.requests] == [_essence(each) for each in theirs.requests]


def _essence(request: AWSPreparedRequest) -> tuple[object, ...]:
    """Return what has to be the same; botocore's clients encode the headers."""
    headers = {name: value if isinstance(value, str) else value.decode() for name, value in request.headers.items()}
    signed = re.fullmatch(r"AWS4-HMAC-SHA256 (Credential=\S+), .*Signature=[0-9a-f]{64}", headers["Authorization"])
    assert signed
    names = ("X-Amz-Security-Token", "Content-Length", "User-Agent")
    return request.method, request.url, request.body or b"", signed[1], [headers.get(name) for name in names]


def test_requests_are_signed_with_credentials_that_were_renewed(api: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = iter(["first", "second"])

    def renewed() -> Mapping[str, str]:
        # Within ten minutes of the expiry, credentials are renewed before they are used.
        expires = datetime.now(UTC) + timedelta(minutes=5)
        key = next(keys, None)
        if key is None:
            raise CredentialRetrievalError(provider="test", error_msg="")
        return {"access_key": key, "secret_key": "s", "token": "t", "expiry_time": expires.isoformat()}

    made = connections.Signer()
    monkeypatch.setattr(made, "_credentials", RefreshableCredentials.create_from_metadata(renewed(), renewed, "test"))
    connections.signer.use(made)
    assert connections.post(ID, b"{}") is Outcome.DONE
    assert "Credential=second/" in api.requests[-1].headers["Authorization"]
    assert connections.post(ID, b"{}") is Outcome.FAILED  # they cannot be renewed any more


def test_a_response_is_that_of_the_gateway_whatever_form_its_error_has(api: Gateway) -> None:
    forms = {
        "LimitExceededException:http://internal.amazon.com/x/": Outcome.BUSY,
        "x#ThrottlingException": Outcome.BUSY,
    }
    for form, outcome in {**forms, "": Outcome.FAILED}.items():
        api.kinds[400], api.failures[ID] = form, 400
        assert connections.post(ID, b"{}") is outcome


def test_without_an_address_there_are_no_connections(configure: Callable[..., None]) -> None:
    configure(connections="")
    assert (connections.post(ID, b"{}"), connections.close(ID)) == (Outcome.GONE, Outcome.GONE)
