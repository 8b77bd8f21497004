"""Files and functions stay short enough to read in one go."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [
    file
    for place in ("app.py", "chalicelib", "fstream_app", "ops", "benchmarks", "tests")
    for file in [ROOT / place, *(ROOT / place).rglob("*.py")]
    if file.is_file()
]
MOST_LINES_IN_A_FILE, MOST_LINES_IN_A_FUNCTION = 400, 40


CLIENT = ROOT / "chalicelib" / "web"
MODULES = [file for file in CLIENT.rglob("*.js") if file.parent.name not in {"vendor", "lang"}]
MOST_LINES_IN_A_MODULE = 300


def long_functions(source: str) -> list[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno >= MOST_LINES_IN_A_FUNCTION
    ]


def test_no_file_has_more_than_400_lines() -> None:
    assert len(FILES) > 100
    lines = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    assert {file: number for file, number in lines.items() if number > MOST_LINES_IN_A_FILE} == {}


def test_no_module_of_the_web_client_has_more_than_300_lines() -> None:
    assert len(MODULES) > 10
    lines = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in MODULES}
    assert {file: number for file, number in lines.items() if number > MOST_LINES_IN_A_MODULE} == {}


def test_no_function_has_more_than_40_lines() -> None:
    found = {str(file.relative_to(ROOT)): long_functions(file.read_text(encoding="utf-8")) for file in FILES}
    assert {file: names for file, names in found.items() if names} == {}


@pytest.mark.parametrize(("lines", "long"), [(39, []), (40, ["f"])])
def test_the_lines_of_a_function_are_counted_with_its_signature(lines: int, long: list[str]) -> None:
    assert long_functions("def f():\n" + "    x\n" * lines) == long
