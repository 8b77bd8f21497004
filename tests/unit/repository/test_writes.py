"""Conditional writes: failures are named, alone and in transactions."""

import pytest
from pynamodb.exceptions import PutError

from fstream_app.repository import conditional
from fstream_app.repository.transactions import Writes
from fstream_app.tables import UserItem


class Checked(Exception):
    """The check failed."""


class Saved(Exception):
    """The put failed."""


class Deleted(Exception):
    """The deletion failed."""


class Updated(Exception):
    """The update failed."""

    def __init__(self, user_id: str) -> None:
        super().__init__(user_id)
        self.user_id = user_id


PRESENT, ABSENT = UserItem.id.exists(), UserItem.id.does_not_exist()


def save(writes: Writes, user_id: str) -> None:
    writes.save(UserItem(user_id), ABSENT, otherwise=Saved)


def update(writes: Writes, user_id: str) -> None:
    writes.update(UserItem(user_id), [UserItem.bot.set(True)], PRESENT, otherwise=Updated(user_id))


def delete(writes: Writes, user_id: str) -> None:
    writes.delete(UserItem(user_id), PRESENT, otherwise=Deleted)


def check(writes: Writes, user_id: str) -> None:
    writes.check(UserItem, user_id, condition=PRESENT, otherwise=Checked)


def test_what_is_written_together_is_written(mocked: None) -> None:
    UserItem("kept").save()
    UserItem("gone").save()
    writes = Writes()
    save(writes, "new")
    update(writes, "kept")
    delete(writes, "gone")
    writes.check(UserItem, "nobody", condition=ABSENT, otherwise=Checked)
    writes.commit()
    assert sorted(item.id for item in UserItem.scan()) == ["kept", "new"]
    assert UserItem.get("kept").bot is True


@pytest.mark.parametrize(("add", "failure"), [(save, Saved), (update, Updated), (delete, Deleted), (check, Checked)])
def test_the_failure_is_that_of_the_write_whose_condition_failed(add, failure, mocked: None) -> None:
    for user_id in ("there", "other", "another"):
        UserItem(user_id).save()
    writes = Writes()
    update(writes, "other")
    add(writes, "there" if add is save else "absent")
    delete(writes, "another")
    with pytest.raises(failure):
        writes.commit()
    assert sorted(item.id for item in UserItem.scan()) == ["another", "other", "there"]
    assert UserItem.get("other").bot is None


def test_of_several_failures_the_first_that_was_added_is_raised_and_all_can_be_had(mocked: None) -> None:
    orders = [[update, delete, check], [check, delete, update], [delete, update, check]]
    names = {update: Updated, delete: Deleted, check: Checked}
    for order in orders:
        writes = Writes()
        for number, add in enumerate(order):
            add(writes, f"absent {number}")
        assert [type(failure) for failure in writes.attempt()] == [names[add] for add in order]
        with pytest.raises(names[order[0]]):
            writes.commit()


def test_a_failure_may_say_what_it_is_about(mocked: None) -> None:
    UserItem("there").save()
    writes = Writes()
    for user_id in ("one", "there", "two"):
        update(writes, user_id)
    failures = writes.attempt()
    assert [failure.user_id for failure in failures if isinstance(failure, Updated)] == ["one", "two"]


def test_a_condition_without_a_failure_is_refused() -> None:
    with pytest.raises(TypeError):
        Writes().save(UserItem("new"), ABSENT)


def test_a_write_on_a_condition_says_whether_it_held(mocked: None) -> None:
    assert conditional.put(UserItem("new"), ABSENT)
    assert not conditional.put(UserItem("new", bot=True), ABSENT)
    assert UserItem.get("new").bot is None
    item = UserItem("new")
    assert conditional.update(item, [UserItem.bot.set(True)], PRESENT)
    assert item.bot is True
    assert not conditional.update(UserItem("absent"), [UserItem.bot.set(True)], PRESENT)
    assert not conditional.delete(UserItem("absent"), PRESENT)
    assert conditional.delete(item, PRESENT)
    assert not conditional.delete(item, PRESENT)


def test_any_other_error_is_raised(mocked: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PutError("no answer")

    monkeypatch.setattr(UserItem, "save", fail)
    with pytest.raises(PutError):
        conditional.put(UserItem("new"), ABSENT)
