"""The applications and tokens tables. Secrets are stored only as SHA-256 hashes; those of tokens are the keys.

An authorization code is an item of the tokens table, under `code#<hash>`, so that one index lists all tokens and codes
of a user.

A token or code of a user is written in one transaction with a check that the user is present. Deleting an account or
suspending it marks the user first. So whatever was written before the mark is found by the steps after it, and nothing
is written after it.
"""

from collections.abc import Iterable

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.update import Action

from fstream_app import tables
from fstream_app.core.entities import Application, Code, Token
from fstream_app.repository import batch, conditional, users
from fstream_app.repository.transactions import Writes
from fstream_app.tables import ApplicationItem, TokenIndex, TokenItem, UserItem

_CODE = "code#"


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


def put_token(token: Token, user_id: str) -> None:
    """Put a user's token: key `hash`; `id` of the user, present. One transaction; 4 WRU, 1 in the index.

    Raises:
        Absent: the user is not present.
    """
    _put(_token_item(token), user_id)


def _put(item: TokenItem, user_id: str) -> None:
    writes = _while_present(user_id)
    writes.save(item)
    writes.commit()


def _while_present(user_id: str) -> Writes:
    """Return a transaction that raises `Absent` unless the user is present."""
    writes = Writes()
    writes.check(UserItem, user_id, condition=users.present(), otherwise=users.Absent)
    return writes


def _token_item(token: Token, expires_at: int | None = None) -> TokenItem:
    return TokenItem(
        token.hash,
        application_id=token.application_id,
        application_name=token.application_name,
        application_website=token.application_website,
        user_id=token.user_id,
        scopes=" ".join(token.scopes),
        created_at=token.created_at,
        expires_at=expires_at,
    )


def get_token(token_hash: str, now: int) -> Token | None:
    """Read a token that has not expired: key `hash`, consistent, so that revoking takes effect at once; 1 RRU."""
    try:
        item = TokenItem.get(token_hash, consistent_read=True)
    except DoesNotExist:
        return None
    if tables.has_expired(item.expires_at, now):
        return None
    return Token(
        hash=item.hash,
        application_id=item.application_id,
        application_name=item.application_name,
        application_website=item.application_website,
        user_id=item.user_id,
        scopes=tuple(item.scopes.split()),
        created_at=int(item.created_at),
        suspended=item.suspended,
    )


def suspend_token(token_hash: str, notice: str) -> None:
    """Make a token cover nothing and show this notice to its user: key `hash`, present; 1 WRU. A code is deleted."""
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


def put_code(code: Code, application_name: str, now: int, expires_at: int) -> None:
    """Put a code, which expires (s): key `code#<hash>`; `id` of its user, present.

    One transaction; 4 WRU, 1 in the index.

    Raises:
        Absent: the user is not present.
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
    _put(item, code.user_id)


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
    """Put a token and record it in its code, in one transaction; 6 WRU, 1 in the index.

    Keys: `code#<hash>`, present and unused; `hash` of the token; `id` of the user, present. So a code always knows the
    token it was exchanged for.

    Returns:
        Whether the code was still unused.

    Raises:
        Absent: the user is not present.
    """
    unused = TokenItem.redirect_uri.exists() & TokenItem.issued.does_not_exist()
    writes = _while_present(code.user_id)
    used = TokenItem(_code_key(code.hash))
    writes.update(used, [TokenItem.issued.set(token.hash)], unused, otherwise=_CodeUsed)
    writes.save(_token_item(token))
    try:
        writes.commit()
    except _CodeUsed:
        return False
    return True


def tokens_of(user_id: str, after: str | None, limit: int) -> list[str]:
    """Read at most `limit` keys of a user's tokens and codes: index key `user_id`, `hash` above `after`; 0.5 RRU.

    Eventually consistent: tokens issued a moment ago may be missing.
    """
    condition = TokenIndex.hash > after if after else None
    return [item.hash for item in TokenItem.by_user.query(user_id, condition, limit=limit)]


def delete_tokens(token_hashes: Iterable[str]) -> None:
    """Delete tokens and codes: keys `hash`; 1 WRU each, 1 in the index."""
    batch.delete(TokenItem, token_hashes)
