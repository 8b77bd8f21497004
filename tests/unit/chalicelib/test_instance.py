"""The description of the instance: both versions of the document, and nodeinfo."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.support.people import Api

LIFETIMES = {"min_expires_in": 60, "max_expires_in": 604_800, "default_expires_in": 86_400}
PATHS = ["/api/v1/instance", "/api/v2/instance"]


@pytest.fixture
def described(configure: Callable[..., None]) -> None:
    configure(
        title="The club", description="Ten of us", contact_email="club@club.example", source_url="https://source.test"
    )


@pytest.mark.parametrize("path", PATHS)
def test_the_limits_of_messages_are_told(api: Api, path: str) -> None:
    limits = api.get(path).json["configuration"]["statuses"]
    assert limits.items() >= LIFETIMES.items()
    assert (limits["max_characters"], limits["characters_reserved_per_url"]) == (500, 23)
    assert limits["max_media_attachments"] == 0


@pytest.mark.parametrize("path", PATHS)
def test_the_limits_are_those_of_the_settings(api: Api, configure: Callable[..., None], path: str) -> None:
    configure(min_lifetime=1, default_lifetime=2, max_lifetime=3, max_characters=4)
    assert api.get(path).json["configuration"]["statuses"] == {
        "max_characters": 4,
        "max_media_attachments": 0,
        "characters_reserved_per_url": 23,
        "min_expires_in": 1,
        "default_expires_in": 2,
        "max_expires_in": 3,
    }


@pytest.mark.parametrize("path", PATHS)
def test_what_there_is_not_has_no_room(api: Api, path: str) -> None:
    configuration = api.get(path).json["configuration"]
    assert configuration["media_attachments"]["supported_mime_types"] == []
    assert set(configuration["polls"].values()) == {0}
    assert configuration["translation"] == {"enabled": False}
    assert configuration["accounts"]["max_profile_fields"] == 4


@pytest.mark.usefixtures("described")
def test_the_first_version_has_what_clients_read(api: Api) -> None:
    told = api.get("/api/v1/instance").json
    assert told["uri"] == "fstream.test"
    assert (told["title"], told["description"], told["email"]) == ("The club", "Ten of us", "club@club.example")
    assert told["version"].startswith("4.2.0 (compatible; FSTREAM ")
    assert (told["rules"], told["urls"]) == ([], {"streaming_api": "wss://fstream.test"})


@pytest.mark.usefixtures("described")
def test_the_second_version_has_what_the_strictest_client_wants(api: Api) -> None:
    told = api.get("/api/v2/instance").json
    assert (told["domain"], told["title"], told["source_url"]) == ("fstream.test", "The club", "https://source.test")
    assert told["usage"] == {"users": {"active_month": 0}}
    assert told["thumbnail"]["url"] == "https://fstream.test/icons/thumbnail.png"
    assert told["contact"] == {"email": "club@club.example", "account": None}
    assert told["configuration"]["urls"] == {}
    assert (told["rules"], told["languages"]) == ([], ["en"])


@pytest.mark.parametrize("enabled", ["on", "off"])
def test_whether_people_may_sign_up_is_told(api: Api, configure: Callable[..., None], enabled: str) -> None:
    configure(registrations=enabled)
    registrations = api.get("/api/v2/instance").json["registrations"]
    assert registrations["enabled"] == api.get("/api/v1/instance").json["registrations"] == (enabled == "on")
    assert (registrations["message"] is None) == (enabled == "on")
    assert api.get("/nodeinfo/2.0").json["openRegistrations"] == (enabled == "on")


def test_nodeinfo_is_found_where_its_links_lead(api: Api) -> None:
    (link,) = api.get("/.well-known/nodeinfo").json["links"]
    assert link["rel"] == "http://nodeinfo.diaspora.software/ns/schema/2.0"
    assert link["href"] == "https://fstream.test/nodeinfo/2.0"
    assert api.follow_link(link["href"]).status == 200


def test_nodeinfo_names_the_software_and_whose_api_it_speaks(api: Api) -> None:
    told: dict[str, Any] = api.get("/nodeinfo/2.0").json
    assert told["version"] == "2.0"
    assert told["software"]["name"] == "fstream"
    assert told["metadata"]["upstream"] == {"name": "mastodon"}


def test_nodeinfo_makes_up_neither_users_nor_federation(api: Api) -> None:
    told = api.get("/nodeinfo/2.0").json
    assert (told["protocols"], told["services"]) == ([], {"inbound": [], "outbound": []})
    assert told["usage"] == {"users": {}}


ADDRESSES = {
    "https://club.example": "wss://club.example",
    "https://club.example:8443": "wss://club.example:8443",
    "http://127.0.0.1:8000": "ws://127.0.0.1:8000",
    "http://http.example": "ws://http.example",
}


@pytest.mark.parametrize("base_url", ADDRESSES)
def test_a_token_that_is_appended_to_the_streaming_address_stays_with_the_instance(
    api: Api, configure: Callable[..., None], base_url: str
) -> None:
    """As clients do it: Pinafore and Semaphore concatenate, masto.js drops the path, version 2 is only used if set."""
    configure(base_url=base_url)
    told = api.get("/api/v1/instance").json["urls"]["streaming_api"]
    for address in (f"{told}/api/v1/streaming?access_token=x", urljoin(told, "/api/v1/streaming")):
        assert urljoin("https://client.example/home", address).partition("/api")[0] == ADDRESSES[base_url]
    assert "streaming" not in api.get("/api/v2/instance").json["configuration"]["urls"]


@pytest.mark.parametrize("rest", ["", "/", "?stream=user&access_token=x", "/user", "/user/notification", "/health"])
def test_requests_for_streaming_are_answered_clearly_and_use_up_no_limit(
    api: Api, configure: Callable[..., None], rest: str
) -> None:
    configure(rate_limits="on", rate_requests="1/300")
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-protocol": "x"}
    for headers in (upgrade, {"authorization": "Bearer wrong", "accept": "text/event-stream"}, {}):
        answer = api.request("GET", f"/api/v1/streaming{rest}", headers=headers)
        assert (answer.status, "streaming is not supported" in answer.error) == (404, True)
        assert "X-RateLimit-Limit" not in answer.headers
