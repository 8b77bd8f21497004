"""Hands the tables and stream records of one version of FSTREAM to another version, in a process of its own.

As a program, it runs in the checkout of a previous version, whose modules it imports, those of its tests included:
`python -P handover.py GIVEN RETURNED`, with two files of pickled dicts.
"""

import pickle
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import moto
from argon2 import PasswordHasher

from fstream_app import tables
from fstream_app.core import clock as fstream_clock
from fstream_app.core import database, parallel
from fstream_app.people import passwords
from ops import event_sources, provisioning
from ops.pump import Pump, Subscription
from tests.support import engines, walks
from tests.support.clock import Clock
from tests.support.people import SETTLED, Api, Person

Items = dict[str, list[dict[str, Any]]]
"""Items by the name of their model."""
Records = dict[str, list[dict[str, Any]]]
"""Stream records by the function that gets them."""
Shown = dict[tuple[str, str], tuple[int, list[str]]]
"""The status and all ids of each response, by reader and path."""


def items() -> Items:
    """Return all items."""
    client = database.connection().client
    return {model.__name__: client.scan(TableName=model.table_name())["Items"] for model in tables.ALL}


def put(given: Items) -> None:
    """Put items into the tables, except those of tables that this version does not have."""
    client = database.connection().client
    for model in tables.ALL:
        name, items = model.table_name(), given.get(model.__name__, [])
        for first in range(0, len(items), 25):
            puts = [{"PutRequest": {"Item": item}} for item in items[first : first + 25]]
            assert not client.batch_write_item(RequestItems={name: puts})["UnprocessedItems"]


def records() -> Records:
    """Return all records of the streams since the tables were created, as the functions get them."""
    found: Records = {str(source.function): [] for source in event_sources.ALL}

    def keep(name: str) -> event_sources.Handler:
        return lambda event, _: found[name].extend(event["Records"])

    _pump({name: keep(name) for name in found}).drain()
    return found


def deliver(given: Records) -> list[str]:
    """Call this version's functions with records; return those that they report as failed."""
    failed = []
    for source in event_sources.ALL:
        batch = given[source.function]
        for first in range(0, len(batch), source.batch_size):
            outcome = source.handler()({"Records": batch[first : first + source.batch_size]}, None)
            failed += [f"{source.function} {each}" for each in outcome["batchItemFailures"]]
    return failed


def _pump(handlers: Mapping[str, event_sources.Handler]) -> Pump:
    letters: list[Mapping[str, Any]] = []
    subscriptions = [
        Subscription(source, handlers[source.function], provisioning.stream_arn(source.table))
        for source in event_sources.ALL
    ]
    return Pump(engines.streams_client(), subscriptions, letters.append, sleep=lambda _: False)


def walk(api: Api, people: Mapping[str, Person], ids: Mapping[str, str]) -> Shown:
    """Request every GET route of this version, with all of its values and queries, as each reader."""
    shown: Shown = {}
    for route, reads_a_token in walks.routes().items():
        for name, reader in people.items() if reads_a_token else [("", None)]:
            found = api.get("/api/v1/notifications", reader).json if reader else []
            walked = walks.Walk(api, ids, {name: [each["id"] for each in found]})
            for path in walked._paths(route, name):
                answer = api.get(path, reader)
                shown[name, path] = answer.status, list(walks._ids(answer.json))
    return shown


def _act(api: Api, people: Mapping[str, Person], ids: Mapping[str, str]) -> dict[str, str]:
    """Do what this version can do with what the other has written; return the ids of new messages."""
    fan = people["fan"]
    made = {"answer": api.post(fan, "of before #walk @ada", in_reply_to_id=ids["p"])["id"]}
    made["private"] = api.post(people["ada"], "of before #walk", visibility="private")["id"]
    api.act(fan, "mute", people["asker"])
    for verb in ("favourite", "bookmark"):
        assert api.request("POST", f"/api/v1/statuses/{ids['to_p']}/{verb}", fan).status == 200
    newcomer = api.sign_up("newcomer")
    api.act(newcomer, "follow", people["host"])
    api.act(people["asker"], "unfollow", people["ada"])
    return made


def _main(given: dict[str, Any]) -> dict[str, Any]:
    clock = Clock()
    fstream_clock.now = fstream_clock.monotonic = clock
    setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # noqa: B010
    people = {name: Person(*values) for name, values in given["people"].items()}
    with moto.mock_aws(), engines.fresh_tables("moto"):
        put(given["items"])
        api = Api(clock, _pump({str(source.function): source.handler() for source in event_sources.ALL}))
        api.go_on_with(given["application"], given["now"])
        failed = deliver(given["records"])
        clock.advance(SETTLED)
        shown = walk(api, {name: people[name] for name in given["readers"]}, given["ids"])
        made = _act(api, people, given["ids"])
        return {"failed": failed, "shown": shown, "made": made, "items": items(), "now": clock.now}


if __name__ == "__main__":
    source, target = (Path(name) for name in sys.argv[1:])
    target.write_bytes(pickle.dumps(_main(pickle.loads(source.read_bytes()))))
    for pool in parallel._pools.values():
        pool.shutdown()
