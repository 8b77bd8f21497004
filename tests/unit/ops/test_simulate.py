"""The cost simulation: its coefficients match the real code, and a simulated day matches known figures."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ops import __main__ as commands
from ops import measuring
from ops.deployment import functions
from ops.simulate import read_costs
from ops.simulation import population
from ops.simulation.capacity import limits
from ops.simulation.day import Day, read_for_a_page, simulate
from ops.simulation.fleet import Fleet
from ops.simulation.ideas import ideas, outside
from ops.simulation.parameters import HOUR, Parameters
from ops.simulation.policies import Bill, bills, delivery
from ops.simulation.population import Authors, Readers, power_law
from ops.simulation.prices import API_TIERS, EDGE_GB, EDGE_REQUESTS, priced
from ops.simulation.tails import AGES, Tails
from ops.simulation.visibility import seconds_to_push, seconds_to_visible
from tests.support.simulated import BASE, COSTS, SMALL

STORE = Path(__file__).parents[3] / "docs" / "cost.json"
STORED = json.loads(STORE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def few_authors() -> Iterator[None]:
    """Represents all authors by 100,000 instead of a million, which takes a fraction of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "LARGEST_SAMPLE", 100_000)
        yield


@pytest.fixture(scope="module")
def small() -> Day:
    """A day of a small network."""
    return simulate(SMALL, COSTS)


@pytest.fixture(scope="module")
def base() -> Day:
    """A day of the base case, simulated with a sample of its readers."""
    return simulate(BASE, COSTS)


def test_the_real_code_costs_what_its_coefficients_predict(ministack: None, configure: Callable[..., None]) -> None:
    configure(settling_time=0, settling_bound=0, tail_refresh=0, rate_limits="on")
    costs = measuring.measure(rounds=1, polls=10)
    assert len(costs.points) == 10
    for point in costs.points:
        assert point.read_units == pytest.approx(point.predicted_read_units), point
        assert point.write_units == pytest.approx(point.predicted_write_units, abs=1), point
    stored = asdict(read_costs(STORE))
    for name in (name for name in stored if name.endswith("_rru") or name in {"head_wru", "view_wru"}):
        assert getattr(costs, name) == pytest.approx(stored[name]), f"{name}: renew docs/cost.json"
    for name, units in stored["sockets"].items():
        if name.endswith(("_rru", "_wru")):
            assert getattr(costs.sockets, name) == pytest.approx(units, abs=0.5), f"{name}: renew docs/cost.json"


@pytest.mark.parametrize(
    ("way", "dollars"),
    [("push_all", 453), ("push_active", 174), ("pull", 188), ("pair_optimum", 66), ("delta_pull", 14)],
)
def test_delivery_in_the_base_case_costs_what_the_literature_computes(base: Day, way: str, dollars: float) -> None:
    assert getattr(delivery(base), way) == pytest.approx(dollars, rel=0.05)


def test_the_same_seed_gives_the_same_day(small: Day) -> None:
    assert simulate(SMALL, COSTS).counts == small.counts
    assert simulate(replace(SMALL, seed=2), COSTS).counts != small.counts


def test_a_sample_of_the_readers_costs_what_all_cost() -> None:
    parameters = Parameters(users=20_000)
    whole, part = (bills(simulate(replace(parameters, sample=size), COSTS))["fstream"] for size in (20_000, 5_000))
    assert part.database == pytest.approx(whole.database, rel=0.05)


def test_a_power_law_has_its_mean_and_its_end() -> None:
    quantiles = (np.arange(1_000_000) + 0.5) / 1_000_000
    values = power_law(quantiles, 2.276, 150, 7_500)
    assert values.mean() == pytest.approx(150, rel=0.01)
    assert values.max() <= 7_500
    assert np.median(values) < 100


def test_nobody_follows_more_people_than_there_are() -> None:
    parameters = Parameters(users=10)
    random = np.random.default_rng(1)
    readers = Readers(parameters, Authors(parameters, random), 1_000, random)
    assert readers.followees.max() <= 49


def test_what_arrives_at_readers_is_what_is_sent() -> None:
    random = np.random.default_rng(1)
    authors = Authors(BASE, random)
    readers = Readers(BASE, authors, 100_000, random)
    sent = authors.deliveries.sum() / BASE.registered_users
    assert readers.arriving.mean() == pytest.approx(sent, rel=0.05)


def test_reads_are_as_many_and_of_such_kinds_as_wanted(base: Day) -> None:
    counts = base.counts
    assert counts.reads == pytest.approx(20e6, rel=0.03)
    assert counts.first / counts.reads == pytest.approx(0.2, rel=0.03)
    assert counts.scrolled / counts.reads == pytest.approx(0.2, rel=0.03)


def test_the_paginator_reads_more_than_a_page_when_messages_are_dropped() -> None:
    assert read_for_a_page(20, 0.0) == (20, 1)
    messages, chunks = read_for_a_page(20, 0.1)
    assert messages == pytest.approx(20 / 0.9, rel=0.05)
    assert 1 < chunks < 3


def test_functions_are_as_many_as_requests_are_under_way() -> None:
    fleet = Fleet(BASE, COSTS)
    busy = fleet.reads * fleet.poll_duration
    assert (fleet.warm >= busy).all()
    assert fleet.warm.max() > fleet.warm.min()
    assert Fleet(SMALL, COSTS).warm.max() < fleet.warm.min()


def test_a_function_reads_the_log_at_most_once_in_the_refresh_time() -> None:
    fleet = Fleet(BASE, COSTS)
    assert (fleet.refreshes <= fleet.warm / BASE.tail_refresh).all()
    assert (fleet.refreshes < fleet.reads).all()


def test_functions_that_nobody_needs_are_cold_at_each_read() -> None:
    fleet = Fleet(Parameters(users=2), COSTS)
    assert HOUR * fleet.cold_starts.sum() == pytest.approx(HOUR * fleet.reads.sum(), rel=0.35)


@pytest.mark.parametrize("entries", [100, 20_000])
def test_a_tail_never_holds_more_than_it_may(entries: int) -> None:
    day = simulate(replace(BASE, tail_entries=entries), COSTS)
    assert day.tails.depths.max() <= entries


def test_with_a_smaller_tail_more_reads_go_below_it(base: Day) -> None:
    assert simulate(replace(BASE, tail_entries=500_000), COSTS).counts.below > 5 * base.counts.below


def test_a_tail_with_room_for_all_that_is_live_knows_it_in_the_end(base: Day) -> None:
    roomy = BASE.live_messages / 0.8
    assert np.isinf(base.tails.depths[:, -1]).all()
    assert np.isinf(simulate(replace(BASE, tail_entries=int(roomy) + 1), COSTS).tails.depths).any()
    assert np.isfinite(simulate(replace(BASE, tail_entries=int(roomy) - 1), COSTS).tails.depths).all()


def test_a_tail_that_nobody_reads_below_gets_no_deeper_than_what_is_appended() -> None:
    tails = Tails(Fleet(BASE, COSTS), np.zeros(1))
    reached = 24 * tails.depths / BASE.posts_a_day
    assert (reached[:, 0] < 0.1).all()
    assert (reached[:, -1] - reached[:, 0] < BASE.function_hours).all()


def test_a_tail_reaches_over_quiet_hours_in_ten_reads() -> None:
    always_below = np.full(1, np.inf)
    tails = Tails(Fleet(replace(SMALL, ttl_hours=0), COSTS), always_below)
    a_step = tails.fleet.lifetime * tails.fleet.per_function / AGES
    known = np.isinf(tails.depths).argmax(axis=1) * a_step * (SMALL.full_pages + SMALL.scrolled)
    assert known == pytest.approx(10, abs=2)


def test_the_longer_ttl_takes_the_more_of_the_log_is_read_for_nothing(base: Day) -> None:
    late = simulate(replace(BASE, ttl_hours=72), COSTS)
    assert late.counts.extension_rru > 1.5 * base.counts.extension_rru


def test_rosters_cost_nothing_where_the_tail_holds_everything(base: Day) -> None:
    assert base.counts.rosters_rru == base.counts.rosters_wru == 0
    assert simulate(replace(BASE, roster_memory=0), COSTS).counts == base.counts


def test_with_100_million_users_rosters_make_fstream_cheaper_than_the_per_pair_optimum() -> None:
    large = replace(BASE, users=100_000_000)
    without, small, whole = (simulate(replace(large, roster_memory=size), COSTS) for size in (0, 60, 160))
    assert bills(without)["fstream"].database > bills(without)["pair_optimum"].database
    assert bills(whole)["fstream"].database < 0.7 * bills(whole)["pair_optimum"].database
    assert 4 * whole.counts.heads_rru < 2 * small.counts.heads_rru < 1.5 * without.counts.heads_rru


def test_the_parts_of_a_bill_add_up(base: Day) -> None:
    for bill in bills(base).values():
        assert bill.total == pytest.approx(sum(asdict(bill).values()))
        assert {name for name, dollars in asdict(bill).items() if dollars <= 0} == {"traces", "audience", "live"}


def test_functions_are_priced_as_they_are_deployed() -> None:
    chalice = json.loads((STORE.parents[1] / ".chalice" / "config.json").read_text())
    memory = {name: function["lambda_memory_size"] for name, function in chalice["lambda_functions"].items()}
    assert chalice["lambda_architecture"] == "arm64"
    others = [name for name in functions.ALL if name != functions.API]
    assert memory == {functions.API: BASE.memory} | dict.fromkeys(others, BASE.stream_memory)


def test_memory_costs_and_speeds_up_the_functions_that_have_it(base: Day) -> None:
    here = bills(base)["fstream"].functions
    waiting = bills(simulate(replace(BASE, stream_memory=1_024), COSTS))["fstream"].functions
    assert here < waiting < here + 1
    fast, slow = (Fleet(replace(BASE, memory=memory), COSTS) for memory in (1_024, 512))
    assert fast.poll_duration < slow.poll_duration
    assert fast.fan_out_duration(1) == slow.fan_out_duration(1)


def test_requests_are_priced_by_the_month_and_by_tiers() -> None:
    assert priced(API_TIERS, 1e6) == pytest.approx(1.00)
    assert priced(API_TIERS, 20e6) == pytest.approx((300 * 1.00 + 300 * 0.90) / 30)
    assert priced(EDGE_REQUESTS, 0.3e6) == 0  # 10 million a month
    assert priced(EDGE_REQUESTS, 1e6) == pytest.approx(20 / 30)
    assert priced(EDGE_GB, 1_000) == pytest.approx((9_216 * 0.085 + (30_000 - 10_240) * 0.080) / 30)


def test_what_is_not_compressed_and_traced_costs_more(base: Day) -> None:
    here = bills(base)["fstream"]
    plain = bills(replace(base, parameters=replace(BASE, compressed=1.0)))["fstream"]
    assert plain.edge > here.edge
    traced = bills(replace(base, parameters=replace(BASE, traced=0.05)))["fstream"]
    assert traced.total - here.total == pytest.approx(traced.traces)
    assert traced.traces == pytest.approx(21e6 * 0.05 * 5e-6, rel=0.02)


def test_the_log_is_read_to_its_limit_by_the_reported_number_of_users(base: Day) -> None:
    found = {limit.name: limit for limit in limits(base)}
    log = found["log, reads of a shard"]
    shards = round(log.users * BASE.stream_shards / BASE.users)
    fleet = Fleet(replace(BASE, users=round(log.users), stream_shards=shards), COSTS)
    assert (fleet.refreshes * fleet.refresh_rru).max() == pytest.approx(3_000, rel=0.02)


def test_limits_are_listed_in_the_order_in_which_they_are_met(base: Day) -> None:
    found = limits(base)
    assert [limit.users for limit in found] == sorted(limit.users for limit in found)
    [messages] = [limit for limit in found if limit.name == "messages, reads"]
    assert messages.users * messages.load == pytest.approx(messages.limit * 1e6)


def test_ideas_are_priced_on_the_same_day(base: Day) -> None:
    found = list(ideas(base))
    assert {idea.without for idea in found} == {bills(base)["fstream"].database}
    assert len({idea.name for idea in found}) == len(found)


def test_ideas_outside_dynamodb_are_priced_by_the_same_bill(base: Day) -> None:
    found, bill = dict(outside(base)), bills(base)["fstream"]
    direct = found["clients call the HTTP API, not CloudFront"]
    assert 0.5 * bill.edge < direct < bill.edge
    assert 0 < found["no log lines about polls with nothing new"] < bill.logs
    halved = bills(simulate(replace(BASE, memory=512), COSTS))["fstream"].functions
    assert found["half the memory for the API's function"] == pytest.approx(bill.functions - halved)


def test_the_stored_figures_follow_from_the_stored_costs() -> None:
    stored = Bill(**STORED["policies"]["fstream"])
    assert bills(simulate(BASE, read_costs(STORE)))["fstream"].database == pytest.approx(stored.database, rel=0.03)


@pytest.mark.parametrize("page", ["cost.md", "operations.md"])
def test_documents_show_the_stored_figures(page: str) -> None:
    text = (STORE.parent / page).read_text(encoding="utf-8")
    stored = Bill(**STORED["policies"]["fstream"])
    assert f"{stored.database:.2f}" in text
    assert f"{stored.total:.2f}" in text


def test_relaxed_pages_save_half_of_what_reading_messages_costs(base: Day) -> None:
    [relaxed] = [idea for idea in ideas(base) if idea.name == "FSTREAM_STRICT_PAGES=off"]
    day = replace(base, costs=replace(COSTS, message_rru=0.5))
    assert relaxed.database == pytest.approx(bills(day)["fstream"].database)


def test_each_batch_of_posts_invokes_both_stream_functions(base: Day) -> None:
    batches = HOUR * float(base.fleet.log_items.sum())
    lines = base.counts.reads + BASE.posts_a_day + 2 * batches
    for bill in bills(base).values():
        assert bill.logs == pytest.approx(lines * BASE.log_line / 1e9 * 0.50)


def test_a_shard_is_read_by_each_stream_function_at_its_own_pace(base: Day) -> None:
    found = {limit.name.split(",")[0]: limit.limit for limit in limits(base)}
    slower = replace(COSTS, view_cpu=10 * COSTS.view_cpu)
    slow = {limit.name.split(",")[0]: limit.limit for limit in limits(simulate(BASE, slower))}
    assert slow["views"] < found["views"] / 5
    assert slow["fan-out"] == found["fan-out"]


def test_a_post_is_seen_once_it_is_settled_and_the_log_was_read_again() -> None:
    seconds = seconds_to_visible(Fleet(BASE, COSTS), 10_000, np.random.default_rng(1))
    assert seconds.min() >= BASE.settling_time
    assert seconds.max() <= BASE.settling_time + BASE.tail_refresh


def test_a_push_takes_as_long_as_its_followers_take_to_be_written() -> None:
    few, many = seconds_to_push(Fleet(BASE, COSTS), np.array([1.0, 1e6]), 40_000)
    assert few < 1
    assert many == pytest.approx(25, rel=0.01)


@pytest.mark.parametrize(
    ("name", "least", "too_low"),
    [("users", 2, 1), ("sessions", 1, 0.9), ("followees", 0.1, 0), ("exponent", 2.01, 2), ("seed", 0, -1)],
)
def test_a_parameter_below_its_range_is_named(name: str, least: Any, too_low: Any) -> None:
    replace(BASE, **{name: least})
    with pytest.raises(ValueError, match=f"--{name} must be"):
        replace(BASE, **{name: too_low})


@pytest.mark.parametrize(
    ("name", "most", "too_high"), [("sessions", 20, 20.1), ("dropped", 0.9, 0.91), ("limit", 40, 41), ("daily", 1, 1.1)]
)
def test_a_parameter_above_its_range_is_named(name: str, most: Any, too_high: Any) -> None:
    replace(BASE, **{name: most})
    with pytest.raises(ValueError, match=f"--{name} must be"):
        replace(BASE, **{name: too_high})


@pytest.fixture
def measured(small: Day, tmp_path: Path) -> Path:
    """A file with the costs of an earlier run, as printed by `--json`."""
    path = tmp_path / "measured.json"
    path.write_text(json.dumps({"parameters": {"costs": asdict(COSTS)}}))
    return path


def simulated(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["ops", "simulate", "--users", "2000", *arguments])
    commands.main()


def test_the_command_prints_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], measured: Path
) -> None:
    simulated(monkeypatch, "--json", "--costs", str(measured), "--seed", "3")
    printed = json.loads(capsys.readouterr().out)
    assert printed["parameters"]["seed"] == 3
    assert printed["parameters"]["costs"]["edge_bytes"] == 35
    assert list(printed["policies"]) == ["push_all", "push_active", "pull", "pair_optimum", "fstream"]
    assert all(list(bill) == [each.name for each in fields(Bill)] for bill in printed["policies"].values())


def test_the_command_prints_tables(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], measured: Path
) -> None:
    simulated(monkeypatch, "--costs", str(measured), "--limits", "--ideas")
    printed = capsys.readouterr().out
    for expected in ("FSTREAM  ", "A day of 2,000 users", "what raises it", "edges packed into one item"):
        assert expected in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dropped", "2"], "--dropped must be between 0 and 0.9"),
        (["--costs", "nowhere.json"], "cannot read costs from nowhere.json"),
    ],
)
def test_errors_are_reported_in_one_line(monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit, match=message):
        simulated(monkeypatch, *arguments)


def test_plots_are_written_small(tmp_path: Path) -> None:
    from ops.simulation import plots  # matplotlib takes long to load

    written = plots.write(SMALL, COSTS, tmp_path, points=2)
    assert {path.suffix for path in written} == {".svg", ".png"}
    assert len(written) == 8
    assert all(0 < path.stat().st_size < 200_000 for path in written)
