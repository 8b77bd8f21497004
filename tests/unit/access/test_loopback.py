"""Redirect URIs of native apps, which listen on whatever port is free (RFC 8252, section 7.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.access import oauth
from tests.support.people import PASSWORD, Api
from tests.support.visitor import Visitor

HOSTS = ["127.0.0.1", "127.0.0.2", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost"]
SAME = [
    ("http://{}/back", "http://{}:51004/back"),
    ("http://{}:8080/back", "http://{}:51004/back"),
    ("http://{}:8080/back", "http://{}/back"),
    ("http://{}", "http://{}:1"),
    ("http://{}/", "http://{}:65535/"),
    ("http://{}?app=x", "http://{}:51004?app=x"),
    ("http://{}/back?a=b&c=d", "http://{}:51004/back?a=b&c=d"),
]
"""What an app registers, and what it asks for."""
DIFFERENT = [
    ("http://{}/back", "http://{}:51004/"),
    ("http://{}/back", "http://{}:51004"),
    ("http://{}/back", "http://{}:51004/back/"),
    ("http://{}/back", "http://{}:51004/back?x=y"),
    ("http://{}/back", "http://{}:51004/BACK"),
    ("http://{}/back", "https://{}:51004/back"),
    ("http://{}/back", "http://{}:65536/back"),
    ("http://{}/back", "http://{}:510040/back"),
    ("http://{}/back", "http://{}:x/back"),
    ("http://{}/back", "http://{}:-1/back"),
    ("http://{}/back", "http://{}:51004/back#part"),
    ("http://{}/back", "http://{}:51004/back\nX: y"),
    ("http://{}/back", "http://{}:51004\\back"),
    ("http://{}/back", "http://{}:51004@elsewhere.test/back"),
    ("http://{}/back", "http://user@{}:51004/back"),
    ("http://{}/back", "http://{}.elsewhere.test:51004/back"),
    ("http://{}/back", "http://elsewhere.test:51004/back"),
    ("https://{}/back", "https://{}:51004/back"),
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("registered", "asked"), SAME)
def test_the_port_of_a_loopback_address_makes_no_difference(registered: str, asked: str, host: str) -> None:
    assert oauth.same_redirect(registered.format(host), asked.format(host))
    assert oauth.same_redirect(asked.format(host), registered.format(host))


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("registered", "asked"), DIFFERENT)
def test_everything_else_makes_a_difference(registered: str, asked: str, host: str) -> None:
    assert not oauth.same_redirect(registered.format(host), asked.format(host))


@pytest.mark.parametrize(
    "host",
    [
        *("client.test", "128.0.0.1", "127.0.0.256", "127.0.1", "127.0.0.1.1", "0.0.0.0", "192.168.0.1"),
        *("[::2]", "[0:0:0:0:0:0:1]", "[1:0:0:0:0:0:0:1]", "localhost.test"),
    ],
)
def test_the_port_of_other_addresses_makes_a_difference(host: str) -> None:
    assert not oauth.same_redirect(f"http://{host}/back", f"http://{host}:51004/back")
    assert not oauth.same_redirect(f"http://{host}:80/back", f"http://{host}/back")


def test_one_loopback_address_is_not_another() -> None:
    for first in HOSTS:
        others = [host for host in HOSTS if host != first]
        assert not any(oauth.same_redirect(f"http://{first}/back", f"http://{host}:51004/back") for host in others)


@given(st.text("htp:/@#?1270.localhst[]\\é\n", max_size=30), st.text("htp:/@#?1270.localhst[]\\é\n", max_size=30))
def test_texts_that_are_the_same_redirect_differ_in_nothing_but_a_port(registered: str, asked: str) -> None:
    if oauth.same_redirect(registered, asked) and registered != asked:
        assert registered.startswith("http://")
        assert asked.isprintable()


@given(st.integers(0, 65_535), st.integers(0, 65_535), st.sampled_from(HOSTS), st.text("ab/?=&", max_size=9))
def test_any_two_ports_are_the_same(first: int, second: int, host: str, rest: str) -> None:
    assert oauth.same_redirect(f"http://{host}:{first}/{rest}", f"http://{host}:{second}/{rest}")


@pytest.mark.parametrize("host", HOSTS)
def test_an_app_logs_in_on_another_port_than_it_has_registered(api: Api, host: str) -> None:
    visitor = Visitor(api, f"http://{host}/back")
    visitor.redirect_uri = f"http://{host}:51004/back"
    seen = visitor.sign_up("ada", PASSWORD)
    assert (seen.status, seen.location.partition("?")[0]) == (200, visitor.redirect_uri)
    assert visitor.exchange(seen.answer["code"]).status == 200
    other = visitor.log_in("ada", PASSWORD).answer["code"]
    for elsewhere in (f"http://{host}/other", f"http://{host}/back", f"http://{host}:51005/back"):
        assert visitor.exchange(other, redirect_uri=elsewhere).status == 400
    assert visitor.exchange(other).status == 200


def test_an_address_that_is_not_registered_gets_no_answer(api: Api) -> None:
    visitor = Visitor(api, "http://127.0.0.1/back")
    for address in (
        "http://127.0.0.1:51004/other",
        "http://localhost:51004/back",
        "http://127.0.0.1:51004@x.test/back",
    ):
        seen = visitor.open(redirect_uri=address)
        assert (seen.status, "Location" in seen.headers) == (422, False), address
