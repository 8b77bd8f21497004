"""Moto's tables with the same results for less CPU: most tests spend most of their time in them.

Moto sorts all items of a table for each query, sums up an item's size for each of its attributes and again whenever it
is read, copies what is read and all items of a table before each of a transaction's writes, and parses the same
expressions again and again. `install` replaces these by what does only as much as is needed.
`tests/unit/core/test_shortcut.py` compares the results with those of moto as it is.

Items in tables never change: an update puts a changed copy in the place of an item. So what is read needs no copy, and
`wire` renders an item once.
"""

import copy
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import msgspec
from moto.core.responses import ActionContext, ActionResult
from moto.dynamodb.comparisons import ConditionExpressionParser
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models import table as table_models
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import DynamoJsonEncoder, bytesize, dynamo_to_dict
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node  # type: ignore[attr-defined]
from moto.dynamodb.parsing.expressions import UpdateExpressionParser  # type: ignore[attr-defined]
from moto.dynamodb.responses import DynamoResult

_MOST = 405_000
"""Moto's limit on an item's size, in bytes."""
_query: Callable[..., Any] = Table.query
_update_item: Callable[..., Any] = DynamoDBBackend.update_item
_copy_item: Callable[[Item, dict[int, Any]], Item] = Item.__deepcopy__
_size: Callable[[Item], int] = Item.size
_cast_value: Callable[[DynamoType], Any] = vars(DynamoType)["cast_value"].fget
_lex: Callable[[ConditionExpressionParser], deque[Any]] = ConditionExpressionParser._lex_condition_expression
_parse: Callable[[ConditionExpressionParser], Any] = ConditionExpressionParser.parse
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


def _set(values: Mapping[tuple[type | ModuleType, str], Any]) -> None:
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


def wire(value: Any) -> Any:
    """Return part of a result with its items as JSON. The rest may contain values of DynamoDB, for `in_json`."""
    if isinstance(value, LimitedSizeDict):
        found = vars(value).get("_wire")
        if found is None:
            found = vars(value)["_wire"] = msgspec.Raw(in_json(dict(value)))
        return found
    if isinstance(value, dict):
        return {name: wire(each) for name, each in value.items()}
    return [wire(each) for each in value] if isinstance(value, list) else value


def in_json(value: Any) -> bytes:
    """Return what may contain values of DynamoDB in its JSON."""
    return msgspec.json.encode(value, enc_hook=_part)


def _part(value: Any) -> Any:
    if isinstance(value, DynamoType):
        return {value.type: value.value}
    return DynamoJsonEncoder().default(value)


def _make_result(made: DynamoResult, result: object) -> None:
    ActionResult.__init__(made, result)


def _execute_result(made: DynamoResult, context: ActionContext) -> Any:
    return ActionResult(dynamo_to_dict(made.result)).execute_result(context)


def _query_matching(table: Table, hash_key: DynamoType | None, *rest: Any, **named: Any) -> Any:
    conditions = named["hash_key_conditions"]
    if _index_name(*rest):
        found = [item for item in _items(table, table.items.values()) if _matches(item, conditions)]
    else:
        partition = [table.items[hash_key]] if hash_key in table.items else []
        found = _items(table, partition)
        if table.range_key_attr:
            found.sort(key=lambda item: item.range_key.cast_value)
    return _query(_like(table, all_items=lambda: found), hash_key, *rest, **named)


def _index_name(
    _comparison: Any, _values: Any, _limit: Any, _start: Any, _forward: Any, _names: Any, *more: Any
) -> Any:
    return more[0]


def _items(table: Table, partitions: Iterable[Any]) -> list[Any]:
    return [item for each in partitions for item in each.values()] if table.range_key_attr else list(partitions)


def _matches(item: Item, conditions: Sequence[tuple[str, DynamoType]]) -> bool:
    for name, wanted in conditions:
        found = item.attrs.get(name)
        if found is None or found.type != wanted.type or (found.value != wanted.value and found != wanted):
            return False
    return True


def _comes_before(
    table: Table, item: Item, key: dict[str, Any], hash_names: list[str], range_names: list[Any], forward: bool
) -> bool:
    for name in table._generate_attr_to_sort_by(hash_names, range_names):
        found = item.attrs.get(name)
        if found is not None and found.value != key.get(name, {}).get(found.type):
            start = DynamoType(key.get(name))  # type: ignore[arg-type]  # as moto has it
            if found != start:
                return bool((found < start) == forward)
    return True


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
        copied = items[hash_key if range_key is None else range_key] = _copy_item(item, {})
        vars(copied)["_before"] = item
    try:
        return _update_item(backend, table_name, key, *rest, **named)
    finally:
        if (item := table.get_item(hash_key, range_key)) is not None:
            vars(item).pop("_before", None)


def _same_item(item: Item, _: dict[int, Any]) -> Item:
    """Return an item as it is; or, during an update, as it was before."""
    before: Item = vars(item).get("_before", item)
    return before


def _size_once(item: Item) -> int:
    found: int | None = vars(item).get("_size")
    if found is None:
        found = vars(item)["_size"] = _size(item)
    return found


@cache
def _lexed(expression: str) -> tuple[Any, ...]:
    return tuple(_lex(ConditionExpressionParser(expression, None, None)))


def _lex_once(parser: ConditionExpressionParser) -> deque[Any]:
    return deque(_lexed(parser.condition_expression))


def _parse_again(parser: ConditionExpressionParser) -> Any:
    """Parse a condition, unless it is the one that was parsed last: moto validates each before it parses it for use."""
    names, values = parser.expression_attribute_names, parser.expression_attribute_values
    last: ConditionExpressionParser | None = getattr(_parsed, "last", None)
    if (
        last is None
        or last.condition_expression != parser.condition_expression
        or last.expression_attribute_names is not names
        or last.expression_attribute_values is not values
    ):
        _parsed.found = _parse(parser), (*parser.expr_attr_names_found,), (*parser.expr_attr_values_found,)
        _parsed.last = parser
        return _parsed.found[0]
    found, names_found, values_found = _parsed.found
    parser.expr_attr_names_found.extend(names_found)
    parser.expr_attr_values_found.extend(values_found)
    return found


_parsed = threading.local()
"""`last`, the parser of the condition that this thread has parsed last, and what it found."""


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


_CHANGES: Mapping[tuple[type | ModuleType, str], Any] = {
    (Item, "__init__"): _make_item,
    (DynamoType, "cast_value"): property(_cast),
    (Table, "query"): _query_matching,
    (Table, "_item_comes_before_dct"): _comes_before,
    # Only the length is used, as a stream record's size, which moto overestimates.
    (table_models, "dynamo_json_dump"): in_json,
    # Copies share items and the stream's records, neither of which change.
    (Table, "__deepcopy__"): _copy_table,
    (Item, "__deepcopy__"): _same_item,
    (Item, "size"): _size_once,
    (DynamoResult, "__init__"): _make_result,
    (DynamoResult, "execute_result"): _execute_result,
    (DynamoDBBackend, "update_item"): _update_copy,
    (ConditionExpressionParser, "_lex_condition_expression"): _lex_once,
    (ConditionExpressionParser, "parse"): _parse_again,
    (UpdateExpressionParser, "make"): _make_update_once,
    (DepthFirstTraverser, "nodes_to_be_processed"): _known_nodes,
    (Node, "__deepcopy__"): _copy_node,
}
_ORIGINALS = {(kind, name): vars(kind).get(name) for kind, name in _CHANGES}
