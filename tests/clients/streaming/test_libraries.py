"""Messages, notifications and deletions reach client libraries on their own."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from tests.clients.streaming.libraries import Node, Open, mastodon_py, plain
from tests.clients.streaming.people import Join
from tests.support.site import Site, eventually
from tests.support.sockets import Feed, until_live, until_notified

STREAMS = {
    "websocket-client": ["user", "user:notification"],
    "Mastodon.py": ["user", "user:notification"],
    "masto.js": ["user", "user:notification"],
    "megalodon": ["user"],  # it opens a socket for each stream, and has none for notifications alone
}
UNTIL_DELETED = "Mastodon.py"
"""Mastodon.py 2.3 takes the id of a deleted message for JSON, and stops listening unless it is a number."""


class Evening(NamedTuple):
    """What Ada has done while Bob's clients were listening, and what these have received."""

    feeds: dict[str, Feed]
    message: str
    mention: str
    notification: str


@pytest.fixture(scope="module")
def evening(site: Site, join: Join, node: Node | str) -> Iterator[Evening]:
    """Ada writes, mentions Bob, and deletes a message."""
    ada = join("ada")
    bob = join("bob", ada)
    with ExitStack() as running, ExitStack() as until_deleted:
        opening: dict[str, Open] = {"websocket-client": running.enter_context(plain(site))}
        opening[UNTIL_DELETED] = until_deleted.enter_context(mastodon_py(site))
        if isinstance(node, Node):
            opening |= {"masto.js": node.open("masto"), "megalodon": node.open("megalodon")}
        feeds = {library: listen(bob.token, STREAMS[library]) for library, listen in opening.items()}
        streams = {feed: len(STREAMS[library]) for library, feed in feeds.items()}
        until_live(site, ada.token, list(streams))
        until_notified(site, ada.token, bob.name, streams)
        message = site.say(ada.token, "Good evening")["id"]
        mention = site.say(ada.token, f"@{bob.name} are you there?")["id"]
        for feed in streams:
            feed.wait("update", message)
            feed.wait("update", mention)
        notification = notification_of(site, bob.token, mention)
        for feed, number in streams.items():
            feed.wait_for_copies("notification", notification, number)
        until_deleted.close()
        assert site.request("DELETE", f"/api/v1/statuses/{message}", ada.token).ok
        for library, feed in feeds.items():
            if library != UNTIL_DELETED:
                feed.wait("delete", message)
        yield Evening(feeds, message, mention, notification)


def notification_of(site: Site, token: str, status_id: str) -> str:
    """Return the id of the notification of a message."""

    def find() -> str | None:
        listed = site.get("/api/v1/notifications", token)
        return next((str(each["id"]) for each in listed if (each["status"] or {}).get("id") == status_id), None)

    found = eventually(find)
    assert found
    return found


@pytest.fixture(params=STREAMS)
def library(request: pytest.FixtureRequest, evening: Evening, node: Node | str) -> str:
    """A library that can be used here."""
    if request.param not in evening.feeds:
        pytest.skip(f"{request.param}: {node}")
    return str(request.param)


def test_each_message_arrives_once(evening: Evening, library: str) -> None:
    ids = evening.feeds[library].ids("update")
    assert len(ids) == len(set(ids))
    assert {evening.message, evening.mention} <= set(ids)


def test_a_notification_arrives_once_for_each_stream(evening: Evening, library: str) -> None:
    arrived = Counter(evening.feeds[library].ids("notification"))
    assert arrived[evening.notification] == max(arrived.values()) == len(STREAMS[library])


def test_a_deletion_arrives_once(evening: Evening, library: str) -> None:
    deleted = [] if library == UNTIL_DELETED else [evening.message]
    assert evening.feeds[library].ids("delete") == deleted


def test_nothing_else_arrives(evening: Evening, library: str) -> None:
    assert {event.name for event in evening.feeds[library].all()} <= {"update", "notification", "delete"}
