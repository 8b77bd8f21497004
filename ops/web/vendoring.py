"""`make vendor-web`: writes the web client's libraries and icons into chalicelib/web/vendor.

npm downloads exactly what package-lock.json lists, and refuses a file that does not match its checksum. esbuild joins
what libraries.js names into one module, so that the first view loads one file. Icons become one SVG path each.
"""

import json
import math
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from ops import npm

_HERE = Path(__file__).parent
VENDOR = _HERE.parents[1] / "chalicelib" / "web" / "vendor"
_BUNDLED = ("preact", "@preact/signals-core", "@preact/signals", "htm")
_ICONS = "lucide-static"
_START = re.compile(r"^m(-?[\d.]+[ ,]?-?[\d.]+) ?(?=([-\d.])?)")
"""The start of a path, which must be absolute behind another path, and what tells that a line follows."""

Shape = tuple[str, dict[str, str]]
"""An element of an icon: its name and attributes."""


class VendoringError(Exception):
    """The libraries cannot be bundled, or an icon cannot be drawn as a path."""


def run() -> None:
    """Download the libraries and rewrite all files of the vendor directory.

    Raises:
        npm.MissingError: npm is not installed, or cannot fetch the packages.
        VendoringError: the libraries cannot be bundled, or an icon cannot be drawn as a path.
    """
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        npm.install(_HERE, place)
        shutil.copy(_HERE / "libraries.js", place)
        VENDOR.mkdir(parents=True, exist_ok=True)
        target = VENDOR / "preact.js"
        esbuild = str(place / "node_modules" / ".bin" / "esbuild")
        options = ("--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning")
        _call([esbuild, "libraries.js", *options, f"--outfile={target}"], place)
        modules = place / "node_modules"
        nodes = json.loads((modules / _ICONS / "icon-nodes.json").read_text(encoding="utf-8"))
        wanted = json.loads((_HERE / "icons.json").read_text(encoding="utf-8"))
        _write("icons.js", icons("icons", wanted["icons"], nodes))
        _write("more-icons.js", icons("moreIcons", wanted["moreIcons"], nodes))
        _write("libraries.json", json.dumps(_libraries(place), indent=2) + "\n")
        _write("LICENSES", _licenses(modules))


def icons(name: str, wanted: dict[str, str], nodes: dict[str, list[Shape]]) -> str:
    """Write a module of icons.

    Args:
        name: of what the module exports.
        wanted: the icons' names in the client, with their names in Lucide.
        nodes: all of Lucide's icons.

    Raises:
        VendoringError: Lucide has no such icon, or it has an element that cannot be drawn as a path.
    """
    unknown = sorted(set(wanted.values()) - nodes.keys())
    if unknown:
        raise VendoringError(f"Lucide has no icon named {', '.join(unknown)} (ops/web/icons.json)")
    lines = [f'  "{icon}": "{"".join(map(_path, nodes[lucide]))}",\n' for icon, lucide in sorted(wanted.items())]
    return (
        "// Icons of Lucide (ISC license), each as the data of one SVG path; written by `make vendor-web`.\n"
        "/** @type {Record<string, string>} */\n"
        f"export const {name} = {{\n{''.join(lines)}}};\n"
    )


def _path(shape: Shape) -> str:
    name, values = shape
    if name == "path":
        return _START.sub(lambda start: f"M{start[1]}{'l' if start[2] else ''}", values["d"])
    if name in ("polyline", "polygon"):
        return f"M{values['points']}{'z' if name == 'polygon' else ''}"
    size = {key: float(value) for key, value in values.items() if key != "fill"}
    if name == "line":
        return f"M{size['x1']:g} {size['y1']:g}L{size['x2']:g} {size['y2']:g}"
    if name in ("circle", "ellipse"):
        rx, ry = size.get("r", size.get("rx", math.nan)), size.get("r", size.get("ry", math.nan))
        arc = f"a{rx:g} {ry:g} 0 1 0 "
        return f"M{size['cx'] - rx:g} {size['cy']:g}{arc}{2 * rx:g} 0{arc}{-2 * rx:g} 0"
    if name == "rect":
        return _rectangle(size)
    raise VendoringError(f"An icon has an element that is not drawn here: {name}")


def _rectangle(size: dict[str, float]) -> str:
    r = size.get("rx", size.get("ry", 0.0))
    across, down = size["width"] - 2 * r, size["height"] - 2 * r
    corner = [f"a{r:g} {r:g} 0 0 1 {x:g} {y:g}" for x, y in ((r, r), (-r, r), (-r, -r), (r, -r))]
    start = f"M{size.get('x', 0.0) + r:g} {size.get('y', 0.0):g}"
    return f"{start}h{across:g}{corner[0]}v{down:g}{corner[1]}h{-across:g}{corner[2]}v{-down:g}{corner[3]}z"


def _libraries(place: Path) -> list[dict[str, str]]:
    """Return name, version, license and checksum of what the vendored files were made of."""
    packages = json.loads((place / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found = []
    for name in (*_BUNDLED, _ICONS):
        locked = packages[f"node_modules/{name}"]
        found.append({"name": name, **{key: locked[key] for key in ("version", "license", "integrity")}})
    return found


def _licenses(modules: Path) -> str:
    texts = {name: (modules / name / "LICENSE").read_text(encoding="utf-8").strip() for name in (*_BUNDLED, _ICONS)}
    return f"\n{'-' * 79}\n\n".join(f"{name}\n\n{text}\n" for name, text in texts.items())


def _write(name: str, text: str) -> None:
    (VENDOR / name).write_text(text, encoding="utf-8")


def _call(command: list[str], place: Path) -> None:
    ended = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise VendoringError(f"{Path(command[0]).name} failed: {ended.stderr.strip()}")
