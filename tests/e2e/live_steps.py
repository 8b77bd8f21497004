"""Steps of functions that announce something to `live`, and that close WebSockets: see `steps`.

Somebody is online all the time, and `live` does not read its queue.
"""

import time

from websocket import WebSocket, WebSocketTimeoutException

from fstream_app.core.edges import EdgeKind, edge
from tests.e2e.steps import Step
from tests.e2e.world import World, record

_REMEMBERED = 0.6


def forget(world: World) -> None:
    """Empty the queue, and wait until functions have forgotten whether anybody is online."""
    world.announced()
    time.sleep(_REMEMBERED)


def announce_a_filter(world: World) -> None:
    forget(world)
    made = world.site.post(
        "/api/v2/filters", world.bob.token, title="!", context=["home"], keywords_attributes=[{"keyword": "x"}]
    )
    assert world.announced()
    answer = world.site.request("DELETE", f"/api/v2/filters/{made['id']}", world.bob.token)
    assert answer.ok, answer.text


def announce_a_message(world: World) -> None:
    said = world.site.say(world.bob.token, "hello")
    forget(world)
    world.deliver(world.posted(said), to=("fan_out",))
    assert world.announced()


def announce_a_mention(world: World) -> None:
    said = world.site.say(world.bob.token, f"hello @{world.ada.name}")
    forget(world)
    world.deliver(world.posted(said), to=("views",))
    assert world.announced()


def announce_a_follower(world: World) -> None:
    world.act(world.dan, "follow", world.bob)
    forget(world)
    world.relate(record({"u": world.dan.id, "e": edge(EdgeKind.FOLLOW, world.bob.id)}))
    assert world.announced()


def announce_a_favourite(world: World) -> None:
    world.site.post(f"/api/v1/statuses/{world.root['id']}/favourite", world.cyd.token)
    forget(world)
    world.react(record({"user_id": world.cyd.id, "reaction": f"favourite#{world.root['id']}"}))
    assert world.announced()


def is_closed(opened: WebSocket) -> bool:
    """Return whether the server has closed a WebSocket, and close it."""
    opened.settimeout(2)
    try:
        while opened.recv():
            pass
    except WebSocketTimeoutException:
        return False
    finally:
        opened.shutdown()
    return True


def log_out_while_listening(world: World) -> None:
    token = world.log_in(world.bob)
    opened = world.site.socket(token)
    answer = world.site.request("POST", "/oauth/revoke", json={"token": token, **world.site.application})
    closed = is_closed(opened)
    assert answer.ok, answer.text
    assert closed


def finish_leaving_while_listening(world: World) -> None:
    opened = world.listen(world.ada)
    try:
        world.mark_as_leaving(world.ada)
        world.relate(record({"u": world.ada.id, "e": "leave#1"}))
    finally:
        closed = is_closed(opened)
    assert closed


STEPS: dict[str, tuple[Step, ...]] = {
    "api_handler": (announce_a_filter, log_out_while_listening),
    "fan_out": (announce_a_message,),
    "views": (announce_a_mention,),
    "on_relationship": (announce_a_follower, finish_leaving_while_listening),
    "on_reaction": (announce_a_favourite,),
}
"""Steps by the function whose policy they need."""
