"""Moto's tables with the same results for less CPU: most tests spend most of their time in them.

Moto sorts all items of a table for a query of one partition, sums up an item's size for each of its attributes, copies
all items of a table before each of a transaction's writes, and parses the same expressions again and again. `install`
replaces these by what does only as much as is needed. `tests/unit/core/test_shortcut.py` compares the results with
those of moto as it is.
"""

import copy
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import bytesize
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.expressions import UpdateExpressionParser
from moto.dynamodbstreams.models import ShardIterator

_MOST = 405_000
"""Moto's limit on an item's size, in bytes."""
_INDEX_NAME = 6
"""The place of an index's name among the parameters of a query that follow the hash key."""
_query: Callable[..., Any] = Table.query
_update_item: Callable[..., Any] = DynamoDBBackend.update_item
_get: Callable[..., Any] = ShardIterator.get
_cast_value: Callable[[DynamoType], Any] = vars(DynamoType)["cast_value"].fget
_lex: Callable[[ConditionExpressionParser], deque[Any]] = ConditionExpressionParser._lex_condition_expression
_make_update: Callable[..., Any] = vars(UpdateExpressionParser)["make"].__func__
_nodes_to_be_processed: Callable[[Any], tuple[type, ...]] = DepthFirstTraverser.nodes_to_be_processed


@contextmanager
def as_it_is() -> Iterator[None]:
    """Undo the changes for the duration of the block."""
    changed = {place: vars(place[0])[place[1]] for place in _CHANGES}
    _set(_ORIGINALS)
    yield
    _set(changed)


def install() -> None:
    """Change moto's classes, for all tables of this process."""
    _set(_CHANGES)


def _set(values: Mapping[tuple[type, str], Any]) -> None:
    for (kind, name), value in values.items():
        if value is None:
            delattr(kind, name)
        else:
            setattr(kind, name, value)


def _make_item(item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]) -> None:
    values = {name: DynamoType(value) for name, value in attrs.items()}
    if sum(bytesize(name) + value.size() for name, value in values.items()) > _MOST:
        raise ItemSizeTooLarge
    item.hash_key, item.range_key = hash_key, range_key
    item.attrs = LimitedSizeDict()
    dict.update(item.attrs, values)


def _cast(value: DynamoType) -> Any:
    return value.value if value.type in {"S", "B"} else _cast_value(value)


def _query_partition(table: Table, hash_key: DynamoType | None, *rest: Any, **named: Any) -> Any:
    is_of_index = rest[_INDEX_NAME] is not None
    if not is_of_index and hash_key is not None:
        items = {hash_key: table.items[hash_key]} if hash_key in table.items else {}
        table = _like(table, items=items)
    return _query(table, hash_key, *rest, **named)


def _like(model: Any, **changed: Any) -> Any:
    """Return a shallow copy with some attributes changed. Moto would keep one that it makes until the test ends."""
    copied = object.__new__(type(model))
    copied.__dict__.update(model.__dict__, **changed)
    return copied


def _copy_table(table: Table, memo: dict[int, Any]) -> Table:
    items: dict[Any, Any] = defaultdict(dict)
    for key, found in table.items.items():
        items[key] = dict(found) if isinstance(found, dict) else found
    copied: Table = _like(table, items=items)
    if (shard := table.stream_shard) is not None:
        copied.stream_shard = _like(shard, table=copied, items=list(shard.items))
    memo[id(table)] = copied
    return copied


def _update_copy(backend: DynamoDBBackend, table_name: str, key: dict[str, Any], *rest: Any, **named: Any) -> Any:
    table = backend.get_table(table_name)
    hash_key, range_key = backend.get_keys_value(table, key)
    if (item := table.get_item(hash_key, range_key)) is not None:
        items: dict[Any, Any] = table.items if range_key is None else table.items[hash_key]
        items[hash_key if range_key is None else range_key] = copy.deepcopy(item)
    return _update_item(backend, table_name, key, *rest, **named)


@cache
def _lexed(expression: str) -> tuple[Any, ...]:
    return tuple(_lex(ConditionExpressionParser(expression, None, None)))


def _lex_once(parser: ConditionExpressionParser) -> deque[Any]:
    return deque(_lexed(parser.condition_expression))


@classmethod  # type: ignore[misc]
@cache
def _make_update_once(kind: type[UpdateExpressionParser], expression: str) -> Any:
    """Parse an update expression. Moto copies the result before it changes it."""
    return _make_update(kind, expression)


def _copy_node(node: Any, memo: dict[int, Any]) -> Any:
    """Copy a node and those below it, whose attributes are nodes, lists of nodes, and values that never change."""
    copied = memo[id(node)] = object.__new__(type(node))
    values = copied.__dict__
    values.update(node.__dict__)
    if values["children"] is not None:
        values["children"] = [
            _copy_node(each, memo) if isinstance(each, Node) else copy.deepcopy(each, memo)
            for each in values["children"]
        ]
    values["parent"] = memo.get(id(node.parent))
    return copied


def _known_nodes(traverser: Any) -> tuple[type, ...]:
    kind = type(traverser)
    if kind not in _NODES:
        _NODES[kind] = _nodes_to_be_processed(traverser)
    return _NODES[kind]


_NODES: dict[type, tuple[type, ...]] = {}
"""The kinds of nodes that each kind of traverser processes."""


def _get_records(iterator: ShardIterator, *rest: Any, **named: Any) -> Any:
    # A transaction that fails replaces the tables, and the stream's shards with them.
    table = iterator.streams_backend.dynamodb.get_table(iterator.stream_shard.table.name)
    if table.stream_shard is not None:
        iterator.stream_shard = table.stream_shard
    return _get(iterator, *rest, **named)


_CHANGES: Mapping[tuple[type, str], Any] = {
    (Item, "__init__"): _make_item,
    (DynamoType, "cast_value"): property(_cast),
    (Table, "query"): _query_partition,
    # Copies share items, which are copied before they are updated, and the stream's records, which never change.
    (Table, "__deepcopy__"): _copy_table,
    (DynamoDBBackend, "update_item"): _update_copy,
    (ConditionExpressionParser, "_lex_condition_expression"): _lex_once,
    (UpdateExpressionParser, "make"): _make_update_once,
    (DepthFirstTraverser, "nodes_to_be_processed"): _known_nodes,
    (Node, "__deepcopy__"): _copy_node,
    (ShardIterator, "get"): _get_records,
}
_ORIGINALS = {(kind, name): vars(kind).get(name) for kind, name in _CHANGES}
