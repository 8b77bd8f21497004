"""From a post to the frames that sockets get."""

from tests.support.listening import Listening


def test_a_follower_gets_a_message_once_it_has_settled_and_its_deletion(listening: Listening) -> None:
    api = listening.api
    ada, bob, eve = (api.sign_up(name) for name in ("ada", "bob", "eve"))
    api.act(bob, "follow", ada)
    bobs, eves, adas = (listening.opens(each) for each in (bob, eve, ada))
    status = api.post(ada, "hello")
    posted = api.clock.now
    listening.deliver()
    assert api.clock.now - posted == 1500
    assert listening.events(bobs) == listening.events(adas) == [("update", status["id"])]
    (shown,) = api.get("/api/v1/timelines/home", bob).json
    assert listening.payloads(bobs) == [shown]
    api.delete(ada, status)
    listening.deliver()
    assert listening.events(bobs)[1:] == listening.events(adas)[1:] == [("delete", status["id"])]
    assert listening.events(eves) == []
