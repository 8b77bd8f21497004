"""What RFC 6749, 6750 and 9700 ask of requests for tokens, of their responses, and of redirect URIs."""

from base64 import b64encode

import pytest

from fstream_app.tables import ApplicationItem
from tests.support.people import Answer, Api, Person
from tests.support.visitor import PATH, Visitor

HOME = "/api/v1/timelines/home"


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{client_id}:{secret}'.encode()).decode()}"}


def issue(api: Api, fields: list[tuple[str, str]], **headers: str) -> Answer:
    return api.request("POST", "/oauth/token", form=[("grant_type", "client_credentials"), *fields], headers=headers)


def test_a_client_authenticates_in_one_way(api: Api) -> None:
    client, secret = api.application["client_id"], api.application["client_secret"]
    sent = basic(client, secret)
    assert issue(api, [], **sent).status == 200
    assert issue(api, [("client_id", client)], **sent).status == 200
    for more in ([("client_secret", secret)], [("client_id", client), ("client_secret", secret)], [("client_id", "x")]):
        answer = issue(api, more, **sent)
        assert (answer.status, answer.error) == (400, "invalid_request"), more


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_a_request_repeats_no_parameter_that_is_known(api: Api, path: str) -> None:
    known = {"client_id", "client_secret"} | ({"scope", "grant_type"} if path.endswith("token") else {"token"})
    client = [(name, api.application[name]) for name in ("client_id", "client_secret")]
    form = [*client, ("grant_type", "client_credentials"), ("token", "x")]
    for name in (*known, "oauth_info"):  # which Mastodon.py repeats
        answer = api.request("POST", path, form=[*form, (name, "read"), (name, "read")])
        expected = (400, "invalid_request") if name in known else (200, None)
        assert (answer.status, answer.json.get("error")) == expected, name


def test_a_client_that_is_not_authenticated_is_asked_for_basic(api: Api) -> None:
    answer = issue(api, [], **basic("x", "y"))
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="FSTREAM"')


def test_a_challenge_says_what_is_wrong_with_the_token(api: Api) -> None:
    reader = Person("", "", api.application_token("read"))
    ada = api.sign_up("ada")
    narrow = api.token("password", username="ada", password="correct horse", scope="read").json["access_token"]
    status = f"/api/v1/statuses/{'0' * 26}/favourite"
    challenges = {
        (401, 'Bearer realm="FSTREAM"'): api.get(HOME),
        (401, 'Bearer realm="FSTREAM", error="invalid_token"'): api.get(HOME, Person("", "", "x")),
        (403, 'Bearer realm="FSTREAM", error="insufficient_scope", scope="write:favourites"'): api.request(
            "POST", status, Person("ada", ada.id, narrow)
        ),
        (422, None): api.get(HOME, reader),
        (200, None): api.get(HOME, ada),
    }
    for expected, answer in challenges.items():
        assert (answer.status, answer.headers.get("WWW-Authenticate")) == expected


def test_a_response_with_a_secret_is_kept_nowhere(api: Api) -> None:
    client = {name: api.application[name] for name in ("client_id", "client_secret")}
    made = api.request("POST", "/api/v1/apps", json={"client_name": "x", "redirect_uris": "https://a.test"})
    for answer in (made, issue(api, list(client.items())), issue(api, [])):
        assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("private, no-store", "no-cache")


@pytest.mark.parametrize(
    "uri",
    ["http://client.test/back", "http://192.168.0.7/", "http://localhost.client.test/", "HTTP://client.test/"]
    + [f"{scheme}:x" for scheme in ("intent", "about", "mailto", "view-source", "blob", "javascript", "data")],
)
def test_a_response_is_never_sent_unencrypted_or_to_something_else_than_an_app(api: Api, uri: str) -> None:
    fields = {"client_name": "x", "redirect_uris": [uri]}
    assert api.request("POST", "/api/v1/apps", json=fields).status == 422
    visitor = Visitor(api, "https://client.test/back")
    item = ApplicationItem.get(visitor.application["client_id"])
    item.redirect_uris = [uri]  # registered before this rule
    item.save()
    seen = visitor.open(redirect_uri=uri)
    assert (seen.status, seen.page.all("form")) == (422, [])
    form = visitor.request | {"redirect_uri": uri, "decision": "refuse"}
    assert "Location" not in visitor.browse("POST", PATH, form).headers


@pytest.mark.parametrize("uri", ["http://localhost:3000/", "http://127.0.0.1/x", "http://[::1]:1/", "ivory://back"])
def test_apps_on_the_same_device_are_called_back(api: Api, uri: str) -> None:
    assert Visitor(api, uri).open().status == 200
