"""The moderation commands: their effects and output."""

import json
import sys
from collections.abc import Callable

import msgspec
import pytest

from fstream_app.core import sealing, settings
from fstream_app.moderation import reports, suspension
from fstream_app.moderation.evidence import Copy
from ops import __main__ as commands
from ops.operations import moderation
from ops.operations.errors import OperationError
from ops.report_keys import ReportKeys
from tests.support.parameters import Parameters
from tests.support.people import PASSWORD, Api, Person

Run = Callable[..., str]
HOME = "/api/v1/timelines/home"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def run(api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command and returns its output."""
    monkeypatch.setattr("ops.operations.moderation.LONGEST_REQUEST", 0)

    def call(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["ops", *arguments])
        commands.main()
        return capsys.readouterr().out

    return call


def report(api: Api, by: Person, about: Person, **fields: object) -> str:
    answer = api.request("POST", "/api/v1/reports", by, json={"account_id": about.id, **fields})
    assert answer.status == 200
    return str(answer.json["id"])


def test_somebody_is_suspended_and_let_back(api: Api, ada: Person, run: Run) -> None:
    api.post(ada, "hello")
    assert run("suspend", "ada", "--reason", "spam").startswith(
        "ada is suspended. Tokens refused: 1. Messages hidden: 1.\n"
    )
    assert api.get(HOME, ada).error.endswith(": spam")
    assert "Messages restored: 1." in run("suspend", "ada", "--lift")
    assert api.get(HOME, ada).status == 200


def test_it_is_done_again_once_no_request_is_under_way_any_more(api: Api, ada: Person) -> None:
    slept: list[float] = []
    said: list[str] = []

    def sleep(seconds: float) -> None:
        assert api.get(HOME, ada).status == 403
        slept.append(seconds)
        suspension.lift("ada", api.clock.now)  # undo the first pass

    moderation.suspend("ada", "", api.clock, said.append, sleep)
    assert slept == [moderation.LONGEST_REQUEST]
    assert api.get(HOME, ada).status == 403
    assert said[-1] == "Done. More messages hidden: 0."


def test_a_message_is_removed(api: Api, ada: Person, run: Run) -> None:
    status = api.post(ada, "hello")
    assert status["id"] in run("remove", status["id"], "--reason", "spam")
    assert api.get(f"/api/v1/statuses/{status['id']}").status == 404


def test_reports_are_listed_with_what_is_alive_and_resolved(api: Api, ada: Person, run: Run) -> None:
    bob = api.sign_up("bob")
    assert run("reports") == "No open reports.\n"
    ids = [api.post(ada, text, expires_in=seconds)["id"] for text, seconds in (("one\ntwo", 120), ("gone", 60))]
    made = report(api, bob, ada, status_ids=ids, comment="rude\nvery", category="violation")
    suspension.suspend("ada", "", api.clock.now)
    api.clock.advance(60)
    assert run("reports").splitlines() == [
        f"{made}  2040-01-01T00:00:00Z  violation",
        "  @bob reports @ada (suspended)",
        "  > rude",
        "  > very",
        f"  message {ids[0]}, expires at 2040-01-01T00:02:00Z:",
        "    one",
        "    two",
        "  reported messages that no longer exist: 1",
        f"  sealed copy until 2040-01-15T00:00:00Z: python -m ops reports open {made}",
        "",
    ]
    (listed,) = json.loads(run("reports", "--json"))
    assert (listed["id"], listed["reporter"], listed["account"], listed["suspended"]) == (made, "bob", "ada", True)
    assert [message["text"] for message in listed["messages"]] == ["one\ntwo"]
    assert listed["messages_gone"] == 1
    assert made in run("reports", "resolve", made)
    assert run("reports") == "No open reports.\n"
    assert made in run("reports", "--resolved")


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]) -> None:
    """The keys of an instance."""
    parameters = Parameters()
    monkeypatch.setattr("ops.operations.moderation.boto3.Session", lambda: parameters)
    configure(report_key=ReportKeys(parameters, settings.get().prefix).create())


def test_a_copy_is_opened_until_its_report_is_resolved(
    api: Api, ada: Person, run: Run, configure: Callable[..., None], keyed: None
) -> None:
    configure(rules="Be kind | always\nNo spam")
    kind = api.get("/api/v1/instance/rules").json[0]["id"]
    first = api.post(ada, "one\ntwo", expires_in=60, language="de", spoiler_text="odd")["id"]
    second = api.post(ada, "hi", in_reply_to_id=first, visibility="unlisted")["id"]
    made = report(api, api.sign_up("bob"), ada, status_ids=[first, second], rule_ids=[kind])
    api.clock.advance(60)
    assert f"{made}  2040-01-01T00:00:00Z  violation\n  @bob reports @ada\n  rule: Be kind\n" in run("reports")
    assert run("reports", "open", made).splitlines() == [
        f"message {first}",
        "  public, de, sensitive",
        "  posted at 2040-01-01T00:00:00Z, expired at 2040-01-01T00:01:00Z",
        "    odd",
        "    one",
        "    two",
        "",
        f"message {second}",
        "  unlisted reply",
        "  posted at 2040-01-01T00:00:00Z, expires at 2040-01-02T00:00:00Z",
        "    hi",
        "",
    ]
    opened, _ = json.loads(run("reports", "open", made, "--json"))
    assert (opened["id"], opened["text"], opened["expires_at"]) == (first, "one\ntwo", "2040-01-01T00:01:00Z")
    run("reports", "resolve", made)
    for wrong in (made, "0" * 26, "x"):
        with pytest.raises(SystemExit, match="no copy"):
            run("reports", "open", wrong)


def test_a_copy_that_no_key_opens_is_said_in_one_line(api: Api, ada: Person, run: Run, keyed: None) -> None:
    settings.process.use(msgspec.structs.replace(settings.process(), report_key=sealing.new_keys().public))
    made = report(api, api.sign_up("bob"), ada, status_ids=[api.post(ada, "hi")["id"]])
    with pytest.raises(SystemExit, match=r"^FSTREAM: No key .*/fstream-[a-z0-9]+/report-key\.$"):
        run("reports", "open", made)


def test_what_a_forged_copy_holds_does_not_steer_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = Copy("0" * 26, "\x1b[2Jhello\x07", "\x9bpublic", 0, spoiler="\x9b0m", language="\x1b]0;x\x07")
    monkeypatch.setattr(reports, "copy_of", lambda *_: (forged,))
    for arguments in ((), ("--json",)):
        assert run("reports", "open", forged.id, *arguments).replace("\n", "").isprintable()


def test_nothing_that_is_shown_steers_the_terminal(api: Api, ada: Person, run: Run) -> None:
    bob = api.sign_up("bob")
    status = api.post(ada, "\x1b[2Jhello\x07", spoiler_text="\x1b]0;x")
    report(api, bob, ada, status_ids=[status["id"]], comment="\x1b[31mred")
    assert run("reports").replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "arguments",
    [
        ("suspend", "eve"),
        ("suspend", "eve", "--lift"),
        ("suspend", "ada", "--reason", "x" * 501),
        ("remove", "0" * 26, "--reason", "x"),
        ("remove", "0" * 26, "--reason", " "),
        ("reports", "resolve", "x"),
        ("reports", "resolve"),
        ("reports", "open"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(ada: Person, run: Run, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_:
        run(*arguments)
    assert str(exit_.value).startswith("FSTREAM: ")
    assert "\n" not in str(exit_.value)


@pytest.mark.parametrize(("limit", "is_taken"), [("0", False), ("1", True), ("1000", True), ("1001", False)])
def test_at_most_a_limited_number_of_reports_is_listed(run: Run, limit: str, is_taken: bool) -> None:
    if is_taken:
        run("reports", "--limit", limit)
    else:
        with pytest.raises(SystemExit):
            run("reports", "--limit", limit)


def test_where_there_are_no_tables_that_is_said(configure: Callable[..., None], ada: Person) -> None:
    configure(stage="elsewhere")
    with pytest.raises(OperationError):
        moderation.lift("ada", lambda: 0, print)


def test_a_password_is_reset_and_printed(api: Api, ada: Person, run: Run) -> None:
    first, *others = run("reset-password", "ada").splitlines()
    password = first.removeprefix("The password of ada is now: ")
    assert "https://fstream.test/account/password" in others[-1]
    assert api.get(HOME, ada).status == 401
    tokens = [api.token("password", username="ada", password=each).status for each in (PASSWORD, password)]
    assert tokens == [400, 200]
    with pytest.raises(SystemExit, match="There is no account eve"):
        run("reset-password", "eve")
