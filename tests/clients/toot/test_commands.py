"""The commands of toot that FSTREAM supports, and how the others fail."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from toot.cli import cli

from tests.clients.toot.person import SignUp
from tests.support.site import Site

SUPPORTED = """
    auth block blocked bookmark bookmarks delete favourite follow followers following instance login_cli logout mute
    muted notifications pin post search status thread unblock unbookmark unfavourite unfollow unmute unpin
    update-account whoami whois activate follow-requests.accept follow-requests.list follow-requests.reject
    reblog reblogged-by unreblog lists.accounts lists.add lists.create lists.delete lists.list lists.remove
    tags.feature tags.follow tags.info tags.unfeature tags.unfollow timeline timelines.account timelines.favourites
    timelines.home timelines.list timelines.public timelines.tag timelines.trending
""".split()
"""Commands that FSTREAM supports."""

EMPTY = {
    "tags featured": "You don't have any featured hashtags",
    "tags followed": "You're not following any hashtags",
}
"""Commands that show an empty result, and what they print."""

REFUSED = {
    "polls show 1": "Polls are not supported",
    "polls vote 1 0": "Polls are not supported",
    "tags unfeature moin": "Tag moin is not featured",
    "timelines link https://fstream.example": "This address does not exist",
    "update-account --avatar <file>": "Pictures and other files are not supported",
    "post --media <file> hello": "Pictures and other media are not supported",
    "upload <file>": "Pictures and other media are not supported",
}
"""Commands that FSTREAM does not support, and the reason that toot prints."""

UNTRIED = {
    "diag": "reports on the computer that it runs on",
    "login": "opens a browser",
    "tui": "takes a whole terminal",
}


def commands(group: click.Group, *above: str) -> Iterator[str]:
    """Yield the names of all commands in the help; those of a group are prefixed with its name."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *above, name)
        elif not command.hidden:
            yield ".".join((*above, name))


def command_of(line: str) -> str:
    """Return the name of the command that a line runs."""
    known, words = set(commands(cli)), line.split()
    return words[0] if words[0] in known else ".".join(words[:2])


def used_in_tests() -> set[str]:
    """Return the commands that the tests in this folder run: the first text arguments of their calls."""
    used = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                texts = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
                used |= {".".join(map(str, texts)), str(texts[0])} if texts else set()
    return used


def test_each_command_is_supported_or_known_to_be_not() -> None:
    # A command with a refused option still counts as supported.
    known = [*SUPPORTED, *UNTRIED, *({command_of(line) for line in [*EMPTY, *REFUSED]} - set(SUPPORTED))]
    assert sorted(known) == sorted(commands(cli))


def test_each_supported_command_is_run_by_a_test() -> None:
    assert set(SUPPORTED) - used_in_tests() == set()


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "picture.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    return path


def test_what_there_is_none_of_is_shown_as_empty(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    posted = site.say(ada.token, "hello")["id"]
    for line, said in EMPTY.items():
        words = line.replace("<id>", posted).split()
        assert said in ada.toot(*words)
        assert ada.json(*words) == []


def test_what_is_not_supported_ends_with_a_reason(site: Site, sign_up: SignUp, picture: Path) -> None:
    ada = sign_up("ada")
    posted = site.say(ada.token, "hello")["id"]
    given = {"<id>": posted, "<name>": ada.name, "<file>": str(picture)}
    for line, reason in REFUSED.items():
        words = [given.get(word, word) for word in line.split()]
        assert reason in ada.refused(*words)
    assert site.home(ada.token) == [posted]


def test_what_is_missing_is_reported(sign_up: SignUp) -> None:
    ada = sign_up("ada")
    for command in ("status", "thread", "favourite", "bookmark", "delete"):
        assert ada.refused(command, "1") == "Error: Message not found\n"
    assert ada.refused("whois", "nobody_at_all") == "Error: Account not found\n"


def test_the_older_command_for_timelines_shows_them_too(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    site.say(ada.token, "hello from ada")
    assert "hello from ada" in ada.toot("timeline", "--once")
