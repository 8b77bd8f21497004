"""Fixtures for the tests with tooi, a client for the terminal: https://codeberg.org/ihabunek/tooi."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clients.tooi.evening import Evening
from tests.support.site import Site, eventually, program, surroundings, unique
from tests.support.terminal import Terminal

FOLDERS = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
GREETING = "Good evening from Bob"


@pytest.fixture
def evening(site: Site) -> Evening:
    """Ada follows Bob, and his message is on her home."""
    ada, bob = unique("ada"), unique("bob")
    mine, his = site.sign_up(ada), site.sign_up(bob)
    site.post(f"/api/v1/accounts/{site.id_of(his)}/follow", mine)
    said = site.say(his, GREETING)["id"]
    assert eventually(lambda: said in site.home(mine))
    return Evening(site, ada, mine, bob, GREETING, said)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    """Start tooi in a terminal; its files are in the test's folder."""
    # No proxy for local addresses: tooi obeys the environment.
    own = dict.fromkeys(FOLDERS, str(tmp_path)) | dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")
    command = [program("tooi"), "--animation-level", "none"]
    with ExitStack() as running:
        yield lambda: running.enter_context(Terminal(command, surroundings(**own)))


@pytest.fixture
def tooi(start: Callable[[], Terminal], evening: Evening, tmp_path: Path) -> Terminal:
    """tooi, logged in as Ada and showing her home."""
    site, acct = evening.site, f"{evening.ada}@{evening.site.host}"
    user = {"acct": acct, "username": evening.ada, "instance": site.host, "access_token": evening.token}
    instance = {"title": "FSTREAM", "domain": site.host, "base_url": site.url, **site.application}
    stored = {"active_acct": acct, "accounts": {acct: user}, "apps": {site.host: instance}}
    (tmp_path / "tooi").mkdir()
    (tmp_path / "tooi" / "credentials.json").write_text(json.dumps(stored))
    terminal = start()
    terminal.see(GREETING)
    return terminal
