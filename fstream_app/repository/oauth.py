"""The applications and tokens tables. Secrets are stored only as SHA-256 hashes; those of tokens are the keys.

An authorization code is an item of the tokens table, under `code#<hash>`, so that one index lists all tokens and codes
of a user.

A token or code of a user is written in one transaction with a check that the user is present, and, where a password was
verified, that it is still the user's. Deleting an account or suspending it marks the user first. So whatever was
written before the mark is found by the steps after it, and nothing is written after it.

The index shows a new token a little late. The transaction therefore also adds its key to a list of the user's recent
ones, which is read consistently where no token may be missed: see `fstream_app.repository.sessions`.
"""

from collections.abc import Collection, Iterable

from pynamodb.exceptions import DoesNotExist, PynamoDBException
from pynamodb.expressions.update import Action

from fstream_app import tables
from fstream_app.core.errors import Unavailable
from fstream_app.core.grants import Application, Code, Token
from fstream_app.repository import batch, conditional, users
from fstream_app.repository.transactions import Writes
from fstream_app.tables import ApplicationItem, TokenIndex, TokenItem, UserItem

_CODE, _RECENT = "code#", "recent#"
RECENT_SECONDS = 600
"""Length of the window of a list of recent tokens. An index lags behind its table by seconds at most."""


class _CodeUsed(Exception):
    """The code has been used, or does not exist."""


def put_application(application: Application) -> None:
    """Put an application, which expires unless somebody logs in with it: key `id`; 1 WRU."""
    ApplicationItem(
        application.id,
        secret_hash=application.secret_hash,
        name=application.name,
        website=application.website,
        redirect_uris=list(application.redirect_uris),
        scopes=" ".join(application.scopes),
        expires_at=application.expires_at,
    ).save()


def get_application(application_id: str, now: int) -> Application | None:
    """Read an application that has not expired: key `id`, consistent; 1 RRU."""
    try:
        item = ApplicationItem.get(application_id, consistent_read=True)
    except DoesNotExist:
        return None
    if tables.has_expired(item.expires_at, now):
        return None
    return Application(
        id=item.id,
        secret_hash=item.secret_hash,
        name=item.name,
        website=item.website,
        redirect_uris=tuple(item.redirect_uris),
        scopes=tuple(item.scopes.split()),
        expires_at=item.expires_at,
    )


def keep_application(application_id: str, now: int) -> bool:
    """Keep an application from expiring: key `id`, present and not expired (ms); 1 WRU. Return whether it was."""
    expiry = ApplicationItem.expires_at
    live = ApplicationItem.id.exists() & (expiry.does_not_exist() | (expiry > now // 1000))
    return conditional.update(ApplicationItem(application_id), [expiry.remove()], live)


def put_client_token(token: Token, expires_at: int) -> None:
    """Put an application's own token, which expires (s): key `hash`; 1 WRU."""
    _token_item(token, expires_at).save()


def put_token(token: Token, user_id: str, password_hash: str | None = None) -> None:
    """Put a user's token: key `hash`; `id` of the user, present; `recent#<user id>#<window>`.

    One transaction; 6 WRU, 1 or 2 in the index.

    Args:
        token: the token.
        user_id: the user's id.
        password_hash: the hash of the password that was verified for this token, if any.

    Raises:
        Absent: the user is not present, or has another password by now.
    """
    _put(_token_item(token), user_id, token.created_at, password_hash)


def _put(item: TokenItem, user_id: str, now: int, password_hash: str | None) -> None:
    writes = _while_present(user_id, password_hash)
    _add(writes, item, user_id, now)
    writes.commit()


def _while_present(user_id: str, password_hash: str | None = None) -> Writes:
    """Return a transaction that raises `Absent` unless the user is present, with this password if one is given."""
    writes = Writes()
    writes.check(UserItem, user_id, condition=users.present(password_hash), otherwise=users.Absent)
    return writes


def _add(writes: Writes, item: TokenItem, user_id: str, now: int) -> None:
    """Add the put of a token or code, and of its key in the list of recent ones."""
    writes.save(item)
    expires_at = (now // 1000 // RECENT_SECONDS + 3) * RECENT_SECONDS
    actions = [TokenItem.recent.add({item.hash}), TokenItem.user_id.set(user_id), TokenItem.expires_at.set(expires_at)]
    writes.update(TokenItem(recent_key(user_id, now)), actions)


def recent_key(user_id: str, now: int, windows_later: int = 0) -> str:
    """Return the key of the list of a user's tokens and codes that were put in the window of a time (ms)."""
    return f"{_RECENT}{user_id}#{now // 1000 // RECENT_SECONDS + windows_later}"


def is_token(key: str) -> bool:
    """Return whether a key of the table is a token's, and not a code's or that of a list of recent ones."""
    return not key.startswith((_CODE, _RECENT))


def is_credential(key: str) -> bool:
    """Return whether a key of the table is a token's or a code's."""
    return not key.startswith(_RECENT)


def _token_item(token: Token, expires_at: int | None = None) -> TokenItem:
    return TokenItem(
        token.hash,
        application_id=token.application_id,
        application_name=token.application_name,
        application_website=token.application_website,
        user_id=token.user_id,
        scopes=" ".join(token.scopes),
        created_at=token.created_at,
        used_on=token.used_on,
        expires_at=expires_at,
    )


def get_token(token_hash: str, now: int) -> Token | None:
    """Read a token that has not expired: key `hash`, consistent, so that revoking takes effect at once; 1 RRU."""
    try:
        item = TokenItem.get(token_hash, consistent_read=True)
    except DoesNotExist:
        return None
    return None if tables.has_expired(item.expires_at, now) else token_from(item)


def get_tokens(token_hashes: Collection[str], now: int) -> dict[str, Token]:
    """Read tokens that have not expired, by their hashes, as `get_token`; 1 RRU each."""
    found = batch.get(TokenItem, token_hashes, consistent=True)
    return {item.hash: token_from(item) for item in found if not tables.has_expired(item.expires_at, now)}


def token_from(item: TokenItem) -> Token:
    """Turn an item into a token."""
    return Token(
        hash=item.hash,
        application_id=item.application_id,
        application_name=item.application_name,
        application_website=item.application_website,
        user_id=item.user_id,
        scopes=tuple(item.scopes.split()),
        created_at=int(item.created_at),
        suspended=item.suspended,
        used_on=None if item.used_on is None else int(item.used_on),
    )


def use_token(token_hash: str, day: int) -> None:
    """Record the day on which a token is used: key `hash`, present and last used on an earlier day; 1 WRU.

    Raises:
        Unavailable: the table did not respond.
    """
    earlier = TokenItem.used_on.does_not_exist() | (TokenItem.used_on < day)
    try:
        conditional.update(TokenItem(token_hash), [TokenItem.used_on.set(day)], TokenItem.hash.exists() & earlier)
    except PynamoDBException as error:
        raise Unavailable("The database did not answer. Try again in a moment.") from error


def suspend_token(token_hash: str, notice: str) -> None:
    """Make a token cover nothing and show this notice to its user: key `hash`, present; 1 WRU.

    A code is deleted. A list of recent tokens gets the mark as well, which means nothing there.
    """
    if token_hash.startswith(_CODE):
        delete_token(token_hash)
    else:
        _mark(token_hash, TokenItem.suspended.set(notice))


def lift_token(token_hash: str) -> None:
    """Make a suspended token cover its scopes again: key `hash`, present; 1 WRU. Codes are left as they are."""
    if not token_hash.startswith(_CODE):
        _mark(token_hash, TokenItem.suspended.remove())


def _mark(token_hash: str, action: Action) -> None:
    conditional.update(TokenItem(token_hash), [action], TokenItem.hash.exists())  # it may have been revoked meanwhile


def delete_token(token_hash: str) -> None:
    """Delete a token: key `hash`; 1 WRU, and 1 in the index if it has a user. Idempotent."""
    TokenItem(token_hash).delete()


def _code_key(code_hash: str) -> str:
    return f"{_CODE}{code_hash}"


def put_code(code: Code, application_name: str, now: int, expires_at: int, password_hash: str) -> None:
    """Put a code, which expires (s): key `code#<hash>`; `id` of its user, present; `recent#<user id>#<window>`.

    One transaction; 6 WRU, 1 or 2 in the index.

    Raises:
        Absent: the user is not present, or has another password than the one with this hash.
    """
    item = TokenItem(
        _code_key(code.hash),
        application_id=code.application_id,
        application_name=application_name,
        user_id=code.user_id,
        scopes=" ".join(code.scopes),
        created_at=now,
        redirect_uri=code.redirect_uri,
        challenge=code.challenge,
        expires_at=expires_at,
    )
    _put(item, code.user_id, now, password_hash)


def get_code(code_hash: str, now: int) -> Code | None:
    """Read a code that has not expired: key `code#<hash>`, consistent, so that a use shows at once; 1 RRU."""
    try:
        item = TokenItem.get(_code_key(code_hash), consistent_read=True)
    except DoesNotExist:
        return None
    if tables.has_expired(item.expires_at, now):
        return None
    return Code(
        hash=code_hash,
        application_id=item.application_id,
        user_id=item.user_id or "",
        scopes=tuple(item.scopes.split()),
        redirect_uri=item.redirect_uri or "",
        challenge=item.challenge,
        issued=item.issued,
    )


def exchange_code(code: Code, token: Token) -> bool:
    """Put a token and record it in its code, in one transaction; 8 WRU, 1 or 2 in the index.

    Keys: `code#<hash>`, present and unused; `hash` of the token; `id` of the user, present; and
    `recent#<user id>#<window>`.
    So a code always knows the token it was exchanged for. A new password has deleted the code.

    Returns:
        Whether the code was still unused.

    Raises:
        Absent: the user is not present.
    """
    unused = TokenItem.redirect_uri.exists() & TokenItem.issued.does_not_exist()
    writes = _while_present(code.user_id)
    used = TokenItem(_code_key(code.hash))
    writes.update(used, [TokenItem.issued.set(token.hash)], unused, otherwise=_CodeUsed)
    _add(writes, _token_item(token), code.user_id, token.created_at)
    try:
        writes.commit()
    except _CodeUsed:
        return False
    return True


def tokens_of(user_id: str, after: str | None, limit: int) -> list[str]:
    """Read at most `limit` keys of a user's tokens, codes and lists of recent ones; 0.5 RRU.

    Index key `user_id`, `hash` above `after`. Eventually consistent: tokens issued a moment ago may be missing.
    """
    condition = TokenIndex.hash > after if after else None
    return [item.hash for item in TokenItem.by_user.query(user_id, condition, limit=limit)]


def delete_tokens(token_hashes: Iterable[str]) -> None:
    """Delete tokens and codes: keys `hash`; 1 WRU each, 1 in the index."""
    batch.delete(TokenItem, token_hashes)
