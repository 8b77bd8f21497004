"""Fixtures for the tests with Mastodon.py, a client library: https://mastodonpy.readthedocs.io."""

from collections.abc import Iterator
from typing import Any

import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import MakeClient, SignUp
from tests.support.site import SCOPES, Site, unique


@pytest.fixture(scope="package")
def credentials(server: str) -> tuple[str, str]:
    """The client id and secret of a registered application."""
    made: tuple[str, str] = Mastodon.create_app("tests", scopes=SCOPES.split(), api_base_url=server)
    return made


@pytest.fixture(scope="module")
def make_client(server: str, credentials: tuple[str, str]) -> Iterator[MakeClient]:
    """Make a client of the application; without an access token it has no user."""
    made = []

    def make(**values: Any) -> Mastodon:
        client = Mastodon(*credentials, api_base_url=server, ratelimit_method="throw", request_timeout=30, **values)
        made.append(client)
        return client

    yield make
    for client in made:
        client.session.close()


@pytest.fixture(scope="module")
def join(site: Site, make_client: MakeClient) -> SignUp:
    """Sign a user up; return a logged-in client."""
    return lambda name: make_client(access_token=site.sign_up(unique(name)))


@pytest.fixture
def ada(join: SignUp) -> Mastodon:
    return join("ada")


@pytest.fixture
def bob(join: SignUp) -> Mastodon:
    return join("bob")
