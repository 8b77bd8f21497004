"""Steps that edit and quote messages, for the tests of the policies."""

from chalicelib.events import on_reaction, views
from fstream_app.core.entities import ReactionKind
from fstream_app.core.ids import MessageId
from fstream_app.repository.reactions import sort_key
from tests.support.departing import World
from tests.support.records import posted, record, run


def edit(world: World) -> None:
    """Mentions and hashtags come and go."""
    status = world.api.post(world.bob, "well #this @cyd")
    assert run(views, posted(status)) == []
    fields = {"status": "well #that @ada"}
    assert world.api.request("PUT", f"/api/v1/statuses/{status['id']}", world.bob, json=fields).status == 200
    assert world.api.get(f"/api/v1/statuses/{status['id']}/history", world.ada).status == 200


def edit_a_boosted_message(world: World) -> None:
    status = world.api.post(world.bob, "well")
    path = f"/api/v1/statuses/{status['id']}"
    assert world.api.request("POST", f"{path}/reblog", world.cyd).status == 200
    boost = {"user_id": world.cyd.id, "reaction": sort_key(ReactionKind.BOOST, MessageId.parse(status["id"]))}
    assert run(on_reaction, record(boost, "INSERT", "1")) == []
    assert world.api.request("PUT", path, world.bob, json={"status": "better"}).status == 200
    world.api.clock.advance(1)
    mark = {"user_id": world.bob.id, "reaction": f"edited#{status['id']}"}
    assert run(on_reaction, record(mark, "INSERT", "2")) == []


def quote(world: World) -> None:
    """Quotes are in views of their own, until they are revoked or deleted."""
    api, path = world.api, f"/api/v1/statuses/{world.statuses[0]['id']}/quotes"
    fields = {"quoted_status_id": world.statuses[0]["id"]}
    kept, revoked = (api.post(world.bob, text, **fields) for text in ("look", "look again"))
    assert run(views, posted(kept), posted(revoked, sequence="2")) == []
    assert api.request("POST", f"{path}/{revoked['id']}/revoke", world.ada).status == 200
    assert api.read(path, world.ada) == [kept["id"]]
    assert api.delete(world.bob, kept).status == 200
