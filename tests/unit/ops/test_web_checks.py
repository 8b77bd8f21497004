"""The web client is checked wherever npm is, and what is wrong with it fails the check."""

import shutil
from pathlib import Path

import pytest

from ops import npm
from ops.web import checking
from ops.web.checking import CheckError

TOOLS = Path(checking.__file__).parent
WRONG = {
    "types": ("/** @param {number} seconds */\nexport const late = (seconds) => seconds.length;\n", "TS2339"),
    "rules": ("export function early(seconds) {\n  debugger;\n}\n", "noDebugger"),
    "format": ("export const  late = 1\n", "Formatter would have printed"),
    "imports": ('import { nothing } from "./ui.js";\n\nexport const late = nothing;\n', "TS2305"),
}


def test_without_npm_it_is_said_that_nothing_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FSTREAM_TEST_CACHE", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    checking.run()
    assert capsys.readouterr().out.startswith("Web client: NOT CHECKED, because npm is not installed")


def test_what_is_wrong_with_a_module_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        npm.installed(TOOLS)
    except npm.MissingError as missing:
        pytest.skip(str(missing))
    root = tmp_path / "client"
    shutil.copytree(checking.CLIENT, root / "chalicelib" / "web")
    monkeypatch.setattr(checking, "_ROOT", root)
    for name, (text, _) in WRONG.items():
        (root / "chalicelib" / "web" / f"wrong_{name}.js").write_text(text, encoding="utf-8")
    with pytest.raises(CheckError) as found:
        checking.run()
    for name, (_, problem) in WRONG.items():
        assert f"wrong_{name}.js" in str(found.value)
        assert problem in str(found.value)
