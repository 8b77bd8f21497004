"""The smoke check: requests to the deployed instance, from the outside, as clients make them.

First it reads. Then it tries the streams: two new accounts follow and mention each other, and every stream function has
to deliver something, `live` to an open WebSocket. Both accounts are deleted at the end, also if the check fails.
"""

import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from fstream_app.core.ids import MessageId
from fstream_app.core.settings import Settings
from ops.deployment import functions, smoke_socket
from ops.deployment.cloudformation import Say
from ops.deployment.errors import DeploymentError
from ops.deployment.smoke_socket import RefusedError, Socket

POLL = 2.0
"""Seconds between two attempts."""
_READS = 60
"""Number of attempts at each read; names and permissions take up to two minutes to propagate."""
_MESSAGES, _LOOKS = 6, 25
"""Number of messages that are posted, one after another, and of looks for each of them: about five minutes in total.
A new event source mapping takes minutes to begin.
"""
_LIFETIME = 60
"""Seconds for which the message lives; longer if the instance allows no such message."""
_TIMEOUT = 30
_SCOPES = "read write follow"
_NOBODY = "nobody"
"""A token that does not exist."""
_BUSY = 503
_TOO_MANY = 429

Answer = tuple[int, Any]
"""A response's status (0 if there was no response) and body."""


def check(url: str, host: str, settings: Settings, say: Say) -> None:
    """Check that the instance responds under its own name, reads its tables, and delivers what is posted.

    Args:
        url: the address of the instance's CloudFront distribution.
        host: the instance's own host, which may be another.
        settings: the instance's settings.
        say: prints what could not be tried or cleaned up.

    Raises:
        DeploymentError: a response is wrong, or a stream function does not deliver.
    """
    site = Site(url)
    _expect(site, "/api/v2/instance", 200, lambda answer: answer["domain"] == host)
    _expect(site, "/api/v1/timelines/public", 200, lambda answer: isinstance(answer, list))
    _expect(site, "/api/v1/statuses/nothing", 404, lambda answer: "error" in answer)
    if settings.streaming:
        _expect(site, "/api/v2/instance", 200, lambda answer: _streaming(answer) == f"wss://{host}")
        _expect_refusal(site, _NOBODY)
    if not settings.registrations:
        say("  The streams were not tried, because nobody can sign up (FSTREAM_REGISTRATIONS).")
        return
    try:
        with (
            _account(site, say) as author,
            _account(site, say) as reader,
            _listening(site, reader) if settings.streaming else nullcontext() as socket,
        ):
            _try_streams(site, author, reader, max(_LIFETIME, settings.min_lifetime), socket)
    except _TooManySignUpsError as error:
        say(f"  The streams were not tried: {error}. Deploy again later to try them.")


class Site:
    """The instance, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, token: str = "") -> Answer:
        """Make a GET request; return the status and the body."""
        return _send(self._request("GET", path, token, None))

    def post(self, path: str, token: str = "", **fields: object) -> Answer:
        """Make a POST request with JSON, again while the instance is busy; return the status and the body."""
        for _ in range(_READS):
            status, body = _send(self._request("POST", path, token, fields))
            if status != _BUSY:
                break
            _pause()
        return status, body

    def must_get(self, path: str, token: str = "") -> Any:  # noqa: ANN401
        """Make a GET request that must succeed; return the body."""
        return self._succeeded(path, self.get(path, token))

    def must_post(self, path: str, token: str = "", **fields: object) -> Any:  # noqa: ANN401
        """Make a POST request that must succeed; return the body."""
        return self._succeeded(path, self.post(path, token, **fields))

    def failure(self, path: str, answer: Answer, expected: str) -> DeploymentError:
        """Return the error for an unexpected response."""
        return DeploymentError(
            f"{self.url}{path} returns {answer[0]} ({str(answer[1])[:300]}); expected {expected}. "
            "Look for errors in the log of the API's function, then deploy again."
        )

    def _succeeded(self, path: str, answer: Answer) -> Any:  # noqa: ANN401
        if answer[0] != 200:
            raise self.failure(path, answer, "200")
        return answer[1]

    def _request(self, method: str, path: str, token: str, fields: object) -> urllib.request.Request:
        body = None if fields is None else json.dumps(fields).encode()
        headers = {"Content-Type": "application/json"} if body else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        return urllib.request.Request(self.url + path, body, headers, method=method)  # noqa: S310  # our own address


def _pause() -> None:
    time.sleep(POLL)


def _send(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            body = error.read().decode(errors="replace")
        return error.code, json.loads(body) if body.startswith("{") else {"body": body[:200]}
    except (OSError, ValueError) as error:
        return 0, {"reason": str(error)}


def _expect(site: Site, path: str, status: int, holds: Callable[[Any], bool]) -> None:
    for _ in range(_READS):
        answer = site.get(path)
        if answer[0] == status and holds(answer[1]):
            return
        _pause()
    raise site.failure(path, answer, str(status))


@dataclass(frozen=True, slots=True)
class _Account:
    """An account of the check."""

    name: str
    password: str
    token: str
    id: str


class _TooManySignUpsError(Exception):
    """The rate limit of sign-ups from this address is exhausted."""


@contextmanager
def _account(site: Site, say: Say) -> Iterator[_Account]:
    """Sign an account up for the duration of the block, and delete it at the end, whatever happens."""
    account = _sign_up(site)
    try:
        yield account
    except BaseException:
        if not _is_deleted(site, account):
            say(f"  The account {account.name} of the check could not be deleted. Suspend it: docs/operations.md.")
        raise
    if not _is_deleted(site, account):
        raise DeploymentError(
            f"The account {account.name} of the smoke check could not be deleted. Look for errors in the log of the "
            "API's function, then deploy again."
        )


def _sign_up(site: Site) -> _Account:
    name, password = f"smoke_{secrets.token_hex(6)}", secrets.token_urlsafe(32)
    out_of_band = "urn:ietf:wg:oauth:2.0:oob"
    app = site.must_post("/api/v1/apps", client_name="Smoke check", redirect_uris=out_of_band, scopes=_SCOPES)
    application = {"client_id": app["client_id"], "client_secret": app["client_secret"], "scope": _SCOPES}
    issued = site.must_post("/oauth/token", grant_type="client_credentials", **application)
    path = "/api/v1/accounts"
    answer = site.post(path, issued["access_token"], username=name, password=password, agreement=True)
    if answer[0] == _TOO_MANY:
        raise _TooManySignUpsError(str(answer[1].get("error", "")).rstrip("."))
    if answer[0] != 200:
        raise site.failure(path, answer, "200")
    token = str(answer[1]["access_token"])
    return _Account(name, password, token, str(site.must_get("/api/v1/accounts/verify_credentials", token)["id"]))


def _is_deleted(site: Site, account: _Account) -> bool:
    site.post("/api/pleroma/delete_account", account.token, password=account.password)
    return site.get(f"/api/v1/accounts/{account.id}")[0] == 404


def _streaming(instance: Any) -> object:  # noqa: ANN401
    return instance["configuration"]["urls"].get("streaming")


def _expect_refusal(site: Site, token: str) -> None:
    """Expect that a token that does not exist opens no WebSocket; try again for as long as for a read."""
    status, reason = 0, ""
    for _ in range(_READS):
        try:
            with smoke_socket.opened(site.url, token):
                status, reason = 101, "it was opened with a token that does not exist"
        except RefusedError as error:
            status, reason = error.status, str(error)
        if status == 401:
            return
        _pause()
    raise site.failure(smoke_socket.PATH, (status, reason), "401")


@contextmanager
def _listening(site: Site, reader: _Account) -> Iterator[Socket]:
    """Open a WebSocket to the reader's events for the duration of the block."""
    try:
        with smoke_socket.opened(site.url, reader.token) as socket:
            socket.subscribe("user")
            _pause()  # functions remember for a moment that nobody was online
            yield socket
    except RefusedError as error:
        raise site.failure(smoke_socket.PATH, (error.status, str(error)), "a WebSocket") from None


def _try_streams(site: Site, author: _Account, reader: _Account, lifetime: int, socket: Socket | None) -> None:
    """Let one account follow the other, who mentions it, and wait until every stream function has delivered.

    The follower also makes the message a favourite.
    """
    site.must_post(f"/api/v1/accounts/{author.id}/follow", reader.token)
    missing = [*_DELIVERIES, *([_to(socket)] if socket else [])]
    for _ in range(_MESSAGES):
        text = f"This message checks a deployment, and disappears by itself. @{reader.name}"
        posted = site.must_post("/api/v1/statuses", author.token, status=text, expires_in=lifetime)["id"]
        site.must_post(f"/api/v1/statuses/{posted}/favourite", reader.token)
        for _ in range(_LOOKS):
            missing = [each for each in missing if not each.has_arrived(site, author, reader, posted)]
            if not missing:
                return
            _pause()
    raise DeploymentError(
        "The streams do not deliver. "
        + " ".join(f"{each.function} has not delivered {each.what}." for each in missing)
        + " Look for errors in the logs of these functions and of their event sources (`python -m ops status`), then "
        "deploy again."
    )


@dataclass(frozen=True, slots=True)
class _Delivery:
    """Something that a stream function has to deliver."""

    function: str
    what: str
    has_arrived: Callable[[Site, _Account, _Account, str], bool]
    """Returns whether it has arrived, given the author, the reader and the id of the posted message."""


def _is_on(timeline: str) -> Callable[[Site, _Account, _Account, str], bool]:
    def has_arrived(site: Site, _: _Account, reader: _Account, posted: str) -> bool:
        # The page begins with the message, however many others follow.
        below = MessageId.parse(posted).previous()
        page = site.must_get(f"/api/v1/timelines/{timeline}?min_id={below}", reader.token)
        return posted in {status["id"] for status in page}

    return has_arrived


def _is_mentioned(site: Site, _: _Account, reader: _Account, posted: str) -> bool:
    found = site.must_get("/api/v1/notifications", reader.token)
    return any(each["type"] == "mention" and each["status"]["id"] == posted for each in found)


def _is_favourite(site: Site, author: _Account, _: _Account, posted: str) -> bool:
    found = site.must_get("/api/v1/notifications", author.token)
    return any(each["type"] == "favourite" and each["status"]["id"] == posted for each in found)


def _has_follower(site: Site, author: _Account, reader: _Account, _: str) -> bool:
    found = site.must_get("/api/v1/notifications", author.token)
    return any(each["type"] == "follow" and each["account"]["id"] == reader.id for each in found)


def _to(socket: Socket) -> _Delivery:
    def has_arrived(_: Site, __: _Account, ___: _Account, posted: str) -> bool:
        return socket.has_received(posted)

    return _Delivery(functions.LIVE, "a message to an open WebSocket", has_arrived)


_DELIVERIES = (
    _Delivery("fan_out", "a message to its reader's home", _is_on("home")),
    _Delivery("views", "a message to the public timeline", _is_on("public")),
    _Delivery("views", "the notification of a mention", _is_mentioned),
    _Delivery("on_relationship", "the notification of a follow", _has_follower),
    _Delivery("on_reaction", "the notification of a favourite", _is_favourite),
)
