"""The computations of the benchmarks; their measurements are not tested."""

from typing import Any

import pytest

from benchmarks import baseline_flask, report, results
from benchmarks.cpu import shares
from benchmarks.live import Live
from benchmarks.results import Results

SITE = "/venv/site-packages"


def entry(own, callers=()):
    """Return a profile's entry: a function's own time, and the time that each caller spent in it."""
    return (1, 1, own, own, {caller: (1, 1, part, part) for caller, part in callers})


def test_the_time_of_builtins_is_given_to_their_caller():
    ours, theirs, builtin = (
        ("/x/fstream_app/tail.py", 1, "refresh"),
        (f"{SITE}/botocore/auth.py", 1, "sign"),
        ("~", 0, "len"),
    )
    found = shares({ours: entry(1.0), theirs: entry(2.0), builtin: entry(1.0, [(ours, 0.25), (theirs, 0.75)])})
    assert found == pytest.approx({"domain": 1.25 / 4, "botocore": 2.75 / 4})


def test_functions_that_call_each_other_are_shared_out_all_the_same():
    ours, one, other = ("/x/chalicelib/api.py", 1, "view"), ("json.py", 1, "one"), ("json.py", 2, "other")
    found = shares(
        {
            ours: entry(1.0),
            one: entry(1.0, [(ours, 0.5), (other, 0.5)]),
            other: entry(1.0, [(one, 1.0)]),
        }
    )
    assert sum(found.values()) == pytest.approx(1)
    assert found["rendering and routes"] > 0.9


def test_the_figures_of_the_page_are_those_of_the_last_run() -> None:
    assert report.DOCUMENT.read_text().endswith(report.render(results.read()))


def test_the_seed_shows_what_the_followed_wrote_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASELINE_MESSAGES", "300")
    client = baseline_flask.create().test_client()
    headers = {"Authorization": "Bearer reader0"}

    def home(**query: object) -> list[dict[str, Any]]:
        answer: Any = client.get("/api/v1/timelines/home", query_string=query, headers=headers).json
        return list(answer)

    page = home(limit=20)
    assert [status["account"]["acct"] for status in page] == [f"author{number}" for number in range(99, 79, -1)]
    posted: Any = client.post("/api/v1/statuses", json={"status": "<3"}, headers=headers).json
    assert posted["content"] == "<p>&lt;3</p>"
    assert home(since_id=page[0]["id"]) == [posted]
    assert client.get("/api/v1/timelines/home").status_code == 401


def test_a_run_of_one_benchmark_keeps_the_results_of_the_others() -> None:
    before = results.read()
    newer = Results(results.machine(), live=Live("2026-01-01", 0.1, 2, 3, 1.5, 1.6, 1.7, 0, 4, 5.0))
    together = before.with_parts_of(newer)
    assert (together.live, together.cpu, together.machine) == (newer.live, before.cpu, before.machine)
    assert "| frames that did not arrive | 0 |" in report.render(together)
