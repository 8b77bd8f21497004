"""Users: signing up, logging in, profiles."""

from collections.abc import Collection

import msgspec

from fstream_app.core import cleaning, ids, languages, packing, settings
from fstream_app.core.entities import Field, User, UserChange, Window
from fstream_app.core.errors import Forbidden, Invalid, NotFound
from fstream_app.core.packing import Visibility
from fstream_app.people import names, passwords, profiles
from fstream_app.repository import heads, messages, users

MIN_PASSWORD, MAX_PASSWORD = 8, 256
MAX_DISPLAY_NAME = 30
MAX_NOTE = 500
MAX_FIELDS = 4
MAX_FIELD_NAME = MAX_FIELD_VALUE = 255
"""Characters of a profile field's name and of its value."""
_COUNTED_A_PAGE = 1000


def sign_up(name: str, password: str, now: int) -> User:
    """Make a user; 4 WRU.

    Raises:
        Forbidden: this instance takes no new users.
        Invalid: name or password break a rule, or the name is taken.
    """
    if not settings.get().registrations:
        raise Forbidden("This instance does not accept new accounts")
    name = names.validate(name)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Invalid(
            f"Password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters",
            "password",
            "ERR_TOO_SHORT" if len(password) < MIN_PASSWORD else "ERR_TOO_LONG",
        )
    user = User(id=ids.new_user_id(), name=name, created_at=now, password_hash=passwords.hash_password(password))
    try:
        users.create(user)
    except users.NameTaken:
        raise Invalid("Username has already been taken", "username", "ERR_TAKEN") from None
    return user


def authenticate(account: str, password: str) -> User | None:
    """Return the user with this name (see `names.of_who_logs_in`) and password, or None; 2 RRU.

    Raises:
        Forbidden: the password is right, but the user is suspended; who only guesses is not told that.
    """
    name = names.of_who_logs_in(account)
    user_id = users.id_by_name(name) if name else None
    user = users.get(user_id, consistent=True, away=True) if user_id else None
    if not passwords.verify(user.password_hash if user else None, password[: MAX_PASSWORD + 1]):
        return None
    if user and user.suspended:
        raise Forbidden(user.suspended)
    return None if user and user.leaving else user


def get(user_id: str, *, consistent: bool = False) -> User:
    """Return a user; 0.5 RRU, 1 if consistent, 1 more for who is not found at first: a replica may lag.

    Raises:
        NotFound: there is none with this id.
    """
    user = None
    if ids.is_user_id(user_id):
        user = (None if consistent else users.get(user_id)) or users.get(user_id, consistent=True)
    if user is None:
        raise NotFound("Account not found")
    return user


def existing(user_ids: Collection[str]) -> list[User]:
    """Return those users that there are now, whatever this function remembers, in this order; 0.5 RRU each."""
    wanted = [user_id for user_id in dict.fromkeys(user_ids) if ids.is_user_id(user_id)]
    found = profiles.read(wanted)
    return [found[user_id] for user_id in wanted if user_id in found]


def lookup(account: str) -> User:
    """Return the user that `name`, `@name` or `name@host` stands for; 1.5 RRU.

    Raises:
        NotFound: there is none.
    """
    name = names.local(account, settings.get().host)
    user_id = users.id_by_name(name) if name else None
    if user_id is None:
        raise NotFound("Account not found")
    return get(user_id)


def update(user_id: str, change: UserChange) -> User:
    """Change a profile or the defaults for new messages; 1 WRU, or 1 RRU if nothing changes.

    Raises:
        Invalid: a value breaks a rule.
        NotFound: the user is gone.
    """
    cleaned = _cleaned(change)
    _validate(cleaned)
    user = users.get(user_id, consistent=True) if cleaned == UserChange() else users.update(user_id, cleaned)
    if user is None:
        raise NotFound("Account not found")
    profiles.forget(user_id)
    return user


def _cleaned(change: UserChange) -> UserChange:
    name, note, language = change.display_name, change.note, change.default_language
    return msgspec.structs.replace(
        change,
        display_name=cleaning.one_line(name) if isinstance(name, str) else name,
        note=cleaning.clean(note) if isinstance(note, str) else note,
        fields=_fields(change.fields) or None if isinstance(change.fields, tuple) else change.fields,
        default_language=validate_language(language) if isinstance(language, str) else language,
    )


def _validate(change: UserChange) -> None:
    if len(change.display_name or "") > MAX_DISPLAY_NAME:
        raise Invalid(f"Display name can have at most {MAX_DISPLAY_NAME} characters", "display_name", "ERR_TOO_LONG")
    if len(change.note or "") > MAX_NOTE:
        raise Invalid(f"Note can have at most {MAX_NOTE} characters", "note", "ERR_TOO_LONG")
    if isinstance(change.default_lifetime, int):
        validate_lifetime(change.default_lifetime)


def _fields(fields: Collection[Field]) -> tuple[Field, ...]:
    """Return the fields of a profile as they are stored, without blank ones."""
    cleaned = [Field(cleaning.clean(field.name).strip(), cleaning.clean(field.value).strip()) for field in fields]
    kept = tuple(field for field in cleaned if field.name or field.value)
    if len(kept) > MAX_FIELDS:
        raise Invalid(f"A profile can have at most {MAX_FIELDS} fields", "fields", "ERR_TOO_MANY")
    for field in kept:
        if not field.name:
            raise Invalid("A profile field must have a name", "fields", "ERR_BLANK")
        if len(field.name) > MAX_FIELD_NAME or len(field.value) > MAX_FIELD_VALUE:
            raise Invalid(
                f"A profile field's name and value can have at most {MAX_FIELD_VALUE} characters each",
                "fields",
                "ERR_TOO_LONG",
            )
    return kept


def count_messages(user_id: str, now: int) -> int:
    """Count a user's live messages but the direct ones, which are nobody else's business.

    As far as they are fanned out; 0.5 RRU, more beyond what a head holds.
    """
    packed = heads.get(user_id)
    if packing.count(packed) < packing.HEAD_CAPACITY:
        return packing.live_in_head(packed, now)
    everything = messages.of_author(user_id, Window(limit=_COUNTED_A_PAGE), now, consistent=False)
    return sum(message.visibility is not Visibility.DIRECT for message in everything)


def validate_lifetime(seconds: int) -> int:
    """Return a lifetime that lies within this instance's limits.

    Raises:
        Invalid: it does not.
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


def validate_language(language: str) -> str:
    """Return the tag of a language, such as `en` or `pt-BR`: see `languages.tag`.

    Raises:
        Invalid: it is not a language.
    """
    tag = languages.tag(language)
    if tag is None:
        raise Invalid("The language must be a tag such as en or pt-BR", "language")
    return tag
