"""Applications, tokens, scopes."""

from base64 import b64encode
from urllib.parse import quote

from chalicelib.api import Access, Route
from fstream_app.access import oauth
from tests.support.people import PASSWORD, SCOPES, Answer, Api, Person, stored
from tests.support.routes import declared

OOB = "urn:ietf:wg:oauth:2.0:oob"
APP_FIELDS = {"id", "name", "website", "scopes", "redirect_uri", "redirect_uris", "client_id", "client_secret"}


def register(api: Api, **fields: object) -> Answer:
    return api.request("POST", "/api/v1/apps", json={"client_name": "x", "redirect_uris": OOB} | fields)


def grant(api: Api, application: Answer, grant_type: str = "client_credentials", **values: str) -> Answer:
    client = {name: application.json[name] for name in ("client_id", "client_secret")}
    return api.request("POST", "/oauth/token", form=client | {"grant_type": grant_type} | values)


def call(api: Api, route: Route, token: str | None, ids: dict[str, str]) -> int:
    """Request a route, with a token if given; return the status."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return api.request(route.method, route.path.format_map(ids), headers=headers).status


def path_values(route: Route, person: Person) -> dict[str, str]:
    names = [part.strip("{}") for part in route.path.split("/") if part.startswith("{")]
    return dict.fromkeys(names, person.id)


def test_an_application_is_registered_by_json_and_by_form(api: Api) -> None:
    fields = {"client_name": "toot", "redirect_uris": OOB, "scopes": "read write", "website": "https://toot.test"}
    for answer in (register(api, **fields), api.request("POST", "/api/v1/apps", form=fields)):
        assert answer.status == 200
        assert answer.json.keys() >= APP_FIELDS
        assert (answer.json["name"], answer.json["website"]) == ("toot", "https://toot.test")
        assert (answer.json["redirect_uri"], answer.json["redirect_uris"]) == (OOB, [OOB])
        assert answer.json["scopes"] == ["read", "write"]
        assert grant(api, answer).status == 200


def test_an_application_reads_unless_it_asks_for_more(api: Api) -> None:
    assert register(api).json["scopes"] == ["read"]
    assert register(api, scopes="").json["scopes"] == ["read"]


def test_an_application_may_have_several_redirect_uris(api: Api) -> None:
    uris = ["https://a.test/back?x=1", "app.phone:/back", OOB]
    assert register(api, redirect_uris=uris).json["redirect_uris"] == uris
    form = [("client_name", "x"), *(("redirect_uris[]", uri) for uri in uris)]
    assert api.request("POST", "/api/v1/apps", form=form).json["redirect_uris"] == uris


def test_redirect_uris_come_one_a_line_too(api: Api) -> None:
    uris = ["https://a.test/back", OOB]
    answers = [register(api, redirect_uris=separator.join(uris)).json for separator in ("\n", "\r\n", " ")]
    assert [answer.get("redirect_uris") for answer in answers] == [uris] * 3
    assert answers[0]["redirect_uri"] == "\n".join(uris)


def test_bad_redirect_uris_are_refused(api: Api) -> None:
    bad: list[object] = ["", [], "back", "/back", "//a.test", "javascript:alert(1)", "JavaScript:alert(1)", 7]
    bad += ["data:text/html,x", "vbscript:x", "file:///x", ":x", "x:", "a b:c", ["https://a b"], ["x:\x00"], [7], [[]]]
    bad += [
        "https://a.test/%",
        "x:%4",
        "x:%zz",
        "x:[a]",
        "https://a.test/[b]",
        "x://a:b",
        "https://a:99999/",
        "x://a@b@c",
    ]
    bad += [["https://a.test"] * 11, "https://a.test/" + "x" * 1986]
    assert [uris for uris in bad if register(api, redirect_uris=uris).status != 422] == []
    good: list[object] = [
        "https://u:p@a.test:1/?b=%20",
        "http://[::1]:9/?",
        "x:/a//b?/?",
        "x.y://z",
        ["https://a.test"] * 10,
        "https://a.test/" + "x" * 1985,
    ]
    assert [uris for uris in good if register(api, redirect_uris=uris).status != 200] == []


def test_a_redirect_uri_is_one_that_a_browser_can_go_back_to(api: Api) -> None:
    bad = ["https://", "http:///back", "https:back", "https://a.test/back#part", "1:2", "http://[", "https://a.test/é"]
    assert [uri for uri in bad if register(api, redirect_uris=[uri]).status != 422] == []


def test_an_address_has_no_characters_that_browsers_read_in_their_own_way(api: Api) -> None:
    for character in '\\"<>^`{|}':
        # With a backslash, browsers go to the first host, but RFC 3986 parsers find the second.
        uri = f"https://elsewhere.test{character}@trusted.test/"
        assert register(api, redirect_uris=[uri]).status == 422, uri
        assert register(api, website=uri).status == 422, uri


def test_bad_applications_are_refused(api: Api) -> None:
    bad: list[dict[str, object]] = [{"client_name": name} for name in ("", " ", "x" * 101, 7, None)]
    bad += [{"scopes": scopes} for scopes in ("all", "read admin", "read:everything", "READ", "read,write", 7)]
    bad += [{"website": website} for website in ("javascript:alert(1)", "toot.test", "https://" + "x" * 2000, 7)]
    bad += [{"website": website} for website in ("https://", "http://[", "https://a test", "https://a.test/\x00")]
    assert [fields for fields in bad if register(api, **fields).status != 422] == []
    assert register(api, client_name="x" * 100).status == 200
    assert register(api, website="https://a.test/" + "x" * 1985).status == 200
    assert register(api, website="https://a.test/?a=b#part").status == 200


def test_scopes_that_mastodon_knows_and_fstream_does_not_have_are_not_granted(api: Api) -> None:
    asked = {
        "read write follow push admin:read admin:write": ["read", "write", "follow", "push"],
        "admin:read:accounts read": ["read"],
        "read admin:write:ip_blocks write:statuses crypto": ["read", "write:statuses"],
        "crypto profile": ["profile"],
    }
    for scopes, granted in asked.items():
        application = register(api, scopes=scopes)
        assert application.json["scopes"] == granted
        # An app asks for what it has registered.
        assert grant(api, application, scope=scopes).json["scope"] == " ".join(granted)
    for scopes in (
        "admin:read",
        "crypto",
        "admin:read read:everything",
        "admin",
        "admin: read",
        "admin:read:",
        "Crypto",
    ):
        answer = register(api, scopes=scopes)
        assert (answer.status, answer.json["details"].keys()) == (422, {"scopes"}), scopes
    assert grant(api, register(api, scopes="read"), scope="admin:read").error == "invalid_scope"


def test_scopes_may_be_an_array(api: Api) -> None:
    assert register(api, scopes=["read", "write:statuses"]).json["scopes"] == ["read", "write:statuses"]
    form = [("client_name", "x"), ("redirect_uris", OOB), ("scopes[]", "read"), ("scopes[]", "push")]
    assert api.request("POST", "/api/v1/apps", form=form).json["scopes"] == ["read", "push"]
    assert register(api, scopes=[]).json["scopes"] == ["read"]


def test_an_applications_name_is_one_line_of_text(api: Api) -> None:
    assert register(api, client_name=" My\n\tapp\x00\x1b ").json["name"] == "My app"
    assert register(api, client_name="\x00\n").status == 422


def test_a_password_gives_a_token_of_the_user(api: Api) -> None:
    ada = api.sign_up("ada")
    for username in ("ada", "ADA", "@ada", "ada@fstream.test"):
        answer = api.token("password", username=username, password=PASSWORD, scope="read write")
        token = answer.json
        assert (token["token_type"], token["scope"], token["created_at"]) == ("Bearer", "read write", 2_208_988_800)
        assert answer.headers["Cache-Control"] == "private, no-store"
        me = api.get("/api/v1/accounts/verify_credentials", Person("", "", token["access_token"]))
        assert me.json["id"] == ada.id


def test_a_token_without_a_wanted_scope_has_all_of_the_applications(api: Api) -> None:
    assert api.token("client_credentials").json["scope"] == SCOPES


def test_a_client_may_identify_itself_by_http_basic(api: Api) -> None:
    pair = [quote(api.application[name], safe="") for name in ("client_id", "client_secret")]
    grant_type = {"grant_type": "client_credentials"}

    def ask(text: str) -> int:
        headers = {"authorization": "Basic " + b64encode(text.encode()).decode()}
        return api.request("POST", "/oauth/token", form=grant_type, headers=headers).status

    assert ask(":".join(pair)) == 200
    assert [ask(text) for text in (f"{pair[0]}:x", "x:x", ":", "", pair[0])] == [401] * 5


def test_broken_http_basic_is_a_wrong_client(api: Api) -> None:
    grant_type = {"grant_type": "client_credentials"}
    for header in ("Basic", "Basic !", "Basic /w==", "Basic é"):
        answer = api.request("POST", "/oauth/token", form=grant_type, headers={"authorization": header})
        assert (answer.status, answer.error) == (401, "invalid_client"), header


def test_a_wrong_request_for_a_token_is_answered_by_oauths_word(api: Api) -> None:
    api.sign_up("ada")
    right = {"username": "ada", "password": PASSWORD, "grant_type": "password"}
    right |= {name: api.application[name] for name in ("client_id", "client_secret")}
    wrong = [
        ("client_id", "", 401, "invalid_client"),
        ("client_id", "nobody", 401, "invalid_client"),
        ("client_secret", "", 401, "invalid_client"),
        ("client_secret", "wrong", 401, "invalid_client"),
        ("grant_type", "", 400, "invalid_request"),
        ("grant_type", "implicit", 400, "unsupported_grant_type"),
        ("password", "", 400, "invalid_request"),
        ("password", "wrong horse", 400, "invalid_grant"),
        ("scope", "admin", 400, "invalid_scope"),
        ("scope", "read admin", 400, "invalid_scope"),
        ("username", "", 400, "invalid_request"),
        ("username", "nobody@fstream.test", 400, "invalid_grant"),
        ("username", "nobody", 400, "invalid_grant"),
    ]
    for name, value, status, code in wrong:
        answer = api.request("POST", "/oauth/token", form=right | {name: value})
        assert (answer.status, answer.error) == (status, code), (name, value)
        assert answer.json["error_description"]


def test_a_token_has_no_scope_that_its_application_lacks(api: Api) -> None:
    reader = register(api, scopes="read:accounts follow")
    outside = ["read", "write", "read:statuses", "push", "read:accounts write"]
    within = ["read:accounts", "follow", "read:follows", "write:blocks", ""]
    assert [scope for scope in outside if grant(api, reader, scope=scope).json.get("error") != "invalid_scope"] == []
    assert [scope for scope in within if grant(api, reader, scope=scope).status != 200] == []


def test_every_route_asks_for_its_scope_and_for_a_token(api: Api) -> None:
    ada = api.sign_up("ada")
    everything = register(api, scopes=" ".join(sorted(oauth.SCOPES)))
    routes = [route for route in declared() if route.access is not Access.ANYBODY]
    assert len(routes) >= 26
    tokens: dict[str, str] = {}
    wrong = []
    for route in routes:
        ids = path_values(route, ada)
        if route.scope and route.scope not in tokens:
            others = " ".join(scope for scope in sorted(oauth.SCOPES) if not oauth.covers([scope], route.scope))
            tokens[route.scope] = grant(api, everything, scope=others).json["access_token"]
        if route.scope and call(api, route, tokens[route.scope], ids) != 403:
            wrong.append(("scope", route))
        if (call(api, route, None, ids) == 401) is (route.access is Access.READER):
            wrong.append(("no token", route))
        if call(api, route, "unknown", ids) != 401:
            wrong.append(("unknown token", route))
    assert wrong == []


def test_every_route_that_may_be_called_by_a_user_names_a_scope(api: Api) -> None:
    free = {route.path for route in declared() if route.access is not Access.ANYBODY and not route.scope}
    trends = {f"/api/v1/trends{kind}" for kind in ("", "/tags", "/statuses")}
    assert free == {"/api/v1/apps/verify_credentials"} | trends


def test_a_token_of_an_application_alone_has_no_user(api: Api) -> None:
    ada, token = api.sign_up("ada"), api.application_token()
    routes = [route for route in declared() if route.access is Access.USER]
    assert [route for route in routes if call(api, route, token, path_values(route, ada)) != 422] == []


def test_an_application_token_returns_its_application(api: Api) -> None:
    application = api.get("/api/v1/apps/verify_credentials", Person("", "", api.application_token())).json
    assert application == {
        "id": api.application["id"],
        "name": "tests",
        "website": None,
        "scopes": SCOPES.split(),
        "redirect_uri": OOB,
        "redirect_uris": [OOB],
        "vapid_key": "",
    }


def test_a_revoked_token_is_void_at_once(api: Api) -> None:
    ada = api.sign_up("ada")
    client = {name: api.application[name] for name in ("client_id", "client_secret")}
    for _ in range(2):
        assert api.request("POST", "/oauth/revoke", form=client | {"token": ada.token}).status == 200
        assert api.get("/api/v1/accounts/verify_credentials", ada).status == 401
        assert api.get("/api/v1/timelines/public", ada).status == 401


def test_a_token_is_revoked_by_its_own_client_only(api: Api) -> None:
    ada, other = api.sign_up("ada"), register(api).json
    client = {name: other[name] for name in ("client_id", "client_secret")}
    answer = api.request("POST", "/oauth/revoke", form=client | {"token": ada.token})
    assert (answer.status, answer.error) == (403, "unauthorized_client")
    mine = {"client_id": api.application["client_id"], "client_secret": "wrong"}
    assert api.request("POST", "/oauth/revoke", form=mine | {"token": ada.token}).status == 401
    assert api.request("POST", "/oauth/revoke", form=client).status == 400
    assert api.get("/api/v1/accounts/verify_credentials", ada).status == 200


def test_an_application_nobody_logs_in_with_is_forgotten_after_30_days(api: Api) -> None:
    unused, token = register(api), Person("", "", api.application_token())
    api.clock.advance(30 * 86_400 - 1)
    assert api.get("/api/v1/apps/verify_credentials", token).status == 200
    ada = api.sign_up("ada")
    api.clock.advance(1)
    assert grant(api, unused).status == 401
    assert api.get("/api/v1/apps/verify_credentials", token).status == 401
    assert api.get("/api/v1/apps/verify_credentials", ada).status == 200


def test_secrets_are_nowhere_stored_readable(api: Api) -> None:
    ada = api.sign_up("ada", "my secret password")
    secrets = ["my secret password", ada.token, api.application_token(), api.application["client_secret"]]
    found = str(stored())
    assert api.application["client_id"] in found
    assert [secret for secret in secrets if secret in found] == []
    assert "$argon2id$" in found


def test_who_logs_in_may_type_an_e_mail_address_of_whatever_host(api: Api) -> None:
    ada = api.sign_up("ada")
    for typed in ("ada", "@ada", "Ada@fstream.test", "ada@mail.example"):
        token = api.token("password", username=typed, password=PASSWORD).json["access_token"]
        assert api.get("/api/v1/accounts/verify_credentials", Person("ada", ada.id, token)).json["id"] == ada.id
