"""The requests of Phanpy and Elk, replayed in order: fields, types, orders, and what a browser requires."""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import msgspec
import pytest
import requests

from tests.clients.browser import log_in
from tests.clients.web import elk, instances, phanpy
from tests.clients.web.replay import FORM, Browser, Names
from tests.support.site import Site

CLIENTS = {"phanpy": phanpy, "elk": elk}
SCENES = [(client, scene) for client, module in CLIENTS.items() for scene in module.SCENES]


def code_from(answer: requests.Response, redirect_uri: str) -> str:
    """Return the code with which the browser is sent back to the client."""
    assert answer.status_code == 303, answer.text
    address, _, query = answer.headers["Location"].partition("?")
    assert address == redirect_uri
    return parse_qs(query)["code"][0]


def shaped(answer: requests.Response, shape: Any) -> dict[str, Any]:
    """Return the response's JSON, which must fit the shape."""
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    msgspec.convert(content, shape)
    return content


@pytest.mark.parametrize(("client", "scene"), SCENES)
def test_a_client_gets_what_it_relies_on(site: Site, stage: Names, client: str, scene: str) -> None:
    module: ModuleType = CLIENTS[client]
    Browser(site, module.ORIGIN, stage["token"]).play(module.SCENES[scene], dict(stage))


def test_phanpy_logs_in(site: Site, stage: Names) -> None:
    browser = Browser(site, phanpy.ORIGIN)
    form = {"Content-Type": FORM}  # needs no preflight
    wanted = urlencode(phanpy.REGISTRATION).encode()
    app = shaped(browser.fetch("POST", "/api/v1/apps", headers=form, body=wanted), instances.Registered)
    path = "/.well-known/oauth-authorization-server"
    metadata = shaped(browser.fetch("GET", path, headers={}), instances.AuthorizationServer)
    assert "S256" in metadata["code_challenge_methods_supported"]

    verifier = secrets.token_urlsafe(64)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "client_id": app["client_id"],
        "code_challenge_method": "S256",
        "code_challenge": challenge,
        "redirect_uri": phanpy.REDIRECT_URI,
        "response_type": "code",
        "scope": phanpy.SCOPES,
    }
    page = f"{site.url}/oauth/authorize?{urlencode(asked)}"
    code = code_from(log_in(site, page, stage["ada_name"]), phanpy.REDIRECT_URI)

    exchanged = {
        "client_id": app["client_id"],
        "redirect_uri": phanpy.REDIRECT_URI,
        "grant_type": "authorization_code",
        "code": code,
        "scope": phanpy.SCOPES,
        "client_secret": app["client_secret"],
        "code_verifier": verifier,
    }
    issued = browser.fetch("POST", "/oauth/token", headers=form, body=urlencode(exchanged).encode())
    token = shaped(issued, instances.Token)
    assert set(token["scope"].split()) == set(phanpy.SCOPES.split())
    Browser(site, phanpy.ORIGIN, token["access_token"]).play(phanpy.START, dict(stage))


def test_elk_logs_in(site: Site, stage: Names) -> None:
    uri, agent = elk.redirect_uri(site.host), {"User-Agent": elk.USER_AGENT}
    wanted = {"client_name": "Elk", "website": elk.ORIGIN, "redirect_uris": uri, "scopes": elk.SCOPES}
    app = shaped(site.request("POST", "/api/v1/apps", headers=agent, json=wanted), instances.Registered)
    shaped(site.request("GET", "/api/v2/instance", headers=agent), instances.Instance)

    page = f"{site.url}/oauth/authorize?{elk.authorize(app['client_id'], site.host)}"
    code = code_from(log_in(site, page, stage["ada_name"]), uri)
    exchanged = {
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": uri,
        "grant_type": "authorization_code",
        "code": code,
        "scope": elk.SCOPES,
    }
    token = shaped(site.request("POST", "/oauth/token", json=exchanged), instances.Token)
    Browser(site, elk.ORIGIN, token["access_token"]).play(elk.START, dict(stage))


@pytest.mark.parametrize("list_", ["timelines/home?limit=1", "notifications?limit=1", "timelines/public?limit=1"])
def test_the_next_page_is_where_the_link_says(site: Site, stage: Names, list_: str) -> None:
    browser, path, seen = Browser(site, phanpy.ORIGIN, stage["token"]), f"/api/v1/{list_}", []
    for _ in range(2):
        answer = browser.fetch("GET", path, headers={})
        seen += [each["id"] for each in answer.json()]
        # masto.js keeps path and query of the link, and not the host.
        link = urlsplit(answer.links["next"]["url"])
        path = f"{link.path}?{link.query}"
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 2


def test_no_client_sends_its_token_to_another_host(site: Site) -> None:
    """Clients append a path and the token to the streaming address, and resolve it against their own origin.

    Those that read version 1, such as Semaphore, do so without a check. Those that read version 2, such as Phanpy and
    Elk, do without streaming if the address is missing.
    """
    addresses = [site.get("/api/v1/instance")["urls"]["streaming_api"]]
    if announced := site.get("/api/v2/instance")["configuration"]["urls"].get("streaming"):
        addresses.append(announced)
    for address in addresses:
        for origin in (phanpy.ORIGIN, elk.ORIGIN):
            opened = urlsplit(urljoin(f"{origin}/home", f"{address}/api/v1/streaming?stream=user"))
            assert (opened.scheme in {"ws", "wss"}, opened.netloc) == (True, site.host), address


def test_what_elk_says_about_a_hashtag_is_true(site: Site, stage: Names) -> None:
    """Elk adds up `accounts` of the two newest days: "1 person in the past 2 days". Without a history, it is silent."""
    tag = site.get("/api/v1/tags/evening", stage["token"])
    (found,) = [
        each
        for each in site.get("/api/v2/search", stage["token"], q="evening", type="hashtags")["hashtags"]
        if each["name"] == "evening"
    ]
    for history in (tag.get("history"), found.get("history")):
        assert history is None or sum(int(day["accounts"]) for day in history[:2]) > 0
