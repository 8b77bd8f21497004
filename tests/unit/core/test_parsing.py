import base64
import json

import botocore.session
import pytest
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import parsing
from fstream_app.core.parsing import Parser
from fstream_app.repository import heads

NAMES = st.text(max_size=5)
BINARY = st.binary(max_size=20).map(lambda value: base64.b64encode(value).decode())
LEAVES = st.one_of(
    st.builds(lambda value: {"S": value}, NAMES),
    st.builds(lambda value: {"N": str(value)}, st.integers()),
    st.builds(lambda value: {"B": value}, BINARY),
    st.builds(lambda value: {"BOOL": value}, st.booleans()),
    st.just({"NULL": True}),
    st.builds(lambda value: {"SS": value}, st.lists(NAMES, max_size=3)),
    st.builds(lambda value: {"NS": [str(each) for each in value]}, st.lists(st.integers(), max_size=3)),
    st.builds(lambda value: {"BS": value}, st.lists(BINARY, max_size=3)),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda value: {"L": value}, st.lists(inner, max_size=3)),
        st.builds(lambda value: {"M": value}, st.dictionaries(NAMES, inner, max_size=3)),
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=4)


@pytest.fixture(scope="module")
def model():
    return botocore.session.get_session().get_service_model("dynamodb")


def both(model, operation, status, body):
    answer = {"status_code": status, "headers": {}, "body": json.dumps(body).encode(), "context": {}}
    shape = model.operation_model(operation).output_shape
    return Parser().parse(answer, shape), create_parser("json").parse(answer, shape)


@given(items=st.lists(ITEMS, max_size=3))
def test_answers_are_parsed_as_botocore_does(model, items):
    key = {"id": {"S": "last"}, "part": {"B": "AAE="}}
    body = {"Items": items, "Count": len(items), "LastEvaluatedKey": key, "ConsumedCapacity": {"CapacityUnits": 0.5}}
    ours, theirs = both(model, "Query", 200, body)
    assert ours == theirs


def test_errors_are_parsed_as_botocore_does(model):
    body = {"__type": "com.amazonaws#TransactionCanceledException", "CancellationReasons": [{"Code": "None"}]}
    ours, theirs = both(model, "TransactWriteItems", 400, body)
    assert ours == theirs


def test_the_tables_use_it(mocked, monkeypatch):
    monkeypatch.setattr(parsing, "plain", lambda _: {"B": b"seen"})
    heads.put("author", b"packed", 2_300_000_000)
    assert heads.get_many(["author"]) == {"author": b"seen"}
