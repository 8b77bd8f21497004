"""The HTTP face of `fstream_app.access.rates`: for whom a request counts, and the headers that tell what is left."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from chalice.app import Request

from fstream_app.access import rates
from fstream_app.access.rates import Action
from fstream_app.core import settings
from fstream_app.core.entities import Quota

_NETWORK_BITS = 64
"""What a provider gives to one household of IPv6; whoever has it has all of its addresses."""


class Limits:
    """What one request takes of its caller's limits. The headers tell of the limit that was taken last."""

    def __init__(self, request: Request, now: int) -> None:
        self.now = now
        """Milliseconds."""
        self.user_id: str | None = None
        """The user who calls, once that is known."""
        self.headers: dict[str, str] = {}
        self._request = request

    def take(self, action: Action) -> None:
        """Take one of the user's, or of the address's for who is not logged in: see `rates.take`."""
        self._tell(rates.take(action, self.user_id or address(self._request), self.now))

    @contextmanager
    def sign_up(self) -> Iterator[None]:
        """Take a sign-up of the address, if the block succeeds: see `rates.sign_up`."""
        with rates.sign_up(address(self._request), self.now) as quota:
            yield
        self._tell(quota)

    @contextmanager
    def log_in(self, account: str) -> Iterator[None]:
        """Take a log-in of the address and, if it is wrong, a wrong password of the account: see `rates.log_in`."""
        with rates.log_in(account, address(self._request), self.now) as quota:
            self._tell(quota)
            yield

    def _tell(self, quota: Quota | None) -> None:
        if quota is not None:
            self.headers = headers(quota)


def headers(quota: Quota) -> dict[str, str]:
    """Write a quota as the client API does; the time is UTC with microseconds."""
    resets_at = datetime.fromtimestamp(quota.resets_at / 1000, UTC).isoformat(timespec="microseconds")
    return {
        "X-RateLimit-Limit": str(quota.limit),
        "X-RateLimit-Remaining": str(quota.remaining),
        "X-RateLimit-Reset": resets_at.replace("+00:00", "Z"),
    }


def address(request: Request) -> str:
    """Return the address that a request comes from; of IPv6 the network.

    The gateway appends its caller to X-Forwarded-For, as every proxy before it did with its own. So with n trusted
    proxies the entry n places left of the last one is true, and what is further left is whatever somebody sent.
    """
    caller = str(request.context["identity"]["sourceIp"])
    forwarded = request.headers.get("x-forwarded-for", "").split(",")
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
