"""Users of the deployed FSTREAM and their relationships, which can be restored after each step."""

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from websocket import WebSocket

from fstream_app import tables
from ops.deployment import data_stack, functions
from tests.e2e.deployment import PREFIX, Cloud, DeployedSite
from tests.support.site import PASSWORD, unique

Items = dict[str, dict[str, Any]]
"""Items by table and key."""
Record = dict[str, Any]
_WRITES = ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")
"""The actions of DynamoDB that change a table, as the cloud checks them."""


@dataclass(frozen=True)
class Someone:
    """A user with an access token."""

    name: str
    id: str
    token: str


class World:
    """Ada, Bob, Cyd and Dan. Only the records that a step passes to the stream functions are delivered."""

    def __init__(self, cloud: Cloud, site: DeployedSite) -> None:
        self.cloud = cloud
        self.site = site
        self._tables = cloud.client("dynamodb")
        self._functions = cloud.client("lambda")
        self.ada, self.bob, self.cyd, self.dan = (self.someone(name) for name in ("ada", "bob", "cyd", "dan"))
        for by, verb, whom in (
            (self.ada, "follow", self.bob), (self.bob, "follow", self.ada), (self.cyd, "follow", self.ada),
            (self.ada, "block", self.dan), (self.ada, "mute", self.cyd), (self.bob, "mute", self.ada),
        ):  # fmt: skip
            self.act(by, verb, whom)
        self.log_in(self.ada)
        self.root = site.say(self.bob.token, f"hello @{self.ada.name}")
        self.reply = self.post_once(self.ada, "key", f"#tag @{self.bob.name}", in_reply_to_id=self.root["id"])
        self.public = site.say(self.ada.token, "#tag")
        self.other = site.say(self.cyd.token, "whose author is notified of favourites")
        for verb, status in (("favourite", self.root), ("favourite", self.other), ("bookmark", self.root)):
            site.post(f"/api/v1/statuses/{status['id']}/{verb}", self.ada.token)
        for by, about in ((self.ada, self.cyd), (self.bob, self.ada)):
            site.post("/api/v1/reports", by.token, account_id=about.id)
        self.deliver(self.posted(self.root), self.posted(self.reply), self.posted(self.public))
        self._queue = cloud.outputs("data")[data_stack.LIVE_QUEUE]
        self._listener = self.listen(self.cyd)
        self._position = 0
        """Where to go on reading the cloud's checks."""
        self._changed: set[str] = set()
        """Tables to which this object has written."""
        self._late = self._written()
        """Tables to which functions wrote before the last look, and perhaps once more after it."""
        self._saved = self._items(self._tables.list_tables()["TableNames"])

    def listen(self, who: Someone) -> WebSocket:
        """Open a WebSocket to a user's events."""
        opened = self.site.socket(self.log_in(who))
        opened.send(json.dumps({"type": "subscribe", "stream": "user"}))
        opened.send(json.dumps({"type": "subscribe", "stream": "nothing"}))
        assert json.loads(opened.recv())["status"] == 400  # by now, the first one is stored
        return opened

    def end(self) -> None:
        """Close the WebSocket because of which somebody is online."""
        self._listener.shutdown()

    def announced(self) -> list[str]:
        """Take what the functions have put into the queue for `live`."""
        client, found = self.cloud.client("sqs"), []
        while entries := client.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            found += [entry["Body"] for entry in entries]
            for entry in entries:
                client.delete_message(QueueUrl=self._queue, ReceiptHandle=entry["ReceiptHandle"])
        return found

    def someone(self, name: str) -> Someone:
        """Sign a user up, under an unused name."""
        account = unique(name)
        token = self.site.sign_up(account)
        return Someone(account, self.site.id_of(token), token)

    def log_in(self, who: Someone) -> str:
        wanted = {"grant_type": "password", "username": who.name, "password": PASSWORD, "scope": "read write follow"}
        return str(self.site.post("/oauth/token", **wanted, **self.site.application)["access_token"])

    def act(self, by: Someone, verb: str, whom: Someone) -> Any:
        return self.site.post(f"/api/v1/accounts/{whom.id}/{verb}", by.token)

    def post_once(self, by: Someone, key: str, text: str, **fields: str) -> dict[str, Any]:
        """Post with an Idempotency-Key."""
        answer = self.site.request(
            "POST", "/api/v1/statuses", by.token, json={"status": text, **fields}, headers={"Idempotency-Key": key}
        )
        status: dict[str, Any] = self.site._content(answer)
        return status

    def posted(self, status: Mapping[str, Any], event: str = "INSERT") -> Record:
        return record({"author_id": status["account"]["id"], "id": status["id"]}, event)

    def deliver(self, *records: Record, to: tuple[str, ...] = ("fan_out", "views")) -> None:
        for function in to:
            self._invoke(function, records)

    def relate(self, *records: Record) -> None:
        self._invoke("on_relationship", records)

    def react(self, *records: Record) -> None:
        self._invoke("on_reaction", records)

    def _invoke(self, function: str, records: tuple[Record, ...]) -> None:
        payload = json.dumps({"Records": records}).encode()
        answer = self._functions.invoke(FunctionName=f"{PREFIX}-{function}", Payload=payload)
        assert json.load(answer["Payload"]) == {"batchItemFailures": []}

    def give_tokens(self, who: Someone, count: int) -> None:
        """Store many tokens for a user."""
        self._changed.add(f"{PREFIX}-tokens")
        for number in range(count):
            item = {"hash": {"S": f"token {number}"}, "user_id": {"S": who.id}}
            self._tables.put_item(TableName=f"{PREFIX}-tokens", Item=item)

    def notes(self) -> list[dict[str, Any]]:
        """Return the notes in the log of messages that the API's function awaits."""
        pages = self._tables.get_paginator("scan").paginate(TableName=f"{PREFIX}-log")
        return [item for page in pages for item in page["Items"] if "awaited" in item]

    def delete(self, table: str, **key: str) -> None:
        """Delete an item directly in the table."""
        self._changed.add(f"{PREFIX}-{table}")
        self._tables.delete_item(TableName=f"{PREFIX}-{table}", Key={name: {"S": value} for name, value in key.items()})

    def cool_down(self, function: str = functions.API) -> None:
        """Make a function start cold: Lambda restarts one whose configuration is updated."""
        name = functions.function_name(PREFIX, function)
        timeout = self._functions.get_function_configuration(FunctionName=name)["Timeout"]
        self._functions.update_function_configuration(FunctionName=name, Timeout=timeout)  # unchanged

    def mark_as_leaving(self, who: Someone) -> None:
        self._mark(who, "leaving", {"BOOL": True})

    def mark_as_cleared(self, who: Someone) -> None:
        """Mark all messages of a user as deleted, also those to come."""
        self._mark(who, "cleared_until", {"N": "9999999999999"})

    def _mark(self, who: Someone, attribute: str, value: dict[str, Any]) -> None:
        self._changed.add(f"{PREFIX}-users")
        self._tables.update_item(
            TableName=f"{PREFIX}-users",
            Key={"id": {"S": who.id}},
            UpdateExpression=f"SET {attribute} = :value",
            ExpressionAttributeValues={":value": value},
        )

    def restore(self) -> None:
        """Restore all tables to their initial state; only those are read to which somebody has written."""
        written = self._changed | self._written()
        found = self._items(written | self._late)
        self._changed, self._late = set(), written
        for table in found:
            saved = self._saved[table]
            changes = [
                {"DeleteRequest": {"Key": self._key(table, item)}}
                for name, item in found[table].items()
                if name not in saved
            ]
            changes += [
                {"PutRequest": {"Item": item}} for name, item in saved.items() if found[table].get(name) != item
            ]
            for first in range(0, len(changes), 25):
                self._tables.batch_write_item(RequestItems={table: changes[first : first + 25]})

    def _written(self) -> set[str]:
        """Return the tables to which functions have written since the last call: a check precedes each write."""
        content = self.cloud.checks.read_text()
        new, self._position = content[self._position :], len(content)
        checks = [line.split() for line in new.splitlines()]
        return {
            resource.rpartition("/")[2]
            for result, action, resource in checks
            if result == "granted" and action.removeprefix("dynamodb:") in _WRITES
        }

    def _items(self, names: Iterable[str]) -> Items:
        return {
            table: {
                json.dumps(self._key(table, item), sort_keys=True): item
                for page in self._tables.get_paginator("scan").paginate(TableName=table)
                for item in page["Items"]
            }
            for table in names
        }

    def _key(self, table: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return {name: item[name] for name in _keys(table)}


def _keys(table: str) -> list[str]:
    (model,) = [model for model in tables.ALL if model.base_name() == table.removeprefix(f"{PREFIX}-")]
    return model.key_names()


def record(keys: Mapping[str, str], event: str = "INSERT") -> Record:
    """Return a stream record."""
    return {
        "eventName": event,
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/x/stream/x",
        "dynamodb": {
            "ApproximateCreationDateTime": int(time.time()),
            "Keys": {name: {"S": value} for name, value in keys.items()},
            "SequenceNumber": "1",
        },
    }
