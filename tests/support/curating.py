"""What people do with pins, markers and conversations, as steps of a day in the world of `departing`."""

from chalicelib.events import views
from fstream_app import tables
from tests.support.departing import World
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
