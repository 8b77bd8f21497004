"""`ops explain` shows where a message is and why a reader does not see it, and never its text."""

from collections.abc import Callable

import pytest

from fstream_app.core.hidden import Hidden
from fstream_app.core.ids import MessageId
from fstream_app.feed import fanout
from fstream_app.moderation import suspension
from fstream_app.repository import heads, timelines
from fstream_app.tables import LogItem, TimelineItem, UserItem
from ops.operations.errors import OperationError
from ops.operations.explain import MEANING, explain
from tests.support.delivery import changes_of
from tests.support.people import PASSWORD, Api, Person

TEXT = "a secret with a #hashtag"

Lines = dict[str, str]
Ask = Callable[..., tuple[Lines, Lines]]


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api, ada: Person) -> Person:
    """A follower of ada."""
    bob = api.sign_up("bob")
    api.act(bob, "follow", ada)
    return bob


@pytest.fixture
def ask(api: Api) -> Ask:
    """A function that explains a status to a reader, and returns the places and the verdicts."""

    def call(status: dict[str, str], reader: str = "bob") -> tuple[Lines, Lines]:
        text = explain(status["id"], reader, api.clock.now)
        assert "secret" not in text
        assert "#hashtag" not in text
        places, _, verdicts = text.partition("\nFor @")
        return lines(places), lines(verdicts)

    return call


def lines(text: str) -> Lines:
    return {line[2:20].strip(): line[20:] for line in text.splitlines() if line.startswith("  ")}


def said(reason: Hidden) -> str:
    return f"not shown: {reason}. {MEANING[reason]}"


def test_a_notification_that_arrived_late_is_found_until_the_reader_has_dismissed_it(
    api: Api, ada: Person, bob: Person, ask: Ask
) -> None:
    status = api.post(ada, f"{TEXT} @bob")
    assert ask(status)[1]["notification"] == "MISSING: views has not delivered it"
    api.clock.advance(5)
    api._pump.drain()
    assert ask(status)[1]["notification"] == said(Hidden.NOT_SETTLED)
    api.clock.advance(5)
    assert ask(status)[1]["notification"] == "there"
    api.act(bob, "block", ada)
    assert ask(status)[1]["notification"] == said(Hidden.BLOCKED)
    api.act(bob, "unblock", ada)
    api.request("POST", "/api/v1/notifications/clear", bob)
    assert ask(status)[1]["notification"] == "not shown: the reader has cleared all notifications since"


def test_a_delivered_message_is_found_in_every_place_and_shown(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, f"{TEXT} @bob")
    api.deliver()
    places, verdicts = ask(status)
    for place in ("record", "author", "log", "head", "tail", "public timeline"):
        assert places[place].startswith("there"), place
    assert places["hashtags"] == "on the timelines of 1 of 1"
    shown = dict.fromkeys(("at its address", "public timeline", "hashtags", "home"), "shown")
    assert verdicts == shown | {"notification": "there"}


def test_each_list_that_has_the_author_and_a_followed_hashtag_have_their_verdicts(
    api: Api, ada: Person, bob: Person, ask: Ask
) -> None:
    answered = api.post(bob, "mine")
    cyd = api.sign_up("cyd")
    api.act(bob, "follow", cyd)
    replied = api.post(ada, TEXT, in_reply_to_id=api.post(cyd, "not in the list")["id"])
    to_bob = api.post(ada, TEXT, in_reply_to_id=answered["id"])
    stranger = api.post(api.sign_up("dan"), TEXT)
    made = api.request("POST", "/api/v1/lists", bob, json={"title": "one", "exclusive": True}).json["id"]
    assert api.request("POST", f"/api/v1/lists/{made}/accounts", bob, json={"account_ids": [ada.id]}).status == 200
    api.deliver()
    verdicts = ask(replied)[1]
    assert verdicts["a list"] == f"{said(Hidden.REPLY_TO_STRANGER)}; list {made}"
    assert verdicts["home"] == said(Hidden.IN_EXCLUSIVE_LIST)
    assert ask(to_bob)[1]["a list"] == f"shown; list {made}"
    verdicts = ask(stranger)[1]
    assert "a list" not in verdicts
    assert verdicts["home"] == said(Hidden.NOT_FOLLOWED)
    api.request("POST", "/api/v1/tags/hashtag/follow", bob)
    assert ask(stranger)[1]["home"] == "shown"


def test_a_boost_is_explained_with_what_it_shows(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    cyd, dan = api.sign_up("cyd"), api.sign_up("dan")
    original = api.post(cyd, f"{TEXT} @dan")
    boost = api.request("POST", f"/api/v1/statuses/{original['id']}/reblog", ada).json
    api.deliver()
    places, verdicts = ask(boost)
    assert places["boosted message"].startswith(f"{original['id']}: there, public, live until")
    assert places["public timeline"] == "not on it: boosts are left out"
    assert (verdicts["at its address"], verdicts["home"]) == ("shown", "shown")
    assert verdicts["public timeline"] == said(Hidden.IS_BOOST)
    api.act(bob, "mute", dan)
    assert ask(boost)[1]["home"] == said(Hidden.MENTIONS_HIDDEN)
    api.act(bob, "mute", cyd)
    verdicts = ask(boost)[1]
    assert (verdicts["at its address"], verdicts["home"]) == ("shown", said(Hidden.ORIGINAL_HIDDEN))
    api.act(bob, "block", cyd)
    assert ask(boost)[1]["at its address"] == said(Hidden.ORIGINAL_HIDDEN)
    api.act(bob, "follow", ada, reblogs=False)
    assert ask(boost)[1]["home"] == said(Hidden.BOOSTS_HIDDEN)
    api.act(bob, "follow", ada, reblogs=True)
    api.delete(cyd, original)
    places, verdicts = ask(boost)
    assert places["boosted message"].endswith("MISSING: deleted, or expired and removed")
    assert verdicts["at its address"] == verdicts["home"] == said(Hidden.ORIGINAL_GONE)


def test_a_message_is_found_by_its_address_too(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, TEXT)
    assert explain(status["url"], "@bob", api.clock.now) == explain(status["id"], "bob", api.clock.now)


def test_an_undelivered_message_is_missing_from_its_places_and_shown_at_its_address_only(
    api: Api, ada: Person, bob: Person, ask: Ask
) -> None:
    status = api.post(ada, TEXT)
    api.clock.advance(2)
    places, verdicts = ask(status)
    for place in ("log", "head", "tail", "public timeline"):
        assert places[place].startswith("MISSING"), place
    assert places["hashtags"] == "on the timelines of 0 of 1"
    assert verdicts["home"] == "not shown: no source has it (see log, head and tail above)"
    assert verdicts["public timeline"] == "not shown: MISSING"
    assert verdicts["at its address"] == "shown"


def test_a_message_that_waits_for_a_late_one_has_not_settled(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    late = MessageId.parse(api.post(ada, TEXT)["id"])
    api.clock.advance(0.1)
    status = api.post(ada, TEXT)
    fanout.deliver(changes_of([MessageId.parse(status["id"])]), api.clock.now)
    api.clock.advance(5)
    places, verdicts = ask(status)
    assert places["settling"] == f"deliveries are on time; timelines wait for {late}"
    assert verdicts["home"] == said(Hidden.NOT_SETTLED)
    api.deliver()
    places, _ = ask(status)
    assert places["settling"] == "late by up to 5000 ms (fan_out) and 5000 ms (views)"
    assert ask(status)[1]["home"] == "shown"


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
    missing = {name for name, found in ask(status)[0].items() if found.startswith("MISSING")}
    assert missing == {place} | ({"tail"} if place == "log" else set())


def test_every_shard_of_the_log_is_looked_through(
    api: Api, ada: Person, bob: Person, ask: Ask, configure: Callable[..., None]
) -> None:
    configure(log_shards=8)
    statuses = []
    for _ in range(12):
        statuses.append(api.post(ada, TEXT))
        api.deliver()
    found = [ask(status)[0]["log"] for status in statuses]
    assert all(each.startswith("there") for each in found)
    assert len({each.split(",")[2] for each in found}) > 1


def test_a_message_of_an_earlier_hour_is_found_in_log_and_tail(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, TEXT)
    api.deliver()
    api.clock.advance(5 * 3600)
    places, verdicts = ask(status)
    assert places["log"].startswith("there")
    assert places["tail"].startswith("there")
    assert verdicts["home"] == "shown"


def test_a_reply_is_found_in_its_thread(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, TEXT)
    reply = api.post(bob, "yes", in_reply_to_id=status["id"])
    assert ask(reply, "ada")[0]["thread"].startswith("MISSING")
    api.deliver()
    places, verdicts = ask(reply, "ada")
    assert places["thread"].startswith("there")
    assert places["public timeline"] == "not on it: replies are left out"
    assert verdicts["public timeline"] == "not shown: not on it: replies are left out"
    assert verdicts["notification"] == "there"


@pytest.mark.parametrize("visibility", ["unlisted", "private", "direct"])
def test_what_is_not_public_is_not_on_public_timelines(
    api: Api, ada: Person, bob: Person, ask: Ask, visibility: str
) -> None:
    status = api.post(ada, f"{TEXT} @bob", visibility=visibility)
    api.deliver()
    places, verdicts = ask(status)
    assert places["public timeline"] == f"not on it: the message is {visibility}"
    assert verdicts["public timeline"].startswith("not shown: ")
    assert verdicts["hashtags"].startswith("not shown: ")
    assert verdicts["home"] == "shown"


def expire(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.clock.advance(86_400)


def delete(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.delete(ada, status)


def block(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.request("POST", f"/api/v1/accounts/{UserItem.get('@bob').user_id}/block", ada)


def suspend(api: Api, ada: Person, status: dict[str, str]) -> None:
    suspension.suspend("ada", "spam", api.clock.now)


def leave(api: Api, ada: Person, status: dict[str, str]) -> None:
    UserItem(ada.id).update([UserItem.leaving.set(True)])


def depart(api: Api, ada: Person, status: dict[str, str]) -> None:
    api.request("POST", "/api/pleroma/delete_account", ada, json={"password": PASSWORD})


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
    assert ask(status)[1][place] == said(reason)


def test_what_left_the_views_because_it_is_gone_is_not_called_missing(
    api: Api, ada: Person, bob: Person, ask: Ask
) -> None:
    short, lasting = api.post(ada, TEXT, expires_in=60), api.post(ada, TEXT)
    api.deliver()
    api.clock.advance(60)
    api.post(ada, TEXT)
    api.deliver()  # rebuilds the head
    places, _ = ask(short)
    assert [name for name, found in places.items() if found.startswith("MISSING")] == []
    api.delete(ada, lasting)
    api.deliver()
    assert ask(lasting)[0]["head"] == "left out, because the message does not exist"


def test_why_it_is_not_on_the_readers_home_alone(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    eve = api.sign_up("eve")
    status = api.post(ada, TEXT)
    reply = api.post(ada, "a secret", in_reply_to_id=api.post(eve, "hm")["id"])
    private = api.post(ada, "a secret", visibility="private")
    direct = api.post(ada, "a secret", visibility="direct")
    _, young = ask(status)
    assert [young[place] for place in ("home", "public timeline", "hashtags")] == [said(Hidden.NOT_SETTLED)] * 3
    api.deliver()
    assert ask(reply)[1]["home"] == said(Hidden.REPLY_TO_STRANGER)
    assert ask(reply)[1]["at its address"] == "shown"
    assert ask(status, "eve")[1]["home"] == said(Hidden.NOT_FOLLOWED)
    assert ask(private, "eve")[1]["at its address"] == said(Hidden.NOT_FOLLOWED)
    assert ask(direct)[1]["home"] == said(Hidden.NOT_MENTIONED)
    api.act(bob, "mute", ada)
    _, muted = ask(status)
    assert [muted[place] for place in ("home", "public timeline", "hashtags")] == [said(Hidden.MUTED)] * 3
    assert muted["at its address"] == "shown"


def test_authors_see_their_own_message_at_once(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(bob, TEXT)
    assert ask(status, "bob")[1]["home"] == "shown"
    assert status["id"] in api.home(bob)


def test_why_a_notification_is_not_there(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, f"{TEXT} @bob")
    assert ask(status)[1]["notification"] == "MISSING: views has not delivered it"
    api.deliver()
    api.request("POST", "/api/v1/notifications/clear", bob)
    assert ask(status)[1]["notification"] == "not shown: the reader has cleared all notifications since"
    api.act(bob, "mute", ada, notifications=True)
    assert ask(status)[1]["notification"] == "not shown: the reader mutes the author's notifications"


def test_a_private_reply_is_notified_to_a_follower_and_a_direct_one_only_to_those_named(
    api: Api, ada: Person, bob: Person, ask: Ask
) -> None:
    asked = api.post(bob, "why?")
    private, direct = (
        api.post(ada, f"{TEXT} @ada", in_reply_to_id=asked["id"], visibility=each) for each in ("private", "direct")
    )
    api.deliver()
    assert ask(private)[1]["notification"] == "there"
    assert "notification" not in ask(direct)[1]


def test_a_reader_who_can_read_nothing_is_named(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    status = api.post(ada, TEXT)
    suspension.suspend("bob", "spam", api.clock.now)
    assert ask(status)[1]["reader"] == "suspended: cannot read anything"


def test_what_it_says_agrees_with_what_home_shows(api: Api, ada: Person, bob: Person, ask: Ask) -> None:
    statuses = []
    for number in range(90):  # more than a head holds
        statuses.append(api.post(ada, f"a secret {number}"))
        api.clock.advance(0.001)
    api.deliver()
    places, verdicts = ask(statuses[0])
    assert places["head"].startswith("older than the head reaches")
    assert verdicts["home"] == "shown"
    assert statuses[0]["id"] in api.home(bob, max_id=statuses[1]["id"])


def test_an_id_older_than_any_message_is_not_looked_for_in_the_log(api: Api, ada: Person) -> None:
    assert "not looked at: the message is older" in explain("0" * 26, "ada", api.clock.now)


@pytest.mark.parametrize(
    ("message", "reader", "problem"),
    [("hm", "ada", "hm is not"), ("7" + "z" * 25, "ada", "of the future"), ("0" * 26, "nobody", "No account")],
)
def test_what_cannot_be_explained_is_refused_in_a_sentence(
    api: Api, ada: Person, message: str, reader: str, problem: str
) -> None:
    with pytest.raises(OperationError, match=problem):
        explain(message, reader, api.clock.now)


def test_every_reason_has_its_meaning() -> None:
    assert MEANING.keys() == set(Hidden)
