"""Rendering applications and tokens."""

from typing import Any

import msgspec

from chalicelib import entities
from fstream_app.access import oauth
from fstream_app.core.grants import Application


def application(registered: Application) -> entities.Application:
    """Render an application."""
    return entities.Application(**_registered(registered))


def new_application(registered: oauth.Registered) -> entities.CredentialApplication:
    """Render a new application with its secret."""
    made = registered.application
    return entities.CredentialApplication(**_registered(made), client_id=made.id, client_secret=registered.secret)


def _registered(application: Application) -> dict[str, Any]:
    return {
        "id": application.id,
        "name": application.name,
        "website": application.website,
        "scopes": application.scopes,
        "redirect_uri": "\n".join(application.redirect_uris),
        "redirect_uris": application.redirect_uris,
    }


def account_token(made: oauth.Issued) -> entities.AccountToken:
    """Render a new account's token with its secret and the recovery code."""
    return entities.AccountToken(**msgspec.structs.asdict(token(made)), recovery_code=made.recovery_code)


def token(issued: oauth.Issued) -> entities.Token:
    """Render a new token with its secret."""
    return entities.Token(
        access_token=issued.secret, scope=" ".join(issued.token.scopes), created_at=issued.token.created_at // 1000
    )
