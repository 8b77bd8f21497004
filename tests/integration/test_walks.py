"""Paging along `Link`, down and up, while new messages arrive, shows each message once."""

from collections.abc import Callable
from typing import Any

import pytest

from fstream_app.core.entities import User
from fstream_app.core.ids import new_user_id
from fstream_app.messages import reactions
from fstream_app.messages.posting import Draft
from fstream_app.messages.posting import post as post_message
from fstream_app.repository import users
from tests.support.delivery import changes_of, deliver
from tests.support.people import Api, Person

MANY = 200
LISTS = ("home", "public", "tag", "account", "favourites", "bookmarks", "notifications")


class Scene:
    """A reader, and authors whose messages are on all lists of the reader."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.reader = api.sign_up("reader")
        self.authors = [self._author(number) for number in range(3)]
        self.posted: list[str] = []

    def _author(self, number: int) -> User:
        user = User(id=new_user_id(), name=f"author{number}", created_at=self.api.clock.now, password_hash="hash")
        users.create(user)
        self.api.act(self.reader, "follow", Person(user.name, user.id, ""))
        return user

    @property
    def paths(self) -> dict[str, str]:
        return {
            "home": "/api/v1/timelines/home",
            "public": "/api/v1/timelines/public",
            "tag": "/api/v1/timelines/tag/tag",
            "account": f"/api/v1/accounts/{self.authors[0].id}/statuses",
            "favourites": "/api/v1/favourites",
            "bookmarks": "/api/v1/bookmarks",
            "notifications": "/api/v1/notifications",
        }

    def post(self, number: int, kind: str) -> None:
        """Post and deliver messages in a batch; the reader favourites or bookmarks them if the list needs it."""
        authors = self.authors[:1] if kind == "account" else self.authors
        made = []
        for each in range(number):
            message = post_message(authors[each % len(authors)], Draft("@reader #tag"), self.api.clock.advance(0.1))
            made.append(message)
            if kind in {"favourites", "bookmarks"}:
                getattr(reactions, kind[:-1])(self.reader.id, str(message.id), self.api.clock.now)
        deliver(changes_of(message.id for message in made), self.api.clock.now)
        self.api.clock.advance(2)
        self.posted = [str(message.id) for message in reversed(made)] + self.posted

    def ids(self, page: Any) -> list[str]:
        return [each["status"]["id"] if "status" in each else each["id"] for each in page.json]


@pytest.fixture
def scene(request: pytest.FixtureRequest, kind: str) -> Scene:
    """Home on the local engine; the other lists on moto, which takes half of the CPU."""
    return Scene(request.getfixturevalue("real_api" if kind == "home" else "api"))


def walk(scene: Scene, page: Any, relation: str, between: Callable[[], None]) -> list[list[str]]:
    """Follow one relation to its end, calling `between` after each of the first three pages; return the pages' ids."""
    pages = []
    for number in range(100):
        pages.append(scene.ids(page))
        address = page.link(relation)
        if address is None or not page.json:
            return pages
        if number < 3:
            between()
        page = scene.api.follow_link(address, scene.reader)
    raise AssertionError("the walk does not end")


@pytest.mark.parametrize("kind", LISTS)
def test_a_walk_over_200_messages_gives_each_once_both_ways_while_new_ones_arrive(scene: Scene, kind: str) -> None:
    scene.post(MANY, kind)
    known = list(scene.posted)
    path = scene.paths[kind]
    down = walk(scene, scene.api.get(path, scene.reader), "next", lambda: scene.post(2, kind))
    read = [each for page in down for each in page]
    # Notifications that arrive with one batch are in no particular order.
    assert (sorted(read) if kind == "notifications" else read) == (sorted(known) if kind == "notifications" else known)
    assert len(scene.posted) == MANY + 6
    oldest = scene.api.get(path, scene.reader, min_id="0" * 26)
    up = walk(scene, oldest, "prev", lambda: scene.post(2, kind))
    assert [each for page in reversed(up) for each in page] == scene.posted
