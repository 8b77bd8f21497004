"""Typed parameters from bodies and query strings: JSON, urlencoded and multipart are equivalent."""

import contextlib
import functools
import itertools
import json
import time
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

import pytest
from chalice.app import Request
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from chalicelib import bodies, parts
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
    lines: dict[str, Line] | tuple[Line, ...] | None = None
    tree: Any = None
    word: str = ""
    either: str | tuple[str, ...] = ()


class Choice(Struct):
    """One of two words, which must be sent."""

    kind: Literal["a", "b"]
    more: "tuple[Choice, ...]" = ()
    inner: "Choice | None" = None


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
    assert numbered.lines == (Line("a", flag=True), Line("b"))
    listed = bodies.read(request(b'{"lines": [{"name": "a"}]}', bodies.JSON), Anything)
    assert listed.lines == (Line("a"),)


SPELLINGS: dict[str, Callable[[list[str]], list[tuple[str, str]]]] = {
    "brackets": lambda values: [("ids[]", value) for value in values],
    "numbers": lambda values: [(f"ids[{number}]", value) for number, value in enumerate(values)],
    "numbers from one": lambda values: [(f"ids[{number}]", value) for number, value in enumerate(values, 1)],
    "numbers backwards": lambda values: [(f"ids[{number}]", value) for number, value in enumerate(values)][::-1],
    "repeated": lambda values: [("ids", value) for value in values],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@given(st.lists(VALUE, min_size=1, max_size=30))
def test_every_spelling_of_an_array_in_a_form_is_read(spelling: str, values: list[str]) -> None:
    assert read(*SPELLINGS[spelling](values)).ids == tuple(values)


@given(st.lists(st.tuples(VALUE, st.sampled_from(["ids", "ids[]", "ids[0]", "ids[1]", "ids[9]"])), max_size=12))
def test_any_mixture_of_the_spellings_of_an_array_has_all_values(sent: list[tuple[str, str]]) -> None:
    found = read(*((name, value) for value, name in sent)).ids
    assert sorted(found) == sorted(value for value, _ in sent)
    if not any(name[-2:-1].isdigit() for _, name in sent):
        assert found == tuple(value for value, _ in sent)


MIXED = [
    "ids[]=A&ids=B",
    "ids=A&ids[]=B",
    "ids[0]=A&ids[]=B",
    "ids[0]=A&ids[0]=B",
    "ids=A&ids[0]=B",
    "ids[]=A&ids[0]=B",
]


@pytest.mark.parametrize("body", MIXED)
def test_mixed_spellings_of_an_array_are_read_in_order(body: str) -> None:
    assert bodies.read(request(body.encode()), Anything).ids == ("A", "B")


def test_objects_under_any_keys_are_an_array_in_order() -> None:
    form = read(("lines[b][name]", "x"), ("lines[a][name]", "y"), ("lines[b][flag]", "on"), ("lines[][name]", "z"))
    assert form.lines == (Line("x", flag=True), Line("y"), Line("z"))
    body = b'{"lines": {"b": {"name": "x"}, "7": {"name": "y"}}}'
    assert bodies.read(request(body, bodies.JSON), Anything).lines == (Line("x"), Line("y"))


@given(st.lists(VALUE, max_size=12))
def test_an_object_with_numeric_keys_is_an_array_in_json_too(values: list[str]) -> None:
    numbered = {str(number): value for number, value in reversed(list(enumerate(values)))}
    for spelled in (values, numbered) if values else (values,):
        body = json.dumps({"ids": spelled}).encode()
        assert bodies.read(request(body, bodies.JSON), Anything).ids == tuple(values)


LINES: dict[str, Callable[[int, str], str]] = {
    "brackets": lambda _, key: f"lines[][{key}]",
    "numbers": lambda number, key: f"lines[{number}][{key}]",
    "large numbers": lambda number, key: f"lines[{1_000 + number}][{key}]",
}


@pytest.mark.parametrize("spelling", LINES)
@given(st.lists(st.tuples(VALUE, st.booleans()), min_size=1, max_size=12))
def test_every_spelling_of_an_array_of_objects_is_read(spelling: str, lines: list[tuple[str, bool]]) -> None:
    sent = []
    for number, (name, flag) in enumerate(lines):
        write = functools.partial(LINES[spelling], number)
        sent += [(write("name"), name), (write("flag"), "on" if flag else "off")]
    assert read(*sent).lines == tuple(itertools.starmap(Line, lines))


@given(st.lists(st.tuples(st.text("ids[]01a", max_size=12), st.text("xyz", max_size=2)), max_size=8))
def test_any_names_are_read_or_refused_with_an_error(names: list[tuple[str, str]]) -> None:
    try:
        found = read(*names)
    except Invalid as error:
        assert error.field  # noqa: PT017
    else:
        assert all(isinstance(value, str) for value in found.ids)


def test_of_a_plain_name_that_is_repeated_the_last_value_counts_unless_it_is_an_array() -> None:
    found = read(("tree", "a"), ("tree", "b"), ("ids", "a"), ("ids", "b"), ("word", "a"), ("word", "b"), ("word", "c"))
    assert (found.tree, found.ids, found.word) == ("b", ("a", "b"), "c")
    assert type(found.word) is type(found.tree) is str


def test_a_parameter_that_may_be_a_word_or_an_array_is_either() -> None:
    assert read(("either", "a b")).either == "a b"
    for pairs_sent in ([("either", "a"), ("either", "b")], [("either[0]", "a"), ("either[1]", "b")]):
        assert read(*pairs_sent).either == ("a", "b")


@pytest.mark.parametrize("body", [b"ids[]=", b"ids=", b"ids[0]=", b"ids[]=&ids[]=", b"ids=&ids="])
def test_blank_entries_of_an_array_are_none(body: bytes) -> None:
    assert bodies.read(request(body), Anything).ids == ()
    assert bodies.read(request(body + b"&ids[]=x"), Anything).ids[-1:] == ("x",)


def test_blank_and_null_entries_of_an_array_are_left_out_in_json() -> None:
    assert bodies.read(request(b'{"ids": ["", "a", null, "b"]}', bodies.JSON), Anything).ids == ("a", "b")


def test_a_query_is_spelled_like_a_form() -> None:
    for sent in ({"ids[]": ["a", "b"]}, {"ids": ["a", "b"]}, {"ids[1]": ["b"], "ids[0]": ["a"]}):
        asked = Request({**request(b"")._event_dict, "multiValueQueryStringParameters": sent})
        assert bodies.read(asked, Anything).ids == ("a", "b")


def test_an_array_is_built_in_linear_time() -> None:
    sent: dict[str, list[str]] = {"ids[]": ["x"] * 20_000, "lines[][name]": ["x"] * 20_000, "word": ["x"] * 20_000}
    asked = Request({**request(b"")._event_dict, "multiValueQueryStringParameters": sent})
    began = time.process_time()
    found = bodies.read(asked, Anything)
    assert (len(found.ids), len(found.lines or ())) == (20_000, 20_000)
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"lines[name]=a", "lines[0]", "The parameter lines[0] must be an object, not a string"),
        (b"lines[0]=a", "lines[0]", "The parameter lines[0] must be an object, not a string"),
        (b"lines[0][name][]=a", "lines[0].name", "The parameter lines[0].name must be a string, not an array"),
        (b"lines=a", "lines[0]", "The parameter lines[0] must be an object, not a string"),
        (b"ids[a]=b", "ids", "The parameter ids must be an array, not an object"),
    ],
)
def test_an_error_names_its_place_and_the_type_it_needs(body: bytes, field: str, message: str) -> None:
    with pytest.raises(Invalid) as caught:
        bodies.read(request(body), Anything)
    assert (caught.value.field, str(caught.value)) == (field, message)


def test_an_error_names_what_is_missing_or_not_one_of_the_values() -> None:
    expected = {
        b"": ("kind", "Something required is missing from the request: kind"),
        b"kind=c": ("kind", "Choose a or b as kind: it can't be 'c'"),
        b"kind=a&more[][kind]=c": ("more[0].kind", "Choose a or b as more[0].kind: it can't be 'c'"),
        b"kind=a&inner[kind]=c": ("inner.kind", "Choose a or b as inner.kind: it can't be 'c'"),
        b"kind=a&inner[x]=c": ("inner.kind", "Something required is missing from the request: inner.kind"),
    }
    for body, (field, message) in expected.items():
        with pytest.raises(Invalid) as caught:
            bodies.read(request(body), Choice)
        assert (caught.value.field, str(caught.value)) == (field, message)


@given(
    st.lists(st.sampled_from([" - at ", "$.", "kind", "`", "'", "x", "[0]", ", got ", "Expected ", "\n"]), min_size=1)
)
def test_no_value_is_mistaken_for_the_place_of_an_error(pieces: list[str]) -> None:
    wrong = {"kind": "".join(pieces)}
    requests: dict[str, dict[str, Any]] = {
        "kind": wrong,
        "inner.kind": {"kind": "a", "inner": wrong},
        "more[0].kind": {"kind": "a", "more": [wrong]},
    }
    for place, sent in requests.items():
        with pytest.raises(Invalid) as caught:
            bodies.convert(sent, Choice)
        assert caught.value.field == place
        assert str(caught.value).startswith(f"Choose a or b as {place}: it can't be ")


def test_json_may_begin_with_a_byte_order_mark() -> None:
    body = '\ufeff{"word": "a=b"}'.encode()
    assert [bodies.read(request(body, kind), Anything).word for kind in (bodies.JSON, "")] == ["a=b", "a=b"]


def test_a_multipart_form_may_be_empty() -> None:
    kind = f"{bodies.MULTIPART}; boundary=b"
    for body in (b"--b--", b"--b--\r\n"):
        assert bodies.read(request(body, kind), Anything) == Anything()
    for body in (b"--c--\r\n", b"--b\r\n", b"b"):
        with pytest.raises(Malformed):
            bodies.read(request(body, kind), Anything)


PART = b'--b\r\nContent-Disposition: form-data; name="word"HEADERS\r\n\r\nx\r\n'


def test_a_multipart_form_has_limits_of_its_parts_and_of_their_headers() -> None:
    kind, end = f"{bodies.MULTIPART}; boundary=b", b"--b--\r\n"
    plain, more = PART.replace(b"HEADERS", b""), PART.partition(b"HEADERS")[0]
    assert bodies.read(request(plain * 200 + end, kind), Anything).word == "x"
    refused = {
        "parts": plain * 201,
        "headers": PART.replace(b"HEADERS", b"\r\nA: b" * parts.MAX_HEADERS),
        "a header": PART.replace(b"HEADERS", b"; x=" + b"y" * parts.MAX_HEADER),
        "one that breaks off": more,
        "parts within parts": PART.replace(b"HEADERS", b"\r\nContent-Type: multipart/mixed; boundary=c"),
        "an encoded part": PART.replace(b"HEADERS", b"\r\nContent-Transfer-Encoding: base64"),
        "no name": plain.replace(b'; name="word"', b""),
        "not UTF-8": plain.replace(b"\r\nx\r\n", b"\r\n\xff\r\n"),
    }
    for content in refused.values():
        with pytest.raises(Malformed):
            parts.pairs(content + end, kind, 200)
    with pytest.raises(Malformed):
        parts.pairs(plain + end, f"{kind}; x={'y' * parts.MAX_TYPE}", 200)


@pytest.mark.parametrize("sign", ["(", "[", "{", '"', ";", "<", "\\"])
def test_what_nests_without_end_is_refused(sign: str) -> None:
    bodies_sent = {
        f"{bodies.MULTIPART}; boundary=b; x={sign * 500}": PART.replace(b"HEADERS", b"") + b"--b--\r\n",
        f"{bodies.MULTIPART}; boundary=b": PART.replace(b"HEADERS", b"; x=" + sign.encode() * 500) + b"--b--\r\n",
        bodies.JSON: b'{"tree": ' + sign.encode() * 60_000,
    }
    for kind, body in bodies_sent.items():
        with contextlib.suppress(Malformed):
            assert bodies.read(request(body, kind), Anything) == Anything(word="x")


def test_a_body_that_is_too_large_for_it_holds_files_says_so() -> None:
    kinds = {bodies.FORM: False, bodies.JSON: False, f"{bodies.MULTIPART}; boundary=b": True}
    for kind, text_only in kinds.items():
        with pytest.raises(TooLarge) as caught:
            bodies.read(request(b"x" * (bodies.MAX_BODY + 1), kind), Anything)
        assert ("text only" in str(caught.value)) is text_only
