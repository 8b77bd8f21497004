"""Imports point one way; the environment and the clock are each read in one place.

`app` → `chalicelib` → services → `fstream_app.repository` → `fstream_app.tables`; `ops` may import all of them.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = ("app.py", "chalicelib", "fstream_app", "ops", "benchmarks", "tests")
SHIPPED = ("app", "chalicelib", "fstream_app")

ARROWS = {
    "core": set(),
    "text": {"core"},
    "tables": {"core"},
    "repository": {"core", "tables"},
    "people": {"core", "text", "repository"},
    "access": {"core", "text", "repository", "people"},
    "messages": {"core", "text", "repository", "people"},
    "live": {"core", "text", "repository", "people", "messages"},
    "feed": {"core", "text", "repository", "people", "messages", "live"},
    "moderation": {"core", "text", "repository", "people", "messages"},
}
"""Packages that each package of `fstream_app` may import besides itself."""
ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.getenvb")
CLOCK = (
    "time.time",
    "time.time_ns",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
)


def names_used(source, module, *, is_package=False):
    """Return the full names that a module imports, or reaches as attributes of its imports."""
    nodes = list(ast.walk(ast.parse(source)))
    meaning = {}
    used = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                used.add(alias.name)
                meaning[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, module, is_package=is_package)
            for alias in node.names:
                used.add(f"{origin}.{alias.name}")
                meaning[alias.asname or alias.name] = f"{origin}.{alias.name}"
    return used | {name for node in nodes if (name := _attribute(node, meaning))}


def _origin(node, module, *, is_package):
    if not node.level:
        return node.module
    parents = module.split(".")
    parents = parents[: len(parents) - node.level + is_package]
    return ".".join([*parents, *([node.module] if node.module else [])])


def _attribute(node, meaning):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not parts or not isinstance(node, ast.Name) or node.id not in meaning:
        return ""
    return ".".join([meaning[node.id], *reversed(parts)])


@cache
def modules():
    """Return the names used by each module of the project."""
    files = [file for place in PLACES for file in [ROOT / place, *(ROOT / place).rglob("*.py")] if file.is_file()]
    used = {}
    for file in files:
        parts = file.relative_to(ROOT).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        module = ".".join(parts[:-1] if is_package else parts)
        used[module] = names_used(file.read_text(encoding="utf-8"), module, is_package=is_package)
    return used


def within(name, *packages):
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def users_of(*names, among, but=()):
    """Return the modules within `among`, but not within `but`, that use any of the names, with the names used."""
    return {
        module: found
        for module, used in modules().items()
        if within(module, *among)
        and not within(module, *but)
        and (found := {name for name in used if within(name, *names)})
    }


def test_the_domain_knows_nothing_of_its_surroundings():
    assert users_of("chalice", "chalicelib", "ops", "app", among=["fstream_app"]) == {}


def test_only_the_repository_and_ops_import_the_tables():
    assert users_of("fstream_app.tables", among=SHIPPED, but=["fstream_app.repository", "fstream_app.tables"]) == {}


def test_only_ops_and_tests_import_ops():
    assert users_of("ops", among=SHIPPED) == {}


def test_handlers_reach_the_repository_through_services_only():
    assert users_of("fstream_app.repository", among=["app", "chalicelib"]) == {}


def test_whatever_ends_tokens_closes_their_sockets():
    """If this fails: end tokens with `people.tokens`, or show in `unit/access/test_closing.py` what closes them."""
    ending = ("oauth.delete_token", "oauth.delete_tokens", "oauth.suspend_token", "sessions.replace_password")
    found = users_of(
        *(f"fstream_app.repository.{name}" for name in (*ending, "departures.begin")),
        among=SHIPPED,
        but=["fstream_app.repository"],
    )
    closing = users_of("fstream_app.people.sockets", among=SHIPPED)
    assert found.keys() == {
        "fstream_app.access.credentials",
        "fstream_app.moderation.suspension",
        "fstream_app.people.departures",
        "fstream_app.people.tokens",
    }
    assert found.keys() <= closing.keys()


def test_handlers_do_not_import_the_app():
    assert users_of("app", among=["chalicelib"]) == {}


@pytest.mark.parametrize("package", ARROWS)
def test_a_package_imports_only_those_below_it(package):
    imported = users_of("fstream_app", among=[f"fstream_app.{package}"])
    packages = {name.split(".")[1] for names in imported.values() for name in names if "." in name}
    assert packages <= {package} | ARROWS[package]


def test_every_package_has_its_rule():
    found = {module.split(".")[1] for module in modules() if module.startswith("fstream_app.")}
    assert found == ARROWS.keys()


def test_no_two_packages_import_each_other():
    order = list(ARROWS)
    assert all(order.index(below) < order.index(package) for package, found in ARROWS.items() for below in found)


def test_only_the_settings_and_ops_read_the_environment():
    assert users_of(*ENVIRONMENT, among=SHIPPED, but=["fstream_app.core.settings"]) == {}


def test_nothing_is_remembered_by_a_cache_that_the_registry_does_not_know():
    kept = users_of("functools.cache", "functools.cached_property", "functools.lru_cache", among=SHIPPED)
    unchanging = {
        "chalicelib.http_api": "the paths of the routes",
        "chalicelib.rendering": "times as texts",
        "chalicelib.schemas": "parsed source",
        "fstream_app.repository.sockets": "parsed texts",
        "fstream_app.text.graphemes": "Unicode's classes",
    }
    assert kept.keys() == unchanging.keys()


def test_only_the_clock_reads_the_time():
    assert users_of(*CLOCK, among=SHIPPED, but=["fstream_app.core.clock"]) == {}


def test_no_module_imports_a_test_module_or_a_conftest():
    found = {
        module: imported
        for module, used in modules().items()
        if (imported := {name for name in used if _is_collected(name)})
    }
    assert found == {}


def _is_collected(name):
    """Return whether a name belongs to a module that pytest collects. Shared helpers belong in `tests/support`."""
    top, *parts = name.split(".")
    return top == "tests" and any(part.startswith("test_") or part == "conftest" for part in parts)


def test_the_rules_are_held_against_the_whole_source():
    assert {"fstream_app.core.settings", "fstream_app.core.clock", "fstream_app.repository"} <= modules().keys()
    assert users_of(*ENVIRONMENT, among=["fstream_app.core.settings"])
    assert users_of(*CLOCK, among=["fstream_app.core.clock"])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os; os.environ['A']", "os.environ"),
        ("import os as o; o.environ.get('A')", "os.environ.get"),
        ("from os import environ as e", "os.environ"),
        ("from time import time", "time.time"),
        ("import datetime as d; d.datetime.now()", "datetime.datetime.now"),
        ("from datetime import datetime; datetime.now()", "datetime.datetime.now"),
        ("def f():\n    from a.b import c", "a.b.c"),
        ("import a.b.c", "a.b.c"),
        ("import a; a.b.c()", "a.b.c"),
        ("from . import c", "a.b.c"),
        ("from .c import d", "a.b.c.d"),
        ("from .. import c", "a.c"),
    ],
)
def test_every_way_to_use_a_name_is_seen(source, name):
    assert name in names_used(source, "a.b.module")
    assert name in names_used(source, "a.b", is_package=True)
