"""Users who call the API in process, through Chalice's test client."""

import json as json_codec
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from chalice.test import Client

from app import app
from fstream_app import tables
from fstream_app.core import database
from ops.pump import Pump
from tests.support import contract
from tests.support.beginnings import Beginning, Left, Person
from tests.support.clock import Clock

__all__ = ["PASSWORD", "SCOPES", "SETTLED", "Answer", "Api", "Person", "stored"]

PASSWORD = "correct horse"
SCOPES = "read write follow push"
SETTLED = 1.5


@dataclass(frozen=True)
class Answer:
    """A response of the API."""

    status: int
    json: Any
    headers: Mapping[str, str]
    text: str = ""

    @property
    def error(self) -> str:
        return str(self.json["error"])

    def link(self, relation: str) -> str | None:
        """Return the URL that the Link header gives for a relation, if any."""
        for part in filter(None, self.headers.get("Link", "").split(", ")):
            address, _, parameter = part.partition("; ")
            if parameter == f'rel="{relation}"':
                return address.strip("<>")
        return None


class Api:
    """The API, its clock and its streams."""

    def __init__(self, clock: Clock, pump: Pump) -> None:
        self.clock = clock
        self._pump = pump
        self._beginning = Beginning(clock)
        self._client = Client(app)
        self._application: dict[str, Any] | None = None
        self._signing_up = ""
        """The token with which applications sign users up."""

    def go_on_with(self, application: dict[str, Any], now: int) -> None:
        """Continue with another API's application and time (ms), after its tables were copied."""
        self._application, self._signing_up, self.clock.now = application, "", now

    def request(
        self,
        method: str,
        path: str,
        by: Person | None = None,
        *,
        json: object = None,
        form: list[tuple[str, str]] | dict[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """Make a request, as a user or (None) without a token."""
        sent = dict(headers or {})
        if by is not None:
            sent["authorization"] = f"Bearer {by.token}"
        if json is not None:
            sent["content-type"], body = "application/json", json_codec.dumps(json).encode()
        if form is not None:
            sent["content-type"], body = "application/x-www-form-urlencoded", urlencode(form).encode()
        if query:
            path += "?" + urlencode(query, doseq=True)
        response = self._client.http.request(method, path, headers=sent, body=body or b"")
        contract.check(method, path, response.status_code, response.json_body)
        text = response.body.decode(errors="replace")
        return Answer(response.status_code, response.json_body, response.headers, text)

    def get(self, path: str, by: Person | None = None, **query: Any) -> Answer:
        return self.request("GET", path, by, **query)

    def follow_link(self, address: str, by: Person | None = None) -> Answer:
        """Get a URL of a Link header."""
        parts = urlsplit(address)
        return self.get(parts.path, by, **dict(parse_qsl(parts.query)))

    @property
    def application(self) -> dict[str, Any]:
        """A registered application."""
        if self._application is None:
            self._application = self.request(
                "POST",
                "/api/v1/apps",
                json={"client_name": "tests", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": SCOPES},
            ).json
        return self._application

    def application_token(self, scope: str = SCOPES) -> str:
        """Return a token of the application, without a user."""
        return str(self.token("client_credentials", scope=scope).json["access_token"])

    def token(self, grant_type: str, **values: str) -> Answer:
        """Request a token from `/oauth/token`."""
        client = {name: self.application[name] for name in ("client_id", "client_secret")}
        return self.request("POST", "/oauth/token", form=client | {"grant_type": grant_type} | values)

    def sign_up(self, name: str, password: str = PASSWORD) -> Person:
        """Sign a user up."""
        left = self._beginning.sign_up(name, password, lambda: self._sign_up(name, password))
        self._application, self._signing_up = left.application, left.signing_up
        return left.person

    def _sign_up(self, name: str, password: str) -> Left:
        self._signing_up = self._signing_up or self.application_token()
        answer = self._ask_to_sign_up(name, password)
        if answer.status == 401:  # the tables are those of a time before the token
            self._signing_up = self.application_token()
            answer = self._ask_to_sign_up(name, password)
        assert answer.status == 200, answer.json
        unknown = Person(name.lower(), "", answer.json["access_token"])
        person = Person(
            name.lower(), self.get("/api/v1/accounts/verify_credentials", unknown).json["id"], unknown.token
        )
        return Left(person, self.application, self._signing_up)

    def _ask_to_sign_up(self, name: str, password: str) -> Answer:
        wanted = {"username": name, "password": password, "agreement": True}
        return self.request("POST", "/api/v1/accounts", Person("", "", self._signing_up), json=wanted)

    def post(self, by: Person, text: str, **fields: object) -> dict[str, Any]:
        """Post a message; return its entity."""
        answer = self.request("POST", "/api/v1/statuses", by, json={"status": text, **fields})
        assert answer.status == 200, answer.json
        status: dict[str, Any] = answer.json
        return status

    def delete(self, by: Person, status: Mapping[str, Any]) -> Answer:
        return self.request("DELETE", f"/api/v1/statuses/{status['id']}", by)

    def act(self, by: Person, verb: str, whom: Person, **fields: object) -> dict[str, Any]:
        """Follow, unfollow, block, unblock, mute or unmute a user; return the relationship."""
        answer = self.request("POST", f"/api/v1/accounts/{whom.id}/{verb}", by, json=fields)
        assert answer.status == 200, answer.json
        relationship: dict[str, Any] = answer.json
        return relationship

    def deliver(self) -> None:
        """Run the stream functions on all new records, then advance the clock by the settling time."""
        self._pump.drain()
        self.clock.advance(SETTLED)

    def read(self, path: str, by: Person | None = None, **query: Any) -> list[str]:
        """Return the ids on a page."""
        answer = self.get(path, by, **query)
        assert answer.status == 200, answer.json
        return [status["id"] for status in answer.json]

    def home(self, by: Person, **query: Any) -> list[str]:
        return self.read("/api/v1/timelines/home", by, **query)


def stored() -> dict[str, list[str]]:
    """Return all items of all tables by model name: JSON texts, sorted."""
    client = database.connection().client
    return {
        model.__name__: sorted(
            json_codec.dumps(item, default=repr, sort_keys=True)
            for item in client.scan(TableName=model.table_name())["Items"]
        )
        for model in tables.ALL
    }
