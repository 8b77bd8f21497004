"""What the hot operations cost: request units, round trips, and CPU of this process as a ratio to one bare GetItem."""

import argparse
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from fstream_app import clock, fanout, ids, messages, tables, timelines
from fstream_app.entities import User
from fstream_app.fanout import Change
from fstream_app.messages import Draft
from fstream_app.paging import Window
from fstream_app.repository import relationships, users
from ops import engine, provisioning
from ops.meter import Cost, metered

FOLLOWEES = 100
TEXT = "x" * 140


def main() -> None:
    """Run the benchmarks against an engine of their own, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="how often each operation is made (default 100)")
    rounds = parser.parse_args().rounds
    logging.disable(logging.WARNING)
    with engine.running() as started:
        started.configure(os.environ)
        with _operations() as operations:
            _report({name: _measure(operation, rounds) for name, operation in operations.items()}, rounds)


@contextmanager
def _operations() -> Iterator[dict[str, Callable[[], object]]]:
    provisioning.provision()

    def make_user(name: str) -> User:
        user = User(id=ids.new_user_id(), name=name, created_at=clock.now(), password_hash="none")
        users.create(user)
        return user

    def post(author: User) -> Change:
        return Change("1", messages.post(author, Draft(TEXT), clock.now()).id, inserted=True)

    def deliver(change: Change) -> None:
        fanout.deliver([change], clock.now())

    reader = make_user("reader")
    authors = [make_user(f"author{number}") for number in range(FOLLOWEES)]
    for author in authors:
        relationships.follow(reader.id, author.id)
        deliver(post(author))
    writer = make_user("writer")
    delivered = post(writer)
    time.sleep(2.5)  # until all of it is settled and known to the tail
    newest = timelines.home(reader.id, Window(), clock.now()).messages[0].id
    client = tables.connection().client
    key = {"id": {"S": reader.id}}
    yield {
        "one bare GetItem": partial(client.get_item, TableName=tables.UserItem.Meta.table_name, Key=key),
        "home, 20 messages": lambda: timelines.home(reader.id, Window(), clock.now()),
        "home, nothing new": lambda: timelines.home(reader.id, Window(low=newest), clock.now()),
        "post": lambda: post(writer),
        "fan-out": partial(deliver, delivered),
    }


def _measure(operation: Callable[[], object], rounds: int) -> Cost:
    operation()
    with metered() as cost:
        for _ in range(rounds):
            operation()
    return cost


def _report(costs: dict[str, Cost], rounds: int) -> None:
    bare = next(iter(costs.values())).cpu_seconds
    print(f"{'operation':<20}{'calls':>8}{'RRU':>8}{'WRU':>8}{'CPU ms':>9}{'ratio':>8}")
    for name, cost in costs.items():
        counted = (len(cost.calls) / rounds, cost.read_units / rounds, cost.write_units / rounds)
        figures = "".join(f"{figure:>8.1f}" for figure in counted)
        print(f"{name:<20}{figures}{1000 * cost.cpu_seconds / rounds:>9.2f}{cost.cpu_seconds / bare:>8.1f}")


if __name__ == "__main__":
    main()
