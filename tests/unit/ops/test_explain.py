"""`ops explain` shows where a message is and why a reader does not see it, and never its text."""

from collections.abc import Callable

import pytest

from fstream_app.core.entities import Hidden
from fstream_app.moderation import suspension
from fstream_app.repository import heads, timelines
from fstream_app.tables import LogItem, TimelineItem, UserItem
from ops.operations.errors import OperationError
from ops.operations.explain import MEANING, explain
from tests.support.people import PASSWORD, Api, Person

TEXT = "a secret with a #hashtag"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api, ada: Person) -> Person:
    """A follower of ada."""
    bob = api.sign_up("bob")
    api.act(bob, "follow", ada)
    return bob


Lines = dict[str, str]


@pytest.fixture
def ask(api: Api) -> Callable[..., Lines]:
    """Explain a status to a reader; return what is found, by place."""

    def call(status: dict[str, str], reader: str = "bob") -> Lines:
        text = explain(status["id"], reader, api.clock.now)
        assert "secret" not in text
        assert "hashtag " not in text
        lines = [line for line in text.splitlines() if line.startswith("  ")]
        return {line[2:20].strip(): line[20:] for line in lines}

    return call


Ask = Callable[..., Lines]


def test_a_delivered_message_is_found_in_every_place_and_shown(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, f"{TEXT} @bob")
    api.deliver()
    found = ask(status)
    for place in ("record", "author", "log", "head", "tail", "public timeline", "notification"):
        assert found[place].startswith("there"), place
    assert found["hashtags"] == "on the timelines of 1 of 1"
    assert [found[place] for place in ("at its address", "public, hashtags", "home")] == ["shown"] * 3


def test_a_message_is_found_by_its_address_too(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, TEXT)
    assert explain(status["url"], "@bob", api.clock.now) == explain(status["id"], "bob", api.clock.now)


def test_where_a_message_was_not_delivered_it_is_missing(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, TEXT)
    api.clock.advance(2)
    found = ask(status)
    for place in ("log", "head", "tail", "public timeline"):
        assert found[place].startswith("MISSING"), place
    assert found["hashtags"] == "on the timelines of 0 of 1"
    assert found["home"] == "not shown: no source has it (see log, head and tail above)"
    assert found["at its address"] == "shown"


@pytest.mark.parametrize("place", ["log", "head", "public timeline"])
def test_one_place_that_lost_a_message_is_named(api: Api, ada: Person, bob: Person, ask: Ask, place: str) -> None:
    status = api.post(ada, TEXT)
    api.deliver()
    if place == "log":
        for item in LogItem.scan():
            item.delete()
    elif place == "head":
        heads.delete(ada.id)
    else:
        TimelineItem(timelines.public(0), status["id"]).delete()
    missing = {name for name, found in ask(status).items() if found.startswith("MISSING")}
    assert missing == {place} | ({"tail"} if place == "log" else set())


def test_a_reply_is_found_in_its_thread(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, TEXT)
    reply = api.post(bob, "yes", in_reply_to_id=status["id"])
    assert ask(reply, "ada")["thread"].startswith("MISSING")
    api.deliver()
    assert ask(reply, "ada")["thread"].startswith("there")
    assert ask(reply, "ada")["public timeline"] == "not on it: replies are left out"
    assert ask(reply, "ada")["notification"] == "there"


def expire(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.clock.advance(86_400)


def delete(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.delete(ada, status)


def block(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.request("POST", f"/api/v1/accounts/{user_id('bob')}/block", ada)


def suspend(api: Api, ada: Person, status: dict[str, str]) -> None:
    suspension.suspend("ada", "spam", api.clock.now)


def leave(api: Api, ada: Person, status: dict[str, str]) -> None:
    UserItem(ada.id).update([UserItem.leaving.set(True)])


def depart(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.request("POST", "/api/pleroma/delete_account", ada, json={"password": PASSWORD})


def user_id(name: str) -> str:
    found: str = UserItem.get(f"@{name}").user_id
    return found


@pytest.mark.parametrize(
    ("act", "place", "reason"),
    [
        (expire, "home", Hidden.EXPIRED),
        (delete, "anywhere", Hidden.DELETED),
        (depart, "anywhere", Hidden.DELETED),
        (block, "home", Hidden.BLOCKED),
        (block, "at its address", Hidden.BLOCKED),
        (suspend, "anywhere", Hidden.SUSPENDED),
        (leave, "anywhere", Hidden.LEAVING),
    ],
)
def test_why_a_follower_does_not_see_it(
    api: Api,
    ada: Person,
    bob: Person,
    ask: Ask,
    act: Callable[[Api, Person, dict[str, str]], None],
    place: str,
    reason: Hidden,
) -> None:
    status = api.post(ada, TEXT)
    api.deliver()
    act(api, ada, status)
    assert ask(status)[place] == f"not shown: {reason}. {MEANING[reason]}"


def test_why_it_is_not_on_the_readers_home_alone(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    eve = api.sign_up("eve")
    status = api.post(ada, TEXT)
    reply = api.post(ada, "a secret", in_reply_to_id=api.post(eve, "hm")["id"])
    private = api.post(ada, "a secret", visibility="private")
    direct = api.post(ada, "a secret", visibility="direct")
    young = ask(status)
    assert young["home"].startswith("not shown: NOT_SETTLED. ")
    assert young["public, hashtags"].startswith("not shown: NOT_SETTLED. ")
    api.deliver()
    assert ask(reply)["home"].startswith("not shown: REPLY_TO_STRANGER. ")
    assert ask(reply)["at its address"] == "shown"
    assert ask(status, "eve")["home"].startswith("not shown: NOT_FOLLOWED. ")
    assert ask(private, "eve")["at its address"].startswith("not shown: NOT_FOLLOWED. ")
    assert ask(direct)["home"].startswith("not shown: NOT_MENTIONED. ")
    api.act(bob, "mute", ada)
    assert ask(status)["home"].startswith("not shown: MUTED. ")
    assert ask(status)["public, hashtags"].startswith("not shown: MUTED. ")
    assert ask(status)["at its address"] == "shown"


def test_what_it_says_agrees_with_what_home_shows(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    statuses = []
    for number in range(90):  # more than a head holds
        statuses.append(api.post(ada, f"a secret {number}"))
        api.clock.advance(0.001)
    api.deliver()
    oldest = ask(statuses[0])
    assert oldest["head"].startswith("older than the head reaches")
    assert oldest["home"] == "shown"
    assert statuses[0]["id"] in api.home(bob, max_id=statuses[1]["id"])


@pytest.mark.parametrize(
    ("message", "reader", "problem"), [("hm", "ada", "hm is not"), ("0" * 26, "nobody", "No account")]
)
def test_what_cannot_be_explained_is_refused_in_a_sentence(
    api: Api, ada: Person, message: str, reader: str, problem: str
) -> None:
    with pytest.raises(OperationError, match=problem):
        explain(message, reader, api.clock.now)


def test_every_reason_has_its_meaning() -> None:
    assert MEANING.keys() == set(Hidden)
