"""Each rule of visibility returns the reason why a reader does not see a message."""

from functools import partial

import pytest

from fstream_app.core.entities import Mention, Message, User
from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import MessageId
from fstream_app.core.packing import Visibility
from fstream_app.core.relations import NO_RELATIONS, Relations
from fstream_app.messages.hydration import Hydrated
from fstream_app.messages.visibility import (
    earliest_live,
    oldest_live,
    settled_before,
    why_hidden,
    why_not_home,
    why_not_listed,
)

ADA, BOB, EVE = "a" * 13, "b" * 13, "e" * 13
NOW = 2_000_000_000_000
FOLLOWING = Relations(following=frozenset({ADA}))


def message(visibility: Visibility = Visibility.PUBLIC, **fields: object) -> Message:
    """A message of ada's that lives for a second."""
    return Message(id=MessageId(NOW, ADA, 0), text="x", lifetime=1, visibility=visibility, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "relations", "now", "reason"),
    [
        (message(), NO_RELATIONS, NOW + 999, None),
        (message(), FOLLOWING, NOW + 1000, Hidden.EXPIRED),
        (message(hidden=True), FOLLOWING, NOW, Hidden.SUSPENDED),
        (message(), Relations(blocking=frozenset({ADA})), NOW, Hidden.BLOCKED),
        (message(), Relations(blocked_by=frozenset({ADA})), NOW, Hidden.BLOCKED),
        (message(), Relations(muting=frozenset({ADA})), NOW, None),
        (message(Visibility.UNLISTED), NO_RELATIONS, NOW, None),
        (message(Visibility.PRIVATE), FOLLOWING, NOW, None),
        (message(Visibility.PRIVATE), NO_RELATIONS, NOW, Hidden.NOT_FOLLOWED),
        (message(Visibility.PRIVATE, mentions=(Mention(BOB, "bob"),)), NO_RELATIONS, NOW, None),
        (message(Visibility.DIRECT), FOLLOWING, NOW, Hidden.NOT_MENTIONED),
        (message(Visibility.DIRECT, mentions=(Mention(EVE, "eve"),)), FOLLOWING, NOW, Hidden.NOT_MENTIONED),
        (message(Visibility.DIRECT, mentions=(Mention(BOB, "bob"),)), NO_RELATIONS, NOW, None),
    ],
)
def test_why_a_message_is_hidden(seen: Message, relations: Relations, now: int, reason: Hidden | None) -> None:
    assert why_hidden(seen, BOB, relations, now) is reason


@pytest.mark.parametrize("visibility", Visibility)
def test_authors_see_their_own_until_it_expires(visibility: Visibility) -> None:
    for rule in (why_hidden, why_not_listed, why_not_home):
        assert rule(message(visibility), ADA, NO_RELATIONS, NOW) is None
        assert rule(message(visibility), ADA, NO_RELATIONS, NOW + 1000) is Hidden.EXPIRED


def test_an_anonymous_reader_sees_what_is_public_or_unlisted() -> None:
    reasons = [why_hidden(message(visibility), None, NO_RELATIONS, NOW) for visibility in Visibility]
    assert reasons == [None, None, Hidden.NOT_FOLLOWED, Hidden.NOT_MENTIONED]


def test_a_muted_author_is_on_no_list_and_not_on_home() -> None:
    muting = Relations(following=frozenset({ADA}), muting=frozenset({ADA}))
    assert why_not_listed(message(), BOB, muting, NOW) is Hidden.MUTED
    assert why_not_home(message(), BOB, muting, NOW) is Hidden.MUTED


@pytest.mark.parametrize(
    ("answered", "reason"),
    [(ADA, None), (BOB, None), (EVE, Hidden.REPLY_TO_STRANGER), ("f" * 13, None)],
)
def test_home_has_replies_to_known_accounts_only(answered: str, reason: Hidden | None) -> None:
    following = Relations(following=frozenset({ADA, "f" * 13}))
    reply = message(in_reply_to=MessageId(NOW, answered, 1))
    assert why_not_home(reply, BOB, following, NOW) is reason
    assert why_not_listed(reply, BOB, following, NOW) is None


def test_home_has_followed_authors_only() -> None:
    assert why_not_home(message(), BOB, NO_RELATIONS, NOW) is Hidden.NOT_FOLLOWED
    assert why_not_home(message(), BOB, Relations(blocked_by=frozenset({ADA})), NOW) is Hidden.BLOCKED


def test_what_was_not_found_is_deleted_and_what_has_no_author_is_of_one_who_leaves() -> None:
    rule = partial(why_hidden, reader_id=BOB, relations=NO_RELATIONS, now=NOW)
    seen, ada = message(), User(id=ADA, name="ada", created_at=0, password_hash="")
    assert Hydrated({}, {ADA: ada}).why_hidden(seen.id, rule) is Hidden.DELETED
    assert Hydrated({seen.id: seen}, {}).why_hidden(seen.id, rule) is Hidden.LEAVING
    assert Hydrated({seen.id: message(hidden=True)}, {}).why_hidden(seen.id, rule) is Hidden.SUSPENDED
    assert Hydrated({seen.id: seen}, {ADA: ada}).why_hidden(seen.id, rule) is None


def test_the_bounds_of_what_can_be_shown_are_exclusive() -> None:
    settled = settled_before(NOW)
    assert (settled.time, settled.previous().time) == (NOW - 1499, NOW - 1500)
    oldest = oldest_live(NOW)
    assert oldest.next().time == earliest_live(NOW) == NOW - 7 * 86_400_000
