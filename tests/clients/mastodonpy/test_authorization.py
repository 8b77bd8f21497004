"""Applications, signing up, logging in and out with Mastodon.py."""

import secrets
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlencode

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.browser import allow, shown_code
from tests.clients.mastodonpy.clients import MakeClient
from tests.support.site import OUT_OF_BAND, PASSWORD, SCOPES, Site, unique
from tests.support.visitor import Page

CALLBACK = "https://client.example/callback"


def test_somebody_signs_up_and_logs_in(make_client: MakeClient) -> None:
    name, client = unique("ada"), make_client()
    token = client.create_account(name, PASSWORD, "ada@example.org", agreement=True, scopes=SCOPES.split())
    assert (client.access_token, client.me().username) == (token, name)
    again = make_client()
    assert again.log_in(name, PASSWORD, scopes=SCOPES.split(), allow_http=True) != token
    assert again.account_verify_credentials().id == client.me().id


def test_a_name_that_is_taken_is_reported(make_client: MakeClient, ada: Mastodon) -> None:
    token, error = make_client().create_account(
        ada.me().username, PASSWORD, "ada@example.org", agreement=True, return_detailed_error=True
    )
    assert token is None
    assert error.details.username[0].error == "ERR_TAKEN"


def test_nobody_logs_in_with_a_wrong_password(make_client: MakeClient, ada: Mastodon) -> None:
    with pytest.raises(mastodon.MastodonIllegalArgumentError, match="invalid_grant"):
        make_client().log_in(ada.me().username, "wrong horse", allow_http=True)


def test_the_authorization_server_says_that_it_grants_by_password(make_client: MakeClient) -> None:
    answer = make_client().oauth_authorization_server_info()
    assert "password" in answer.grant_types_supported
    assert set(SCOPES.split()) <= set(answer.scopes_supported)


def test_a_revoked_token_is_worth_nothing_at_once(make_client: MakeClient, ada: Mastodon) -> None:
    client = make_client()
    token = client.log_in(ada.me().username, PASSWORD, allow_http=True)
    with_same_token = make_client(access_token=token)
    assert with_same_token.me() == ada.me()
    client.revoke_access_token(allow_http=True)
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        with_same_token.me()


def test_the_application_is_known_by_its_name(ada: Mastodon) -> None:
    assert ada.app_verify_credentials().name == "tests"


def test_the_instance_returns_its_limits(site: Site, ada: Mastodon) -> None:
    first, second = ada.instance_v1(), ada.instance_v2()
    assert (first.uri, second.domain) == (site.host, site.host)
    assert first.configuration.statuses.max_characters == second.configuration.statuses.max_characters == 500
    assert second.configuration.statuses.min_expires_in == 1
    assert second.configuration.media_attachments.supported_mime_types == []
    assert second.configuration.translation.enabled is False
    assert ada.instance() == second
    assert ada.retrieve_mastodon_version().startswith("4.")


def test_somebody_logs_in_on_the_page_with_a_code_to_copy(site: Site, make_client: MakeClient, ada: Mastodon) -> None:
    client, name = make_client(), ada.me().username
    url = client.auth_request_url(scopes=SCOPES.split(), allow_http=True)
    code = shown_code(allow(site, url, decision="log_in", username=name, password=PASSWORD))
    token = client.log_in(code=code, scopes=SCOPES.split(), allow_http=True)
    assert (client.access_token, client.me().id) == (token, ada.me().id)
    with pytest.raises(mastodon.MastodonIllegalArgumentError, match="invalid_grant"):
        make_client().log_in(code=code, scopes=SCOPES.split(), allow_http=True)


def test_somebody_signs_up_on_the_page_and_is_sent_back(site: Site, make_client: MakeClient) -> None:
    credentials = Mastodon.create_app("tests", SCOPES.split(), redirect_uris=CALLBACK, api_base_url=site.url)
    client, name = Mastodon(*credentials, api_base_url=site.url, request_timeout=30), unique("ada")
    url = client.auth_request_url(redirect_uris=CALLBACK, scopes=["read", "write"], state="a&b", allow_http=True)
    answer = allow(site, url, decision="sign_up", username=name, password=PASSWORD)
    assert answer.status_code == 200, answer.text
    (link,) = [each["href"] for each in Page(answer.text).all("a") if each.get("id") == "continue"]
    address, _, query = link.partition("?")
    parameters = parse_qs(query)
    assert (address, parameters["state"]) == (CALLBACK, ["a&b"])
    client.log_in(code=parameters["code"][0], redirect_uri=CALLBACK, scopes=["read", "write"], allow_http=True)
    assert client.me().username == name
    client.session.close()


def test_a_wrong_password_on_the_page_gives_no_code(site: Site, make_client: MakeClient, ada: Mastodon) -> None:
    url = make_client().auth_request_url(scopes=["read"], allow_http=True)
    answer = allow(site, url, decision="log_in", username=ada.me().username, password="wrong horse")
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert 'class="code"' not in answer.text


def test_a_code_is_worth_nothing_without_its_verifier(site: Site, make_client: MakeClient, ada: Mastodon) -> None:
    # Mastodon.py does not support PKCE, so its parameters are added to the URL and the request here.
    verifier = secrets.token_urlsafe(48)
    challenge = b64encode(sha256(verifier.encode()).digest(), b"-_").decode().rstrip("=")
    proof = urlencode({"code_challenge": challenge, "code_challenge_method": "S256"})
    url = f"{make_client().auth_request_url(scopes=SCOPES.split(), allow_http=True)}&{proof}"
    typed = {"decision": "log_in", "username": ada.me().username, "password": PASSWORD}
    with pytest.raises(mastodon.MastodonIllegalArgumentError, match="invalid_grant"):
        make_client().log_in(code=shown_code(allow(site, url, **typed)), scopes=SCOPES.split(), allow_http=True)
    client = make_client()
    wanted = {
        "grant_type": "authorization_code",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": OUT_OF_BAND,
        "code": shown_code(allow(site, url, **typed)),
    }
    issued = site.request("POST", "/oauth/token", data=wanted | {"code_verifier": verifier}).json()
    assert make_client(access_token=issued["access_token"]).me().id == ada.me().id


def test_credentials_are_kept_for_another_time(make_client: MakeClient, ada: Mastodon) -> None:
    token, url, *application = ada.persistable_login_credentials().split("\n")
    assert url == ada.api_base_url
    assert application[:2] == [ada.client_id, ada.client_secret]
    assert make_client(access_token=token).me() == ada.me()


def test_the_software_is_described_for_those_who_count_servers(site: Site, ada: Mastodon) -> None:
    nodeinfo = ada.instance_nodeinfo()
    assert nodeinfo.software.name == "fstream"
    assert site.get("/openapi.json")["openapi"].startswith("3.1")
    assert ada.verify_minimum_version("4.0.0")


def test_the_server_s_clock_is_returned(ada: Mastodon) -> None:
    server_time: Any = ada.get_approx_server_time()
    assert abs(server_time.replace(tzinfo=UTC) - datetime.now(UTC)) < timedelta(seconds=30)


def test_a_changed_password_logs_out_every_other_app(site: Site, make_client: MakeClient, ada: Mastodon) -> None:
    # Mastodon.py has no methods for passwords and sessions.
    name, token, phone = ada.me().username, str(ada.access_token), make_client()
    phone.log_in(name, PASSWORD, allow_http=True)
    sessions = site.get("/api/oauth_tokens", token)
    assert sorted((each["app_name"], each["current"]) for each in sessions) == [("tests", False), ("tests", True)]
    changed = site.post("/api/pleroma/change_password", token, password=PASSWORD, new_password="battery staple")
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        phone.me()
    phone.log_in(name, "battery staple", allow_http=True)
    (other,) = [each["id"] for each in site.get("/api/oauth_tokens", token) if not each["current"]]
    assert site.request("DELETE", f"/api/oauth_tokens/{other}", token).status_code == 201
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        phone.me()
    form = {"username": name, "code": changed["recovery_code"], "new_password": PASSWORD}
    assert site.request("POST", "/account/recover", data=form).status_code == 200
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        ada.me()
    assert phone.log_in(name, PASSWORD, allow_http=True)


def test_an_account_is_deleted_with_what_it_wrote(site: Site, ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    refused = site.request("POST", "/api/pleroma/delete_account", str(ada.access_token), json={"password": "wrong"})
    assert (refused.status_code, bob.status(posted).id) == (403, posted.id)
    name = ada.me().username
    assert site.post("/api/pleroma/delete_account", str(ada.access_token), password=PASSWORD) == {"status": "success"}
    with pytest.raises(mastodon.MastodonUnauthorizedError):
        ada.account_verify_credentials()
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.account_lookup(name)
    with pytest.raises(mastodon.MastodonNotFoundError):
        bob.status(posted)
