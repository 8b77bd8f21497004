"""Typed parameters from bodies and query strings: JSON, urlencoded and multipart are equivalent."""

import itertools
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from chalice.app import Request
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from chalicelib import bodies
from fstream_app.core.errors import Invalid, Malformed, TooLarge

KEY = st.sampled_from(["a", "b", "0", "1"])
VALUE = st.text("xyz", min_size=1, max_size=3)
TREE = st.recursive(
    VALUE, lambda inner: st.dictionaries(KEY, inner, min_size=1) | st.lists(VALUE, min_size=1), max_leaves=8
)


class Line(Struct):
    name: str = ""
    flag: bool = False


class Anything(Struct):
    """Parameters of every kind that routes take."""

    ids: tuple[str, ...] = ()
    lines: dict[int, Line] | tuple[Line, ...] | None = None
    tree: Any = None


class Choice(Struct):
    """One of two words, which must be sent."""

    kind: Literal["a", "b"]


def request(body: bytes, content_type: str = bodies.FORM) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": {"content-type": content_type},
            "pathParameters": {},
            "requestContext": {"httpMethod": "POST", "resourcePath": "/"},
            "body": body.decode(),
            "stageVariables": {},
            "isBase64Encoded": False,
        }
    )


def read(*pairs: tuple[str, str]) -> Anything:
    return bodies.read(request(urlencode(pairs).encode()), Anything)


def pairs(tree: Any, path: str) -> list[tuple[str, str]]:
    """Return a tree as the pairs of a form."""
    if isinstance(tree, dict):
        return [pair for key, inner in tree.items() for pair in pairs(inner, f"{path}[{key}]")]
    if isinstance(tree, list):
        return [(f"{path}[]", value) for value in tree]
    return [(path, tree)]


def depth(tree: Any) -> int:
    if isinstance(tree, dict):
        return 1 + max(map(depth, tree.values()))
    return int(isinstance(tree, list))


@given(TREE.filter(lambda tree: depth(tree) <= 4))
def test_a_form_nests_as_json_does(tree: Any) -> None:
    assert read(*pairs(tree, "tree")).tree == tree


def test_what_nests_deeper_than_four_is_left_in_its_name() -> None:
    assert read(("tree[a][b][c][d]", "x")).tree == {"a": {"b": {"c": {"d": "x"}}}}
    assert read(("tree[a][b][c][d][e]", "x")).tree == {"a": {"b": {"c": {"d][e": "x"}}}}
    assert read((f"tree{'[a]' * 5_000}", "x")).tree is not None


def test_of_two_that_do_not_go_together_the_last_counts() -> None:
    one = {"plain": ("tree", "x"), "list": ("tree[]", "x"), "object": ("tree[a]", "x"), "deep": ("tree[a][b]", "x")}
    alone = {name: read(pair).tree for name, pair in one.items()}
    for first, last in itertools.permutations(one, 2):
        assert read(one[first], one[last]).tree == alone[last], (first, last)


@pytest.mark.parametrize("name", ["", "[", "]", "[]", "[a]", "tree[", "tree]", "tree[[", "tree[]]", "tree[][a]", "a[b"])
def test_a_malformed_name_breaks_nothing(name: str) -> None:
    assert read((name, "x"), ("ids[]", "y")).ids == ("y",)


def test_objects_within_a_list_and_by_number_are_read() -> None:
    numbered = read(("lines[1][name]", "b"), ("lines[0][name]", "a"), ("lines[0][flag]", "true"))
    assert numbered.lines == {1: Line("b"), 0: Line("a", flag=True)}
    listed = bodies.read(request(b'{"lines": [{"name": "a"}]}', bodies.JSON), Anything)
    assert listed.lines == (Line("a"),)


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"lines[x][name]=a", "lines", "Each key of lines must be a whole number, not a string"),
        (b"lines[0]=a", "lines[...]", "The parameter lines[...] must be an object, not a string"),
        (b"lines[0][name][]=a", "lines[...].name", "The parameter lines[...].name must be a string, not an array"),
        (b"lines=a", "lines[0]", "The parameter lines[0] must be an object, not a string"),
        (b"ids[a]=b", "ids", "The parameter ids must be an array, not an object"),
    ],
)
def test_an_error_names_its_place_and_the_type_it_needs(body: bytes, field: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        bodies.read(request(body), Anything)
    assert (caught.value.field, str(caught.value)) == (field, message)


def test_an_error_names_what_is_missing_or_not_one_of_the_values() -> None:
    for body, message in ((b"", "Missing required parameter: kind"), (b"kind=c", "The parameter kind can't be 'c'")):
        with pytest.raises(Invalid) as caught:
            bodies.read(request(body), Choice)
        assert str(caught.value) == message


def test_a_multipart_form_may_be_empty() -> None:
    kind = f"{bodies.MULTIPART}; boundary=b"
    for body in (b"--b--", b"--b--\r\n"):
        assert bodies.read(request(body, kind), Anything) == Anything()
    for body in (b"--c--\r\n", b"--b\r\n", b"b"):
        with pytest.raises(Malformed):
            bodies.read(request(body, kind), Anything)


def test_a_body_that_is_too_large_for_it_holds_files_says_so() -> None:
    kinds = {bodies.FORM: False, bodies.JSON: False, f"{bodies.MULTIPART}; boundary=b": True}
    for kind, told in kinds.items():
        with pytest.raises(TooLarge) as caught:
            bodies.read(request(b"x" * (bodies.MAX_BODY + 1), kind), Anything)
        assert ("text only" in str(caught.value)) is told
