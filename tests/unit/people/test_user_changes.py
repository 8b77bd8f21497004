"""Changing a user: attributes that are not set stay, None removes."""

import pytest

from fstream_app.core.entities import Field, User
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.ids import new_user_id
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuotePolicy
from fstream_app.core.user_changes import UserChange
from fstream_app.people import users
from tests.support.clock import Clock

WHOLE = UserChange(
    display_name="Ada",
    note="hello",
    fields=(Field("name", "value"),),
    bot=True,
    discoverable=False,
    hide_collections=True,
    locked=True,
    default_lifetime=3600,
    public_lifetime=60,
    unlisted_lifetime=120,
    private_lifetime=180,
    direct_lifetime=240,
    ends_threads=True,
    default_visibility=Visibility.PRIVATE,
    default_sensitive=True,
    default_language="en",
    default_quote_policy=QuotePolicy.NOBODY,
    lifetime_in_text=False,
    private_counts=True,
)


@pytest.fixture
def ada(mocked: None, quick_passwords: None, clock: Clock) -> User:
    return users.sign_up("ada", "correct horse", clock.now)


def attributes(user: User) -> UserChange:
    return UserChange(**{name: getattr(user, name) for name in UserChange.__struct_fields__})


def test_every_attribute_can_be_changed(ada: User, clock: Clock) -> None:
    assert attributes(users.update(ada.id, WHOLE, clock.now)) == WHOLE
    assert attributes(users.get(ada.id, consistent=True)) == WHOLE


@pytest.mark.parametrize("name", UserChange.__struct_fields__)
def test_what_is_not_mentioned_stays(ada: User, clock: Clock, name: str) -> None:
    changed = users.update(ada.id, UserChange(**{name: getattr(WHOLE, name)}), clock.now)
    expected = {each: getattr(WHOLE if each == name else ada, each) for each in UserChange.__struct_fields__}
    assert attributes(changed) == UserChange(**expected)


def test_none_removes_and_nothing_changes_nothing(ada: User, clock: Clock) -> None:
    users.update(ada.id, WHOLE, clock.now)
    changed = users.update(ada.id, UserChange(fields=None, default_lifetime=None, default_language=None), clock.now)
    assert (changed.fields, changed.default_lifetime, changed.default_language) == ((), None, None)
    assert users.update(ada.id, UserChange(), clock.now) == changed
    assert users.update(ada.id, UserChange(fields=(Field(" ", ""),)), clock.now) == changed


def test_a_value_that_breaks_a_rule_and_a_user_who_is_gone_are_refused(ada: User, clock: Clock) -> None:
    for change in (UserChange(note="x" * 501), UserChange(default_language="?"), UserChange(default_lifetime=1)):
        with pytest.raises(Invalid):
            users.update(ada.id, change, clock.now)
    for change in (WHOLE, UserChange()):
        with pytest.raises(NotFound):
            users.update(new_user_id(), change, clock.now)
