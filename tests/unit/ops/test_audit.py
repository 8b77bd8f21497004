"""An audit reports nothing in a clean network, and each broken invariant with the item that breaks it."""

import re
import weakref
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from fstream_app import tables
from fstream_app.core import metrics
from fstream_app.core.metrics import Tally
from fstream_app.moderation import suspension
from fstream_app.repository import departures, users
from ops import __main__ as commands
from ops.operations import repair
from ops.operations.audit import reading, walk
from ops.operations.audit.findings import Problem
from ops.operations.audit.reading import Tables
from ops.operations.pace import Pace
from tests.support import breakages
from tests.support.boost_breakages import BROKEN_BOOSTS
from tests.support.breakages import Broken, change
from tests.support.departing import World, copy_of_world
from tests.support.list_breakages import BROKEN_LISTS
from tests.support.people import Api, stored
from tests.support.private_breakages import BROKEN as BROKEN_OTHERS
from tests.support.quote_breakages import BROKEN_QUOTES

Audit = Callable[[], list[str]]

BROKEN = [*BROKEN_QUOTES, *BROKEN_OTHERS, *BROKEN_LISTS, *BROKEN_BOOSTS]
REPAIRED = {
    "followers",
    "following",
    "favourites",
    "boosts",
    "too_many_replies",
    "no_replies",
    "too_many_quotes",
    "no_quotes",
    "lost_quote",
    "lost_log",
    "lost_head",
    "lost_public_timeline",
    "lost_hashtag",
    "lost_thread",
    "lost_conversation",
}
"""What a repair corrects. It does not remove entries that are where they do not belong."""


@pytest.fixture
def audit(api: Api, tmp_path: Path) -> Audit:
    """A function that audits everything and returns what it reports."""

    def run() -> list[str]:
        said: list[str] = []
        number = audited(api, tmp_path, said.append)
        assert number == len(said)
        return said

    return run


def audited(api: Api, folder: Path, say: Callable[[str], None], **options: Any) -> int:
    pace = Pace(1e9, Tally())
    return walk.run(folder / "audit.json", pace, api.clock, say=say, quiet=True, **{"sleep": lambda _: None, **options})


@pytest.fixture
def world(api: Api) -> World:
    made = copy_of_world(api)
    made.api.clock.advance(60)
    return made


def test_a_clean_network_has_no_findings_and_is_only_read(world: World, audit: Audit) -> None:
    before = stored()
    assert audit() == []
    assert stored() == before


def test_neither_does_one_with_suspended_and_leaving_users(world: World, audit: Audit) -> None:
    suspension.suspend("bob", "spam", world.api.clock.now)
    user = users.get(world.ada.id)
    assert user is not None
    departures.begin(user, sha256(world.ada.token.encode()).hexdigest(), "write:accounts", [])
    assert audit() == []


def test_neither_does_one_with_replies_that_not_everybody_may_see(world: World, audit: Audit) -> None:
    for visibility in ("private", "direct"):
        world.api.post(world.cyd, "@ada re", in_reply_to_id=world.replied_to["id"], visibility=visibility)
    world.api.deliver()
    world.api.clock.advance(60)
    assert audit() == []


def test_a_reply_that_expired_before_it_was_counted_is_no_finding(world: World, audit: Audit) -> None:
    change(tables.MessageItem, world.ada.id, world.statuses[1]["id"], p=True)
    assert audit() == []


def test_what_changes_while_it_is_checked_is_no_finding(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(tables.UserItem, world.bob.id, followers_count=3)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        change(tables.UserItem, world.bob.id, followers_count=2)

    said: list[str] = []
    assert audited(world.api, tmp_path, said.append, sleep=sleep) == 0
    assert (said, slept) == ([], [walk.PAUSE])


@pytest.mark.parametrize(("problem", "broken"), BROKEN, ids=[broken.__name__ for _, broken in BROKEN])
def test_what_is_broken_is_found(world: World, audit: Audit, problem: Problem, broken: Broken) -> None:
    item = broken(world)
    found = audit()
    assert [line for line in found if line.startswith(f"{item}: {problem.what}") and line.endswith(problem.advice)]
    assert not [line for line in found if "nobody" in line and item != "users @nobody"]


def test_each_problem_is_broken_once_at_least() -> None:
    assert {problem for problem, _ in BROKEN} == set(Problem)


def test_every_table_is_checked(api: Api) -> None:
    rules = walk.rules_of(Tables(Pace(1e9, Tally()), api.clock))
    assert list(rules) == list(tables.ALL)
    assert all(rules.values())


def test_a_repair_leaves_no_finding_for_which_it_is_advised(
    world: World, audit: Audit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "_INDEX_LAG", 0)
    for problem, broken in BROKEN:
        if broken.__name__ in REPAIRED:
            assert "repair" in problem.advice
            broken(world)
    assert len(audit()) >= len(REPAIRED)
    pace = Pace(1e9, Tally())
    repair.people(tmp_path / "users.json", pace)
    repair.everything(tmp_path / "messages.json", pace, world.api.clock, quiet=True)
    assert audit() == []


class Interrupted(Exception):
    """The audit was interrupted."""


class Interrupting(Pace):
    """A pace that interrupts the audit after a number of calls."""

    def __init__(self, calls: int) -> None:
        super().__init__(1e9, Tally())
        self._left = calls

    def wait(self) -> None:
        self._left -= 1
        if not self._left:
            raise Interrupted


def test_an_interrupted_audit_continues_and_finds_the_same(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 4)
    for broken in (
        breakages.name_without_id,
        breakages.followers,
        breakages.half_a_block,
        breakages.favourites,
        breakages.lost_hashtag,
        breakages.endless_limit,
    ):
        broken(world)
    whole: list[str] = []
    number = audited(world.api, tmp_path, whole.append)
    assert len(whole) == number > 5
    for calls in (1, 5, 20, 60):
        said: list[str] = []
        options: dict[str, Any] = {"say": said.append, "sleep": lambda _: None, "quiet": True}
        file = tmp_path / f"{calls}.json"
        with pytest.raises(Interrupted):
            walk.run(file, Interrupting(calls), world.api.clock, **options)
        assert walk.run(file, Pace(1e9, Tally()), world.api.clock, **options) == number
        assert sorted(said) == sorted(whole)
        assert not file.exists()


def test_the_interrupted_audit_is_not_repeated_from_the_beginning(world: World, tmp_path: Path) -> None:
    file = tmp_path / "audit.json"
    options: dict[str, Any] = {"say": print, "quiet": True}
    with pytest.raises(Interrupted):
        walk.run(file, Interrupting(60), world.api.clock, **options)
    with metrics.tally() as rest:
        walk.run(file, Pace(1e9, Tally()), world.api.clock, **options)
    with metrics.tally() as whole:
        walk.run(file, Pace(1e9, Tally()), world.api.clock, **options)
    assert rest.calls < whole.calls - 20


def test_it_reads_pages_and_keeps_none_of_them(world: World, audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGE", 4)
    alive: list[weakref.ref[Items]] = []
    most = 0
    page = Tables._page

    def watched(self: Tables, *request: Any) -> reading.Page:
        nonlocal most
        assert 0 < request[1]["Limit"] <= 1000
        found = page(self, *request)
        kept = Items(found.items)
        alive.append(weakref.ref(kept))
        most = max(most, sum(len(each) for ref in alive if (each := ref()) is not None))
        return found._replace(items=kept)

    monkeypatch.setattr(Tables, "_page", watched)
    assert audit() == []
    assert len(alive) > 30
    assert most < 20


class Items(list[Any]):
    """A page's items, to which weak references can be made."""


def test_the_command_reports_findings_in_its_status(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["ops", "audit"])
    monkeypatch.setattr(walk, "PAUSE", 0)
    commands.main()
    assert re.fullmatch(r"Findings: 0\. Request units used: [1-9]\d*\.\n", capsys.readouterr().out)
    item = breakages.followers(world)
    with pytest.raises(SystemExit) as ended:
        commands.main()
    assert ended.value.code == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{item}: ")
    assert last.startswith("Findings: 1.")
