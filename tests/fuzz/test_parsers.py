"""No text makes a parser fail with anything but an error of the domain, and forms mean the same in all their types."""

from urllib.parse import urlencode

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from chalicelib import bodies, parts
from fstream_app.core.errors import DomainError
from fstream_app.repository import oauth as repository
from tests.fuzz.rounds import SECONDS, examples, rounds
from tests.support.parsers import FAMILIES, PARSERS

HARD = st.lists(st.sampled_from(FAMILIES) | st.text(max_size=3), max_size=40).map("".join)
"""Texts made of pieces that mean something to some parser."""
REPEATED = st.tuples(HARD, st.integers(1, 400), HARD).map(lambda made: made[0] + made[0][-8:] * made[1] + made[2])
NAME = st.text(st.characters(exclude_characters='\r\n"%\\', exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
VALUE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize("parser", PARSERS)
def test_no_text_breaks_a_parser(monkeypatch: pytest.MonkeyPatch, parser: str) -> None:
    monkeypatch.setattr(repository, "put_application", lambda *_: None)
    for number in rounds():

        @seed(number)
        @examples(25)
        @given(HARD | REPEATED)
        def run(written: str) -> None:
            PARSERS[parser](written)

        run()


def multipart(pairs: list[tuple[str, str]], boundary: str) -> bytes:
    written = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs
    ]
    return "".join([*written, f"--{boundary}--\r\n"]).encode()


@examples(60)
@given(st.lists(st.tuples(NAME, VALUE), max_size=8), st.from_regex(r"[A-Za-z0-9'+_./:=?-]{20,60}", fullmatch=True))
def test_a_multipart_form_means_what_it_means_urlencoded(pairs: list[tuple[str, str]], boundary: str) -> None:
    content_type = f'multipart/form-data; boundary="{boundary}"'
    assert parts.pairs(multipart(pairs, boundary), content_type, 200) == pairs
    assert bodies._form(urlencode(pairs).encode()) == pairs


@examples(60)
@given(st.lists(st.tuples(NAME, VALUE), min_size=1, max_size=4), st.data())
def test_a_multipart_form_that_breaks_off_is_refused(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    whole = multipart(pairs, "a-boundary")
    cut = data.draw(st.integers(0, len(whole) - 5))
    with pytest.raises(DomainError):
        parts.pairs(whole[:cut], "multipart/form-data; boundary=a-boundary", 200)
