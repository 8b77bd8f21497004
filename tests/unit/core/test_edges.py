"""The sort keys of relationships: known kinds, later kinds and malformed keys."""

import pytest

from fstream_app.core.edges import EdgeKind, edge, parse_edge


@pytest.mark.parametrize("kind", EdgeKind)
def test_an_edge_is_read_as_it_was_written(kind: EdgeKind) -> None:
    assert edge(kind, "0123456789abc") == f"{kind.value}#0123456789abc"
    assert parse_edge(edge(kind, "0123456789abc")) == (kind, "0123456789abc")


def test_a_later_kind_is_no_kind_of_this_version() -> None:
    assert parse_edge("admire#0123456789abc") == (None, "0123456789abc")


@pytest.mark.parametrize("text", ["", "#", "follow", "follow#", "admire", "admire#", "#0123456789abc"])
def test_a_malformed_key_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not an edge"):
        parse_edge(text)
