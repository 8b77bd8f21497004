"""The instance's own origin: as set, or on a local server that of the request."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from fstream_app.core import settings
from tests.support.engines import cool_down
from tests.support.people import Api

LOOPBACK = [
    *("localhost", "localhost:3000", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8001", "127.1.2.3:80", "[::1]"),
    *("[::1]:8000", "fstream.localhost:3000", "a.b.localhost"),
]
OTHERS = [
    *(
        "",
        "fstream.example",
        "localhost.example",
        "localhost.example:3000",
        "localhost:300000",
        "localhost:",
        "10.0.0.1",
    ),
    *("192.168.0.1:8000", "128.0.0.1", "127.0.0.1.example", "127.0.0.1@evil.example", "evil.example/localhost", "::1"),
    *("0.0.0.0:8000", "localhost:80/x", "localhost\nx", "[::2]", "xlocalhost", "1270.0.0.1", "localhost, evil.example"),
]
DEFAULT = "http://127.0.0.1:8000"


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No FSTREAM_BASE_URL."""
    monkeypatch.delenv("FSTREAM_BASE_URL")
    cool_down()
    yield
    monkeypatch.undo()
    cool_down()


def origin(api: Api, host: str) -> str:
    """Return the origin of links in the response to a request with this Host header."""
    address = api.request("GET", "/.well-known/nodeinfo", headers={"host": host}).json["links"][0]["href"]
    return str(address.removesuffix("/nodeinfo/2.0"))


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("host", LOOPBACK)
def test_a_local_server_is_where_the_request_was_sent(api: Api, host: str) -> None:
    assert origin(api, host) == f"http://{host.lower()}"
    assert api.get("/.well-known/nodeinfo").json["links"][0]["href"] == f"{DEFAULT}/nodeinfo/2.0"


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("host", OTHERS)
def test_another_host_is_not_believed(api: Api, host: str) -> None:
    assert origin(api, host) == DEFAULT


@pytest.mark.parametrize("host", [*LOOPBACK, *OTHERS])
def test_an_origin_that_is_set_is_used_for_every_host(api: Api, host: str) -> None:
    assert origin(api, host) == "https://fstream.test"


@pytest.mark.usefixtures("unset")
@pytest.mark.parametrize("host", LOOPBACK)
def test_on_lambda_no_host_is_believed(api: Api, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "fstream-prod")
    cool_down()
    assert origin(api, host) == DEFAULT


@pytest.mark.usefixtures("unset")
def test_everything_in_a_response_is_at_the_same_origin(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    headers = {"host": "localhost:3000"}
    body = {"status": "@bob@localhost:3000 @bob@127.0.0.1:8000 #tag"}
    status = api.request("POST", "/api/v1/statuses", ada, json=body, headers=headers).json
    assert [mention["id"] for mention in status["mentions"]] == [bob.id]
    assert 'href="http://localhost:3000/@bob"' in status["content"]
    for path in ("accounts/verify_credentials", "timelines/home?limit=1", "instance", f"statuses/{status['id']}"):
        answer = api.request("GET", f"/api/v1/{path}", ada, headers=headers)
        assert "http://localhost:3000" in answer.text, path
        assert 'href="http://127.0.0.1' not in answer.text, path
    assert answer.json["url"] == f"http://localhost:3000/@ada/{status['id']}"
    for query in ("http://localhost:3000/@ada", "ada@localhost:3000"):
        found = api.request("GET", f"/api/v2/search?q={query}", ada, headers=headers).json
        assert [account["id"] for account in found["accounts"]] == [ada.id], query
    assert api.request("GET", "/openapi.json", headers=headers).json["servers"] == [{"url": "http://localhost:3000"}]
    assert api.get("/openapi.json").json["servers"] == [{"url": DEFAULT}]


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("localhst127.0:[]@/ex-", max_size=30))
@pytest.mark.usefixtures("unset")
def test_an_origin_that_is_taken_from_a_host_is_loopback(host: str) -> None:
    with settings.addressed(host):
        name = settings.get().host.rpartition(":")[0] if ":" in settings.get().host[-6:] else settings.get().host
    assert name == "[::1" or name.strip("[]") == "::1" or name.endswith("localhost") or name.startswith("127.")
    assert settings.get().base_url == DEFAULT
