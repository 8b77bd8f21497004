"""The vendored libraries of the web client: what is in the repository is what npm's lock file names."""

import json
import re

import pytest

from chalicelib import client
from ops.web import vendoring

LOCK = json.loads((vendoring.VENDOR.parents[2] / "ops/web/package-lock.json").read_text(encoding="utf-8"))["packages"]
CLOCK = [("circle", {"cx": "12", "cy": "12", "r": "10"}), ("path", {"d": "m12 6 4 2"})]


def test_the_vendored_libraries_are_those_of_the_lock_file() -> None:
    vendored = json.loads((vendoring.VENDOR / "libraries.json").read_text(encoding="utf-8"))
    assert {"preact", "@preact/signals", "htm"} < {each["name"] for each in vendored}
    for each in vendored:
        locked = LOCK[f"node_modules/{each['name']}"]
        assert (each["version"], each["integrity"]) == (locked["version"], locked["integrity"])
        assert f"{each['name']}\n" in (vendoring.VENDOR / "LICENSES").read_text(encoding="utf-8")


def test_an_icon_becomes_one_path_in_which_each_part_begins_where_it_did() -> None:
    drawn = vendoring.icons("icons", {"clock": "clock-3"}, {"clock-3": CLOCK})
    assert '  "clock": "M2 12a10 10 0 1 0 20 0a10 10 0 1 0 -20 0M12 6l4 2",\n' in drawn
    assert drawn.endswith("};\n")
    assert "export const icons = {" in drawn
    line = [("line", {"x1": "1", "x2": "2", "y1": "3", "y2": "4"}), ("polyline", {"points": "1 2 3 4"})]
    assert '"M1 3L2 4M1 2 3 4"' in vendoring.icons("more", {"a": "a"}, {"a": line})
    with pytest.raises(vendoring.VendoringError, match="no icon named b"):
        vendoring.icons("icons", {"a": "b"}, {"clock-3": CLOCK})
    with pytest.raises(vendoring.VendoringError, match="not drawn here: text"):
        vendoring.icons("icons", {"a": "a"}, {"a": [("text", {})]})


def test_all_icons_that_the_client_draws_are_there() -> None:
    texts = client.shipped().texts
    there = {
        name
        for path in ("vendor/icons.js", "vendor/more-icons.js")
        for name in re.findall(r'"([\w-]+)":"M', texts[path])
    }
    drawn = {
        name for path, text in texts.items() if path.endswith(".js") for name in re.findall(r'icon[=:]"([\w-]+)"', text)
    }
    assert len(drawn) > 20
    assert drawn <= there
