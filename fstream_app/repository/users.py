"""The users table: users by id, and the reservations `@name` that make names unique.

Users are *hidden* while they are leaving or suspended. They are returned only if `include_hidden` is set. The
reservation of a leaving user has no user id.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app.core.database import connection
from fstream_app.core.entities import Field, User
from fstream_app.core.packing import Visibility
from fstream_app.core.quoting import QuotePolicy
from fstream_app.core.user_changes import UserChange
from fstream_app.repository import batch, conditional
from fstream_app.repository.transactions import Writes
from fstream_app.repository.wire import WireItem
from fstream_app.tables import NameIndex, UserItem

_RESERVED = "@"
PREFIX_LENGTH = 2
"""Characters of a name that are the hash key of the index of names."""


class NameTaken(Exception):
    """The name is reserved already."""


class Absent(Exception):
    """The user does not exist, or is hidden."""


def reservation(name: str) -> str:
    """Return the key of a name's reservation."""
    return f"{_RESERVED}{name}"


def create(user: User) -> None:
    """Reserve a name and put its user, in one transaction: keys `@name` and `id`, both absent; 4 WRU, 1 in the index.

    Raises:
        NameTaken: the name is reserved already.
    """
    reserved = UserItem(reservation(user.name), user_id=user.id)
    item = UserItem(
        user.id,
        name=user.name,
        name_prefix=user.name[:PREFIX_LENGTH],
        created_at=user.created_at,
        password_hash=user.password_hash,
        recovery_hash=user.recovery_hash,
        display_name=user.display_name,
        note=user.note,
        fields=_stored(user.fields) or None,
        bot=user.bot,
        discoverable=user.discoverable,
        hide_collections=user.hide_collections or None,
        locked=user.locked or None,
        default_lifetime=user.default_lifetime,
        public_lifetime=user.public_lifetime,
        unlisted_lifetime=user.unlisted_lifetime,
        private_lifetime=user.private_lifetime,
        direct_lifetime=user.direct_lifetime,
        ends_threads=user.ends_threads or None,
        default_visibility=user.default_visibility.name,
        default_sensitive=user.default_sensitive,
        default_language=user.default_language,
        lifetime_in_text=None if user.lifetime_in_text else False,
        private_counts=user.private_counts or None,
        followers_count=user.followers_count,
        following_count=user.following_count,
    )
    writes = Writes()
    writes.save(reserved, UserItem.id.does_not_exist(), otherwise=NameTaken)
    writes.save(item, UserItem.id.does_not_exist(), otherwise=NameTaken)
    writes.commit()


def get(user_id: str, *, consistent: bool = False, include_hidden: bool = False) -> User | None:
    """Read a user, also a hidden one if `include_hidden` is set: key `id`; 0.5 RRU, 1 if consistent."""
    try:
        item = UserItem.get(user_id, consistent_read=consistent)
    except DoesNotExist:
        return None
    return None if _is_hidden(item) and not include_hidden else _user(item)


def get_many(user_ids: Iterable[str], *, consistent: bool = False, include_hidden: bool = False) -> dict[str, User]:
    """Read users, hidden ones only if `include_hidden` is set: keys `id`; 0.5 RRU each, 1 if consistent."""
    return users_from(batch.get(UserItem, set(user_ids), consistent=consistent), include_hidden=include_hidden)


def staying(user_ids: Iterable[str]) -> dict[str, User]:
    """Read which users exist and are not leaving, suspended or not: keys `id`, consistent; 1 RRU each.

    Read this after writing something that names a user, and undo the write if the user is missing here. A deletion
    first marks the user, and then deletes what it finds: so one of the two sees the other.
    """
    found = users_from(batch.get(UserItem, set(user_ids), consistent=True), include_hidden=True)
    return {user_id: user for user_id, user in found.items() if not user.leaving}


def users_from(items: Iterable[UserItem], *, include_hidden: bool = False) -> dict[str, User]:
    """Turn items into users by id, without hidden ones unless `include_hidden` is set."""
    return {item.id: _user(item) for item in items if include_hidden or not _is_hidden(item)}


class UserPage(NamedTuple):
    """A page of all users' ids, in no particular order."""

    ids: list[str]
    scanned: int
    """Number of items read, including reservations."""
    following: WireItem | None
    """Where the next page begins; None after the last page."""


def ids_of_page(start: WireItem | None, limit: int) -> UserPage:
    """Read the ids of all users, page by page: a scan; 0.5 RRU per 4 KB."""
    request = {"TableName": UserItem.table_name(), "Limit": limit, "ProjectionExpression": "id"}
    answer = connection().dispatch("Scan", request | ({"ExclusiveStartKey": start} if start else {}))
    ids = [item["id"]["S"] for item in answer["Items"]]
    return UserPage(
        [each for each in ids if not each.startswith(_RESERVED)],
        answer["ScannedCount"],
        answer.get("LastEvaluatedKey") or None,
    )


def _is_hidden(item: UserItem) -> bool:
    return bool(item.leaving or item.suspended)


def ids_by_name(names: Iterable[str]) -> dict[str, str]:
    """Find the ids of users by their names (lower case): keys `@name`, eventually consistent; 0.5 RRU each."""
    found = batch.get(UserItem, {reservation(name) for name in names})
    return {item.id[1:]: item.user_id for item in found if item.user_id is not None}


def id_by_name(name: str) -> str | None:
    """Find the id of a user by name (lower case): key `@name`, consistent, so that new users can log in; 1 RRU."""
    try:
        return UserItem.get(reservation(name), consistent_read=True).user_id
    except DoesNotExist:
        return None


def ids_by_prefix(prefix: str, page: int) -> Iterator[str]:
    """Find the ids of users by a prefix (lower case) of two characters or more, lazily, ordered by name.

    Index key `name_prefix`, `name` beginning with it, eventually consistent; 0.5 RRU per 4 KB (some 60 users), `page`
    users at a time.
    """
    items = UserItem.by_name.query(prefix[:PREFIX_LENGTH], NameIndex.name.startswith(prefix), page_size=page)
    return (item.id for item in items)


def update(user_id: str, change: UserChange, mentions: Mapping[str, tuple[str, ...]]) -> User | None:
    """Change attributes of a user: key `id`, present and not leaving; 1 WRU.

    Args:
        user_id: the user's id.
        change: the change, of at least one attribute.
        mentions: new values of `note_mentions` and `field_mentions`.

    Returns:
        The changed user; None if the user does not exist or is leaving.
    """
    values = {name: getattr(change, name) for name in change.__struct_fields__}
    values |= {name: list(names) or None for name, names in mentions.items()}
    actions = [
        getattr(UserItem, name).remove() if value is None else getattr(UserItem, name).set(_stored(value))
        for name, value in values.items()
        if value is not UNSET
    ]
    item = UserItem(user_id)
    return _user(item) if conditional.update(item, actions, _staying()) else None


def suspend(user_id: str, notice: str) -> bool:
    """Hide a user from every read, and store the notice that the user gets on logging in.

    Key `id`, present and not leaving; 1 WRU, 1 in the index.

    Returns:
        Whether the user exists and is not leaving.
    """
    return _mark(user_id, [UserItem.suspended.set(notice), UserItem.name_prefix.remove()])


def lift(user: User) -> bool:
    """End a user's suspension. Idempotent; key, cost and result as for `suspend`."""
    return _mark(user.id, [UserItem.suspended.remove(), UserItem.name_prefix.set(user.name[:PREFIX_LENGTH])])


def _mark(user_id: str, actions: list[Action]) -> bool:
    return conditional.update(UserItem(user_id), actions, _staying())


def present(password_hash: str | None = None) -> Condition:
    """Return the condition that a user exists, is not hidden, and has the password with this hash if one is given."""
    condition: Condition = _staying() & UserItem.suspended.does_not_exist()
    return condition if password_hash is None else condition & (UserItem.password_hash == password_hash)


def unchanged(user: User) -> Condition:
    """Return the condition that a user is not leaving, and has the same password and recovery code as when read."""
    code = UserItem.recovery_hash
    same: Condition = code.does_not_exist() if user.recovery_hash is None else code == user.recovery_hash
    condition: Condition = _staying() & (UserItem.password_hash == user.password_hash) & same
    return condition


def open_to_all() -> Condition:
    """Return the condition that a user exists, is not leaving, and lets everybody follow."""
    condition: Condition = _staying() & UserItem.locked.does_not_exist()
    return condition


def locked() -> Condition:
    """Return the condition that a user exists, is not leaving, and decides about each follow."""
    condition: Condition = _staying() & UserItem.locked.exists()
    return condition


def note_notes(user_id: str) -> None:
    """Note that a user writes notes: key `id`, present and not leaving; 1 WRU. Idempotent."""
    _mark(user_id, [UserItem.writes_notes.set(True)])


def set_recovery(user: User, recovery_hash: str) -> bool:
    """Replace a user's recovery code: key `id`, unchanged since it was read; 1 WRU. Return whether it was."""
    return conditional.update(UserItem(user.id), [UserItem.recovery_hash.set(recovery_hash)], unchanged(user))


def _staying() -> Condition:
    condition: Condition = UserItem.id.exists() & UserItem.leaving.does_not_exist()
    return condition


def _stored(value: str | int | Visibility | list[str] | tuple[Field, ...]) -> str | int | list[str]:
    if isinstance(value, tuple):
        return [text for field in value for text in (field.name, field.value)]
    return value.name if isinstance(value, Visibility) else value


def _user(item: UserItem) -> User:
    texts = iter(item.fields or ())
    return User(
        id=item.id,
        name=item.name or "",
        created_at=int(item.created_at or 0),
        password_hash=item.password_hash or "",
        recovery_hash=item.recovery_hash,
        display_name=item.display_name or "",
        note=item.note or "",
        fields=tuple(Field(name, value) for name, value in zip(texts, texts, strict=True)),
        note_mentions=tuple(item.note_mentions or ()),
        field_mentions=tuple(item.field_mentions or ()),
        featured=tuple(item.featured or ()),
        bot=bool(item.bot),
        discoverable=bool(item.discoverable),
        hide_collections=bool(item.hide_collections),
        locked=bool(item.locked),
        default_lifetime=_seconds(item.default_lifetime),
        public_lifetime=_seconds(item.public_lifetime),
        unlisted_lifetime=_seconds(item.unlisted_lifetime),
        private_lifetime=_seconds(item.private_lifetime),
        direct_lifetime=_seconds(item.direct_lifetime),
        ends_threads=bool(item.ends_threads),
        default_visibility=Visibility[item.default_visibility or "PUBLIC"],
        default_sensitive=bool(item.default_sensitive),
        default_language=item.default_language,
        default_quote_policy=QuotePolicy(item.default_quote_policy or QuotePolicy.PUBLIC),
        lifetime_in_text=item.lifetime_in_text is not False,
        private_counts=bool(item.private_counts),
        cleared_until=int(item.cleared_until or 0),
        followers_count=int(item.followers_count or 0),
        following_count=int(item.following_count or 0),
        writes_notes=bool(item.writes_notes),
        leaving=bool(item.leaving),
        suspended=item.suspended,
    )


def _seconds(lifetime: float | None) -> int | None:
    return None if lifetime is None else int(lifetime)
