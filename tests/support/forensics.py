"""Unique markers, and the search for them in everything that FSTREAM writes: in clear and in common encodings."""

import base64
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fstream_app import tables
from fstream_app.core import database
from fstream_app.tables import Table
from ops.streams import Shard, describe_shards
from tests.support import engines

Places = dict[str, set[str]]
"""Where markers were found, by marker."""


class Markers:
    """Secret-looking texts of lower-case letters and digits, valid as names and hashtags, each made on first use."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._needles: dict[str, set[bytes]] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._texts:
            self.add(name, f"m{secrets.token_hex(7)}")
        return self._texts[name]

    def add(self, name: str, text: str) -> str:
        """Let a text that FSTREAM has made, such as a token, be a marker too; return it."""
        self._texts[name] = text
        self._needles[name] = {each.lower() for each in encodings(text)}
        return text

    def find(self, sources: Iterable[tuple[str, bytes]]) -> Places:
        """Search contents, each with the name of its place."""
        contents: dict[str, list[bytes]] = defaultdict(list)
        for place, content in sources:
            contents[place].append(content.lower())
        found: Places = defaultdict(set)
        for place, parts in contents.items():
            content = b"\n".join(parts)
            for name, needles in self._needles.items():
                if any(needle in content for needle in needles):
                    found[name].add(place)
        return dict(found)


def encodings(text: str) -> Iterator[bytes]:
    """Yield a text in clear, UTF-16, hex, percent-encoded, and in base64 at each of its three alignments."""
    for raw in (text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")):
        yield raw
        yield raw.hex().encode()
        yield "".join(f"%{byte:02x}" for byte in raw).encode()
        for before in range(3):
            encoded = base64.b64encode(bytes(before) + raw)
            # Without the characters that also encode the neighbours.
            first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
            yield encoded[first:last]
            yield encoded[first:last].translate(bytes.maketrans(b"+/", b"-_"))


def stored() -> Iterator[tuple[str, bytes]]:
    """Yield every attribute of every item of every table and index, as `table.attribute`."""
    for model in tables.ALL:
        for index in (None, *(each["IndexName"] for each in _indexes(model))):
            place = model.base_name() + (f"/{index}" if index else "")
            for item in _scan(model, index):
                for name, value in item.items():
                    yield f"{place}.{name}", _flat(value)


def _indexes(model: type[Table]) -> list[dict[str, Any]]:
    described = database.connection().client.describe_table(TableName=model.table_name())["Table"]
    indexes: list[dict[str, Any]] = described.get("GlobalSecondaryIndexes", [])
    return indexes


def _scan(model: type[Table], index: str | None) -> Iterator[dict[str, Any]]:
    more = {"IndexName": index} if index else {}
    for page in database.connection().client.get_paginator("scan").paginate(TableName=model.table_name(), **more):
        yield from page["Items"]


def _flat(value: object) -> bytes:
    """Return all texts and bytes in a value in DynamoDB's form, one after the other."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, Mapping):
        return b"\n".join(_flat(each) for each in (*value.keys(), *value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return b"\n".join(map(_flat, value))
    return str(value).encode()


def streamed() -> Iterator[tuple[str, bytes]]:
    """Yield every record of every stream, as `stream of <table>`."""
    client = engines.streams_client()
    for model in tables.ALL:
        described = database.connection().client.describe_table(TableName=model.table_name())["Table"]
        if arn := described.get("LatestStreamArn"):
            for shard in describe_shards(client, arn):
                for record in Shard(client, arn, shard).read():
                    yield f"stream of {model.base_name()}", _flat(record)


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file in a folder, as `file`."""
    for file in folder.rglob("*"):
        if file.is_file():
            yield "file", str(file).encode() + b"\n" + file.read_bytes()


def expire(now: int) -> int:
    """Delete what has expired at a time (ms), as DynamoDB's TTL does some time later; return the number of items."""
    number = 0
    for model in tables.ALL:
        for item in list(_scan(model, None)):
            if "expires_at" in item and int(item["expires_at"]["N"]) * 1000 <= now:
                key = {name: item[name] for name in model.key_names()}
                database.connection().client.delete_item(TableName=model.table_name(), Key=key)
                number += 1
    return number
