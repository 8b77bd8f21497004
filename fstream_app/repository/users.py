"""The users table: users by id, and the reservations `@name` that make names unique.

Users who are away, because they are leaving or suspended, are found by nobody but who asks for them. The reservation
of who is leaving tells no user any more.
"""

from collections.abc import Iterable, Mapping

from msgspec import UNSET
from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from fstream_app.core.entities import Field, User, UserChange
from fstream_app.core.packing import Visibility
from fstream_app.repository import batch, conditional
from fstream_app.repository.transactions import Writes
from fstream_app.tables import NameIndex, UserItem

PREFIX_LENGTH = 2
"""With how many characters of their names users are indexed."""


class NameTaken(Exception):
    """Somebody else has this name."""


def reservation(name: str) -> str:
    """Write the key under which a name is reserved."""
    return f"@{name}"


def create(user: User) -> None:
    """Reserve the name and put the user, together: key `@name` and `id`, both absent; 4 WRU.

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
        display_name=user.display_name,
        note=user.note,
        fields=_stored(user.fields) or None,
        bot=user.bot,
        discoverable=user.discoverable,
        default_lifetime=user.default_lifetime,
        default_visibility=user.default_visibility.name,
        default_sensitive=user.default_sensitive,
        default_language=user.default_language,
        followers_count=user.followers_count,
        following_count=user.following_count,
    )
    writes = Writes()
    writes.save(reserved, UserItem.id.does_not_exist(), otherwise=NameTaken)
    writes.save(item, UserItem.id.does_not_exist(), otherwise=NameTaken)
    writes.commit()


def get(user_id: str, *, consistent: bool = False, away: bool = False) -> User | None:
    """Read a user, also one who is away if that is wanted: key `id`; 0.5 RRU, 1 if consistent."""
    try:
        item = UserItem.get(user_id, consistent_read=consistent)
    except DoesNotExist:
        return None
    return None if _is_away(item) and not away else _user(item)


def get_many(user_ids: Iterable[str], *, away: bool = False) -> dict[str, User]:
    """Read users, also those who are away if that is wanted: keys `id`, eventually consistent; 0.5 RRU each."""
    return users_from(batch.get(UserItem, set(user_ids)), away=away)


def users_from(items: Iterable[UserItem], *, away: bool = False) -> dict[str, User]:
    """Turn items into the domain's users by id, without those who are away unless these are wanted."""
    return {item.id: _user(item) for item in items if away or not _is_away(item)}


def _is_away(item: UserItem) -> bool:
    return bool(item.leaving or item.suspended)


def ids_by_name(names: Iterable[str]) -> dict[str, str]:
    """Find who has these (lower-case) names: keys `@name`, eventually consistent; 0.5 RRU each."""
    found = batch.get(UserItem, {reservation(name) for name in names})
    return {item.id[1:]: item.user_id for item in found if item.user_id is not None}


def id_by_name(name: str) -> str | None:
    """Find who has this (lower-case) name: key `@name`, consistent, so that one can log in at once; 1 RRU."""
    try:
        return UserItem.get(reservation(name), consistent_read=True).user_id
    except DoesNotExist:
        return None


def ids_by_prefix(prefix: str, limit: int) -> list[str]:
    """Find the first users by name whose (lower-case) name begins with at least two characters.

    Index key `name_prefix`, `name` beginning; eventually consistent, one page; 0.5 RRU per 4 KB (some 60 users).
    """
    items = UserItem.by_name.query(
        prefix[:PREFIX_LENGTH], NameIndex.name.startswith(prefix), limit=limit, page_size=limit
    )
    return [item.id for item in items]


def update(user_id: str, change: UserChange, mentions: Mapping[str, tuple[str, ...]]) -> User | None:
    """Change attributes of a user: key `id`, present and not leaving; 1 WRU.

    Args:
        user_id: the user's.
        change: at least one attribute.
        mentions: new values of `note_mentions` and `field_mentions`.

    Returns:
        The user as changed, or None if there is no such user.
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


def suspend(user_id: str, told: str) -> bool:
    """Let nobody find a user from now on, who is told this: key `id`, present and not leaving; 1 WRU, 1 in the index.

    Returns:
        Whether there was such a user.
    """
    return _mark(user_id, [UserItem.suspended.set(told), UserItem.name_prefix.remove()])


def lift(user: User) -> bool:
    """Let a suspended user be found again, or one who is found anyway; as `suspend`."""
    return _mark(user.id, [UserItem.suspended.remove(), UserItem.name_prefix.set(user.name[:PREFIX_LENGTH])])


def _mark(user_id: str, actions: list[Action]) -> bool:
    return conditional.update(UserItem(user_id), actions, _staying())


def present() -> Condition:
    """Return the condition that a user is there and not away."""
    condition: Condition = _staying() & UserItem.suspended.does_not_exist()
    return condition


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
        display_name=item.display_name or "",
        note=item.note or "",
        fields=tuple(Field(name, value) for name, value in zip(texts, texts, strict=True)),
        note_mentions=tuple(item.note_mentions or ()),
        field_mentions=tuple(item.field_mentions or ()),
        bot=bool(item.bot),
        discoverable=bool(item.discoverable),
        default_lifetime=None if item.default_lifetime is None else int(item.default_lifetime),
        default_visibility=Visibility[item.default_visibility or "PUBLIC"],
        default_sensitive=bool(item.default_sensitive),
        default_language=item.default_language,
        followers_count=int(item.followers_count or 0),
        following_count=int(item.following_count or 0),
        leaving=bool(item.leaving),
        suspended=item.suspended,
    )
