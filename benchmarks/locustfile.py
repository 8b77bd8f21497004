"""A Locust scenario against any instance: `make load URL=http://127.0.0.1:8000 SECONDS=60 USERS=50`.

Every simulated person signs up, follows the celebrity and a few others, then reads, polls and posts. Rate limits must
be off at the target (`FSTREAM_RATE_LIMITS=off make run`), because all requests come from one address. The messages
expire after ten minutes; the accounts stay.
"""

# mypy: disable-error-code="import-not-found,misc,untyped-decorator"
# Locust has its own requirements (requirements-load.txt), so that everything else is checked and tested without gevent.

import random
import secrets
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from locust import HttpUser, between, constant, events, tag, task
from locust.exception import StopUser

SCOPES = "read write follow"
LIFETIME = 600
_FOLLOWED = 5
_SETTLING = 1.5
_words = ("tea", "rain", "train", "moon", "cat", "bread", "noise", "friday", "umbrella", "dust")
_known: deque[str] = deque(maxlen=200)
"""Ids of the accounts that signed up most recently."""
_application: dict[str, str] = {}
_celebrities: list[str] = []


@events.test_stop.add_listener
def _forget(**_: object) -> None:
    _known.clear()
    _application.clear()
    _celebrities.clear()


class Member(HttpUser):
    """Base of all simulated people: an account, and requests that are counted by route."""

    abstract = True

    def on_start(self) -> None:
        """Sign up."""
        token = self.ask("POST", "/oauth/token", **_client(self), grant_type="client_credentials", scope=SCOPES)
        self.client.headers["Authorization"] = f"Bearer {token['access_token']}"
        made = self.ask(
            "POST",
            "/api/v1/accounts",
            username=f"load_{secrets.token_hex(8)}",
            password=secrets.token_hex(12),
            agreement=True,
        )
        self.client.headers["Authorization"] = f"Bearer {made['access_token']}"
        self.id = str(self.ask("GET", "/api/v1/accounts/verify_credentials")["id"])

    def ask(self, method: str, path: str, name: str = "", **values: object) -> Any:  # noqa: ANN401
        """Make a request; a failed one is counted by Locust and stops this person.

        Raises:
            StopUser: the status is not 200.
        """
        where = {"params": values} if method == "GET" else {"json": values}
        with self.client.request(method, path, name=name or path, catch_response=True, **where) as response:
            if response.status_code == 429:
                response.failure("rate limits are on; start the target with FSTREAM_RATE_LIMITS=off")
            elif response.status_code != 200:
                response.failure(f"{response.status_code} {response.text[:100]}")
            else:
                return response.json()
        raise StopUser

    def post_message(self) -> None:
        """Post a short message."""
        text = " ".join(random.choices(_words, k=12))
        self.ask("POST", "/api/v1/statuses", status=f"{text} #{random.choice(_words)}", expires_in=LIFETIME)

    def follow(self, user_id: str) -> None:
        """Follow an account."""
        self.ask("POST", f"/api/v1/accounts/{user_id}/follow", "/api/v1/accounts/{id}/follow")


def _client(member: Member) -> Mapping[str, str]:
    if not _application:
        made = member.ask(
            "POST", "/api/v1/apps", client_name="load", redirect_uris="urn:ietf:wg:oauth:2.0:oob", scopes=SCOPES
        )
        _application.update({name: made[name] for name in ("client_id", "client_secret")})
    return _application


class Celebrity(Member):
    """An account that everybody follows and that posts every five seconds."""

    fixed_count = 1
    wait_time = constant(5)

    def on_start(self) -> None:
        """Sign up, and let the others know the account's id."""
        super().on_start()
        _celebrities.append(self.id)

    @task
    def announce(self) -> None:
        """Post a message."""
        self.post_message()


class Person(Member):
    """A person who reads more than they post."""

    wait_time = between(0.5, 2)

    def on_start(self) -> None:
        """Sign up, follow the celebrity and some others, and read the home timeline."""
        super().on_start()
        for user_id in {*_celebrities, *random.sample(list(_known), min(_FOLLOWED, len(_known)))}:
            self.follow(user_id)
        _known.append(self.id)
        self.newest = ""
        self.seen: deque[str] = deque(maxlen=1_000)
        self.joined = time.time()
        self.read()

    @task(2)
    def read(self) -> None:
        """Open the home timeline."""
        page = self.ask("GET", "/api/v1/timelines/home", limit=20)
        self.newest = max([self.newest, *(status["id"] for status in page)])
        self.seen.extend(status["id"] for status in page)

    @tag("poll")
    @task(8)
    def poll(self) -> None:
        """Poll for new messages; none may be returned twice."""
        if not self.newest:
            self.read()
            return
        page = self.ask("GET", "/api/v1/timelines/home", "/api/v1/timelines/home?since_id", since_id=self.newest)
        for status in page:
            repeated = status["id"] in self.seen and status["account"]["id"] != self.id
            self._report_delay(status, RuntimeError("returned twice") if repeated else None)
            self.seen.append(status["id"])
        self.newest = max([self.newest, *(status["id"] for status in page)])

    def _report_delay(self, status: Mapping[str, Any], error: Exception | None) -> None:
        """Report the age of a celebrity's post when it is first seen; client and server clocks must agree."""
        posted = datetime.fromisoformat(status["created_at"]).timestamp()
        if status["account"]["id"] in _celebrities and posted > self.joined + _SETTLING:
            self.environment.events.request.fire(
                request_type="SEEN",
                name="a celebrity's post, after",
                response_time=1000 * (time.time() - posted),
                response_length=0,
                exception=error,
                context={},
            )

    @task(1)
    def write(self) -> None:
        """Post a message."""
        self.post_message()

    @task(1)
    def look_around(self) -> None:
        """Read the public timeline."""
        self.ask("GET", "/api/v1/timelines/public", limit=20)
