"""Search for people by the prefix of their names."""

from collections.abc import Iterator
from functools import partial
from itertools import chain, islice

from fstream_app.core import addresses, settings
from fstream_app.core.entities import User
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.people import names, relationships
from fstream_app.repository import users

MAX_FOUND = 40
"""Limit of accounts with the prefix that a search finds: the first by name."""
_MAX_CONSIDERED = 1000
"""Limit of names with the prefix that are looked at, if few of them are shown."""


def people(query: str, reader_id: str | None, now: int, *, following: bool = False) -> list[User]:
    """Return the users that a query finds: an exact match first, then accounts the reader follows, then the others.

    A query is the prefix of a name, in upper or lower case, with or without `@`. A query of one character, with a host,
    or with the address of a profile matches a whole name only.

    Users who block the reader are never found. Users whom the reader blocks are found by their whole name only, so that
    the block can be ended. The same applies to users who are not discoverable, unless the reader follows them.

    Accounts that are not shown take no room in the result: a search reads on, through at most 1,000 names.

    1 RRU for the whole name, 0.5 for the prefix, 1 per 136 edges of the reader, 1 for each user looked at. Users whom
    the reader blocks, or does not follow if `following` is set, are not looked at.

    Args:
        query: as typed.
        reader_id: the searching user, or None without a login.
        now: milliseconds.
        following: whether to return only accounts that the reader follows.
    """
    name, prefix = _parse(query)
    if name is None:
        return []
    exact, others, relations = gather(
        partial(users.id_by_name, name),
        partial(_ids_by_prefix, prefix),
        partial(relationships.of_reader, reader_id, now),
    )
    wanted = [exact] if exact else []
    rest = (each for each in others if each != exact and each not in relations.blocking)
    ids = (each for each in chain(wanted, rest) if not following or each in relations.following)
    found = relationships.shown_of(
        ids, len(wanted) + MAX_FOUND, reader_id, relations, is_shown=partial(_is_found, name)
    )
    return sorted(found.users, key=lambda user: (user.name != name, user.id not in relations.following, user.name))


def _parse(query: str) -> tuple[str | None, str | None]:
    """Return the whole name that a query may be (or None), and the prefix, or None if it is a whole name only."""
    account = query.strip()
    path = addresses.own_path(account)
    if path is not None:
        account = path[0] if len(path) == 1 and path[0].startswith("@") else ""
    name = names.local(account, settings.get().host)
    is_whole = path is not None or "@" in account.removeprefix("@") or len(name or "") < users.PREFIX_LENGTH
    return name, None if is_whole else name


def _ids_by_prefix(prefix: str | None) -> Iterator[str]:
    """Return the ids by prefix, with the first page already read."""
    ids = islice(users.ids_by_prefix(prefix, MAX_FOUND), _MAX_CONSIDERED) if prefix else iter(())
    return chain(list(islice(ids, MAX_FOUND)), ids)


def _is_found(name: str, user: User, relations: Relations) -> bool:
    if user.id in relations.blocked_by:
        return False
    if user.name == name or user.id in relations.following:
        return True
    return user.discoverable and user.id not in relations.blocking
