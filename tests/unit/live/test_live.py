"""From a post to the frames that sockets get: what a page would show at the same time, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from fstream_app.core import packing
from fstream_app.core.ids import lowest_at
from fstream_app.core.metrics import Metric
from fstream_app.core.streams import Socket, Stream, Subscription
from fstream_app.feed import tail
from fstream_app.live import readers
from fstream_app.live.audience import Reader
from fstream_app.live.readers import Seen
from tests.support.listening import USER, Listening
from tests.support.people import Api, Person

NOTIFICATIONS = Subscription(Stream.NOTIFICATIONS)
PUBLIC, LOCAL = Subscription(Stream.PUBLIC), Subscription(Stream.LOCAL)
TEA = Subscription(Stream.HASHTAG, "tea", "Tea")


def test_a_follower_gets_a_message_once_it_has_settled_and_its_deletion(listening: Listening) -> None:
    api = listening.api
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    api.act(bob, "follow", ada)
    listening.deliver()
    bobs, eves, adas = (listening.opens(each) for each in (bob, eve, ada))
    status = api.post(ada, "hello")
    posted = api.clock.now
    api._pump.drain()
    assert "hello" not in str(listening.queue.entries)
    listening.deliver()
    assert api.clock.now - posted == 1500
    assert listening.events(bobs) == listening.events(adas) == [("update", status["id"])]
    assert listening.gateway.frames(bobs.id)[0]["stream"] == ["user"]
    api.delete(ada, status)
    listening.deliver()
    assert listening.events(bobs)[1:] == listening.events(adas)[1:] == [("delete", status["id"])]
    assert listening.events(eves) == []


def _keep_apart(api: Api, reader: Person, ada: Person, _: Person) -> None:
    made = api.request("POST", "/api/v1/lists", reader, json={"title": "a", "exclusive": True}).json
    api.request("POST", f"/api/v1/lists/{made['id']}/accounts", reader, json={"account_ids": [ada.id]})


def _filter(api: Api, reader: Person, _: Person, __: Person) -> None:
    fields = {"title": "tea", "context": ["home"], "keywords_attributes": [{"keyword": "tea"}]}
    assert api.request("POST", "/api/v2/filters", reader, json=fields).status == 200


def _follow_the_hashtag_only(api: Api, reader: Person, ada: Person, _: Person) -> None:
    api.act(reader, "unfollow", ada)
    api.request("POST", "/api/v1/tags/tea/follow", reader)


CHOICES: dict[str, Callable[[Api, Person, Person, Person], object]] = {
    "plain": lambda *_: None,
    "mutes": lambda api, reader, ada, _: api.act(reader, "mute", ada),
    "blocks": lambda api, reader, ada, _: api.act(reader, "block", ada),
    "has left": lambda api, reader, ada, _: api.act(reader, "unfollow", ada),
    "without boosts": lambda api, reader, ada, _: api.act(reader, "follow", ada, reblogs=False),
    "in German": lambda api, reader, ada, _: api.act(reader, "follow", ada, languages=["de"]),
    "notified": lambda api, reader, ada, _: api.act(reader, "follow", ada, notify=True),
    "apart": _keep_apart,
    "filters": _filter,
    "a stranger with the hashtag": _follow_the_hashtag_only,
    "with the hashtag": lambda api, reader, *_: api.request("POST", "/api/v1/tags/tea/follow", reader),
    "blocks whom she boosts": lambda api, reader, _, eve: api.act(reader, "block", eve),
    "follows whom she answers": lambda api, reader, _, eve: api.act(reader, "follow", eve),
}
"""What followers of Ada have chosen: the reader, Ada, and Eve, whom Ada answers, boosts and quotes."""


def post_all_kinds(api: Api, ada: Person, eve: Person) -> None:
    hers = api.post(eve, "mine, @bob #other", language="en")
    mine = api.post(ada, "about #Tea", language="en")
    api.post(ada, "auf Deutsch", language="de", visibility="unlisted", spoiler_text="warning")
    api.post(ada, "for followers", visibility="private", poll={"options": ["a", "b"], "expires_in": 300})
    api.post(ada, "to @eve", visibility="direct")
    api.post(ada, "an answer", in_reply_to_id=hers["id"])
    api.post(ada, "an answer about #tea", in_reply_to_id=hers["id"])
    api.post(ada, "an answer to myself", in_reply_to_id=mine["id"])
    api.post(ada, "a quote", quoted_status_id=hers["id"])
    api.request("POST", f"/api/v1/statuses/{hers['id']}/reblog", ada)
    gone = api.post(ada, "a mistake")
    api.delete(ada, gone)
    api.post(ada, "later", scheduled_at="2040-01-01T01:00:00.000Z")


def updates(listening: Listening, socket: Socket, stream: str) -> list[Any]:
    frames = listening.gateway.frames(socket.id)
    wanted = [each for each in frames if each["event"] == "update" and each["stream"][0] == stream]
    return [payload for each, payload in zip(frames, listening.payloads(socket), strict=True) if each in wanted]


def one_by_one(api: Api, reader: Person) -> list[Any]:
    """Return the reader's home, oldest first. A longer page has a message and its boost only once."""
    found: list[Any] = []
    while page := api.get("/api/v1/timelines/home", reader, limit=1, min_id=found[-1]["id"] if found else "0").json:
        found += page
    return found


def test_each_socket_gets_in_order_what_its_readers_pages_show(listening: Listening) -> None:
    api = listening.api
    ada, eve, bob = (api.sign_up(name) for name in ("ada", "eve", "bob"))
    readers = {how: api.sign_up(f"reader{number}") for number, how in enumerate(CHOICES)}
    for how, reader in readers.items():
        api.act(reader, "follow", ada)
        CHOICES[how](api, reader, ada, eve)
    listening.deliver()
    everybody = {**readers, "ada": ada, "eve": eve, "bob": bob}
    sockets = {how: listening.opens(reader, USER, PUBLIC, TEA) for how, reader in everybody.items()}
    opened = str(lowest_at(api.clock.now))
    api.clock.advance(1)
    post_all_kinds(api, ada, eve)
    listening.deliver()
    for how, reader in everybody.items():
        home = one_by_one(api, reader)
        assert updates(listening, sockets[how], "user") == home, how
        for stream, path in (("public", "public"), ("hashtag", "tag/tea")):
            shown = api.get(f"/api/v1/timelines/{path}", reader).json[::-1]
            assert updates(listening, sockets[how], stream) == shown, (how, stream)
        # Those of each function that puts notifications are in order.
        rung = sorted(each for each in listening.events(sockets[how]) if each[0] == "notification")
        listed = api.get("/api/v1/notifications", reader, since_id=opened).json[::-1]
        assert rung == [("notification", each["id"]) for each in listed], how
    assert len(updates(listening, sockets["plain"], "user")) == 6
    assert len(updates(listening, sockets["a stranger with the hashtag"], "user")) == 2
    assert len(updates(listening, sockets["with the hashtag"], "user")) == 7
    assert len(updates(listening, sockets["apart"], "user")) == 0
    (notified,) = {payload["type"] for payload in listening.payloads(sockets["notified"]) if "type" in payload}
    assert notified == "status"
    api.post(ada, "more tea")  # on its own it has no reactions, and nothing that it boosts or quotes
    listening.deliver()
    newest = updates(listening, sockets["filters"], "user")[-1]
    assert newest == one_by_one(api, readers["filters"])[-1]
    assert [each["filter"]["title"] for each in newest["filtered"]] == ["tea"]


def test_a_reader_whose_events_cannot_be_made_misses_them_alone(
    listening: Listening, counted: dict[Metric, int]
) -> None:
    api, see = listening.api, readers.see
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    for each in (bob, eve):
        api.act(each, "follow", ada)
    listening.deliver()
    opened = {each.id: listening.opens(each) for each in (ada, bob, eve)}  # for Ada, her own reactions are read
    for failing in opened:
        posted = api.post(ada, "hello")["id"]
        counted[Metric.LIVE_MISSED] = 0

        def see_unless_failing(reader: Reader, *about: Any, failing: str = failing) -> Seen:
            assert reader.id != failing
            return see(reader, *about)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(readers, "see", see_unless_failing)
            listening.deliver()
        got = {each for each, socket in opened.items() if ("update", posted) in listening.events(socket)}
        assert (got, counted[Metric.LIVE_MISSED]) == (opened.keys() - {failing}, 1)


def test_a_notification_rings_unless_its_list_leaves_it_out(listening: Listening) -> None:
    api = listening.api
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    api.request("PATCH", "/api/v2/notifications/policy", eve, json={"for_not_following": "filter"})
    statuses = [api.post(each, "hello")["id"] for each in (ada, eve)]
    boosted = api.post(bob, "hello")["id"]
    for each in (ada, eve):
        api.request("POST", f"/api/v1/statuses/{boosted}/reblog", each)
    listening.deliver()
    adas, eves, opened = listening.opens(ada, USER, NOTIFICATIONS), listening.opens(eve), lowest_at(api.clock.now)
    api.clock.advance(1)
    for status in statuses:
        for verb in ("favourite", "reblog"):
            api.request("POST", f"/api/v1/statuses/{status}/{verb}", bob)
        api.post(bob, "see", quoted_status_id=status)
    for each in (ada, eve):
        api.act(bob, "follow", each)
    api.post(bob, "@ada @eve")
    api.request("PUT", f"/api/v1/statuses/{boosted}", bob, json={"status": "new"})
    listening.deliver()
    listed = api.get("/api/v1/notifications", ada, since_id=str(opened)).json
    assert {each["type"] for each in listed} == {"favourite", "reblog", "quote", "follow", "mention", "update"}
    for stream in ("user", "user:notification"):
        frames = [each for each in listening.gateway.frames(adas.id) if each["event"] == "notification"]
        rung = [json.loads(each["payload"]) for each in frames if each["stream"] == [stream]]
        assert sorted(rung, key=lambda each: each["id"], reverse=True) == listed
    # What one has boosted oneself is not filtered.
    assert [each["type"] for each in listening.payloads(eves)] == ["update"]


def test_an_edit_is_sent_and_people_whom_it_names_are_notified(listening: Listening) -> None:
    api = listening.api
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    api.act(bob, "follow", ada)
    bobs, cyds, others = listening.opens(bob), listening.opens(cyd), listening.opens(cyd, PUBLIC)
    status = api.post(ada, "hello")
    listening.deliver()
    api.request("PUT", f"/api/v1/statuses/{status['id']}", ada, json={"status": "hello @cyd"})
    listening.run()
    for socket, kinds in ((bobs, ["update", "status.update"]), (others, ["update", "status.update"])):
        assert listening.events(socket) == [(kind, status["id"]) for kind in kinds]
        assert "cyd" in listening.payloads(socket)[-1]["content"]
    assert [kind for kind, _ in listening.events(cyds)] == ["notification"]


def test_a_quote_that_is_revoked_is_sent_again(listening: Listening) -> None:
    api = listening.api
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    quoted = api.post(ada, "hello")
    quoting = api.post(bob, "see", quoted_status_id=quoted["id"])
    listening.deliver()
    bobs = listening.opens(bob)
    api.request("PUT", f"/api/v1/statuses/{quoting['id']}", bob, json={"status": "look"})
    listening.run()
    api.clock.advance(1)
    assert api.request("POST", f"/api/v1/statuses/{quoted['id']}/quotes/{quoting['id']}/revoke", ada).status == 200
    listening.run()
    assert listening.events(bobs) == 2 * [("status.update", quoting["id"])]
    assert [each["quote"]["state"] for each in listening.payloads(bobs)] == ["accepted", "revoked"]


def test_what_is_deleted_disappears_where_it_was_and_nowhere_else(listening: Listening) -> None:
    api = listening.api
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    for each in (bob, eve):
        api.act(each, "follow", ada)
    zoe = api.sign_up("zoe")
    api.act(zoe, "follow", eve)
    statuses = {
        visibility: api.post(ada, "hello @bob", visibility=visibility)
        for visibility in ("public", "unlisted", "private", "direct")
    }
    boost = api.request("POST", f"/api/v1/statuses/{statuses['public']['id']}/reblog", eve).json
    quotes = {
        api.post(eve, "see", visibility=visibility, quoted_status_id=statuses["public"]["id"])["id"]
        for visibility in ("unlisted", "private")
    }
    listening.deliver()
    bobs, eves, zoes = listening.opens(bob), listening.opens(eve), listening.opens(zoe)
    topics = listening.opens(api.sign_up("cyd"), PUBLIC, TEA)
    for status in statuses.values():
        api.delete(ada, status)
    listening.deliver()

    def deleted(socket: Socket) -> set[str]:
        return {number for kind, number in listening.events(socket) if kind == "delete" and number}

    public, unlisted, private, direct = (status["id"] for status in statuses.values())
    assert deleted(bobs) == {public, unlisted, private, direct}
    assert deleted(eves) == {public, unlisted, private, boost["id"]}
    assert deleted(zoes) == {boost["id"]}
    assert deleted(topics) == {public}
    changed = [each for each in listening.payloads(zoes) if isinstance(each, dict)]
    assert {each["id"] for each in changed} == quotes
    assert {each["quote"]["state"] for each in changed} == {"deleted"}
    assert {kind for kind, _ in listening.events(bobs)} == {"delete"}
    assert all(len(set(map(str, frames))) == len(frames) for frames in [listening.gateway.frames(bobs.id)])


def test_what_was_in_no_head_any_more_disappears_as_far_as_the_function_remembers_it(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = listening.api
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    monkeypatch.setattr(packing, "HEAD_CAPACITY", 1)
    statuses = [api.post(ada, "hello", visibility=each) for each in ("private", "direct", "public")]
    api.clock.advance(1)
    api.post(ada, "last")
    listening.deliver()
    bobs = listening.opens(bob)
    for status in statuses:
        api.delete(ada, status)
    listening.deliver()
    assert {number for _, number in listening.events(bobs)} == {statuses[0]["id"], statuses[2]["id"]}


def test_changed_filters_are_announced_to_the_users_own_clients(listening: Listening) -> None:
    api = listening.api
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    adas, bobs = listening.opens(ada), listening.opens(bob)
    made = api.request("POST", "/api/v1/filters", ada, json={"phrase": "tea", "context": ["home"]}).json
    api.clock.advance(1)
    api.request("DELETE", f"/api/v1/filters/{made['id']}", ada)
    listening.run()
    assert listening.gateway.frames(adas.id) == 2 * [{"stream": ["user"], "event": "filters_changed"}]
    assert listening.gateway.frames(bobs.id) == []


def test_those_who_listen_to_other_hashtags_hear_of_a_deletion_only_if_its_hashtags_are_not_known(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = listening.api
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    names = ("tea", "cake", "coffee")
    sockets = {name: listening.opens(bob, Subscription(Stream.HASHTAG, name, name)) for name in names}

    def deletes(status: dict[str, Any]) -> set[str]:
        listening.deliver()
        api.delete(ada, status)
        listening.deliver()
        gone = ("delete", status["id"])
        return {name for name, socket in sockets.items() if gone in listening.events(socket)}

    plain, tagged = api.post(ada, "hello"), api.post(ada, "hello #tea")
    assert (deletes(plain), deletes(tagged)) == (set(), {"tea"})
    edited = api.post(ada, "hello #tea")
    listening.deliver()
    api.request("PUT", f"/api/v1/statuses/{edited['id']}", ada, json={"status": "hello #cake"})
    assert deletes(edited) == {"tea", "cake"}
    old = api.post(ada, "hello #tea", expires_in=86_400)
    listening.deliver()
    tail.shared.clear()  # as in a function that starts later
    api.clock.advance(6000)
    assert deletes(old) == set(names)
    monkeypatch.setattr(tail.Tail, "refresh", lambda *_: False)  # the log cannot be read
    assert deletes(api.post(ada, "hello #tea")) == set(names)
