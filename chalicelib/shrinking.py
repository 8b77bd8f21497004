"""The files of the web client without what only readers of its code need: comments, indentation, spaces between rules.

The modules are written for this: no text in them depends on how its lines are indented, and a comment is a line, or a
block of JSDoc.
"""

import re
from pathlib import PurePosixPath

_BLOCK = r"/\*\*(?:[^*]|\*(?!/))*\*/"
_COMMENT = re.compile(rf"^[ \t]*{_BLOCK}[ \t]*\n|{_BLOCK}[ ]?|^[ \t]*//.*\n", re.MULTILINE)
_INDENTATION = re.compile(r"\n\s+")
_STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_STYLE_SPACE = re.compile(r"""("[^"]*")|\s*([{};,>])\s*|(:) |\s+""")
_VENDORED = "vendor"


def shrink(path: str, text: str) -> str:
    """Return a file's text without what is not needed. Other files, and those of libraries, stay as they are."""
    place = PurePosixPath(path)
    if place.parts[0] == _VENDORED:
        return text
    if place.suffix == ".js":
        return _INDENTATION.sub("\n", _COMMENT.sub("", text))
    if place.suffix == ".css":
        return _STYLE_SPACE.sub(_spaced, _STYLE_COMMENT.sub("", text)).strip()
    return text


def _spaced(found: re.Match[str]) -> str:
    text, mark, colon = found.groups()
    return text or mark or colon or " "
