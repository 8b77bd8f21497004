"""A reader of messages that others have posted, on MiniStack."""

from typing import Any

from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import User
from fstream_app.messages.posting import Draft
from fstream_app.messages.posting import post as post_message
from fstream_app.repository import batch, users
from fstream_app.tables import EdgeItem
from tests.support import chance, handover
from tests.support.clock import Clock
from tests.support.delivery import changes_of, deliver
from tests.support.engines import cool_down
from tests.support.people import Api, Person

FOLLOWEES = 100
TEXT = "x" * 140

_made: list[tuple[Person, dict[str, Any], int, handover.Items]] = []
"""The reader, the API's application, the time and all items."""


def made_once(api: Api) -> Person:
    """Return a user with messages who follows 100 users, each with messages; put the items again that they left."""
    if not _made:
        person = _make(api)
        _made.append((person, api.application, api.clock.now, handover.items()))
    else:
        person, application, now, items = _made[0]
        handover.put(items)
        api.go_on_with(application, now)
    chance.begin("the reader is there")
    cool_down()
    return person


def _make(api: Api) -> Person:
    person = api.sign_up("reader")
    authors = [make_user(f"author{number}", api.clock.now) for number in range(FOLLOWEES)]
    batch.put(EdgeItem(person.id, edge(EdgeKind.FOLLOW, author.id)) for author in authors)
    own = users.get(person.id)
    assert own is not None
    for some in batch.chunks([*authors, own, own, own, *authors[:18]], 5):
        publish(some, api.clock)
    api.clock.advance(40)  # nothing is late any more
    return person


def make_user(name: str, now: int) -> User:
    """Return a new user, without a password to log in."""
    user = User(id=ids.new_user_id(), name=name, created_at=now, password_hash="hash")
    users.create(user)
    return user


def publish(authors: list[User], clock: Clock) -> None:
    """Post a message of each author, 0.2 s apart, and deliver them as one batch, which is on time."""
    posted = [post_message(author, Draft(TEXT), clock.advance(0.2)) for author in authors]
    assert deliver(changes_of(message.id for message in posted), clock.now) == set()
