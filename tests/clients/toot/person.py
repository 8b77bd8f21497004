"""A user of toot."""

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
    """A user with a separate home folder, in which toot keeps its logins."""

    name: str
    token: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The environment that toot reads: its folders, and the size of the terminal."""
        folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(self.home))
        return folders | {"COLUMNS": "200", "LINES": "500"}

    def run(self, *arguments: str) -> Result:
        """Run toot in this process, because a new process takes longer to start than to run the command."""
        return CliRunner(env=self.environment).invoke(cli, ["--no-color", *arguments])

    def toot(self, *arguments: str) -> str:
        """Run toot, which must succeed; return its output."""
        ended = self.run(*arguments)
        assert ended.exit_code == 0, f"toot {arguments}: {ended.output}{ended.exception!r}"
        return ended.stdout

    def refused(self, *arguments: str) -> str:
        """Run toot, which must fail with a message; return the message."""
        ended = self.run(*arguments)
        assert isinstance(ended.exception, SystemExit), f"toot {arguments}: {ended.output}{ended.exception!r}"
        assert ended.exit_code == 1, f"toot {arguments}: {ended.output}"
        assert ended.stderr.startswith("Error: ")
        return ended.stderr

    def json(self, *arguments: str) -> Any:
        """Run toot with `--json`; return the server's response."""
        return json.loads(self.toot(*arguments, "--json"))

    def ids(self, *arguments: str) -> list[str]:
        """Run toot with `--json`; return the ids of the entities in the server's response."""
        return [entity["id"] for entity in self.json(*arguments)]


SignUp = Callable[[str], Person]


def stranger(site: Site, name: str, folder: Path) -> Person:
    """Sign a user up without logging them in with toot."""
    name = unique(name)
    person = Person(name, site.sign_up(name), folder / name)
    person.home.mkdir()
    return person


def member(site: Site, name: str, folder: Path) -> Person:
    """Sign a user up and log them in with toot."""
    person = stranger(site, name, folder)
    with CliRunner(env=person.environment).isolation():
        toot.config.save_app(toot.App(site.host, site.url, **site.application))
        toot.config.save_user(toot.User(site.host, person.name, person.token))
    return person


def names(accounts: list[dict[str, Any]]) -> list[str]:
    return [account["acct"] for account in accounts]


def follow(site: Site, follower: Person, followed: Person) -> None:
    site.post(f"/api/v1/accounts/{site.id_of(followed.token)}/follow", follower.token)
