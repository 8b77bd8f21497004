"""Authorization codes, and their exchange for tokens."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.access import authorization, oauth
from fstream_app.core.errors import OAuthError
from fstream_app.core.grants import Code
from fstream_app.repository import oauth as tokens
from fstream_app.repository.transactions import Writes
from fstream_app.tables import TokenItem
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races
from tests.support.visitor import REDIRECT_URI, VERIFIER, Visitor

UNRESERVED = "ABCxyz019-._~"


@pytest.fixture
def visitor(api: Api) -> Visitor:
    """A user sent to the page by an application."""
    return Visitor(api)


def code_of(visitor: Visitor, name: str = "ada") -> str:
    return visitor.sign_up(name, PASSWORD).answer["code"]


def code_without_challenge(visitor: Visitor) -> str:
    page = visitor.open().page
    nothing = {"code_challenge": "", "code_challenge_method": ""}
    seen = visitor.submit(page, "log_in", username="ada", password=PASSWORD, **nothing)
    return seen.answer["code"]


def is_valid(api: Api, token: Answer) -> bool:
    return api.get("/api/v1/accounts/verify_credentials", Person("", "", token.json["access_token"])).status == 200


def refused(answer: Answer, code: str = "invalid_grant") -> bool:
    return (answer.status, answer.error) == (400, code) and bool(answer.json["error_description"])


def test_a_code_is_exchanged_by_form_and_by_json(visitor: Visitor) -> None:
    api = visitor.api
    for name in ("ada", "bob"):
        fields = {field: visitor.application[field] for field in ("client_id", "client_secret")}
        fields |= {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
        fields["code"] = code_of(visitor, name)
        sent = {"json": fields} if name == "ada" else {"form": fields}
        answer = api.request("POST", "/oauth/token", **sent)  # type: ignore[arg-type]
        assert answer.status == 200
        assert answer.json.keys() == {"access_token", "token_type", "scope", "created_at"}
        assert is_valid(api, answer)


def test_a_client_may_authenticate_by_basic(visitor: Visitor) -> None:
    pair = f"{visitor.application['client_id']}:{visitor.application['client_secret']}"
    answer = visitor.api.request(
        "POST",
        "/oauth/token",
        form={
            "grant_type": "authorization_code",
            "code": code_of(visitor),
            "redirect_uri": REDIRECT_URI,
            "code_verifier": VERIFIER,
        },
        headers={"authorization": f"Basic {b64encode(pair.encode()).decode()}"},
    )
    assert answer.status == 200


def test_a_code_is_good_for_ten_minutes(visitor: Visitor) -> None:
    code, late = code_of(visitor), code_of(visitor, "bob")
    visitor.api.clock.advance(authorization.CODE_SECONDS - 0.001)
    assert visitor.exchange(code).status == 200
    visitor.api.clock.advance(0.001)
    assert refused(visitor.exchange(late))


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": ""}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": "x" * 5000}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"redirect_uri": f"{REDIRECT_URI}/"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code_verifier": VERIFIER[:-1]}, "invalid_grant"),
        ({"code_verifier": VERIFIER.swapcase()}, "invalid_grant"),
        ({"code_verifier": authorization.challenge(VERIFIER)}, "invalid_grant"),
        ({"code_verifier": "é" * 43}, "invalid_grant"),
    ],
)
def test_a_wrong_exchange_is_refused_and_spoils_nothing(visitor: Visitor, changed: dict[str, str], error: str) -> None:
    code = code_of(visitor)
    answer = visitor.exchange(**({"code": code} | changed))
    assert refused(answer, error)
    assert visitor.exchange(code).status == 200


def test_a_client_that_is_not_authenticated_gets_nothing(visitor: Visitor) -> None:
    code = code_of(visitor)
    assert visitor.exchange(code, client_secret="wrong").status == 401
    assert visitor.exchange(code, client_secret="").status == 401
    assert visitor.exchange(code).status == 200


def test_a_code_is_of_use_to_its_own_application_alone(visitor: Visitor) -> None:
    other, code = Visitor(visitor.api), code_of(visitor)
    assert refused(other.exchange(code))
    token = visitor.exchange(code)
    assert refused(other.exchange(code))  # a second exchange by another application revokes nothing
    assert is_valid(visitor.api, token)


def test_a_code_is_of_use_where_it_was_sent_alone(api: Api) -> None:
    both = [REDIRECT_URI, f"{REDIRECT_URI}/two"]
    visitor = Visitor(api, registered={"redirect_uris": both})
    code = code_of(visitor)
    assert refused(visitor.exchange(code, redirect_uri=both[1]))
    assert visitor.exchange(code, redirect_uri=both[0]).status == 200


def test_without_a_challenge_there_is_no_verifier(visitor: Visitor) -> None:
    visitor.api.sign_up("ada")
    code = code_without_challenge(visitor)
    assert refused(visitor.exchange(code))
    assert visitor.exchange(code, code_verifier="").status == 200


def test_a_verifier_has_43_to_128_characters(visitor: Visitor) -> None:
    visitor.api.sign_up("ada")
    for length, fits in ((42, False), (43, True), (128, True), (129, False)):
        verifier = (UNRESERVED * 10)[:length]
        challenge = authorization.challenge(verifier)
        page = visitor.open(code_challenge=challenge).page
        code = visitor.submit(page, "log_in", username="ada", password=PASSWORD).answer["code"]
        assert (visitor.exchange(code, code_verifier=verifier).status == 200) is fits, length


def test_a_challenge_is_made_as_the_standard_has_it() -> None:
    """The example of RFC 7636, appendix B."""
    challenge = authorization.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@given(verifier=st.text(UNRESERVED, min_size=43, max_size=128), other=st.text(UNRESERVED + "é\n ", max_size=130))
def test_a_verifier_and_no_other_fits_its_challenge(verifier: str, other: str) -> None:
    code = Code("", "", "", (), "", authorization.challenge(verifier))
    authorization._verify(code, verifier)
    if other != verifier:
        with pytest.raises(OAuthError):
            authorization._verify(code, other)


def test_a_code_that_comes_twice_takes_its_token_away(visitor: Visitor) -> None:
    code = code_of(visitor)
    token = visitor.exchange(code)
    assert is_valid(visitor.api, token)
    for _ in range(2):
        assert refused(visitor.exchange(code))
        assert not is_valid(visitor.api, token)


def test_only_a_client_with_the_verifier_takes_a_token_away(visitor: Visitor) -> None:
    code = code_of(visitor)
    token = visitor.exchange(code)
    assert refused(visitor.exchange(code, code_verifier="x" * 43))
    assert is_valid(visitor.api, token)


def test_of_two_exchanges_that_cross_neither_leaves_a_token(visitor: Visitor, races: Races) -> None:
    code, inner = code_of(visitor), list[Answer]()
    for run in races.between(lambda: visitor.exchange(code), lambda: inner.append(visitor.exchange(code))):
        answers = [run.result, inner.pop()]
        (issued,) = [answer for answer in answers if answer.status == 200]
        (other,) = [answer for answer in answers if answer is not issued]
        assert refused(other), run
        assert not is_valid(visitor.api, issued), run


def test_of_many_exchanges_at_once_one_gets_a_token_at_most(real_api: Api) -> None:
    visitor = Visitor(real_api)
    code, now = code_of(visitor), real_api.clock.now
    application = oauth.find_application(visitor.application["client_id"], now)
    assert application is not None

    def exchange(_: int) -> str | None:
        try:
            return authorization.exchange(application, code, REDIRECT_URI, VERIFIER, now).token.hash
        except OAuthError:
            return None

    with ThreadPoolExecutor(4) as pool:
        issued = [token for token in pool.map(exchange, range(4)) if token]
    assert len(issued) == 1
    assert tokens.get_token(issued[0], now) is None


def test_an_exchange_that_was_interrupted_can_be_made_again(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    code, before = code_of(visitor), stored()["TokenItem"]
    with monkeypatch.context() as patch:
        patch.setattr(Writes, "commit", lambda _: 1 / 0)
        assert visitor.exchange(code).status == 500
    assert stored()["TokenItem"] == before
    assert visitor.exchange(code).status == 200


def test_a_code_of_a_deleted_user_is_refused(visitor: Visitor) -> None:
    code = code_of(visitor)
    TokenItem(f"code#{oauth.hash_secret(code)}").delete()
    assert refused(visitor.exchange(code))
    assert [item for item in stored()["TokenItem"] if "recent#" not in item] == []


def test_a_code_is_no_token(visitor: Visitor) -> None:
    code = code_of(visitor)
    for secret in (code, f"code#{oauth.hash_secret(code)}"):
        assert visitor.api.get("/api/v1/accounts/verify_credentials", Person("", "", secret)).status == 401


def test_a_token_has_what_was_asked_for_on_the_page(visitor: Visitor) -> None:
    page = visitor.open(scope="read:search", prompt="create").page
    code = visitor.submit(page, "sign_up", username="ada", password=PASSWORD).answer["code"]
    assert visitor.exchange(code, scope="read write").json["scope"] == "read:search"


def test_an_application_that_people_let_in_is_kept(visitor: Visitor) -> None:
    token = visitor.exchange(code_of(visitor))
    visitor.api.clock.advance(oauth.APPLICATION_SECONDS + 1)
    assert is_valid(visitor.api, token)
    assert visitor.open().status == 200


def test_an_application_that_may_read_the_profile_learns_who_the_user_is(api: Api) -> None:
    ada = api.sign_up("ada")
    found = api.get("/oauth/userinfo", ada).json
    assert (found["iss"], found["preferred_username"]) == ("https://fstream.test", "ada")
    assert found["sub"] == api.get(f"/api/v1/accounts/{ada.id}").json["uri"]
    assert api.get("/oauth/userinfo").status == 401
    token = api.token("password", username="ada", password=PASSWORD, scope="write").json["access_token"]
    assert api.get("/oauth/userinfo", Person("ada", ada.id, token)).status == 403


def test_the_metadata_describe_how_to_get_a_token(api: Api) -> None:
    metadata = api.get("/.well-known/oauth-authorization-server").json
    assert metadata == {
        "issuer": "https://fstream.test",
        "service_documentation": "https://fstream.test/docs",
        "authorization_endpoint": "https://fstream.test/oauth/authorize",
        "token_endpoint": "https://fstream.test/oauth/token",
        "userinfo_endpoint": "https://fstream.test/oauth/userinfo",
        "revocation_endpoint": "https://fstream.test/oauth/revoke",
        "app_registration_endpoint": "https://fstream.test/api/v1/apps",
        "scopes_supported": sorted(oauth.SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "client_credentials", "password"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }
