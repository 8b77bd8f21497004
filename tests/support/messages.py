"""Every error message of the API, collected from the code: where an error is made, its message is resolved.

A message's parts that are known only at run time are written as `…`.
"""

import ast
import json
from collections.abc import Iterator
from importlib import import_module
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from chalicelib import errors
from chalicelib.unsupported import UNSUPPORTED
from fstream_app.core import errors as domain_errors
from fstream_app.core.errors import DomainError
from ops.deployment import gateway

ROOT = Path(__file__).parents[2]
UNKNOWN = "…"
_KINDS = {
    name: next(base for base in kind.__mro__ if base in errors.STATUS)
    for name, kind in vars(domain_errors).items()
    if isinstance(kind, type) and issubclass(kind, DomainError) and kind is not DomainError
}
"""The name of each error → the class that gives it its status."""
_FORWARDED = {
    ("chalicelib.unsupported", "message"): sorted({message for *_, message in UNSUPPORTED}),
    ("chalicelib.refusals", "message"): [],  # those of every `Refusal`, which are collected where they are made
    ("fstream_app.access.oauth", "str(error)"): ["The requested scope is invalid, unknown, or malformed"],
    ("fstream_app.access.oauth", "token.suspended"): [UNKNOWN],
    ("fstream_app.people.users", "user.suspended"): [UNKNOWN],
}
"""Module and expression → the messages that are passed through it."""


class Message(NamedTuple):
    """An error message of the API."""

    status: str
    code: str
    """The error code in the body, if any."""
    text: str


class UnresolvedError(Exception):
    """The collector does not understand how a message is made. Write it plainly, or extend the collector."""


def collect() -> set[Message]:
    """Return every message that the code can send."""
    found = {Message("500", "", errors._BROKEN), Message("503", "", errors._BUSY)}
    for folder in ("chalicelib", "fstream_app"):
        for file in (ROOT / folder).rglob("*.py"):
            name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found |= set(_Module(name, file.read_text(encoding="utf-8")).messages())
    return found | set(_of_gateway()) | set(_of_local_server())


def _of_gateway() -> Iterator[Message]:
    for kind, answer in gateway.ANSWERS.items():
        (text,) = answer["responseTemplates"].values()
        status = answer.get("statusCode") or kind.removeprefix("DEFAULT_").lower()
        yield Message(status, "", json.loads(text)["error"])


def _of_local_server() -> Iterator[Message]:
    module = _Module("ops.server", (ROOT / "ops" / "server.py").read_text(encoding="utf-8"))
    for call in module.calls("send_error", "_send_error"):
        if len(call.args) == 2 and isinstance(call.args[0], ast.Constant):
            for text in module.texts(call.args[1], call):
                yield Message(str(call.args[0].value), "", text)


class _Module:
    def __init__(self, name: str, source: str) -> None:
        self._name = name
        self._tree = ast.parse(source)
        self._functions = {node.name: node for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef)}
        self._namespace: ModuleType | None = None

    def calls(self, *names: str) -> Iterator[ast.Call]:
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield node

    def messages(self) -> Iterator[Message]:
        """Yield the messages of the errors that are made in this module."""
        if self._name == "fstream_app.core.errors":
            return
        for call in self.calls(*_KINDS, "Refusal"):
            kind = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
            yield from self._of_call("Invalid" if kind == "Refusal" else kind, call, has_field=kind == "Refusal")

    def _of_call(self, kind: str, call: ast.Call, *, has_field: bool) -> Iterator[Message]:
        status = str(errors.STATUS[_KINDS[kind]])
        codes = [""]
        if kind == "OAuthError":
            codes = self.texts(call.args[0], call)
            status = str(errors._OAUTH_STATUS.get(codes[0], errors.STATUS[_KINDS[kind]]))
        elif kind == "Invalid" and (has_field or len(call.args) > 1 or isinstance(call.args[0], ast.Starred)):
            codes = self.texts(call.args[2], call) if len(call.args) > 2 else ["ERR_INVALID"]
        message = call.args[1] if kind == "OAuthError" else call.args[0]
        for code, text in product(codes, self.texts(message, call)):
            yield Message(status, code, text)

    def texts(self, node: ast.expr, call: ast.AST) -> list[str]:
        """Return the texts that an expression can have."""
        place = (self._name, ast.unparse(node))
        if place in _FORWARDED:
            return _FORWARDED[place]
        if isinstance(node, ast.Starred):
            return self.texts(node.value, call)
        if isinstance(node, ast.IfExp):
            return self.texts(node.body, call) + self.texts(node.orelse, call)
        if isinstance(node, ast.JoinedStr):
            return ["".join(self._part(part) for part in node.values)]
        known = self._value(node)
        if known is not None:
            return [known]
        if isinstance(node, ast.Call) and ast.unparse(node.func) in self._functions:
            returns = [
                each for each in ast.walk(self._functions[ast.unparse(node.func)]) if isinstance(each, ast.Return)
            ]
            values = [each.value.elts[0] if isinstance(each.value, ast.Tuple) else each.value for each in returns]
            return [text for value in values if value is not None for text in self.texts(value, call)]
        raise UnresolvedError(f"{place[0]}:{getattr(call, 'lineno', 0)}: {place[1]}")

    def _part(self, part: ast.expr) -> str:
        if isinstance(part, ast.Constant):
            return str(part.value)
        known = self._value(part.value) if isinstance(part, ast.FormattedValue) else None
        return UNKNOWN if known is None else known

    def _value(self, node: ast.expr) -> str | None:
        """Return an expression's value as text, if it depends on the module's constants alone."""
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        if any(isinstance(each, ast.Call) for each in ast.walk(node)) and not _is_join(node):
            return None
        self._namespace = self._namespace or import_module(self._name)
        if not names <= vars(self._namespace).keys():
            return None
        try:
            value = eval(compile(ast.Expression(node), self._name, "eval"), vars(self._namespace).copy())
        except (AttributeError, KeyError, NameError, TypeError):
            return None
        return str(value) if isinstance(value, str | int) else None


def _is_join(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"
