"""/api/v1/apps and /oauth: applications and tokens."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated
from urllib.parse import unquote

import msgspec
from chalice.app import Request

from chalicelib import bodies, consent, entities, grants, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.shapes import REQUIRED, rule
from fstream_app.access import authorization, oauth
from fstream_app.access.oauth import Issued
from fstream_app.core.errors import Invalid, OAuthError, Unauthenticated
from fstream_app.core.grants import Application

api = Blueprint(__name__)

GRANT_TYPES = ("authorization_code", "client_credentials", "password")


class NewApplication(msgspec.Struct, frozen=True):
    """An application to be registered."""

    client_name: Annotated[str, rule(minLength=1, maxLength=oauth.MAX_NAME, **{REQUIRED: True})] = ""
    redirect_uris: (
        shapes.RedirectUris | Annotated[tuple[shapes.RedirectUri, ...], rule(minItems=1, maxItems=oauth.MAX_URIS)]
    ) = ()
    """Absolute URIs, as an array or one per line. For loopback addresses, any port may be used later."""
    scopes: shapes.Scopes | tuple[shapes.Scopes, ...] = ""
    """As an array or separated by spaces; `read` by default. The scopes `admin:…` and `crypto` are not granted."""
    website: shapes.Website | None = None


class AuthorizationServer(msgspec.Struct, frozen=True, kw_only=True):
    """The authorization server's metadata (RFC 8414)."""

    issuer: shapes.Url
    service_documentation: shapes.Url
    authorization_endpoint: shapes.Url
    token_endpoint: shapes.Url
    revocation_endpoint: shapes.Url
    app_registration_endpoint: shapes.Url
    """Where applications register, by the client API's convention."""
    scopes_supported: tuple[shapes.Scope, ...]
    response_types_supported: tuple[str, ...]
    response_modes_supported: tuple[str, ...]
    grant_types_supported: tuple[str, ...]
    code_challenge_methods_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    revocation_endpoint_auth_methods_supported: tuple[str, ...]
    authorization_response_iss_parameter_supported: bool
    """Whether authorization responses have `iss` (RFC 9207)."""


class TokenRequest(msgspec.Struct, frozen=True):
    """A token request (RFC 6749, section 4; RFC 7636, section 4.5)."""

    grant_type: Annotated[str, rule(enum=list(GRANT_TYPES), **{REQUIRED: True})] = ""
    client_id: Annotated[str, rule(maxLength=oauth.MAX_ID)] = ""
    client_secret: str = ""
    scope: shapes.Scopes = ""
    """Separated by spaces; all of the application's scopes by default. Ignored with a code, which has its own."""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: shapes.Verifier = ""
    username: str = ""
    password: str = ""


class Revocation(msgspec.Struct, frozen=True):
    """A revocation request (RFC 7009, section 2.1)."""

    token: Annotated[str, rule(minLength=1, **{REQUIRED: True})] = ""
    client_id: Annotated[str, rule(maxLength=oauth.MAX_ID)] = ""
    client_secret: str = ""


@api.declare("POST", "/api/v1/apps", access=Access.ANYBODY, parameters=NewApplication)
def register(call: Call[NewApplication]) -> entities.CredentialApplication:
    """Register an application."""
    new = call.parameters
    uris = tuple(new.redirect_uris.split()) if isinstance(new.redirect_uris, str) else new.redirect_uris
    scopes = new.scopes if isinstance(new.scopes, str) else " ".join(new.scopes)
    registered = oauth.register(new.client_name, uris, scopes, new.website, call.now)
    return grants.new_application(registered)


def _authorization_code(call: Call[TokenRequest], application: Application) -> Issued:
    wanted = call.parameters
    _require(wanted, "code", "redirect_uri")
    return authorization.exchange(application, wanted.code, wanted.redirect_uri, wanted.code_verifier, call.now)


def _client_credentials(call: Call[TokenRequest], application: Application) -> Issued:
    return oauth.client_credentials(application, call.parameters.scope, call.now)


def _password(call: Call[TokenRequest], application: Application) -> Issued:
    wanted = call.parameters
    _require(wanted, "username", "password")
    try:
        with call.limits.password(wanted.username):
            return oauth.password(application, wanted.username, wanted.password, wanted.scope, call.now)
    except Unauthenticated:
        raise OAuthError("invalid_grant", "The username or password is incorrect") from None


AUTHENTICATION = ("client_secret_basic", "client_secret_post")
"""How clients authenticate, by RFC 8414's names."""
GRANTS: Mapping[str, Callable[[Call[TokenRequest], Application], Issued]] = MappingProxyType(
    dict(zip(GRANT_TYPES, (_authorization_code, _client_credentials, _password), strict=True))
)
"""Token issuers, by `grant_type`."""


@api.declare("POST", "/oauth/token", access=Access.ANYBODY, parameters=TokenRequest, in_body=True)
def token(call: Call[TokenRequest]) -> entities.Token:
    """Issue a token for an authorization code, a user's password, or the application itself."""
    wanted = call.parameters
    _once(call)
    _require(wanted, "grant_type")
    grant = GRANTS.get(wanted.grant_type)
    if grant is None:
        raise OAuthError("unsupported_grant_type", "The grant type is not supported")
    application = oauth.authenticate_client(*_client(call.request, wanted), call.now)
    return grants.token(grant(call, application))


@api.declare("POST", "/oauth/revoke", access=Access.ANYBODY, parameters=Revocation, in_body=True)
def revoke(call: Call[Revocation]) -> entities.Empty:
    """Revoke a token immediately."""
    _once(call)
    _require(call.parameters, "token")
    application = oauth.authenticate_client(*_client(call.request, call.parameters), call.now)
    oauth.revoke(application, call.parameters.token, call.now)
    return entities.Empty()


@api.declare("GET", "/api/v1/apps/verify_credentials", access=Access.APPLICATION)
def verify(call: Call[msgspec.Struct]) -> entities.Application:
    """Return the application that the token belongs to."""
    if call.token is None:
        raise Invalid("This method requires a token")
    return grants.application(oauth.application_of(call.token, call.now))


@api.declare("GET", "/.well-known/oauth-authorization-server", access=Access.ANYBODY)
def metadata(_: Call[msgspec.Struct]) -> AuthorizationServer:
    """Return the authorization server's metadata (RFC 8414)."""
    base = rendering.base_url()
    return AuthorizationServer(
        issuer=base,
        service_documentation=f"{base}/docs",
        authorization_endpoint=f"{base}{consent.PATH}",
        token_endpoint=f"{base}/oauth/token",
        revocation_endpoint=f"{base}/oauth/revoke",
        app_registration_endpoint=f"{base}/api/v1/apps",
        scopes_supported=tuple(sorted(oauth.SCOPES)),
        response_types_supported=(authorization.RESPONSE_TYPE,),
        response_modes_supported=("query",),
        grant_types_supported=tuple(GRANTS),
        code_challenge_methods_supported=(authorization.CHALLENGE_METHOD,),
        token_endpoint_auth_methods_supported=AUTHENTICATION,
        revocation_endpoint_auth_methods_supported=AUTHENTICATION,
        authorization_response_iss_parameter_supported=True,
    )


def _require(wanted: msgspec.Struct, *names: str) -> None:
    for name in names:
        if not getattr(wanted, name):
            raise OAuthError("invalid_request", f"Missing required parameter: {name}")


def _once(call: Call[TokenRequest] | Call[Revocation]) -> None:
    """Refuse repeated parameters, except unknown ones, which are ignored: Mastodon.py repeats `oauth_info`."""
    known = {field.encode_name for field in msgspec.structs.fields(call.parameters)}
    if repeated := bodies.repeated(call.request, in_body=True) & known:
        raise authorization.repetition(repeated)


def _client(request: Request, wanted: TokenRequest | Revocation) -> tuple[str, str]:
    """Return the client's id and secret, from the body or by HTTP Basic, but not both (RFC 6749, section 2.3.1)."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return wanted.client_id, wanted.client_secret
    if wanted.client_secret:
        raise OAuthError("invalid_request", "Authenticate the client either by HTTP Basic or in the body")
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        raise OAuthError("invalid_client", "Client authentication failed: malformed Authorization header") from None
    if wanted.client_id not in {"", unquote(client_id)}:
        raise OAuthError("invalid_request", "The client_id is not the one in the Authorization header")
    return unquote(client_id), unquote(secret)
