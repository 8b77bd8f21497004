"""What a WebSocket receives obeys relations and tokens at once, and misses nothing that a poll does not return."""

import pytest
from websocket import WebSocketBadStatusException

from tests.clients.streaming.libraries import Node
from tests.clients.streaming.people import Join, Listen, Person
from tests.support.site import PASSWORD, SCOPES, Site, eventually
from tests.support.sockets import PATH, Socket, until_live


def test_a_client_that_comes_back_misses_nothing_and_gets_nothing_twice(
    site: Site, join: Join, ada: Person, listen: Listen
) -> None:
    bob = join("bob", ada)
    first = listen(bob)
    until_live(site, ada.token, [first.feed])
    seen = first.feed.ids("update")
    first.close()
    away = [site.say(ada.token, "While you were away")["id"]]
    assert eventually(lambda: away[0] in site.home(bob.token))  # by now, every function knows that nobody is online
    away += [site.say(ada.token, f"Just before you came back {number}")["id"] for number in range(2)]
    second = listen(bob)
    caught_up = site.ids("/api/v1/timelines/home", bob.token, since_id=max(seen), limit=40)
    last = site.say(ada.token, "Welcome back")["id"]
    for each in (*away, last):
        assert each in caught_up or second.feed.wait("update", each)
    live = second.feed.ids("update")
    assert eventually(lambda: last in site.home(bob.token))
    since = [each for each in site.ids("/api/v1/timelines/home", bob.token, limit=40) if each >= min(seen)]
    assert sorted({*seen, *caught_up, *live}, reverse=True) == since
    assert sorted(set(live)) == sorted(live)


def test_streams_share_a_socket_and_end_separately(
    site: Site, join: Join, ada: Person, online: Socket, listen: Listen
) -> None:
    opened = listen(join("bob", ada))
    opened.subscribe({"stream": "hashtag", "tag": "Dusk"}, {"stream": "public"})
    said = site.say(ada.token, "It is #dusk already")["id"]
    for stream in ("hashtag", "public", "user"):
        opened.feed.wait("update", said, stream)
    opened.subscribe({"stream": "public"}, {"stream": "user"}, kind="unsubscribe")
    quiet = site.say(ada.token, "It is #dusk, still")["id"]
    opened.feed.wait("update", quiet)
    online.feed.wait("update", quiet)
    streams = {
        each: sorted(event.stream for event in opened.feed.all("update") if event.id == each) for each in (said, quiet)
    }
    assert streams == {said: [("hashtag", "Dusk"), ("public",), ("user",)], quiet: [("hashtag", "Dusk")]}


def test_relations_apply_to_the_next_event(site: Site, join: Join, ada: Person, online: Socket, listen: Listen) -> None:
    cleo, dan, eve = join("cleo"), join("dan"), join("eve")
    bob = join("bob", ada, cleo, dan, eve)
    opened = listen(bob)
    site.post(f"/api/v1/accounts/{cleo.id}/block", bob.token)
    site.post(f"/api/v1/accounts/{dan.id}/unfollow", bob.token)
    site.post(f"/api/v1/accounts/{bob.id}/block", eve.token)
    hidden = [site.say(each.token, f"@{bob.name} can you hear me?")["id"] for each in (cleo, eve)]
    hidden.append(site.say(dan.token, "Can you hear me?")["id"])
    for text in ("The first after them", "The second after them"):  # they may come in different batches
        opened.feed.wait("update", site.say(ada.token, text)["id"])
    assert not set(opened.feed.ids()) & set(hidden)
    assert not opened.feed.all("notification")
    site.post(f"/api/v1/accounts/{dan.id}/follow", bob.token)
    opened.feed.wait("update", site.say(dan.token, "Now you can")["id"])


def test_a_revoked_token_closes_its_sockets_and_no_others(
    site: Site, join: Join, ada: Person, online: Socket, listen: Listen
) -> None:
    bob = join("bob", ada)
    logged_in = site.post(
        "/oauth/token", grant_type="password", username=bob.name, password=PASSWORD, scope=SCOPES, **site.application
    )
    second = Person(bob.name, logged_in["access_token"], bob.id)
    kept, ended = listen(bob), listen(second)
    form = {"token": second.token, **site.application}
    assert site.request("POST", "/oauth/revoke", data=form).ok
    assert ended.wait_until_closed() in {1000, 1001}
    kept.feed.wait("update", site.say(ada.token, "Who is still here?")["id"])
    with pytest.raises(WebSocketBadStatusException) as refused:
        Socket(site, header=[f"Authorization: Bearer {second.token}"])
    assert refused.value.status_code == 401


def test_the_token_is_accepted_as_subprotocol_and_returned(site: Site, ada: Person) -> None:
    opened = Socket(site, "?stream=user", subprotocols=[ada.token])
    assert opened.opened.getsubprotocol() == ada.token.lower()  # websocket-client shows it in lower case
    opened.close()


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 401), ("?access_token=wrong", 401), ("?access_token={token}&stream=nonsense", 400)],
)
def test_a_refused_connection_gets_a_status(site: Site, ada: Person, query: str, status: int) -> None:
    with pytest.raises(WebSocketBadStatusException) as refused:
        Socket(site, query.format(token=ada.token))
    assert refused.value.status_code == status


def test_what_cannot_be_subscribed_gets_the_protocols_error_and_the_rest_is_ignored(
    site: Site, ada: Person, online: Socket, listen: Listen
) -> None:
    opened = listen(ada)
    for text in ("not JSON", "[]", "{}", "", '{"type":"dance","stream":"user"}'):
        opened.opened.send(text)
    opened.subscribe({"stream": "nonsense"})
    opened.feed.wait("update", site.say(ada.token, "It is still open")["id"])
    assert [event.id for event in opened.feed.all("error")] == ["Unknown stream type", "Missing tag name parameter"]
    assert {event.payload for event in opened.feed.all("error")} == {400}


def test_the_instance_announces_an_address_that_works(site: Site) -> None:
    announced = site.get("/api/v2/instance")["configuration"]["urls"]["streaming"]
    assert announced == site.url.replace("http", "ws")
    assert site.get("/api/v1/instance")["urls"]["streaming_api"] == announced
    assert site.request("GET", f"{PATH}/health").text == "OK"


def test_masto_js_comes_back_when_its_socket_is_closed(
    site: Site, join: Join, ada: Person, online: Socket, node: Node | str
) -> None:
    if isinstance(node, str):
        pytest.skip(f"masto.js: {node}")
    bob = join("bob", ada)
    feed = node.open("masto")(bob.token, ["user"])
    until_live(site, ada.token, [feed])
    others = [Socket(site, f"?access_token={bob.token}") for _ in range(8)]  # a user has eight: the oldest is closed
    for other in others:
        other.close()
    before = len(feed.ids("update"))
    assert eventually(lambda: site.say(ada.token, "are you back?") and len(feed.ids("update")) > before, pause=0.5)
    assert len(feed.ids("update")) == len(set(feed.ids("update")))
