"""Sign up, follow, post, fan out, read, expire."""

from tests.support.people import Api


def test_a_message_reaches_a_follower_and_is_gone_when_it_expires(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    status = api.post(ada, "hello #world @bob", expires_in=60)
    assert api.home(ada) == [status["id"]]
    assert api.home(bob) == []
    api.deliver()
    assert api.home(bob) == [status["id"]]
    assert api.read("/api/v1/timelines/public") == [status["id"]]
    assert api.read("/api/v1/timelines/tag/world") == [status["id"]]
    api.clock.advance(60 - 1.5 - 0.001)
    assert api.home(bob) == [status["id"]]
    api.clock.advance(0.001)
    assert api.home(bob) == []
    assert api.read("/api/v1/timelines/public") == []
