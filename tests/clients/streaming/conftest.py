"""Fixtures for the tests of live streaming: libraries that listen, and people."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.clients.streaming import npm
from tests.clients.streaming.libraries import Node
from tests.clients.streaming.people import Join, Listen, Person
from tests.support.site import Site, unique
from tests.support.sockets import Socket, until_live


@pytest.fixture(scope="package")
def node(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node | str]:
    """The libraries for JavaScript, or the reason why they cannot be used here."""
    try:
        libraries = npm.libraries()
    except npm.MissingError as error:
        yield str(error)
        return
    started = Node(site, libraries, tmp_path_factory.mktemp("node"))
    yield started
    started.close()


@pytest.fixture(scope="module")
def join(site: Site) -> Join:
    """Sign a user up who follows these people."""

    def make(prefix: str, *followed: Person) -> Person:
        name = unique(prefix)
        token = site.sign_up(name)
        for person in followed:
            site.post(f"/api/v1/accounts/{person.id}/follow", token)
        return Person(name, token, site.id_of(token))

    return make


@pytest.fixture(scope="module")
def ada(join: Join) -> Person:
    """A user whom others follow."""
    return join("ada")


@pytest.fixture(scope="module")
def online(site: Site, ada: Person) -> Iterator[Socket]:
    """A WebSocket of Ada's. While it is open, all functions know that somebody is online, so nothing is missed."""
    opened = Socket(site, f"?stream=user&access_token={ada.token}")
    until_live(site, ada.token, [opened.feed])  # authors receive their own messages
    yield opened
    opened.close()


@pytest.fixture
def listen(site: Site) -> Iterator[Listen]:
    """Open a WebSocket as a user; it is closed at the end of the test."""
    made: list[Socket] = []

    def begin(reader: Person, query: str = "?stream=user", **options: Any) -> Socket:
        made.append(Socket(site, query, header=[f"Authorization: Bearer {reader.token}"], **options))
        return made[-1]

    yield begin
    for each in made:
        each.close()
