"""The baseline for comparison: a social network in the memory of one Flask process, the seed of FSTREAM's idea.

Messages are a list and users a dictionary; a home timeline filters and sorts the list. The data cannot be shared with a
second process and is lost when the process ends. `BASELINE_USERS` and `BASELINE_MESSAGES` are the numbers of users and
messages at the start. The bearer token is the caller's name: `Authorization: Bearer reader0`.
"""

import os
import secrets
import time
from dataclasses import dataclass, field
from html import escape
from typing import Any

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

LIFETIME = 7 * 86_400_000
AUTHORS, FOLLOWED, READERS = 1_000, 100, 8
TEXT = ("The quick brown fox jumps over the lazy dog, and nobody remembers it. " * 2)[:140]


@dataclass(slots=True)
class User:
    """A user."""

    name: str
    following: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Message:
    """A message; times are milliseconds since the epoch."""

    id: str
    author: str
    text: str
    posted_at: int
    expires_at: int


def create() -> Flask:
    """Create the application."""
    app = Flask(__name__)
    users = _first_users(int(os.environ.get("BASELINE_USERS", "1111")))
    messages = _first_messages(int(os.environ.get("BASELINE_MESSAGES", "0")))

    @app.post("/api/v1/accounts/<name>/follow")
    def follow(name: str) -> ResponseReturnValue:
        _caller(users).following.add(name)
        return jsonify(following=True)

    @app.post("/api/v1/statuses")
    def post() -> ResponseReturnValue:
        message = _message(_caller(users).name, str((request.json or {})["status"]), _now())
        messages.append(message)
        return jsonify(_shown(message))

    @app.get("/api/v1/timelines/home")
    def home() -> ResponseReturnValue:
        reader, since = _caller(users), request.args.get("since_id", "")
        wanted = reader.following | {reader.name}
        now = _now()
        found = [each for each in messages if each.author in wanted and each.expires_at > now and each.id > since]
        found.sort(key=lambda each: each.id, reverse=True)
        return jsonify([_shown(message) for message in found[: request.args.get("limit", 20, int)]])

    return app


def _now() -> int:
    return time.time_ns() // 1_000_000


def _first_users(number: int) -> dict[str, User]:
    users = {
        f"reader{place}": User(f"reader{place}", {f"author{each}" for each in range(FOLLOWED)})
        for place in range(READERS)
    }
    users |= {f"author{place}": User(f"author{place}") for place in range(AUTHORS)}
    return users | {f"user{place}": User(f"user{place}") for place in range(number - len(users))}


def _first_messages(number: int) -> list[Message]:
    now = _now()
    return [_message(f"author{place % AUTHORS}", TEXT, now - number + place) for place in range(number)]


def _message(author: str, text: str, now: int) -> Message:
    return Message(f"{now:013d}{secrets.token_hex(4)}", author, text, now, now + LIFETIME)


def _caller(users: dict[str, User]) -> User:
    user = users.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
    return user or abort(401)


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "created_at": message.posted_at,
        "content": f"<p>{escape(message.text)}</p>",
        "account": {"username": message.author, "acct": message.author},
        "pleroma": {"expires_at": message.expires_at},
    }
