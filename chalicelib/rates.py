"""Rate limits in HTTP: the user or address that a request counts against, and the headers that show what is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from chalice.app import Request

from fstream_app.access import guesses, rates
from fstream_app.access.guesses import Guess
from fstream_app.access.rates import Action, Kind, Subject
from fstream_app.core import settings
from fstream_app.core.grants import Quota

_NETWORK_BITS = 64
"""The size of the IPv6 network that a provider assigns to a household, which can use all of its addresses."""


class Limits:
    """The limits of a request's caller. `headers` show the limit that was taken from last."""

    def __init__(self, request: Request, now: int) -> None:
        self.now = now
        """Milliseconds."""
        self.user_id: str | None = None
        """The calling user's id, once known."""
        self.headers: dict[str, str] = {}
        self._request = request

    def take(self, action: Action) -> None:
        """Take one from the user's limit, or from the address's without a user: see `rates.take`."""
        subject = self._address() if self.user_id is None else Subject(Kind.USER, self.user_id)
        quota = rates.take(action, subject, self.now)
        if action is not Action.PUBLIC:
            self._show(quota)

    @contextmanager
    def sign_up(self, account: str) -> Iterator[None]:
        """Take a sign-up from the address's limit, if the block succeeds: see `rates.sign_up`.

        The address is then known to the account: see `guesses`.
        """
        with rates.sign_up(self._address(), self.now) as quota:
            yield
        guesses.remember(account, address(self._request), self.now)
        self._show(quota)

    @contextmanager
    def password(
        self, account: str, *, remember: bool = True, token_hash: str = "", is_code: bool = False
    ) -> Iterator[None]:
        """Count the password or recovery code that the block checks, for this address and account.

        See `guesses.checked`.
        """
        guess = Guess(account, address(self._request), self.now, token_hash, is_code)
        with guesses.checked(guess, remember=remember) as quota:
            self._show(quota)
            yield

    def _address(self) -> Subject:
        return Subject(Kind.ADDRESS, address(self._request))

    def _show(self, quota: Quota | None) -> None:
        if quota is not None:
            self.headers = headers(quota)


def headers(quota: Quota) -> dict[str, str]:
    """Return the client API's headers for a quota; the time is UTC with microseconds."""
    resets_at = datetime.fromtimestamp(quota.resets_at / 1000, UTC).isoformat(timespec="microseconds")
    return {
        "X-RateLimit-Limit": str(quota.limit),
        "X-RateLimit-Remaining": str(quota.remaining),
        "X-RateLimit-Reset": resets_at.replace("+00:00", "Z"),
    }


def address(request: Request) -> str:
    """Return the address that a request comes from; for IPv6, its network."""
    return reliable(str(request.context["identity"]["sourceIp"]), request.headers.get("x-forwarded-for", ""))


def reliable(caller: str, forwarded_for: str) -> str:
    """Return the address of a gateway's caller, or of the client of the proxies before it; for IPv6, its network.

    The gateway appends its caller to X-Forwarded-For, as does every proxy before it. So with n trusted proxies, the
    entry n places before the last one is reliable; clients can forge everything before that.
    """
    forwarded = forwarded_for.split(",")
    proxies = settings.get().trusted_proxies
    if 0 < proxies < len(forwarded):
        return _parse(forwarded[-1 - proxies].strip()) or _parse(caller) or caller
    return _parse(caller) or caller


def _parse(text: str) -> str | None:
    try:
        parsed: IPv4Address | IPv6Address = ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed), _NETWORK_BITS), strict=False))
