"""Users: sign-up, log-in and profiles."""

from collections.abc import Collection

import msgspec
from msgspec import UNSET

from fstream_app import text
from fstream_app.core import cleaning, ids, languages, packing, settings
from fstream_app.core.entities import Field, User, Window
from fstream_app.core.errors import Forbidden, Invalid, NotFound, Unauthenticated, WrongPassword
from fstream_app.core.ids import lowest_at
from fstream_app.core.packing import Activity, Visibility
from fstream_app.core.user_changes import UserChange
from fstream_app.people import names, passwords, profiles, recovery
from fstream_app.repository import heads, messages, requests, users
from fstream_app.text import limits

MIN_PASSWORD, MAX_PASSWORD = 8, 256
MAX_DISPLAY_NAME = 30
MAX_NOTE = 500
MAX_FIELDS = 4
MAX_FIELD_NAME = MAX_FIELD_VALUE = 255
"""Maximum characters of a profile field's name and of its value."""
MAX_LINKED = 20
"""Maximum number of users whose names become links: in a note, and in all fields together."""
MAX_SUGGESTED = 3
"""Maximum number of names that are suggested in place of one that is taken."""
WRONG_CODE = "The username or recovery code is incorrect"
_COUNTED_A_PAGE = 1000


def sign_up(name: str, password: str, now: int, recovery_code: str | None = None) -> User:
    """Create a user; 4 WRU.

    Args:
        name: the name, as typed.
        password: the password.
        now: milliseconds.
        recovery_code: see `recovery`; None for a user without one.

    Raises:
        Forbidden: the instance does not accept new accounts.
        Invalid: name or password break a rule, or the name is taken.
    """
    name = _valid(name, password)
    user = User(
        id=ids.new_user_id(),
        name=name,
        created_at=now,
        password_hash=passwords.hash_password(password),
        recovery_hash=recovery.hash_code(recovery_code) if recovery_code else None,
    )
    try:
        users.create(user)
    except users.NameTaken:
        raise _taken() from None
    return user


def check_sign_up(name: str, password: str) -> None:
    """Check everything that sign-up checks; 1 RRU. Only sign-up itself makes sure that the name is free.

    Raises:
        Forbidden: the instance does not accept new accounts.
        Invalid: name or password break a rule, or the name is taken.
    """
    check_name(_valid(name, password))


def _valid(name: str, password: str) -> str:
    """Return the name as it is stored, if sign-up allows name and password."""
    if not settings.get().registrations:
        raise Forbidden("This instance does not accept new accounts")
    name = names.validate(name)
    check_password(password)
    return name


def check_name(name: str) -> None:
    """Check a name before sign-up; 1 RRU. Only sign-up itself makes sure that the name is free.

    Raises:
        Invalid: the name breaks a rule or is taken.
    """
    if users.id_by_name(names.validate(name)) is not None:
        raise _taken()


def free_names(taken: str) -> list[str]:
    """Return up to three free names like one that is taken; up to 3 RRU. Only sign-up itself makes sure of them."""
    name = names.validate(taken)
    known = users.ids_by_name(names.like(name))
    return [each for each in names.like(name) if each not in known][:MAX_SUGGESTED]


def _taken() -> Invalid:
    return Invalid("Username has already been taken", "username", "ERR_TAKEN")


def check_password(password: str, field: str = "password") -> None:
    """Check the length of a new password, which was sent as `field`.

    Raises:
        Invalid: the password is too short or too long.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            f"Password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters",
            field,
            "ERR_TOO_SHORT" if len(password) < MIN_PASSWORD else "ERR_TOO_LONG",
        )


def authenticate(account: str, password: str) -> User:
    """Return the user with this name (see `names.from_log_in`) and password; 2 RRU.

    Raises:
        Forbidden: the user is suspended. A wrong password does not reveal this.
        Unauthenticated: the user is leaving.
        WrongPassword: the name or password is wrong.
    """
    user = _find(account)
    check_password_of(user, password)
    return _admitted(user)


def authenticate_by_code(account: str, code: str) -> User:
    """Return the user with this name (see `names.from_log_in`) and recovery code; 2 RRU.

    Raises:
        Forbidden: the user is suspended. A wrong code does not reveal this.
        Unauthenticated: the user is leaving.
        WrongPassword: the name or the code is wrong.
    """
    user = _find(account)
    if not recovery.matches(user.recovery_hash if user else None, code):
        raise WrongPassword(WRONG_CODE)
    return _admitted(user)


def _find(account: str) -> User | None:
    name = names.from_log_in(account)
    user_id = users.id_by_name(name) if name else None
    return users.get(user_id, consistent=True, include_hidden=True) if user_id else None


def _admitted(user: User | None) -> User:
    """Return a user who has been authenticated, unless the user is leaving or suspended."""
    if user is None or user.leaving:
        raise absent()
    _refuse_suspended(user)
    return user


def check_password_of(user: User | None, password: str) -> None:
    """Check a password, in the same time whether or not there is such a user.

    Raises:
        WrongPassword: it is wrong, or there is no such user.
    """
    if not passwords.verify(user.password_hash if user else None, password[: MAX_PASSWORD + 1]):
        raise WrongPassword("The username or password is incorrect")


def verified(user_id: str, password: str) -> User:
    """Return the user with this id, whose password it must be; 1 RRU.

    Raises:
        Unauthenticated: the user is leaving.
        WrongPassword: the password is wrong.
    """
    user = users.get(user_id, consistent=True)
    check_password_of(user, password)
    if user is None:
        raise absent()
    return user


def absent() -> Unauthenticated:
    """Return the error for a user who leaves while logging in. It reads like a wrong password, but is not counted."""
    return Unauthenticated("The username or password is incorrect")


def refuse_suspended(user_id: str) -> None:
    """Check that a user who turned out not to be present is not suspended, but gone; 1 RRU.

    Raises:
        Forbidden: the user is suspended.
    """
    _refuse_suspended(users.get(user_id, consistent=True, include_hidden=True))


def _refuse_suspended(user: User | None) -> None:
    if user and user.suspended:
        raise Forbidden(user.suspended)


def get(user_id: str, *, consistent: bool = False) -> User:
    """Return a user; 0.5 RRU, or 1 if consistent.

    A user who is not found is read again consistently, because a replica may lag; 1 RRU more.

    Raises:
        NotFound: no such user.
    """
    user = None
    if ids.is_user_id(user_id):
        user = (None if consistent else users.get(user_id)) or users.get(user_id, consistent=True)
    if user is None:
        raise NotFound("Account not found")
    return user


def present(user_id: str) -> User:
    """Return a user to be shown, read consistently unless `strict_pages` is off. Cost and errors as for `get`."""
    return get(user_id, consistent=settings.get().strict_pages)


def existing(user_ids: Collection[str]) -> list[User]:
    """Return the users that exist, read from the table and not from the cache, in this order; 1 RRU each."""
    wanted = [user_id for user_id in dict.fromkeys(user_ids) if ids.is_user_id(user_id)]
    found = profiles.read(wanted)
    return [found[user_id] for user_id in wanted if user_id in found]


def lookup(account: str) -> User:
    """Return the user with the name in `name`, `@name` or `name@host`; 2 RRU.

    Raises:
        NotFound: no such user.
    """
    name = names.local(account, settings.get().host)
    user_id = users.id_by_name(name) if name else None
    if user_id is None:
        raise NotFound("Account not found")
    return present(user_id)


def update(user_id: str, change: UserChange, now: int) -> User:
    """Change a user's profile or defaults for new messages; 2 WRU, or 1 RRU without a change.

    0.5 RRU more for each name that the note (at most 20) and the fields (at most 20) mention: these become links.
    Unlocking a locked account accepts all requests to follow it (see `unlocking`): 5 WRU more, and 1 RRU whether or not
    the account was locked.

    Raises:
        Invalid: a value breaks a rule.
        NotFound: the user no longer exists.
    """
    cleaned = _cleaned(change)
    _validate(cleaned)
    if cleaned.locked is False:
        _unlock(user_id, now)
        cleaned = msgspec.structs.replace(cleaned, locked=UNSET)
    if cleaned == UserChange():
        user = users.get(user_id, consistent=True)
    else:
        mentions = _mentions(cleaned)
        profiles.announce(user_id)
        user = users.update(user_id, cleaned, mentions)
    if user is None:
        raise NotFound("Account not found")
    profiles.forget(user_id)
    return user


def _unlock(user_id: str, now: int) -> None:
    user = users.get(user_id, consistent=True)
    if user is not None and user.locked:
        profiles.announce(user_id)
        requests.unlock(user_id, now)


def _cleaned(change: UserChange) -> UserChange:
    name, note, language = change.display_name, change.note, change.default_language
    return msgspec.structs.replace(
        change,
        display_name=cleaning.name(name) if isinstance(name, str) else name,
        note=cleaning.clean(note) if isinstance(note, str) else note,
        fields=_fields(change.fields) or None if isinstance(change.fields, tuple) else change.fields,
        default_language=validate_language(language) if isinstance(language, str) else language,
    )


def _mentions(change: UserChange) -> dict[str, tuple[str, ...]]:
    """Return the users that a new note and new fields mention.

    A part without mentions is left out: its stored ones may stay, because only names in the text become links.
    """
    parts = {"note_mentions": change.note or "", "field_mentions": _values(change.fields or ())}
    host = settings.get().host
    wanted = {part: text.names_mentioned(written, host)[:MAX_LINKED] for part, written in parts.items()}
    everybody = [name for named in wanted.values() for name in named]
    found = users.ids_by_name(everybody) if everybody else {}
    return {part: tuple(name for name in named if name in found) for part, named in wanted.items() if named}


def _values(fields: Collection[Field]) -> str:
    return "\n".join(field.value for field in fields)


def _validate(change: UserChange) -> None:
    if isinstance(change.display_name, str):
        limits.check("Display name", "display_name", MAX_DISPLAY_NAME, change.display_name)
    if isinstance(change.note, str):
        limits.check("Note", "note", MAX_NOTE, "", change.note)
    for lifetime in (
        change.default_lifetime,
        change.public_lifetime,
        change.unlisted_lifetime,
        change.private_lifetime,
        change.direct_lifetime,
    ):
        if isinstance(lifetime, int):
            validate_lifetime(lifetime)


def _fields(fields: Collection[Field]) -> tuple[Field, ...]:
    """Return profile fields cleaned for storage, without blank ones."""
    cleaned = [Field(cleaning.name(field.name), cleaning.one_line(field.value)) for field in fields]
    kept = tuple(field for field in cleaned if field.name or field.value)
    if len(kept) > MAX_FIELDS:
        raise Invalid(f"A profile can have at most {MAX_FIELDS} fields", "fields", "ERR_TOO_MANY")
    for field in kept:
        if not field.name:
            raise Invalid("A profile field must have a name", "fields", "ERR_BLANK")
        limits.check("A profile field's name", "fields", MAX_FIELD_NAME, field.name)
        limits.check("A profile field's value", "fields", MAX_FIELD_VALUE, "", field.value)
    return kept


def activity(user: User, now: int) -> Activity:
    """Count a user's live messages, except direct messages, which are private.

    Counts the entries of the head (0.5 RRU), so a message counts once it is fanned out. If the head is full, the
    messages are read instead.
    """
    packed = heads.get(user.id)
    if packing.count(packed) < packing.HEAD_CAPACITY:
        return packing.activity(packed, now, user.cleared_until)
    window = Window(after=lowest_at(user.cleared_until).previous(), limit=_COUNTED_A_PAGE)
    everything = messages.of_author(user.id, window, now, consistent=False)
    times = [message.id.time for message in everything if message.visibility is not Visibility.DIRECT]
    return Activity(len(times), times[0] if times else None)


def validate_lifetime(seconds: int) -> int:
    """Return a lifetime (seconds) if it is within the instance's limits.

    Raises:
        Invalid: it is not.
    """
    current = settings.get()
    if seconds < current.min_lifetime:
        raise Invalid(
            f"Expiry date is too soon: expires_in must be at least {current.min_lifetime} seconds",
            "expires_in",
            "ERR_TOO_SHORT",
        )
    if seconds > current.max_lifetime:
        raise Invalid(
            f"Expiry date is too far in the future: expires_in must be at most {current.max_lifetime} seconds",
            "expires_in",
            "ERR_TOO_LONG",
        )
    return seconds


def validate_language(language: str, field: str = "language") -> str:
    """Return the tag of a language, such as `en` or `pt-BR`, which was sent as `field`: see `languages.tag`.

    Raises:
        Invalid: it is not a language.
    """
    tag = languages.tag(language)
    if tag is None:
        raise Invalid("The language must be a tag such as en or pt-BR", field)
    return tag
