"""People with open WebSockets, to whom the function `live` sends what others do."""

import pytest

from chalicelib.events import fan_out, on_reaction, on_relationship, views
from fstream_app.core import queue
from fstream_app.core.streams import Stream, Subscription
from tests.support.departing import World
from tests.support.engines import cool_down
from tests.support.listening import USER, Listening
from tests.support.records import followed, posted, record, run

_STREAMS = (
    USER,
    Subscription(Stream.NOTIFICATIONS),
    Subscription(Stream.PUBLIC),
    Subscription(Stream.HASHTAG, "tea", "tea"),
)


def catch_up(world: World) -> None:
    """Open the only WebSocket of all, just after something was posted that nobody could be sent."""
    api = world.api
    assert api.request("POST", "/api/v1/tags/tea/follow", world.cyd).status == 200
    api.clock.advance(120)  # pages no longer wait for what was late before
    with pytest.MonkeyPatch.context() as patch:
        listening = Listening(api, lambda **_: None, patch)
        first = api.post(world.bob, "hello #tea")
        assert run(fan_out, posted(first)) == []
        opened = listening.gateway.connect(world.cyd.token, stream="user").id
        cool_down()  # `live` is another function, and has not yet read the log
        listening.gateway.install()
        listening.run()
        assert first["id"] in str(listening.gateway.frames(opened))
        listening.gateway.disconnect(opened)
        queue.client.use(listening.queue)
        api.clock.advance(60)
        again = listening.gateway.connect(world.cyd.token).id
        assert listening.gateway.say(again, {"type": "subscribe", "stream": "user"}) == []
        listening.gateway.disconnect(again)


def hear(world: World) -> None:
    """Post, reply, boost, edit, favourite and delete while people listen, one of whom has gone without a word."""
    api = world.api
    with pytest.MonkeyPatch.context() as patch:
        listening = Listening(api, lambda **_: None, patch)
        sockets = [listening.opens(each, *_STREAMS) for each in (world.ada, world.bob, world.cyd)]
        listening.gateway.open.discard(sockets[2].id)
        api.clock.advance(1)
        first = api.post(world.bob, "hello @ada #tea")
        reply = api.post(world.ada, "so @bob #tea", in_reply_to_id=first["id"])
        boost = api.request("POST", f"/api/v1/statuses/{first['id']}/reblog", world.cyd).json
        api.request("POST", f"/api/v1/statuses/{first['id']}/favourite", world.ada)
        made = [posted(each, sequence=str(number)) for number, each in enumerate((first, reply, boost))]
        for function in (fan_out, views):
            api.clock.advance(1)  # what functions remember of who is online is another function's here
            assert run(function, *made) == []
        api.clock.advance(1)
        assert run(on_relationship, followed(world.cyd, world.bob)) == []
        api.clock.advance(1)
        favourite = {"user_id": world.ada.id, "reaction": f"favourite#{first['id']}"}
        assert run(on_reaction, record(favourite, "INSERT", "1")) == []
        listening.run()
        assert ("update", first["id"]) in listening.events(sockets[0])
        assert api.request("PUT", f"/api/v1/statuses/{first['id']}", world.bob, json={"status": "#tea"}).status == 200
        listening.run()
        api.delete(world.bob, first)
        assert run(fan_out, posted(first, "REMOVE")) == []
        listening.run()
        assert ("delete", first["id"]) in listening.events(sockets[0])
