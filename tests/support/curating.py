"""What people do with pins, markers, conversations and scheduled messages: steps in the world of `departing`."""

from datetime import UTC, datetime

from chalicelib.events import views
from fstream_app import tables
from fstream_app.access.oauth import hash_secret
from fstream_app.core.streams import Stream, Subscription
from fstream_app.repository import messages
from tests.support.departing import World
from tests.support.gateway import Gateway
from tests.support.people import Api, Person
from tests.support.records import posted, run

CONVERSATIONS = "/api/v1/conversations"


def pin_and_unpin(world: World) -> None:
    status = world.api.post(world.bob, "well")
    for verb in ("pin", "unpin"):
        assert world.api.request("POST", f"/api/v1/statuses/{status['id']}/{verb}", world.bob).status == 200


def say_in_private(api: Api, by: Person, *names: str) -> None:
    """Send a direct message and a reply to oneself, and deliver them."""
    first = api.post(by, " ".join(names), visibility="direct")
    reply = api.post(by, " ".join(names), visibility="direct", in_reply_to_id=first["id"])
    assert run(views, posted(first), posted(reply, sequence="2")) == []
    api.clock.advance(20)  # other steps were late


def talk(world: World) -> None:
    say_in_private(world.api, world.bob, "@cyd")
    (conversation,) = world.api.get(CONVERSATIONS, world.cyd).json
    for method, path in (("POST", "/read"), ("DELETE", "")):
        answer = world.api.request(method, f"{CONVERSATIONS}/{conversation['id']}{path}", world.cyd)
        assert answer.status == 200


def do_things_while_leaving(world: World) -> None:
    """The requests of a user whose account is being deleted undo what they wrote."""
    say_in_private(world.api, world.cyd, "@dan")
    (conversation,) = world.api.get(CONVERSATIONS, world.dan).json
    tables.UserItem(world.dan.id).update([tables.UserItem.leaving.set(True)])
    form = {"home[last_read_id]": world.replied_to["id"]}
    assert world.api.request("POST", "/api/v1/markers", world.dan, form=form).status == 401
    answer = world.api.request("DELETE", f"{CONVERSATIONS}/{conversation['id']}", world.dan)
    assert answer.status == 401
    tables.UserItem(world.dan.id).update([tables.UserItem.leaving.remove()])


def schedule(world: World) -> None:
    api, path = world.api, "/api/v1/scheduled_statuses"
    due = [datetime.fromtimestamp(api.clock.now / 1000 + ahead, UTC).isoformat() for ahead in (600, 900)]
    fields = {"status": "later #tag", "in_reply_to_id": world.replied_to["id"], "scheduled_at": due[0]}
    headers = {"Idempotency-Key": "later"}
    made = api.request("POST", "/api/v1/statuses", world.cyd, json=fields, headers=headers).json["id"]
    (stored,) = messages.waiting_of(world.cyd.id, api.clock.now)
    assert run(views, posted({"id": str(stored.id), "account": {"id": world.cyd.id}})) == []
    assert api.request("PUT", f"{path}/{made}", world.cyd, json={"scheduled_at": due[1]}).status == 200
    assert api.request("DELETE", f"{path}/{made}", world.cyd).status == 200


def open_sockets(world: World) -> None:
    """Open WebSockets; the functions of the API find them again when tokens end."""
    api = Gateway()
    api.install()
    for person in (world.ada, world.cyd):
        api.opened(person.id, "another token", world.api.clock.now, Subscription(Stream.PUBLIC))


def listen(world: World) -> None:
    """Open a WebSocket, subscribe and unsubscribe on it, and close it, often enough to be counted."""
    api = Gateway()
    tables.TokenItem(hash_secret(world.bob.token)).update([tables.TokenItem.used_on.remove()])
    for _ in range(10):
        socket = api.connect(world.bob.token, stream="public").id
        for verb in ("subscribe", "unsubscribe"):
            for _ in range(5):
                api.say(socket, {"type": verb, "stream": "hashtag", "tag": "tea"})
        api.disconnect(socket)
    api.say(socket, {"type": "subscribe", "stream": "public"})


def make_a_list(world: World) -> None:
    """Make an exclusive list, fill and empty it, and delete it."""
    sent = {"account_ids": [world.ada.id], "title": "list", "exclusive": True}
    made = world.api.request("POST", "/api/v1/lists", world.bob, json=sent).json["id"]
    for call in ("POST accounts", "DELETE accounts", "PUT ", "DELETE "):
        method, path = call.split(" ")
        assert world.api.request(method, f"/api/v1/lists/{made}/{path}".rstrip("/"), world.bob, json=sent).status == 200


def repeat_a_post(world: World) -> None:
    fields, headers = {"status": "once"}, {"Idempotency-Key": "again"}
    for _ in range(2):
        first = world.api.request("POST", "/api/v1/statuses", world.bob, json=fields, headers=headers).json
    # State after an attempt interrupted between its two writes.
    tables.MessageItem(world.bob.id, first["id"]).delete()
    assert world.api.request("POST", "/api/v1/statuses", world.bob, json=fields, headers=headers).status == 200
    assert world.api.delete(world.bob, first).status == 200


def filter_messages(world: World) -> None:
    api, made = world.api, world.api.get("/api/v2/filters", world.ada).json[0]["id"]
    assert api.request("PUT", f"/api/v2/filters/{made}", world.ada).status == 200


def use_notifications(world: World) -> None:
    """Read, dismiss and clear notifications."""
    world.api.clock.advance(2)
    notifications = world.api.get("/api/v1/notifications", world.bob).json
    assert notifications
    number = notifications[0]["id"]
    assert world.api.get(f"/api/v1/notifications/{number}", world.bob).status == 200
    for path in (f"{number}/dismiss", "clear"):
        assert world.api.request("POST", f"/api/v1/notifications/{path}", world.bob).status == 200
