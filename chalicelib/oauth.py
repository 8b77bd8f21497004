"""/api/v1/apps and /oauth: applications and tokens."""

from base64 import b64decode
from urllib.parse import unquote

import msgspec
from chalice.app import Request

from chalicelib import entities, rendering
from chalicelib.api import Access, Blueprint, Call
from fstream_app import oauth
from fstream_app.errors import Invalid, OAuthError

api = Blueprint(__name__)

GRANTS = ("client_credentials", "password")


class NewApplication(msgspec.Struct, frozen=True):
    """An application that wants to be registered."""

    client_name: str = ""
    redirect_uris: str | tuple[str, ...] = ()
    """Absolute URIs, as an array or one a line."""
    scopes: str = ""
    """Separated by blanks; `read` if there are none."""
    website: str | None = None


class TokenRequest(msgspec.Struct, frozen=True):
    """RFC 6749, section 4."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    username: str = ""
    password: str = ""


class Revocation(msgspec.Struct, frozen=True):
    """RFC 7009, section 2.1."""

    token: str = ""
    client_id: str = ""
    client_secret: str = ""


@api.declare("POST", "/api/v1/apps", access=Access.ANYBODY, parameters=NewApplication)
def register(call: Call[NewApplication]) -> entities.Application:
    """Register an application."""
    new = call.parameters
    uris = tuple(new.redirect_uris.split()) if isinstance(new.redirect_uris, str) else new.redirect_uris
    registered = oauth.register(new.client_name, uris, new.scopes, new.website, call.now)
    return rendering.application(registered)


@api.declare("POST", "/oauth/token", access=Access.ANYBODY, parameters=TokenRequest, in_body=True)
def token(call: Call[TokenRequest]) -> entities.Token:
    """Issue a token: `client_credentials` for an application, `password` for a user."""
    wanted = call.parameters
    if not wanted.grant_type:
        raise OAuthError("invalid_request", "Missing required parameter: grant_type")
    if wanted.grant_type not in GRANTS:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported")
    application = oauth.authenticate_client(*_client(call.request, wanted), call.now)
    if wanted.grant_type == "client_credentials":
        return rendering.token(oauth.client_credentials(application, wanted.scope, call.now))
    if not wanted.username or not wanted.password:
        raise OAuthError("invalid_request", "Missing required parameter: username or password")
    issued = oauth.password(application, wanted.username, wanted.password, wanted.scope, call.now)
    return rendering.token(issued)


@api.declare("POST", "/oauth/revoke", access=Access.ANYBODY, parameters=Revocation, in_body=True)
def revoke(call: Call[Revocation]) -> dict[str, str]:
    """Revoke a token, at once."""
    if not call.parameters.token:
        raise OAuthError("invalid_request", "Missing required parameter: token")
    application = oauth.authenticate_client(*_client(call.request, call.parameters), call.now)
    oauth.revoke(application, call.parameters.token, call.now)
    return {}


@api.declare("GET", "/api/v1/apps/verify_credentials", access=Access.APPLICATION)
def verify(call: Call[msgspec.Struct]) -> dict[str, object]:
    """Tell to which application the token belongs."""
    if call.token is None:
        raise Invalid("This method requires a token")
    application = oauth.application_of(call.token, call.now)
    return {
        "id": application.id,
        "name": application.name,
        "website": application.website,
        "scopes": application.scopes,
        "redirect_uri": "\n".join(application.redirect_uris),
        "redirect_uris": application.redirect_uris,
        "vapid_key": "",
    }


@api.declare("GET", "/.well-known/oauth-authorization-server", access=Access.ANYBODY)
def metadata(_: Call[msgspec.Struct]) -> dict[str, object]:
    """Tell how to get tokens here (RFC 8414)."""
    base = rendering.base_url()
    return {
        "issuer": base,
        "token_endpoint": f"{base}/oauth/token",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "app_registration_endpoint": f"{base}/api/v1/apps",
        "scopes_supported": sorted(oauth.SCOPES),
        "grant_types_supported": list(GRANTS),
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


def _client(request: Request, wanted: TokenRequest | Revocation) -> tuple[str, str]:
    """Return the client's id and secret, from the body or by HTTP Basic (RFC 6749, section 2.3.1)."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if wanted.client_id or kind.lower() != "basic":
        return wanted.client_id, wanted.client_secret
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise OAuthError("invalid_client", "Client authentication failed: malformed Authorization header") from None
    return unquote(client_id), unquote(secret)
