"""The files of the web client without what only readers of its code need: comments, indentation, spaces between parts.

The modules are written for this: statements end with a semicolon, no text depends on how its lines are indented, and
what looks like a regular expression after a sign, or after `return`, is one.
"""

import re
from collections.abc import Iterator

_BLOCK = r"/\*(?:[^*]|\*(?!/))*\*/"
_COMMENT = re.compile(rf"^[ \t]*(?:{_BLOCK}|//.*)[ \t]*\n|{_BLOCK}[ ]?", re.MULTILINE)
_CODE = re.compile(r"[^\"'`/{}]+|//.*|[/{}]")
_STRING = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")
_TEMPLATE = re.compile(r"[`}](?:[^`\\$]|\\.|\$(?!\{))*(?:`|\$\{)", re.DOTALL)
"""A template, or a part of it after a value, up to the next value or its end."""
_PATTERN = re.compile(r"/(?![/*])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
"""A regular expression."""
_BEFORE_PATTERN = re.compile(r"(?:[(,=:\[!&|?{};]|\breturn)\s*$")
_INDENTATION = re.compile(r"\n\s+")
_SPACE = re.compile(
    r"(?<=[;,{(\[:?=&|>+])\s+|\s+(?=[)\]}.?:&|=])"  # lines that go on
    r"|[ \t]*(\n)\s*|(?<=[\w$])( )(?=[\w$])|(?<=([+-]))( )(?=\3)|[ \t]+"
)
_CONSTANT = re.compile(r"\bconst\b\s*")
"""What only keeps authors from assigning twice, which the type checker has looked for."""
_MARK = "\0"
"""What is in the place of a text while spaces are removed around it."""
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE_SPACE = re.compile(r"""("[^"]*")|\s*([{};,>])\s*|(:) |\s+""")
_LIBRARIES = "vendor/preact.js"


def shrink(path: str, text: str) -> str:
    """Return a file's text without what is not needed. Other files, and libraries, stay as they are."""
    if path == _LIBRARIES:
        return text
    if path.endswith(".js"):
        return _script(_COMMENT.sub("", text))
    if path.endswith(".css"):
        return _STYLE_SPACE.sub(_spaced, _STYLE_COMMENT.sub("", text)).strip()
    return text


def _script(text: str) -> str:
    texts: list[str] = []
    code: list[str] = []
    for part in _parts(text):
        if part[0] in "\"'`" or (len(part) > 1 and part[0] in "/}"):
            texts.append(_INDENTATION.sub("\n", part))
            code.append(_MARK)
        else:
            code.append(part)
    kept = iter(texts)
    shorter = _CONSTANT.sub("let ", "".join(code))
    spaced = _SPACE.sub(lambda found: found[1] or found[2] or found[4] or "", shorter)
    return re.sub(_MARK, lambda _: next(kept), spaced.replace(";}", "}"))


def _parts(text: str) -> Iterator[str]:
    """Split a module into texts, which are strings, templates up to and after a value, and patterns, and code."""
    braces: list[bool] = []  # whether each open one is around a value in a template
    at, before = 0, ";"
    while at < len(text):
        ends_value = text[at] == "}" and bool(braces) and braces.pop()
        if text[at] == "`" or ends_value:
            part = _TEMPLATE.match(text, at)
        else:
            part = (_BEFORE_PATTERN.search(before) and _PATTERN.match(text, at)) or _STRING.match(text, at)
            part = part or _CODE.match(text, at)
        if not part:
            raise ValueError(f"A template or string has no end: {text[at : at + 50]}")
        at, before = part.end(), part[0]
        if before.endswith("{"):
            braces.append(before.endswith("${"))
        if not before.startswith("//"):
            yield before


def _spaced(found: re.Match[str]) -> str:
    text, mark, colon = found.groups()
    return text or mark or colon or " "
