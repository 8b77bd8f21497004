"""Searching people and hashtags by the beginning of their names."""

from functools import partial
from itertools import islice

from fstream_app import names, paging, profiles, settings, text
from fstream_app.entities import Relations, User
from fstream_app.ids import HIGHEST, LOWEST, MessageId
from fstream_app.parallel import gather, gather_all
from fstream_app.repository import messages, relationships, timelines, users
from fstream_app.visibility import NOBODYS, may_see

MAX_FOUND = 40
"""How many names that begin with a query are looked at."""
MAX_HASHTAGS = 20
_LOOKED_AT = 2
"""Messages of a hashtag, of which one must be there."""
_OWN = 40


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
        partial(_relations, reader_id, now),
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
    current = settings.get()
    profile = f"{current.base_url}/@"
    account = query.strip()
    is_address = account.lower().startswith(profile.lower())
    if is_address:
        account = account[len(profile) :]
    name = names.local(account, current.host)
    is_whole = is_address or "@" in account.removeprefix("@") or len(name or "") < users.PREFIX_LENGTH
    return name, None if is_whole else name


def _begun(beginning: str | None) -> list[str]:
    return users.ids_by_prefix(beginning, MAX_FOUND) if beginning else []


def _relations(reader_id: str | None, now: int) -> Relations:
    return relationships.of(reader_id, now) if reader_id else NOBODYS


def _is_found(user: User, name: str, relations: Relations) -> bool:
    if user.id in relations.blocked_by:
        return False
    if user.name == name or user.id in relations.following:
        return True
    return user.discoverable and user.id not in relations.blocking


def hashtags(query: str, reader_id: str | None, now: int) -> list[str]:
    """Return the hashtags that begin with a query and that a live message has, by name.

    A query is the beginning, with or without `#`; of one character it is the whole name. The reader's own newest
    messages are looked at besides, so that what was just posted is found at once.

    0.5 RRU for the names, 1 per 4 KB of the reader's messages; 1.5 for each of at most 20 hashtags.
    """
    try:
        beginning = text.normalise_tag(query.strip().removeprefix("#"))
    except ValueError:
        return []
    remembered, own = gather(partial(_remembered, beginning, now), partial(_own_tags, reader_id, now))
    found = {name for name in own if name.startswith(beginning)}
    return sorted(found | _in_use([name for name in remembered if name not in found], now))


def _remembered(beginning: str, now: int) -> list[str]:
    if len(beginning) < timelines.TAG_PREFIX:
        return [beginning]
    return timelines.tags_beginning(beginning, now, MAX_HASHTAGS)


def _own_tags(reader_id: str | None, now: int) -> set[str]:
    if reader_id is None:
        return set()
    newest = messages.of_author(reader_id, LOWEST, HIGHEST, now=now, page=_OWN)
    return {name for message in islice(newest, _OWN) for name in message.tags}


def _in_use(names: list[str], now: int) -> set[str]:
    """Return those hashtags that one of the newest messages has which were on their timelines, and which is there."""
    newest = gather_all([partial(_newest, name, now) for name in names])
    found, users = paging.hydrate(
        {message_id for ids in newest for message_id in ids},
        {message_id.author_id for ids in newest for message_id in ids},
    )
    live = {each.id for each in found.values() if may_see(each, None, NOBODYS, now) and each.author_id in users}
    return {name for name, ids in zip(names, newest, strict=True) if not live.isdisjoint(ids)}


def _newest(name: str, now: int) -> list[MessageId]:
    view = timelines.read(timelines.tag(name), LOWEST, HIGHEST, now=now, page=_LOOKED_AT)
    return list(islice(view, _LOOKED_AT))
