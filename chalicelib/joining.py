"""Joins the modules of the web client's first view into one, so that a page with many small modules needs few requests.

The modules are written for this, which a test checks: they import by name, `import { a, b } from "./x.js";`, export
where they declare, `export function a`, never reassign what they export, do not depend on each other in circles, and
no two export the same name. So a joined module is a function that is called in its place and returns its exports.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from posixpath import normpath

_NAMES = r"\{([^}]*)\}"
_FROM = re.compile(rf"""^(import|export) {_NAMES} from "(\.{{1,2}}/[^"]+)";\n""", re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|const|class) (\w+))", re.MULTILINE)
_KEY = re.compile(r'^ *"([\w.]+)":', re.MULTILINE)
_PREFIX = re.compile(r"`([\w.]+\.)\$\{")
LIBRARIES = "vendor/preact.js"
"""The one module that stays apart: it is minified, and almost never changes."""


class JoiningError(Exception):
    """A module is not written so that it can be joined."""


def order(texts: Mapping[str, str], entry: str) -> list[str]:
    """Return the modules that a module needs, each before those that import it, and the module itself.

    Args:
        texts: all modules by path.
        entry: the path of a module.

    Raises:
        JoiningError: modules import each other in a circle, or one that does not exist.
    """
    found: list[str] = []
    _visit(texts, entry, found, ())
    return found


def _visit(texts: Mapping[str, str], path: str, found: list[str], above: tuple[str, ...]) -> None:
    if path in above:
        raise JoiningError(f"Modules import each other in a circle: {' → '.join([*above, path])}")
    if path not in texts:
        raise JoiningError(f"{above[-1] if above else 'The document'} imports {path}, which does not exist")
    if path in found:
        return
    for needed in imports(path, texts[path]):
        _visit(texts, needed, found, (*above, path))
    found.append(path)


def imports(path: str, text: str) -> Iterator[str]:
    """Return the paths that a module imports."""
    folder = PurePosixPath(path).parent
    return (normpath(folder / relative) for _, _, relative in _FROM.findall(text))


def join(texts: Mapping[str, str], modules: Sequence[str]) -> str:
    """Return one module that does what several do, and exports what they export.

    Args:
        texts: all modules by path.
        modules: the paths of those to join, in the order of `order`.

    Raises:
        JoiningError: two of them export the same name.
    """
    taken: set[str] = set()
    passed: set[str] = set()
    owners: dict[str, str] = {}
    bodies = []
    for path in modules:
        if path == LIBRARIES:
            continue
        text = texts[path]
        for kind, names, source in _FROM.findall(text):
            if normpath(PurePosixPath(path).parent / source) == LIBRARIES:
                (passed if kind == "export" else taken).update(_listed(names))
        exported = [name for _, name in _EXPORT.findall(text)]
        for name in exported:
            if name in owners:
                raise JoiningError(f"{owners[name]} and {path} both export {name}")
            owners[name] = path
        bodies.append(_scope(_EXPORT.sub(r"\1", _FROM.sub("", text)), exported))
    return _header(taken | passed, passed) + "".join(bodies)


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _header(imported: set[str], passed: set[str]) -> str:
    from_libraries = f'import {{ {", ".join(sorted(imported))} }} from "./{LIBRARIES}";\n'
    return from_libraries + (f"export {{ {', '.join(sorted(passed))} }};\n" if passed else "")


def _scope(body: str, exported: Sequence[str]) -> str:
    if not exported:
        return f"(() => {{\n{body}}})();\n"
    names = ", ".join(exported)
    return f"export const {{ {names} }} = (() => {{\n{body}return {{ {names} }};\n}})();\n"


def words(text: str, code: str) -> str:
    """Return the part of a language file that some modules use, as a module that exports `words`.

    Args:
        text: the language file: an object with one key per line, or more lines for a longer value.
        code: the modules. Keys are strings in them, or begin with what a template has before a value.
    """
    found = list(_KEY.finditer(text))
    ends = [*(each.start() for each in found[1:]), text.rindex("}")] if found else []
    prefixes = tuple(_PREFIX.findall(code))
    used = [
        text[each.start() : end]
        for each, end in zip(found, ends, strict=True)
        if f'"{each[1]}"' in code or (prefixes and each[1].startswith(prefixes))
    ]
    return f"export const words = {{\n{''.join(used)}}};\n"
