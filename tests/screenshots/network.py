"""A local network with a day of messages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.screenshots import people
from tests.screenshots.people import (
    BOOKMARKS,
    BOOSTS,
    FAVOURITES,
    FOLLOWED,
    FOLLOWERS,
    LISTS,
    NEIGHBOURS,
    PEOPLE,
    SAID,
    VIEWER,
    VOTES,
    Said,
)
from tests.support.site import OUT_OF_BAND, SCOPES, Process, Site, eventually, surroundings

HOST = "fstream.example"
"""The host in the pictures. The browser finds it at the local server."""
_JOINED = 40 * people.DAY
"""Seconds since people have signed up."""
_UNREAD = 3
"""How many notifications are new."""


class _Site(Site):
    @cached_property
    def application(self) -> dict[str, str]:
        """The web client, with which all messages are posted."""
        made = self.post("/api/v1/apps", client_name="FSTREAM", redirect_uris=OUT_OF_BAND, scopes=SCOPES)
        return {name: made[name] for name in ("client_id", "client_secret")}


class Network:
    """A running FSTREAM whose clock can be set back."""

    def __init__(self, site: Site, clock: Path) -> None:
        self.site, self._clock = site, clock
        self.tokens: dict[str, str] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        """By the key of the message."""

    def populate(self) -> None:
        """Let the people sign up, follow each other, and say what they say."""
        self._set_back(_JOINED)
        for name, (display, note, place) in PEOPLE.items():
            self.tokens[name] = self.site.sign_up(name)
            fields = {"0": {"name": "Where", "value": place}} if place else {}
            profile = {"display_name": display, "note": note, "fields_attributes": fields}
            self._ask("PATCH", "/api/v1/accounts/update_credentials", name, **profile)
        ids = {name: self.site.id_of(token) for name, token in self.tokens.items()}
        for name in FOLLOWED:
            self._ask("POST", f"/api/v1/accounts/{ids[name]}/follow", VIEWER)
        for name in FOLLOWERS:
            self._ask("POST", f"/api/v1/accounts/{ids[VIEWER]}/follow", name)
        self._befriend(ids)
        for said in SAID:
            self._say(said)
        self._set_back(0)
        for title in LISTS:
            self._ask("POST", "/api/v1/lists", VIEWER, title=title)
        assert eventually(lambda: len(self.site.home(self.tokens[VIEWER])) == 20)
        self._read_notifications()

    def _befriend(self, ids: dict[str, str]) -> None:
        others = [name for name in PEOPLE if name != VIEWER]
        for place, name in enumerate(others):
            for other in (others * 2)[place + 1 : place + 1 + NEIGHBOURS]:
                self._ask("POST", f"/api/v1/accounts/{ids[other]}/follow", name)

    def _read_notifications(self) -> None:
        """Let the viewer have seen all notifications but the newest."""
        token = self.tokens[VIEWER]
        found = self.site.request("GET", "/api/v1/notifications", token).json()
        read = {"last_read_id": found[_UNREAD]["id"]}
        self._ask("POST", "/api/v1/markers", VIEWER, notifications=read)

    def delete(self, key: str) -> bool:
        """Delete a message; return whether it was there."""
        said = self.statuses[key]
        address = f"/api/v1/statuses/{said['id']}"
        return self.site.request("DELETE", address, self.tokens[said["account"]["username"]]).status_code == 200

    def _say(self, said: Said) -> None:
        self._set_back(said.ago)
        fields: dict[str, object] = {"expires_in": said.lasts, "language": said.language, "visibility": said.visibility}
        if said.to:
            fields["in_reply_to_id"] = self.statuses[said.to]["id"]
        if said.quotes:
            fields["quoted_status_id"] = self.statuses[said.quotes]["id"]
        if said.warning:
            fields["spoiler_text"] = said.warning
        if said.options:
            fields["poll"] = {"options": list(said.options), "expires_in": said.lasts}
        status = self.site.say(self.tokens[said.by], said.text, **fields)
        if said.key:
            self.statuses[said.key] = status
            self._react(said)

    def _react(self, said: Said) -> None:
        """Let others react within minutes, or at least in the past."""
        self._set_back(max(10, said.ago - 4 * people.MINUTE))
        address = f"/api/v1/statuses/{self.statuses[said.key]['id']}"
        for name in FAVOURITES.get(said.key, ()):
            self._ask("POST", f"{address}/favourite", name)
        for name in BOOSTS.get(said.key, ()):
            self._ask("POST", f"{address}/reblog", name)
        if said.key in BOOKMARKS:
            self._ask("POST", f"{address}/bookmark", VIEWER)
        if said.options:
            poll = self.statuses[said.key]["poll"]["id"]
            for name, choice in VOTES.items():
                self._ask("POST", f"/api/v1/polls/{poll}/votes", name, choices=[choice])

    def _ask(self, method: str, path: str, by: str, **values: object) -> None:
        answer = self.site.request(method, path, self.tokens[by], json=values)
        assert answer.status_code == 200, (path, answer.text)

    def _set_back(self, seconds: int) -> None:
        """Set the server's clock back by so many seconds."""
        following = self._clock.with_suffix(".next")
        following.write_text(str(seconds), encoding="ascii")
        following.replace(self._clock)


@contextmanager
def running(folder: Path, port: int) -> Iterator[Network]:
    """Run a network with its people."""
    clock = folder / "clock"
    clock.write_text(str(_JOINED), encoding="ascii")
    command = [sys.executable, "-m", "tests.screenshots.past", str(clock), str(port)]
    environment = surroundings(FSTREAM_RATE_LIMITS="off", FSTREAM_BASE_URL=f"http://{HOST}")
    with Process(command, folder / "output.log", environment) as process:
        process.wait_for(r"(?m)^(FSTREAM) is at ")
        network = Network(_Site(f"http://127.0.0.1:{port}"), clock)
        network.populate()
        yield network
