"""Searching people by the beginning of their names."""

from functools import partial

from fstream_app.core import addresses, settings
from fstream_app.core.entities import Relations, User
from fstream_app.core.parallel import gather
from fstream_app.people import names, profiles, relationships
from fstream_app.repository import users

MAX_FOUND = 40
"""How many names that begin with a query are looked at."""


def people(query: str, reader_id: str | None, now: int, *, following: bool = False) -> list[User]:
    """Return whom a query finds: the one of exactly that name, those whom the reader follows, the others by name.

    A query is the beginning of a name, in any case and with or without `@`; of one character, or with a host, or as
    the address of a profile it is the whole name. Who blocks the reader is not found. Whom the reader blocks, and who
    does not want to be discovered by others than followers, is found by the whole name alone: how else could a block
    be ended?

    1 RRU for the name, 0.5 for the names that begin with it, 1 per 117 edges of the reader; 0.5 for each user found.

    Args:
        query: what was typed.
        reader_id: who searches, or None for anybody.
        now: milliseconds.
        following: whether to find only those whom the reader follows.
    """
    name, beginning = _read(query)
    if name is None:
        return []
    exact, begun, relations = gather(
        partial(users.id_by_name, name),
        partial(_begun, beginning),
        partial(relationships.of_reader, reader_id, now),
    )
    found = profiles.read({*begun, exact} if exact else begun)
    shown = [
        user
        for user in found.values()
        if _is_found(user, name, relations) and (not following or user.id in relations.following)
    ]
    return sorted(shown, key=lambda user: (user.name != name, user.id not in relations.following, user.name))


def _read(query: str) -> tuple[str | None, str | None]:
    """Return the name that a query can stand for, and the beginning of names, if it can be these."""
    account = query.strip()
    path = addresses.own_path(account)
    if path is not None:
        account = path[0] if len(path) == 1 and path[0].startswith("@") else ""
    name = names.local(account, settings.get().host)
    is_whole = path is not None or "@" in account.removeprefix("@") or len(name or "") < users.PREFIX_LENGTH
    return name, None if is_whole else name


def _begun(beginning: str | None) -> list[str]:
    return users.ids_by_prefix(beginning, MAX_FOUND) if beginning else []


def _is_found(user: User, name: str, relations: Relations) -> bool:
    if user.id in relations.blocked_by:
        return False
    if user.name == name or user.id in relations.following:
        return True
    return user.discoverable and user.id not in relations.blocking
