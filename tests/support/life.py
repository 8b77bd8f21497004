"""Ada and the people around her, for features that she uses: see `tests.support.features`."""

from collections.abc import Mapping
from typing import Any

from tests.support.gateway import Gateway
from tests.support.people import Answer, Api, Person

WEEK = 604_800
NAME = "wanderer"
WORDS = "unforgettable"
"""In everything that Ada writes."""
AGAIN = "a password after the first"


class Life:
    """Ada and the people around her, and what they have requested so far."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.requested: set[tuple[str, str]] = set()
        """Method and path of all requests with a user's token."""
        self.ada, self.bob, self.cyd, self.dan, self.eve = map(api.sign_up, (NAME, "bob", "cyd", "dan", "eve"))
        self.theirs = api.post(self.bob, f"hello @{NAME} #tag", expires_in=WEEK)
        self.hers = self.post("hello @bob #tag", expires_in=WEEK)
        self.gateway = Gateway()
        """Where WebSockets are open."""
        self.gateway.install()
        self.poll: dict[str, Any] = {}
        """The message with the poll of others in which Ada has voted."""
        api.deliver()

    @property
    def others(self) -> tuple[Person, ...]:
        """Everybody except Ada."""
        return self.bob, self.cyd, self.dan, self.eve

    def do(self, by: Person, method: str, path: str, headers: Mapping[str, str] | None = None, **fields: Any) -> Any:
        """Make a request, which must succeed; return the response's JSON."""
        answer: Answer = self.api.request(method, path, by, json=fields, headers=headers)
        assert answer.status < 300, (path, answer.text)
        self.requested.add((method, path))
        return answer.json

    def act(self, by: Person, verb: str, whom: Person, **fields: Any) -> None:
        """Do something to a user."""
        self.do(by, "POST", f"/api/v1/accounts/{whom.id}/{verb}", **fields)

    def react(self, by: Person, verb: str, status: dict[str, Any]) -> None:
        """Do something to a message."""
        self.do(by, "POST", f"/api/v1/statuses/{status['id']}/{verb}")

    def post(self, text: str, **fields: Any) -> dict[str, Any]:
        """Post a message of Ada's, with an Idempotency-Key."""
        headers, status = {"Idempotency-Key": text}, f"{WORDS} {text}"
        posted: dict[str, Any] = self.do(self.ada, "POST", "/api/v1/statuses", headers, status=status, **fields)
        return posted
