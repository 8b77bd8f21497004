"""Steps of users and streams: each does one thing, and fails without the permissions that it needs."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fstream_app.access import authorization
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.ids import MessageId
from tests.e2e.world import World, record
from tests.support.site import OUT_OF_BAND, SCOPES, eventually, unique
from tests.support.visitor import VERIFIER, Page

Step = Callable[[World], object]


def register_an_application(world: World) -> None:
    world.site.post("/api/v1/apps", client_name="steps", redirect_uris=OUT_OF_BAND, scopes=SCOPES)


def sign_up(world: World) -> None:
    world.site.sign_up(unique("eve"))


def log_in(world: World) -> None:
    world.log_in(world.ada)


def log_out(world: World) -> None:
    answer = world.site.request("POST", "/oauth/revoke", json={"token": world.ada.token, **world.site.application})
    assert answer.ok, answer.text


def let_an_application_in(world: World) -> None:
    application = world.site.post("/api/v1/apps", client_name="steps", redirect_uris="https://client.test/back")
    client = {name: application[name] for name in ("client_id", "client_secret")}
    asked = {
        "client_id": client["client_id"],
        "redirect_uri": "https://client.test/back",
        "response_type": "code",
        "scope": "read",
        "code_challenge": authorization.challenge(VERIFIER),
        "code_challenge_method": "S256",
    }
    page = Page(world.site.request("GET", "/oauth/authorize", params=asked).text)
    fields = {field["name"]: field["value"] for field in page.all("input")}
    typed = {"username": world.ada.name, "password": "correct horse", "decision": "log_in"}
    answer = world.site.request("POST", "/oauth/authorize", data=fields | typed, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    code = answer.headers["Location"].partition("code=")[2].partition("&")[0]
    bought = {"grant_type": "authorization_code", "code": code, "redirect_uri": asked["redirect_uri"]}
    world.site.post("/oauth/token", code_verifier=VERIFIER, **client, **bought)


def look_at_sessions(world: World) -> None:
    assert any(each["current"] for each in world.site.get("/api/oauth_tokens", world.ada.token))


def change_a_password(world: World) -> None:
    fields = {"password": "correct horse", "new_password": "correct horse"}
    world.site.post("/api/pleroma/change_password", world.ada.token, **fields)


def change_a_profile(world: World) -> None:
    answer = world.site.request("PATCH", "/api/v1/accounts/update_credentials", world.ada.token, json={"note": "!"})
    assert answer.ok, answer.text


def look_at_people(world: World) -> None:
    for path in (f"{world.ada.id}", f"{world.ada.id}/followers", f"{world.ada.id}/following", "relationships"):
        world.site.get(f"/api/v1/accounts/{path}", world.bob.token, **{"id[]": world.ada.id})


def look_at_the_instance(world: World) -> None:
    # Without its permission, the document still comes, but without counts.
    world.cool_down()
    assert world.site.get("/api/v1/instance")["stats"]["user_count"] > 0


def search_for_people(world: World) -> None:
    world.site.get("/api/v1/accounts/search", world.bob.token, q=world.ada.name[:5])


def unfollow_and_follow(world: World) -> None:
    world.act(world.cyd, "unfollow", world.ada)
    world.act(world.cyd, "follow", world.ada)


def block_and_mute(world: World) -> None:
    for verb in ("mute", "unmute", "block", "unblock"):
        world.act(world.bob, verb, world.cyd)


def make_a_list(world: World) -> None:
    made = world.site.post("/api/v1/lists", world.bob.token, title="list", exclusive=True)["id"]
    world.site.post(f"/api/v1/lists/{made}/accounts", world.bob.token, account_ids=[world.ada.id])
    answer = world.site.request("DELETE", f"/api/v1/lists/{made}", world.bob.token)
    assert answer.ok, answer.text


def post(world: World) -> None:
    world.site.say(world.ada.token, "hello")


def reply(world: World) -> None:
    world.site.say(world.ada.token, "so", in_reply_to_id=world.root["id"])


def post_once(world: World) -> None:
    first = world.post_once(world.bob, "again", "once")
    world.delete("messages", author_id=world.bob.id, id=first["id"])  # as if interrupted between the two writes
    assert world.post_once(world.bob, "again", "once")["id"]


def schedule_and_cancel(world: World) -> None:
    due = datetime.fromtimestamp(time.time() + 600, UTC).isoformat()
    made = world.site.say(world.ada.token, "later", scheduled_at=due)
    answer = world.site.request("DELETE", f"/api/v1/scheduled_statuses/{made['id']}", world.ada.token)
    assert answer.ok, answer.text


def delete(world: World) -> None:
    answer = world.site.request("DELETE", f"/api/v1/statuses/{world.public['id']}", world.ada.token)
    assert answer.ok, answer.text


def edit(world: World) -> None:
    said = world.site.say(world.bob.token, f"well #this @{world.cyd.name}")
    world.deliver(world.posted(said))
    for text in (f"well #that @{world.ada.name}", "well"):
        answer = world.site.request("PUT", f"/api/v1/statuses/{said['id']}", world.bob.token, json={"status": text})
        assert answer.ok, answer.text


def react(world: World) -> None:
    for verb in ("favourite", "bookmark", "reblog", "unfavourite", "unbookmark", "unreblog"):
        world.site.post(f"/api/v1/statuses/{world.root['id']}/{verb}", world.cyd.token)


def look_at_reactions(world: World) -> None:
    for path in ("favourites", "bookmarks", f"statuses/{world.root['id']}/favourited_by"):
        assert world.site.get(f"/api/v1/{path}", world.ada.token)


def read_home_when_cold(world: World) -> None:
    world.cool_down()
    # The page waits for as long as deliveries were late in the last seconds.
    assert eventually(lambda: world.root["id"] in world.site.home(world.ada.token), seconds=60, pause=1)


def read_home_from_the_log_alone(world: World) -> None:
    world.cool_down()  # a function waits for what it has posted in other steps
    status = world.site.say(world.bob.token, "in no head")
    world.deliver(world.posted(status))
    world.delete("heads", author_id=world.bob.id)
    assert eventually(lambda: status["id"] in world.site.home(world.ada.token), seconds=60, pause=1)


def note_what_is_late(world: World) -> None:
    known = len(world.notes())
    status = world.site.say(world.dan.token, "late")
    time.sleep(1)
    assert status["id"] not in world.site.home(world.ada.token)
    assert len(world.notes()) > known


def wait_for_an_own_message_below_a_page(world: World) -> None:
    late = world.site.say(world.dan.token, "late")
    newer = world.site.say(world.dan.token, "on time")
    world.deliver(world.posted(newer))
    time.sleep(2)
    # No page reaches down to the late one, so it is looked for.
    below = str(MessageId.parse(late["id"]).previous())
    assert world.site.get("/api/v1/timelines/public", since_id=below) == []


def deliver_late(world: World) -> None:
    status = world.site.say(world.bob.token, "late")
    time.sleep(2)
    world.deliver(world.posted(status))


def read_views(world: World) -> None:
    assert world.public["id"] in world.site.ids("/api/v1/timelines/public")
    assert world.public["id"] in world.site.ids("/api/v1/timelines/tag/tag")
    assert world.site.get(f"/api/v1/statuses/{world.root['id']}/context", world.ada.token)["descendants"]
    assert world.site.ids(f"/api/v1/accounts/{world.ada.id}/statuses", world.bob.token)


def report(world: World) -> None:
    reported = {"account_id": world.cyd.id, "status_ids": [world.other["id"]]}
    world.site.post("/api/v1/reports", world.bob.token, **reported, comment="!")
    assert not world.site.get("/api/v1/reports", world.bob.token)[0]["action_taken"]


def use_notifications(world: World) -> None:
    notifications = world.site.get("/api/v1/notifications", world.ada.token)
    world.site.get(f"/api/v1/notifications/{notifications[0]['id']}", world.ada.token)
    for path in (f"{notifications[0]['id']}/dismiss", "clear"):
        world.site.post(f"/api/v1/notifications/{path}", world.ada.token)


def delete_all_messages(world: World) -> None:
    world.site.post("/api/v1/statuses/delete_all", world.ada.token, password="correct horse")


def set_a_marker(world: World) -> None:
    marker = {"home": {"last_read_id": world.root["id"]}}
    world.site.post("/api/v1/markers", world.ada.token, **marker)
    world.mark_as_leaving(world.ada)
    assert world.site.request("POST", "/api/v1/markers", world.ada.token, json=marker).status_code == 401


def pin(world: World) -> None:
    world.site.post(f"/api/v1/statuses/{world.public['id']}/pin", world.ada.token)


def talk(world: World) -> None:
    status = world.site.say(world.bob.token, f"@{world.cyd.name} psst", visibility="direct")
    world.deliver(world.posted(status))

    def conversations() -> Any:
        return world.site.get("/api/v1/conversations", world.cyd.token)

    assert eventually(conversations, seconds=60, pause=1)
    path = f"/api/v1/conversations/{conversations()[0]['id']}"
    world.site.post(f"{path}/read", world.cyd.token)
    world.mark_as_leaving(world.cyd)
    assert world.site.request("DELETE", path, world.cyd.token).status_code == 401


def leave(world: World) -> None:
    world.site.post("/api/pleroma/delete_account", world.ada.token, password="correct horse")


def leave_with_many_tokens(world: World) -> None:
    world.give_tokens(world.ada, 60)  # one transaction deletes 50
    leave(world)


def deliver(world: World) -> None:
    world.deliver(*(world.posted(status) for status in (world.root, world.reply, world.public)))


def deliver_again(world: World) -> None:
    deliver(world)
    time.sleep(1)
    deliver(world)


def deliver_a_new_hashtag(world: World) -> None:
    world.deliver(world.posted(world.site.say(world.bob.token, f"#{unique('tag')}")))


def take_back(world: World) -> None:
    said = world.site.say(world.dan.token, "no")
    world.delete("messages", author_id=world.dan.id, id=said["id"])
    world.deliver(world.posted(said, "REMOVE"))


def welcome(world: World) -> None:
    world.relate(record({"u": world.bob.id, "e": edge(EdgeKind.FOLLOW, world.ada.id)}))


def fall_out_meanwhile(world: World) -> None:
    world.act(world.bob, "unfollow", world.ada)
    nobody = "0" * 13
    edges = [edge(EdgeKind.FOLLOW, world.ada.id), edge(EdgeKind.BLOCK, nobody), edge(EdgeKind.MUTE, nobody)]
    world.relate(*(record({"u": world.bob.id, "e": each}) for each in edges))


def count_reactions(world: World) -> None:
    for verb in ("favourite", "bookmark", "reblog", "unfavourite", "unreblog"):
        world.site.post(f"/api/v1/statuses/{world.root['id']}/{verb}", world.cyd.token)
        for kind in ("favourite", "bookmark", "forwarded"):
            world.react(record({"user_id": world.cyd.id, "reaction": f"{kind}#{world.root['id']}"}))


def notify_boosters_of_an_edit(world: World) -> None:
    said = world.site.say(world.bob.token, "well")
    world.site.post(f"/api/v1/statuses/{said['id']}/reblog", world.cyd.token)
    world.react(record({"user_id": world.cyd.id, "reaction": f"forwarded#{said['id']}"}))
    answer = world.site.request("PUT", f"/api/v1/statuses/{said['id']}", world.bob.token, json={"status": "better"})
    assert answer.ok, answer.text
    world.react(record({"user_id": world.bob.id, "reaction": f"edited#{said['id']}"}))


def deliver_a_new_reply(world: World) -> None:
    said = world.post_once(world.bob, unique("key"), f"@{world.ada.name}", in_reply_to_id=world.root["id"])
    world.deliver(world.posted(said))


def deliver_again_what_its_author_has_left(world: World) -> None:
    said = world.post_once(world.bob, unique("key"), "counted", in_reply_to_id=world.root["id"])
    world.deliver(world.posted(said))
    world.mark_as_leaving(world.bob)
    world.deliver(world.posted(said))


def deliver_what_was_posted_too_late(world: World) -> None:
    said = world.post_once(world.bob, unique("key"), "late", in_reply_to_id=world.root["id"])
    world.mark_as_leaving(world.bob)
    world.deliver(world.posted(said))


def deliver_a_boost_too_late(world: World) -> None:
    boost = world.site.post(f"/api/v1/statuses/{world.root['id']}/reblog", world.bob.token)
    world.mark_as_leaving(world.bob)
    world.deliver(world.posted(boost))


def deliver_what_was_posted_before_all_messages_were_deleted(world: World) -> None:
    said = world.post_once(world.bob, unique("key"), "late")
    world.mark_as_cleared(world.bob)
    world.deliver(world.posted(said))


def finish_deleting_messages(world: World) -> None:
    world.post_once(world.bob, unique("key"), "soon gone")
    world.mark_as_cleared(world.bob)
    world.relate(record({"u": world.bob.id, "e": "clear#1"}))


def accept_all_requests(world: World) -> None:
    for locked in (True, False):
        fields = {"locked": locked}
        answer = world.site.request("PATCH", "/api/v1/accounts/update_credentials", world.bob.token, json=fields)
        assert answer.ok, answer.text
        if locked:
            assert world.act(world.dan, "follow", world.bob)["requested"]
    world.relate(record({"u": world.bob.id, "e": "unlock#1"}))
    assert world.act(world.dan, "follow", world.bob)["following"]


def decide_about_a_request(world: World) -> None:
    answer = world.site.request("PATCH", "/api/v1/accounts/update_credentials", world.bob.token, json={"locked": True})
    assert answer.ok, answer.text
    world.act(world.dan, "follow", world.bob)
    world.site.get("/api/v1/follow_requests", world.bob.token)
    world.site.post(f"/api/v1/follow_requests/{world.dan.id}/authorize", world.bob.token)


def finish_leaving(world: World) -> None:
    world.mark_as_leaving(world.ada)
    world.relate(record({"u": world.ada.id, "e": "leave#1"}))


def finish_leaving_conversations(world: World) -> None:
    status = world.site.say(world.ada.token, "psst", visibility="direct")
    world.deliver(world.posted(status))
    finish_leaving(world)


def leave_in_rounds(world: World) -> None:
    # Departures in one batch share the work of a round, so this one needs another round.
    world.give_tokens(world.ada, 40)
    nobody = [record({"u": f"nobody{number}", "e": "leave#1"}) for number in range(25)]
    world.relate(record({"u": world.ada.id, "e": "leave#1"}), *nobody)


STEPS: dict[str, tuple[Step, ...]] = {
    "api_handler": (
        register_an_application, post, reply, edit, schedule_and_cancel, delete, change_a_profile, look_at_people,
        look_at_the_instance, search_for_people,
        read_home_when_cold, read_home_from_the_log_alone, read_views, note_what_is_late,
        wait_for_an_own_message_below_a_page, look_at_reactions, react, use_notifications,
        set_a_marker, pin, talk,
        report,
        post_once, unfollow_and_follow, decide_about_a_request, block_and_mute, make_a_list, look_at_sessions,
        change_a_password,
        log_out, log_in, let_an_application_in, sign_up,
        delete_all_messages, leave, leave_with_many_tokens,
    ),
    "fan_out": (deliver, take_back),
    "views": (
        deliver, deliver_again, deliver_a_new_hashtag, deliver_a_new_reply, deliver_late,
        deliver_what_was_posted_too_late, deliver_again_what_its_author_has_left,
        deliver_what_was_posted_before_all_messages_were_deleted, deliver_a_boost_too_late,
    ),
    "on_relationship": (
        welcome, fall_out_meanwhile, accept_all_requests, finish_deleting_messages, finish_leaving,
        finish_leaving_conversations, leave_in_rounds,
    ),
    "on_reaction": (count_reactions, notify_boosters_of_an_edit),
}  # fmt: skip
"""Steps by the function whose policy they need; the slow ones come last."""


def name(step: Step) -> str:
    return step.__name__.replace("_", " ")


def lived(world: World, step: Step) -> Any:
    """Run a step, then restore the world; return the step's result."""
    try:
        step(world)
    finally:
        world.restore()
