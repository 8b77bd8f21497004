"""A warm function's memory is built once, by one thread, and cleared as a whole; there is no other memory."""

import ast
import functools
import importlib
import inspect
import logging
import pkgutil
import re
import string
import struct
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import tzinfo
from enum import Enum
from pathlib import Path

import chalice.app
import msgspec
import pytest
from cachetools import LRUCache, TTLCache

import chalicelib
import fstream_app
from fstream_app.access import rates
from fstream_app.core import database, settings, warm
from fstream_app.core.warm import remembered
from fstream_app.feed import tail, views
from fstream_app.people import profiles
from fstream_app.tables import UserItem

KEPT_ELSEWHERE = {
    "fstream_app.core.parallel._pools": "threads hold no data",
    "fstream_app.core.parallel._lock": "of the pools",
    "fstream_app.core.parallel._level": "of a thread of the pools: set before each call",
    "fstream_app.core.warm._forget": "the registry itself",
    "chalicelib.empty._paths": "a loop's name for the constant OBJECTS",
    "fstream_app.text.graphemes._exceptions": "parsed constants",
    "fstream_app.text.graphemes._cluster": "a compiled constant",
    "chalicelib.schemas._docstrings": "what the source says, which does not change",
    "chalicelib.rendering._second": "times as texts, which do not change",
    "fstream_app.repository.sockets._scopes": "parsed texts, which do not change",
    "fstream_app.repository.sockets._without_hashtags": "parsed texts, which do not change",
}
"""State outside of the registry, with the reason why it may be there."""
FIXED = (
    *(types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType, types.GenericAlias, types.UnionType),
    functools.partial,
    *(str, bytes, int, float, type(None), frozenset, Enum, re.Pattern, string.Template, struct.Struct, Path, tzinfo),
    *(types.MappingProxyType, logging.Logger, ContextVar, msgspec.UnsetType, remembered),
    # Declared by decorators at import.
    *(chalice.app.DecoratorAPI, chalice.app.CORSConfig, chalice.app.EventSourceHandler),
)
"""Types of module-level values that do not change after import, or only within one request."""
WRITES = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """A registry of this test's own."""
    own: list[Callable[[], None]] = []
    monkeypatch.setattr(warm, "_forget", own)
    return own


def test_a_value_is_made_when_it_is_first_asked_for_and_again_when_it_was_forgotten(registry: object) -> None:
    numbers = iter(range(9))
    first, second = remembered(lambda: next(numbers)), remembered(lambda: next(numbers))
    assert (second(), first(), first(), second()) == (0, 1, 1, 0)
    warm.clear()
    assert (first(), second(), first()) == (2, 3, 2)
    first.clear()
    assert (first(), second()) == (4, 3)


def test_a_value_can_be_given(registry: object) -> None:
    number = remembered(lambda: 1)
    number.use(2)
    assert number() == 2
    warm.clear()
    assert number() == 1


def test_nothing_is_remembered_of_what_failed(registry: object) -> None:
    answers = iter([0, 1])
    inverse = remembered(lambda: 1 / next(answers))
    with pytest.raises(ZeroDivisionError):
        inverse()
    assert inverse() == 1


def test_none_is_a_value(registry: object) -> None:
    made = []
    nothing = remembered(lambda: made.append(1))
    assert (nothing(), nothing(), len(made)) == (None, None, 1)


def test_threads_that_ask_at_once_get_the_same_value(registry: object) -> None:
    together = threading.Barrier(8)
    made = remembered(object)

    def ask() -> object:
        together.wait()
        return made()

    with ThreadPoolExecutor(8) as pool:
        assert len({id(each) for each in pool.map(lambda _: ask(), range(8))}) == 1


def test_a_decorated_function_keeps_its_name_and_docstring(registry: object) -> None:
    assert (tail.shared.__name__, tail.shared.__module__) == ("shared", "fstream_app.feed.tail")  # type: ignore[attr-defined]
    assert tail.shared.__doc__


def test_one_call_forgets_all_that_a_function_remembers() -> None:
    everything: list[Callable[[], object]] = [
        *(settings.get, database.connection, UserItem.connection),
        *(tail.shared, profiles.memory, views.known_tags, rates.memory),
    ]
    before = [each() for each in everything]
    assert [each() for each in everything] == before
    warm.clear()
    assert not any(each() is other for each, other in zip(everything, before, strict=True))


def modules() -> Iterator[types.ModuleType]:
    for package in (fstream_app, chalicelib):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def is_own(value: object) -> bool:
    return getattr(value, "__module__", "").partition(".")[0] in {"fstream_app", "chalicelib"}


def is_fixed(name: str, value: object) -> bool:
    """Return whether a module-level value cannot change, or must not because its name is a constant's."""
    kind = type(value)
    dataclass_parameters = getattr(kind, "__dataclass_params__", None)
    if isinstance(value, tuple):
        return all(is_fixed(name, each) for each in value)
    if isinstance(value, dict | list | set):
        return name == name.upper()
    if isinstance(value, msgspec.Struct):
        return value.__struct_config__.frozen
    if dataclass_parameters:
        return bool(dataclass_parameters.frozen)
    if isinstance(value, functools._lru_cache_wrapper):
        return not is_own(value)
    return isinstance(value, FIXED) or kind.__module__ in {"typing", "collections.abc"}


def states(module: types.ModuleType) -> set[str]:
    names = vars(module).items()
    return {name for name, value in names if not name.startswith("__") and not is_fixed(name, value)}


def written(source: str) -> set[str]:
    """Find the names in capitals that a source writes to, and all that it declares global."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()) if name == name.upper():
                found.add(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in WRITES:
                found |= {name} if name == name.upper() else set()
            case ast.AugAssign(target=ast.Name(id=name)) if name == name.upper():
                found.add(name)
            case ast.Global(names=names):
                found |= set(names)
    return found


def test_no_module_remembers_anything_outside_of_the_registry() -> None:
    found = {f"{module.__name__}.{name}" for module in modules() for name in states(module)}
    assert found == KEPT_ELSEWHERE.keys()


def test_no_class_remembers_anything_for_all_its_instances() -> None:
    kinds = (functools._lru_cache_wrapper, LRUCache, TTLCache, type(threading.Lock()), type(threading.RLock()))
    own = [each for module in modules() for each in vars(module).values() if isinstance(each, type) and is_own(each)]
    assert own
    assert [each for each in own if any(isinstance(value, kinds) for value in vars(each).values())] == []


def test_no_module_writes_to_its_constants() -> None:
    assert {module.__name__: names for module in modules() if (names := written(inspect.getsource(module)))} == {}


class Locked:
    """Something with a lock, as a cache of our own would have it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


@functools.cache
def cached() -> int:
    return 1


cached.__module__ = "fstream_app.core.ids"


@pytest.mark.parametrize(
    "value",
    [
        *(LRUCache(1), TTLCache(1, 1), {}, [], set(), iter([True]), cached, Locked(), (1, []), bytearray()),
        *(threading.Lock(), threading.RLock(), threading.local(), threading.Event(), ThreadPoolExecutor(1)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_state_is_found_by_its_type(value: object) -> None:
    assert states(types.ModuleType("one")) == set()
    module = types.ModuleType("other")
    module.known = value  # type: ignore[attr-defined]
    assert states(module) == {"known"}


@pytest.mark.parametrize("write", ["A['x'] = 1", "del A['x']", "A.update(x=1)", "A += [1]", "def f():\n    global A"])
def test_a_constant_that_is_written_to_is_found(write: str) -> None:
    assert written(f"A = 1\nb = {{}}\nb['x'] = len(A)\n{write}") == {"A"}
