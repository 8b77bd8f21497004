"""The users table: users by id, and the reservations `@name` that make names unique."""

from collections.abc import Iterable
from typing import Any

from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.transactions import TransactWrite

from fstream_app.entities import User
from fstream_app.packing import Visibility
from fstream_app.repository import batch, transactions
from fstream_app.tables import UserItem


class NameTaken(Exception):
    """Somebody else has this name."""


def _reservation(name: str) -> str:
    return f"@{name}"


def create(user: User) -> None:
    """Reserve the name and put the user, together: key `@name` and `id`, both absent; 4 WRU.

    Raises:
        NameTaken: the name is reserved already.
    """
    reservation = UserItem(_reservation(user.name), user_id=user.id)
    item = UserItem(
        user.id,
        name=user.name,
        created_at=user.created_at,
        password_hash=user.password_hash,
        display_name=user.display_name,
        note=user.note,
        bot=user.bot,
        discoverable=user.discoverable,
        default_lifetime=user.default_lifetime,
        default_visibility=user.default_visibility.name,
        default_sensitive=user.default_sensitive,
        default_language=user.default_language,
        followers_count=user.followers_count,
        following_count=user.following_count,
    )

    def fill(transaction: TransactWrite) -> None:
        transaction.save(reservation, condition=UserItem.id.does_not_exist())
        transaction.save(item, condition=UserItem.id.does_not_exist())

    try:
        transactions.commit(fill)
    except transactions.ConditionFailed:
        raise NameTaken from None


def get(user_id: str, *, consistent: bool = False) -> User | None:
    """Read a user: key `id`; 0.5 RRU, 1 if consistent."""
    try:
        return user_from_item(UserItem.get(user_id, consistent_read=consistent))
    except DoesNotExist:
        return None


def get_many(user_ids: Iterable[str]) -> dict[str, User]:
    """Read users: keys `id`, eventually consistent; 0.5 RRU each."""
    return {item.id: user_from_item(item) for item in batch.get(UserItem, set(user_ids))}


def ids_by_name(names: Iterable[str]) -> dict[str, str]:
    """Find who has these (lower-case) names: keys `@name`, eventually consistent; 0.5 RRU each."""
    found = batch.get(UserItem, {_reservation(name) for name in names})
    return {item.id[1:]: item.user_id for item in found if item.user_id is not None}


def id_by_name(name: str) -> str | None:
    """Find who has this (lower-case) name: key `@name`, consistent, so that one can log in at once; 1 RRU."""
    try:
        return UserItem.get(_reservation(name), consistent_read=True).user_id
    except DoesNotExist:
        return None


def update(user_id: str, changes: dict[str, Any]) -> User | None:
    """Change attributes of a user that exists, None removes one: key `id`; 1 WRU. Return the user as it is then."""
    item = UserItem(user_id)
    actions = [
        getattr(UserItem, name).remove() if value is None else getattr(UserItem, name).set(_stored(value))
        for name, value in changes.items()
    ]
    try:
        item.update(actions, condition=UserItem.id.exists())
    except UpdateError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            return None
        raise
    return user_from_item(item)


def _stored(value: object) -> object:
    return value.name if isinstance(value, Visibility) else value


def user_from_item(item: UserItem) -> User:
    """Turn an item into the domain's user."""
    return User(
        id=item.id,
        name=item.name or "",
        created_at=int(item.created_at or 0),
        password_hash=item.password_hash or "",
        display_name=item.display_name or "",
        note=item.note or "",
        bot=bool(item.bot),
        discoverable=bool(item.discoverable),
        default_lifetime=None if item.default_lifetime is None else int(item.default_lifetime),
        default_visibility=Visibility[item.default_visibility or "PUBLIC"],
        default_sensitive=bool(item.default_sensitive),
        default_language=item.default_language,
        followers_count=int(item.followers_count or 0),
        following_count=int(item.following_count or 0),
    )
