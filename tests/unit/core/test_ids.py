"""Ids: base32 texts that sort by time and carry the author."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import ids
from fstream_app.core.ids import MessageId

USER_IDS = st.integers(0, (1 << 65) - 1).map(lambda number: ids.encode(number, ids.USER_ID_LENGTH))
# Few authors and times, so that pairs which differ in one part only are tried as well.
MESSAGE_IDS = st.builds(
    MessageId,
    st.one_of(st.integers(0, 3), st.integers(0, ids.MAX_TIME)),
    st.one_of(st.sampled_from(["0" * 13, "0" * 12 + "1", "z" * 13]), USER_IDS),
    st.integers(0, (1 << 15) - 1),
)
VALID = "01hzxw5y3k" + "0123456789abc" + "xyz"


@given(MESSAGE_IDS, MESSAGE_IDS)
def test_texts_tuples_and_packed_bytes_sort_alike(one, other):
    assert (one < other) is (str(one) < str(other)) is (one.pack() < other.pack())


@given(MESSAGE_IDS)
def test_an_id_survives_text_and_bytes(message_id):
    assert MessageId.parse(str(message_id)) == message_id
    assert MessageId.unpack(message_id.pack()) == message_id
    assert len(str(message_id)) == 26
    assert len(message_id.pack()) == 16


@given(MESSAGE_IDS)
def test_the_author_is_read_from_the_text_of_an_id(message_id):
    assert str(message_id)[10:23] == message_id.author_id
    assert ids.is_user_id(message_id.author_id)


@given(st.one_of(st.text(max_size=30), st.text(ids.ALPHABET, min_size=25, max_size=27)))
def test_a_text_is_a_message_id_or_an_error(text):
    if re.fullmatch("[0-7][0-9a-hjkmnp-tv-z]{25}", text):
        assert str(MessageId.parse(text)) == text
    else:
        with pytest.raises(ValueError, match="not"):
            MessageId.parse(text)


@pytest.mark.parametrize("place", range(26))
@pytest.mark.parametrize("character", ["i", "l", "o", "u", "A", " ", "-", "é", "٣", "\n", "\x00"])
def test_a_character_outside_the_alphabet_is_refused_wherever_it_stands(place, character):
    with pytest.raises(ValueError, match="not"):
        MessageId.parse(VALID[:place] + character + VALID[place + 1 :])


@pytest.mark.parametrize("text", ["", VALID[:-1], VALID + "0", VALID + "\n", "8" + VALID[1:], "z" * 26])
def test_another_length_or_a_time_beyond_48_bits_is_refused(text):
    with pytest.raises(ValueError, match="not a message id"):
        MessageId.parse(text)


@given(st.binary(max_size=20).filter(lambda packed: len(packed) != 16))
def test_only_16_bytes_are_a_packed_id(packed):
    with pytest.raises(ValueError, match="not a packed message id"):
        MessageId.unpack(packed)


@given(st.binary(min_size=16, max_size=16))
def test_any_16_bytes_are_a_packed_id(packed):
    assert MessageId.unpack(packed).pack() == packed


@given(MESSAGE_IDS, st.integers(0, ids.MAX_TIME))
def test_the_lowest_id_at_a_time_parts_earlier_ids_from_the_rest(message_id, time):
    assert (message_id >= ids.lowest_at(time)) is (message_id.time >= time)


@given(MESSAGE_IDS)
def test_no_id_lies_between_an_id_and_its_neighbours(message_id):
    if message_id != ids.HIGHEST:
        assert int.from_bytes(message_id.next().pack()) == int.from_bytes(message_id.pack()) + 1
        assert message_id.next().previous() == message_id


def test_the_outermost_ids_are_their_own_neighbours():
    assert ids.HIGHEST.next() == ids.HIGHEST
    assert ids.LOWEST.previous() == ids.LOWEST


@given(MESSAGE_IDS)
def test_every_id_lies_between_the_lowest_and_the_highest(message_id):
    assert ids.LOWEST <= message_id <= ids.HIGHEST


@pytest.mark.parametrize(("time", "bounded"), [(-1, 0), (0, 0), (ids.MAX_TIME + 1, ids.MAX_TIME)])
def test_the_lowest_id_at_a_time_out_of_range_is_that_at_the_limit(time, bounded):
    assert ids.lowest_at(time) == (bounded, "0" * 13, 0)
    assert MessageId.parse(str(ids.lowest_at(time)))


def test_new_ids_are_valid_and_differ():
    users = {ids.new_user_id() for _ in range(100)}
    assert len(users) == 100
    assert all(map(ids.is_user_id, users))
    author_id = users.pop()
    new = [MessageId.new(author_id, 1_700_000_000_000) for _ in range(20)]
    assert len(set(new)) > 1
    assert {(message_id.time, message_id.author_id) for message_id in new} == {(1_700_000_000_000, author_id)}


@pytest.mark.parametrize("text", ["", "0" * 12, "0" * 14, "U" * 13, "u" * 13, "0" * 12 + "é"])
def test_a_user_id_has_13_characters_of_the_alphabet(text):
    assert not ids.is_user_id(text)


@given(st.integers(0, 20).flatmap(lambda n: st.tuples(st.integers(0, (1 << 5 * n) - 1), st.just(n))))
def test_decoding_undoes_encoding(case):
    number, length = case
    assert ids.decode(ids.encode(number, length)) == number
    assert len(ids.encode(number, length)) == length


@pytest.mark.parametrize(("number", "length"), [(-1, 3), (1 << 15, 3), (1, 0)])
def test_a_number_that_does_not_fit_is_not_encoded(number, length):
    with pytest.raises(ValueError, match="does not fit"):
        ids.encode(number, length)
