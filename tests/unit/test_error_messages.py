"""docs/errors.md lists every error message that the code can send, and no others, each with its cause.

`FSTREAM_TEST_WRITE_ERRORS=1 pytest tests/unit/test_error_messages.py` rewrites the table: causes are kept, and new
messages get the cause `?`, to be filled in.
"""

import os
import re
from pathlib import Path

import pytest

from tests.support import messages
from tests.support.messages import Message
from tests.support.people import Api

DOCUMENT = Path(__file__).parents[2] / "docs" / "errors.md"
HEAD = "| status | code | message | cause |\n|---|---|---|---|\n"
_ROW = re.compile(r"^\| (\w+) \| (\w*) ?\| (.+?) \| (.+?) \|$", re.MULTILINE)


def documented() -> dict[Message, str]:
    """The messages that the document lists, with their causes."""
    rows = _ROW.findall(DOCUMENT.read_text(encoding="utf-8").partition(HEAD)[2])
    return {Message(status, code, text.replace("\\|", "|")): cause for status, code, text, cause in rows}


def table(causes: dict[Message, str]) -> str:
    rows = [f"| {each.status} | {each.code} | {each.text} | {causes[each]} |\n" for each in sorted(causes)]
    return HEAD + "".join(rows)


@pytest.fixture(scope="module")
def collected() -> set[Message]:
    return messages.collect()


def test_every_message_is_listed_and_no_other(collected: set[Message]) -> None:
    known = documented()
    if os.environ.get("FSTREAM_TEST_WRITE_ERRORS"):
        before = DOCUMENT.read_text(encoding="utf-8").partition(HEAD)[0]
        known = {each: known.get(each, "?") for each in collected}
        DOCUMENT.write_text(before + table(known), encoding="utf-8")
    assert sorted(collected - known.keys()) == []
    assert sorted(known.keys() - collected) == []
    assert DOCUMENT.read_text(encoding="utf-8").endswith(table(known))


def test_every_message_has_a_cause() -> None:
    causes = documented()
    assert len(causes) > 100
    assert [each for each, cause in causes.items() if len(cause) < 10] == []


def matches(text: str, status: int, listed: set[Message]) -> bool:
    return any(
        re.fullmatch(re.escape(each.text).replace(messages.UNKNOWN, ".*"), text) and each.status == str(status)
        for each in listed
    )


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/v1/statuses", {"status": " "}, 422),
        ("POST", "/api/v1/statuses", {"status": "x" * 501}, 422),
        ("POST", "/api/v1/statuses", {"status": "x", "visibility": "local"}, 422),
        ("POST", "/api/v1/statuses", {"status": 1}, 422),
        ("POST", "/api/v1/statuses", {"status": "x", "media_ids": ["1"]}, 422),
        ("GET", "/api/v1/statuses/x", None, 404),
        ("PUT", "/api/v1/timelines/home", None, 405),
        ("POST", "/api/v1/polls/1/votes", {"choices": ["a"]}, 422),
        ("POST", "/api/v1/reports", {}, 422),
        ("GET", "/no/such/path", None, 404),
    ],
)
def test_what_the_api_says_is_among_them(
    api: Api, method: str, path: str, body: object, status: int, collected: set[Message]
) -> None:
    answer = api.request(method, path, api.sign_up("ada"), json=body)
    assert answer.status == status
    assert matches(answer.error, status, {each for each in collected if each.text != messages.UNKNOWN})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise NotFound("gone")', {Message("404", "", "gone")}),
        ('raise Invalid(f"at most {MOST}", "a")', {Message("422", "ERR_INVALID", "at most 3")}),
        ('raise Invalid(f"at most {most}", "a", "ERR_X")', {Message("422", "ERR_X", "at most …")}),
        (
            'return [Invalid(TEXT, "a", "ERR_A" if x else "ERR_B")]',
            {Message("422", "ERR_A", "plain"), Message("422", "ERR_B", "plain")},
        ),
        ('raise OAuthError("invalid_client", TEXT) from None', {Message("401", "invalid_client", "plain")}),
        ("raise Malformed(_said(1))", {Message("400", "", "one"), Message("400", "", "two …")}),
    ],
)
def test_a_message_is_found_however_it_is_made(
    source: str, expected: set[Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = 'def _said(a):\n    if a:\n        return "one"\n    return f"two {a}"\n'
    made = f'MOST = 3\nTEXT = "plain"\n{helper}def f(x=0, most=0):\n    {source}\n'
    (tmp_path / "made_here.py").write_text(made)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "made_here", raising=False)
    assert set(messages._Module("made_here", made).messages()) == expected


def test_a_message_that_cannot_be_understood_fails() -> None:
    module = messages._Module("fstream_app.core.clock", "def f(text):\n    raise NotFound(text)\n")
    with pytest.raises(messages.UnresolvedError, match=r"fstream_app\.core\.clock:2: text"):
        list(module.messages())
