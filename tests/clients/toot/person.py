"""Somebody who uses toot."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import toot.config
from click.testing import CliRunner, Result
from toot.cli import cli

from tests.support.site import Site, unique


@dataclass(frozen=True)
class Person:
    """Somebody with a home folder of their own, in which toot keeps who is logged in."""

    name: str
    token: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """What toot reads of the environment: where its folders are, and how large the terminal is."""
        folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(self.home))
        return folders | {"COLUMNS": "200", "LINES": "500"}

    def run(self, *arguments: str) -> Result:
        """Run toot in this process: a program of its own takes longer to start than to do what it is told."""
        return CliRunner(env=self.environment).invoke(cli, ["--no-color", *arguments])

    def toot(self, *arguments: str) -> str:
        """Run toot, which must succeed; return what it prints."""
        ended = self.run(*arguments)
        assert ended.exit_code == 0, f"toot {arguments}: {ended.output}{ended.exception!r}"
        return ended.stdout

    def refused(self, *arguments: str) -> str:
        """Run toot, which must fail with a message; return that."""
        ended = self.run(*arguments)
        assert isinstance(ended.exception, SystemExit), f"toot {arguments}: {ended.output}{ended.exception!r}"
        assert ended.exit_code == 1, f"toot {arguments}: {ended.output}"
        assert ended.stderr.startswith("Error: ")
        return ended.stderr

    def json(self, *arguments: str) -> Any:
        """Run toot; return the server's answer."""
        return json.loads(self.toot(*arguments, "--json"))

    def ids(self, *arguments: str) -> list[str]:
        """Run toot; return the ids of the entities that the server answered."""
        return [entity["id"] for entity in self.json(*arguments)]


SignUp = Callable[[str], Person]


def stranger(site: Site, name: str, folder: Path) -> Person:
    """Sign somebody up whom toot does not know."""
    name = unique(name)
    person = Person(name, site.sign_up(name), folder / name)
    person.home.mkdir()
    return person


def member(site: Site, name: str, folder: Path) -> Person:
    """Sign somebody up, who is logged in with toot then."""
    person = stranger(site, name, folder)
    with CliRunner(env=person.environment).isolation():
        toot.config.save_app(toot.App(site.host, site.url, **site.application))
        toot.config.save_user(toot.User(site.host, person.name, person.token))
    return person


def names(accounts: list[dict[str, Any]]) -> list[str]:
    return [account["acct"] for account in accounts]


def follow(site: Site, follower: Person, followed: Person) -> None:
    site.post(f"/api/v1/accounts/{site.id_of(followed.token)}/follow", follower.token)
