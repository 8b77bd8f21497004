"""`python -m ops.web`: checks types, rules and format of the web client's modules, where npm is available.

The types are those of the comments (JSDoc). npm installs TypeScript and Biome once, by ops/web/package-lock.json, into
the cache folder. They check a copy, in which the vendored libraries have the types of the packages they come from.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ops import npm

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_PLACE = Path("chalicelib") / "web"
CLIENT = _ROOT / _PLACE
_CONFIGURATION = ("tsconfig.json", "biome.json")
_SECONDS = 300
"""Seconds that a check may take."""


class CheckError(Exception):
    """A check has found something; the message is what it has printed."""


def run(*, fix: bool = False) -> None:
    """Check the client, and print the result.

    Without npm, or without its registry, the check says so and passes.

    Args:
        fix: whether to correct the format, and what else can be corrected safely, before checking.

    Raises:
        CheckError: something was found.
    """
    try:
        tools = npm.installed(_HERE)
    except npm.MissingError as error:
        print(f"Web client: NOT CHECKED, because {error}")
        return
    biome, tsc = (str(tools / "node_modules" / ".bin" / name) for name in ("biome", "tsc"))
    configured = f"--config-path={_HERE}"
    if fix:
        _call([biome, "check", "--write", "--log-level=error", configured, str(_PLACE)], _ROOT)
    with tempfile.TemporaryDirectory(prefix="checked-", dir=tools) as temporary:
        copy = Path(temporary)
        copy_client(copy)
        found = [
            output
            for command in ([tsc, "--project", "tsconfig.json"], [biome, "check", "--error-on-warnings"])
            if (output := _output(command, copy))
        ]
    if found:
        raise CheckError("\n".join(found))
    print("Web client: types, rules and format are right")


def copy_client(target: Path) -> None:
    """Copy the client and the tools' configuration, with types instead of the vendored libraries."""
    shutil.copytree(_ROOT / _PLACE, target / _PLACE)
    libraries = target / _PLACE / "vendor" / "preact.js"
    libraries.unlink()
    shutil.copy(_HERE / "libraries.js", libraries.with_suffix(".d.ts"))
    for name in _CONFIGURATION:
        shutil.copy(_HERE / name, target)


def _output(command: Sequence[str], place: Path) -> str:
    """Run a command; return what it prints if it fails."""
    try:
        _call(command, place)
    except CheckError as error:
        return str(error)
    return ""


def _call(command: Sequence[str], place: Path) -> None:
    ended = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False, timeout=_SECONDS)
    if ended.returncode:
        raise CheckError((ended.stdout + ended.stderr).strip() or f"{command[0]} failed")
