"""The files of the web client lose comments and spaces on their way, and nothing else."""

import re

import pytest

from chalicelib import client, joining
from chalicelib.shrinking import shrink

MODULE = """// What it is.
import { b } from "./b.js";

/**
 * Does something.
 * @param {string} text
 */
export function a(/** @type {any} */ text) {
  // why
  const found = /["'`/ ]+ {2}/.test(text) ? [1 - -1, "a  { b" + 'c  "d'] : { text }; // what
  if (found)
    return null;
  return b`<p class="x">
    ${text.map((each) => b`<i>${{ each }}  </i>`)} // http://a.example/
  </p>`;
}
export const c = 1;
"""
STYLE = """/* The look. */
:root { --ink: light-dark(#000, #fff) }
a > b, a:hover .c { margin: calc(1px + 2px) 0; content: " ; { " }
@media (max-width: 640px) {
  a { color: red }
}
"""


def test_a_module_loses_comments_and_spaces_except_in_its_texts() -> None:
    assert shrink("a.js", MODULE) == (
        'import{b}from"./b.js";export function a(text){let found=/["\'`/ ]+ {2}/.test(text)?'
        """[1- -1,"a  { b"+'c  "d']:{text};if(found)\nreturn null;return b`<p class="x">\n"""
        "${text.map((each)=>b`<i>${{each}}  </i>`)} // http://a.example/\n</p>`}\nexport let c=1;"
    )


def test_a_style_loses_comments_and_the_spaces_between_its_parts() -> None:
    assert shrink("style.css", STYLE) == (
        ':root{--ink:light-dark(#000,#fff)}a>b,a:hover .c{margin:calc(1px + 2px) 0;content:" ; { "}'
        "@media (max-width:640px){a{color:red}}"
    )


@pytest.mark.parametrize("path", ["vendor/preact.js", "vendor/LICENSES", "index.html"])
def test_other_files_stay_as_they_are(path: str) -> None:
    assert shrink(path, MODULE) == MODULE


def test_no_file_of_the_client_loses_anything_else() -> None:
    for path, shipped in client.shipped().texts.items():
        if not path.endswith("first.js"):
            whole = (client.DIRECTORY / path).read_text(encoding="utf-8")
            without = re.sub(r"/\*(?:.|\n)*?\*/|^\s*//.*$|(?<=;) // .*$", "", whole, flags=re.MULTILINE)
            if path.endswith(".js"):
                without = re.sub(r"\bconst\b", "let", without)
            if path != joining.LIBRARIES and path.endswith((".js", ".css")):
                assert re.sub(r"\s", "", shipped).replace(";}", "}") == re.sub(r"\s", "", without).replace(";}", "}"), (
                    path
                )


def test_modules_are_written_so_that_they_can_be_joined() -> None:
    """Everything that the first view imports, it imports by name, from modules that are joined with it."""
    shipped = client.shipped()
    joined = {
        path: (client.DIRECTORY / path).read_text(encoding="utf-8")
        for path in shipped.joined
        if path != joining.LIBRARIES
    }
    for path, text in joined.items():
        assert not re.search(r"^(import|export) (?!\{|function|async function|const|class)", text, re.MULTILINE), path
        assert set(joining.imports(path, text)) <= {*joined, joining.LIBRARIES}
    first = shipped.texts[client.FIRST]
    assert re.findall(r"\bimport\{[^}]*\}from(.*?);", first) == ['"./vendor/preact.js"']
