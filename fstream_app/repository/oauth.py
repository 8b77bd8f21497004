"""The applications and tokens tables. A token's key is the SHA-256 of its secret, which is nowhere stored."""

from pynamodb.exceptions import DoesNotExist

from fstream_app import tables
from fstream_app.entities import Application, Token
from fstream_app.tables import ApplicationItem, TokenItem


def put_application(application: Application, expires_at: int) -> None:
    """Put an application that expires (s) unless somebody logs in with it: key `id`; 1 WRU."""
    ApplicationItem(
        application.id,
        secret_hash=application.secret_hash,
        name=application.name,
        website=application.website,
        redirect_uris=list(application.redirect_uris),
        scopes=" ".join(application.scopes),
        expires_at=expires_at,
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
    )


def keep_application(application_id: str) -> None:
    """Let an application that is there never expire: key `id`; 1 WRU."""
    ApplicationItem(application_id).update([ApplicationItem.expires_at.remove()], condition=ApplicationItem.id.exists())


def put_token(token: Token, expires_at: int | None = None) -> None:
    """Put a token, which expires (s) or not: key `hash`; 1 WRU."""
    TokenItem(
        token.hash,
        application_id=token.application_id,
        application_name=token.application_name,
        user_id=token.user_id,
        scopes=" ".join(token.scopes),
        created_at=token.created_at,
        expires_at=expires_at,
    ).save()


def get_token(token_hash: str, now: int) -> Token | None:
    """Read a token that has not expired: key `hash`, consistent, so that revoking works at once; 1 RRU."""
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
        user_id=item.user_id,
        scopes=tuple(item.scopes.split()),
        created_at=int(item.created_at),
    )


def delete_token(token_hash: str) -> None:
    """Delete a token: key `hash`; 1 WRU. Not to be there already is no error."""
    TokenItem(token_hash).delete()
