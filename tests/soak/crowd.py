"""The users of the soaked network: threads that post, follow, favourite, block, delete, log in, leave and so on."""

import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable
from random import Random
from typing import Any

import requests

from tests.support.site import OUT_OF_BAND, PASSWORD, SCOPES, Site

TAGS = ("news", "music", "cats")
_ALLOWED = {200, 401, 403, 404, 422, 503}
"""Statuses that a correct FSTREAM may respond with: what was there may be gone by now, and the engine may fail."""


class Crowd:
    """What all users know of each other, and what happened to them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.accounts: dict[str, str] = {}
        """Ids by name."""
        self.statuses: deque[str] = deque(maxlen=200)
        self.done: Counter[str] = Counter()
        """Requests by action and status."""
        self.wrong: list[str] = []
        """Responses that must not happen."""
        self.over = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self, number: int) -> None:
        """Start users."""
        self._threads = [threading.Thread(target=User(self, Random(each)).run, daemon=True) for each in range(number)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Wait until all users have finished their last requests."""
        self.over.set()
        for thread in self._threads:
            thread.join()


class User:
    """A user with an account, who makes another one after leaving."""

    def __init__(self, crowd: Crowd, random: Random) -> None:
        self._crowd = crowd
        self._random = random
        self._session = requests.Session()
        self._application: dict[str, str] = {}
        self._name = ""
        self._token = ""
        self._own: list[str] = []

    def run(self) -> None:
        """Do one thing after the other until the soak is over."""
        actions: dict[Callable[[], None], int] = {
            self._post: 12,
            self._reply: 8,
            self._react: 12,
            self._relate: 12,
            self._read: 12,
            self._delete: 4,
            self._change: 2,
            self._report: 1,
            self._log_in: 1,
            self._leave: 1,
        }
        while not self._crowd.over.wait(0.02):
            try:
                if self._token:
                    self._random.choices(list(actions), list(actions.values()))[0]()
                else:
                    self._sign_up()
            except requests.RequestException as error:
                self._crowd.wrong.append(type(error).__name__)

    def _ask(self, action: str, method: str, path: str, token: str | None = None, **values: Any) -> Any:
        """Make a request; return the JSON of a success, None otherwise."""
        bearer = self._token if token is None else token
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        answer = self._session.request(method, self._crowd.site.url + path, headers=headers, timeout=90, **values)
        self._crowd.done[f"{action} {answer.status_code}"] += 1
        if answer.status_code not in _ALLOWED:
            self._crowd.wrong.append(f"{action}: {answer.status_code} {answer.text[:200]}")
        if answer.status_code == 401 and token is None:
            self._token = ""  # the account was deleted although the response was an error
        return answer.json() if answer.status_code == 200 else None

    def _sign_up(self) -> None:
        if not self._application:
            wanted = {"client_name": "soak", "redirect_uris": OUT_OF_BAND, "scopes": SCOPES}
            self._application = self._ask("register", "POST", "/api/v1/apps", "", json=wanted) or {}
            return
        name, token = f"u{secrets.token_hex(5)}", self._of_application()
        account = {"username": name, "password": PASSWORD, "agreement": True}
        made = self._ask("sign up", "POST", "/api/v1/accounts", token, json=account) if token else None
        if made:
            self._name, self._token, self._own = name, made["access_token"], []
            me = self._ask("verify", "GET", "/api/v1/accounts/verify_credentials")
            if me:
                self._crowd.accounts[name] = me["id"]

    def _of_application(self) -> str:
        issued = self._grant("client_credentials", scope=SCOPES)
        return str(issued["access_token"]) if issued else ""

    def _grant(self, grant_type: str, **values: str) -> Any:
        client = {name: self._application[name] for name in ("client_id", "client_secret")}
        return self._ask("token", "POST", "/oauth/token", "", data={**client, "grant_type": grant_type, **values})

    def _log_in(self) -> None:
        before = self._token
        issued = self._grant("password", username=self._name, password=PASSWORD, scope=SCOPES)
        if issued:
            self._token = issued["access_token"]
            client = {name: self._application[name] for name in ("client_id", "client_secret")}
            self._ask("revoke", "POST", "/oauth/revoke", "", data={**client, "token": before})

    def _post(self, **fields: object) -> None:
        text = f"{secrets.token_hex(4)} #{self._random.choice(TAGS)}"
        if self._random.random() < 0.3 and self._crowd.accounts:
            text += f" @{self._random.choice(list(self._crowd.accounts))}"
        wanted: dict[str, object] = {
            "status": text,
            "visibility": self._random.choice(["public", "public", "unlisted", "private", "direct"]),
            "expires_in": self._random.choice([5, 60, 3600, 86_400]),
            **fields,
        }
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        bearer = {"Authorization": f"Bearer {self._token}"}
        for _ in range(2):  # a client repeats a request to which it got no response, with the same key
            url = f"{self._crowd.site.url}/api/v1/statuses"
            answer = self._session.post(url, headers=headers | bearer, json=wanted, timeout=90)
            self._crowd.done[f"post {answer.status_code}"] += 1
            if answer.status_code != 503:
                break
        if answer.status_code == 200:
            made = answer.json()["id"]
            self._crowd.statuses.append(made)
            self._own.append(made)
        elif answer.status_code not in _ALLOWED:
            self._crowd.wrong.append(f"post: {answer.status_code} {answer.text[:200]}")

    def _some_status(self) -> str:
        return self._random.choice(list(self._crowd.statuses) or ["0" * 26])

    def _reply(self) -> None:
        self._post(in_reply_to_id=self._some_status())

    def _react(self) -> None:
        verb = self._random.choice(["favourite", "favourite", "unfavourite", "bookmark", "unbookmark"])
        self._ask(verb, "POST", f"/api/v1/statuses/{self._some_status()}/{verb}")

    def _relate(self) -> None:
        verb = self._random.choice(["follow"] * 4 + ["unfollow", "block", "unblock", "mute", "unmute"])
        other = self._random.choice(list(self._crowd.accounts.values()) or ["0" * 13])
        self._ask(verb, "POST", f"/api/v1/accounts/{other}/{verb}", json={})

    def _read(self) -> None:
        tag = f"/api/v1/timelines/tag/{self._random.choice(TAGS)}"
        thread = f"/api/v1/statuses/{self._some_status()}/context"
        paths = ["/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/notifications", tag, thread]
        path = self._random.choice(paths)
        self._ask("read", "GET", path)

    def _delete(self) -> None:
        if self._own:
            gone = self._own.pop(self._random.randrange(len(self._own)))
            self._ask("delete", "DELETE", f"/api/v1/statuses/{gone}")

    def _change(self) -> None:
        wanted = {"note": secrets.token_hex(8), "display_name": secrets.token_hex(4)}
        self._ask("change", "PATCH", "/api/v1/accounts/update_credentials", json=wanted)

    def _report(self) -> None:
        other = self._random.choice(list(self._crowd.accounts.values()) or ["0" * 13])
        self._ask("report", "POST", "/api/v1/reports", json={"account_id": other, "comment": "soak"})

    def _leave(self) -> None:
        if self._random.random() < 0.5:
            return
        if self._ask("leave", "POST", "/api/pleroma/delete_account", json={"password": PASSWORD}) is not None:
            self._crowd.accounts.pop(self._name, None)
            self._token = ""
