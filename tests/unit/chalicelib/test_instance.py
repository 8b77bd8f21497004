"""The description of the instance: both versions of the document, and nodeinfo."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest
from botocore.exceptions import EndpointConnectionError

from chalicelib import instance
from fstream_app.moderation import suspension
from fstream_app.people import profiles
from fstream_app.repository import sizes, users
from ops.meter import metered
from tests.support.logs import written
from tests.support.people import PASSWORD, Api

LIFETIMES = {"min_expires_in": 60, "max_expires_in": 604_800, "default_expires_in": 86_400}
PATHS = ["/api/v1/instance", "/api/v2/instance"]


@pytest.fixture
def described(configure: Callable[..., None]) -> None:
    configure(
        title="The club", description="Ten of us", contact_email="club@club.example", source_url="https://source.test"
    )


@pytest.mark.parametrize("path", PATHS)
def test_the_limits_of_messages_are_returned(api: Api, path: str) -> None:
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
    assert configuration["translation"] == {"enabled": False}
    assert configuration["accounts"]["max_profile_fields"] == 4


@pytest.mark.usefixtures("described")
def test_the_first_version_has_what_clients_read(api: Api) -> None:
    document = api.get("/api/v1/instance").json
    assert document["uri"] == "fstream.test"
    assert (document["title"], document["short_description"], document["email"]) == (
        "The club",
        "Ten of us",
        "club@club.example",
    )
    assert document["description"].startswith("Ten of us Messages here last from 1 minute to 7 days, ")
    assert document["version"] == instance.VERSION
    assert (document["rules"], document["urls"]) == ([], {"streaming_api": "wss://fstream.test"})


@pytest.mark.usefixtures("described")
def test_the_second_version_has_what_the_strictest_client_wants(api: Api) -> None:
    document = api.get("/api/v2/instance").json
    assert (document["domain"], document["title"], document["source_url"]) == (
        "fstream.test",
        "The club",
        "https://source.test",
    )
    assert document["thumbnail"]["url"] == "https://fstream.test/icons/thumbnail.png"
    assert document["contact"] == {"email": "club@club.example", "account": None}
    assert document["configuration"]["urls"] == {}
    assert (document["rules"], document["languages"]) == ([], ["en"])


@pytest.mark.parametrize("enabled", ["on", "off"])
def test_whether_people_may_sign_up_is_returned(api: Api, configure: Callable[..., None], enabled: str) -> None:
    configure(registrations=enabled)
    registrations = api.get("/api/v2/instance").json["registrations"]
    assert registrations["enabled"] == api.get("/api/v1/instance").json["registrations"] == (enabled == "on")
    assert (registrations["message"] is None) == (enabled == "on")
    assert api.get("/nodeinfo/2.0").json["openRegistrations"] == (enabled == "on")


def counted(api: Api) -> tuple[int, int, int, int]:
    """Return the numbers of users, messages, domains and active users."""
    stats = api.get("/api/v1/instance").json["stats"]
    active = api.get("/api/v2/instance").json["usage"]["users"]["active_month"]
    return stats["user_count"], stats["status_count"], stats["domain_count"], active


def test_counts_are_approximately_right(api: Api) -> None:
    assert counted(api) == (0, 0, 1, 0)
    ada, bob, _ = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    for by in (ada, ada, bob):
        api.post(by, "x")
    api.deliver()
    api.clock.advance(3600)
    assert counted(api) == (3, 3, 1, 2)


def test_counting_takes_one_round_trip_an_hour_and_no_units(api: Api) -> None:
    api.sign_up("ada")
    with metered() as cost:
        assert {counted(api) for _ in range(5)} == {(1, 0, 1, 0)}
    assert {call.operation for call in cost.calls} == {"DescribeTable"}
    assert (len(cost.calls), cost.read_units, cost.write_units) == (3, 0, 0)
    api.sign_up("bob")
    api.clock.advance(3599)
    assert counted(api)[0] == 1
    api.clock.advance(1)
    assert counted(api)[0] == 2


def test_the_instance_is_described_while_the_database_does_not_answer(
    api: Api, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]
) -> None:
    configure(contact_account="ada")
    attempts = []

    def fail(*_: object) -> None:
        attempts.append(1)
        raise EndpointConnectionError(endpoint_url="https://dynamodb.test")

    with monkeypatch.context() as patch, written() as log:
        patch.setattr(sizes, "items", fail)
        patch.setattr(users, "id_by_name", fail)
        assert counted(api) == counted(api) == (0, 0, 1, 0)
        assert api.get("/api/v2/instance").json["contact"]["account"] is None
        assert len(attempts) == 2  # one for the counts, one for the account; neither is repeated at once
    assert [line["error"] for line in log.lines if "error" in line] == ["EndpointConnectionError"] * 2
    api.sign_up("ada")
    api.clock.advance(59.999)
    assert counted(api)[0] == 0
    api.clock.advance(0.001)
    assert counted(api)[0] == 1
    assert api.get("/api/v2/instance").json["contact"]["account"]["acct"] == "ada"


def test_the_contact_account_is_shown_if_the_operator_names_one(api: Api, configure: Callable[..., None]) -> None:
    def contacts() -> list[Any]:
        accounts = [
            api.get("/api/v1/instance").json["contact_account"],
            api.get("/api/v2/instance").json["contact"]["account"],
        ]
        return [account and account["acct"] for account in accounts]

    api.sign_up("ada")
    assert contacts() == [None, None]
    for name in ("ada", "ADA"):
        configure(contact_account=name)
        assert contacts() == ["ada", "ada"]
        with metered() as cost:
            contacts()
        assert cost.calls == []
    configure(contact_account="nobody")
    assert contacts() == [None, None]
    api.sign_up("nobody1")
    configure(contact_account="nobody1")
    assert contacts() == ["nobody1", "nobody1"]


@pytest.mark.parametrize("end", ["suspend", "leave"])
def test_the_contact_account_is_null_at_once_when_it_is_suspended_or_has_left(
    api: Api, configure: Callable[..., None], end: str
) -> None:
    def contact() -> Any:
        return api.get("/api/v2/instance").json["contact"]["account"]

    ada = api.sign_up("ada")
    configure(contact_account="ada")
    assert contact()["acct"] == "ada"
    api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json={"display_name": "Ada"})
    assert contact()["display_name"] == "Ada"
    if end == "suspend":
        suspension.suspend("ada", "", api.clock.now)
    else:
        form = {"password": PASSWORD}
        assert api.request("POST", "/api/pleroma/delete_account", ada, form=form).status == 200
    assert contact() is None
    assert api.get("/api/v1/instance").json["contact_account"] is None
    if end == "suspend":
        suspension.lift("ada", api.clock.now)
        assert contact()["acct"] == "ada"


def test_a_contact_account_that_another_process_suspends_is_null_within_a_minute(
    api: Api, configure: Callable[..., None]
) -> None:
    ada = api.sign_up("ada")
    configure(contact_account="ada")
    api.get("/api/v2/instance")
    remembered = profiles.known([ada.id])
    suspension.suspend("ada", "", api.clock.now)
    profiles.remember(remembered.values())
    api.clock.advance(60)
    assert api.get("/api/v2/instance").json["contact"]["account"] is None


def test_nodeinfo_is_found_where_its_links_lead(api: Api) -> None:
    (link,) = api.get("/.well-known/nodeinfo").json["links"]
    assert link["rel"] == "http://nodeinfo.diaspora.software/ns/schema/2.0"
    assert link["href"] == "https://fstream.test/nodeinfo/2.0"
    assert api.follow_link(link["href"]).status == 200


def test_nodeinfo_names_the_software_and_whose_api_it_speaks(api: Api) -> None:
    document: dict[str, Any] = api.get("/nodeinfo/2.0").json
    assert document["version"] == "2.0"
    assert document["software"]["name"] == "fstream"
    assert document["metadata"]["upstream"] == {"name": "mastodon"}


def test_nodeinfo_makes_up_no_federation(api: Api) -> None:
    document = api.get("/nodeinfo/2.0").json
    assert (document["protocols"], document["services"]) == ([], {"inbound": [], "outbound": []})


def test_nodeinfo_counts_as_the_instance_documents_do(api: Api) -> None:
    ada, bob, _ = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    for by in (ada, ada, bob):
        api.post(by, "x")
    api.deliver()
    users, messages, _, active = counted(api)
    with metered() as cost:
        usage = api.get("/nodeinfo/2.0").json["usage"]
    assert usage == {"users": {"total": users, "activeMonth": active}, "localPosts": messages}
    assert (usage["users"]["total"], usage["localPosts"], cost.calls) == (3, 3, [])


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
    streaming = api.get("/api/v1/instance").json["urls"]["streaming_api"]
    for address in (f"{streaming}/api/v1/streaming?access_token=x", urljoin(streaming, "/api/v1/streaming")):
        assert urljoin("https://client.example/home", address).partition("/api")[0] == ADDRESSES[base_url]
    assert "streaming" not in api.get("/api/v2/instance").json["configuration"]["urls"]


@pytest.mark.parametrize("rest", ["", "/", "?stream=user&access_token=x", "/user", "/user/notification"])
def test_requests_for_streaming_are_answered_clearly_and_use_up_no_limit(
    api: Api, configure: Callable[..., None], rest: str
) -> None:
    configure(rate_limits="on", rate_requests="1/300")
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-protocol": "x"}
    for headers in (upgrade, {"authorization": "Bearer wrong", "accept": "text/event-stream"}, {}):
        answer = api.request("GET", f"/api/v1/streaming{rest}", headers=headers)
        assert (answer.status, "streaming is not supported" in answer.error) == (404, True)
        assert "X-RateLimit-Limit" not in answer.headers
