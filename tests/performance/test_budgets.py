"""The cost of operations on DynamoDB, for messages of 140 characters: counted, never timed.

Rows of docs/costs.md are compared; figures given here show what a cost consists of.
"""

import ast
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from fstream_app.core import ids
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.ids import MessageId
from fstream_app.core.lists import RepliesPolicy
from fstream_app.core.packing import Visibility
from fstream_app.feed import edges, fanout, tail, views
from fstream_app.feed import reactions as counted
from fstream_app.feed.edges import Changed
from fstream_app.feed.reactions import Reacted
from fstream_app.messages import boosting, reactions
from fstream_app.messages.posting import Draft
from fstream_app.messages.posting import post as post_message
from fstream_app.messages.visibility import earliest_live, oldest_live
from fstream_app.people import following, profiles, tags
from fstream_app.repository import batch, lists, messages, users
from fstream_app.tables import EdgeItem, MessageItem
from ops.meter import Cost, metered
from tests.performance import readers
from tests.performance.budgets import LATENCY, OPERATIONS, hold, read
from tests.performance.readers import TEXT, make_user, publish
from tests.support.delivery import changes_of, deliver
from tests.support.engines import cool_down
from tests.support.people import Api, Person
from tests.support.walks import add_filter


@pytest.fixture
def reader(real_api: Api) -> Person:
    """A user with messages who follows 100 users, each with messages: made once, then copied."""
    return readers.made_once(real_api)


def test_a_post_costs_one_write_or_with_a_key_two(real_api: Api) -> None:
    ada = real_api.sign_up("ada")
    with metered(LATENCY) as cost:
        real_api.post(ada, TEXT)
    hold("post", cost)
    with metered(LATENCY) as cost:
        answer = real_api.request(
            "POST", "/api/v1/statuses", ada, json={"status": TEXT}, headers={"idempotency-key": "k"}
        )
    assert answer.status == 200
    hold("post with an idempotency key", cost)


@pytest.mark.parametrize("followers", [0, 200])
def test_fan_out_costs_the_same_whatever_the_number_of_followers(real_api: Api, followers: int) -> None:
    ada = make_user("ada", real_api.clock.now)
    batch.put(EdgeItem(ids.new_user_id(), edge(EdgeKind.FOLLOW, ada.id)) for _ in range(followers))
    message = post_message(ada, Draft(TEXT), real_api.clock.now)
    with metered(LATENCY) as cost:
        fanout.deliver(changes_of([message.id]), real_api.clock.now)
    hold("fan-out of a message", cost)
    assert cost.write_units == 2  # the log, the head
    with metered(LATENCY) as cost:
        views.deliver(changes_of([message.id]), real_api.clock.now)
    hold("views of a message", cost)
    assert cost.write_units == 1  # the public timeline
    wrapper = boosting.boost(ada, str(message.id), None, real_api.clock.now)
    for name, deliver_it, writes in (("fan-out of a boost", fanout.deliver, 2), ("views of a boost", views.deliver, 0)):
        with metered(LATENCY) as cost:
            deliver_it(changes_of([wrapper]), real_api.clock.now)
        hold(name, cost)
        assert cost.write_units == writes


def test_tags_and_notifications_cost_one_write_each_and_a_tag_one_more_an_hour(real_api: Api) -> None:
    ada, bob = (make_user(name, real_api.clock.now) for name in ("ada", "bob"))
    assert bob
    for hour in range(3):
        for writes_of_tags in (2 + 2, 2):
            message = post_message(ada, Draft("hello @bob, have #tea and #cake"), real_api.clock.advance(1))
            with metered() as cost:
                views.deliver(changes_of([message.id]), real_api.clock.now)
            # The public timeline, the hashtags, the time of the notification, the notification.
            assert cost.write_units == 1 + writes_of_tags + 1 + 1, hour
        real_api.clock.advance(3600)


def test_a_direct_message_costs_one_write_for_each_participant(real_api: Api) -> None:
    ada, bob = (make_user(name, real_api.clock.now) for name in ("ada", "bob"))
    draft = Draft("@ada @bob psst", visibility=Visibility.DIRECT)
    first = post_message(ada, draft, real_api.clock.now)
    reply = post_message(bob, replace(draft, in_reply_to=str(first.id)), real_api.clock.advance(1))
    for message, name in ((first, "views of a direct message"), (reply, "views of a direct reply")):
        with metered(LATENCY) as cost:
            views.deliver(changes_of([message.id]), real_api.clock.now)
        hold(name, cost)
        # Two conversations, the time of the notification, the notification; for the reply, the same again in its
        # thread, and that its author has read what it answers.
        assert cost.write_units == 2 + 1 + 1 + (2 + 1 if message is reply else 0)


def test_a_batch_of_many_authors_costs_one_write_in_the_log(real_api: Api) -> None:
    authors = [make_user(f"author{number}", real_api.clock.now) for number in range(40)]
    posted = [post_message(author, Draft(TEXT), real_api.clock.now) for author in authors]
    with metered() as cost:
        fanout.deliver(changes_of(message.id for message in posted), real_api.clock.now)
    assert cost.write_units == 1 + 40


def test_home_read_by_a_warm_function(real_api: Api, reader: Person) -> None:
    tail.shared().refresh(real_api.clock.now)
    with metered(LATENCY) as cost:
        assert len(real_api.home(reader, limit=20)) == 20
    hold("home from the tail", cost)


def test_a_page_with_quotes_takes_one_more_round_trip_and_a_post_two_units(real_api: Api, reader: Person) -> None:
    clock, (author, quoted_by) = real_api.clock, (make_user(name, real_api.clock.now) for name in ("ada", "bob"))
    following.follow(reader.id, author.id, clock.now)
    quoted = [str(post_message(quoted_by, Draft(TEXT), clock.advance(1)).id) for _ in range(4)]
    with metered(LATENCY) as cost:
        first = post_message(author, Draft(TEXT, quoted=quoted[0]), clock.advance(1))
    hold("post with a quote", cost)
    assert cost.write_units == 1
    with metered(LATENCY) as cost:
        views.deliver(changes_of([first.id]), clock.now)
    hold("views of a quote", cost)
    more = [post_message(author, Draft(TEXT, quoted=each), clock.advance(1)) for each in quoted[1:]]
    deliver(changes_of([first.id, *(each.id for each in more)]), clock.advance(1))
    clock.advance(40)
    cool_down()
    tail.shared().refresh(clock.now)
    with metered(LATENCY) as cost:
        shown = real_api.get("/api/v1/timelines/home", reader, limit=20).json
    assert [each["quote"] and each["quote"]["state"] for each in shown].count("accepted") == 4
    hold("home from the tail, 4 quotes", cost)
    assert (cost.read_units <= 40, cost.round_trips) == (True, 4)


def test_a_reader_with_filters_pays_half_a_read_unit_for_keywords_and_as_much_for_single_messages(
    real_api: Api, reader: Person
) -> None:
    tail.shared().refresh(real_api.clock.now)
    shown = real_api.home(reader, limit=20)[0]
    made = add_filter(real_api, reader, TEXT, shown)
    for entry in ("home, filtering keywords and single messages", "home, filtering keywords"):
        profiles.memory.clear()
        with metered(LATENCY) as cost:
            assert len(real_api.home(reader, limit=20)) == 20
        hold(entry, cost)
        path = f"/api/v2/filters/statuses/{made['filtered']}"
        assert real_api.request("DELETE", path, reader).status in {200, 404}


def test_boosts_on_home_cost_one_round_trip_and_little_more_than_their_originals(real_api: Api, reader: Person) -> None:
    strangers = [make_user(f"stranger{number}", real_api.clock.now) for number in range(4)]
    originals = [post_message(each, Draft(TEXT), real_api.clock.advance(0.2)) for each in strangers]
    followed = [item.edge.removeprefix("f#") for item in EdgeItem.query(reader.id, EdgeItem.edge.startswith("f#"))]
    cost_of = {}
    for name in ("home from the tail, profiles cached", "home with 4 boosts from the tail, profiles cached"):
        if "boosts" in name:
            for booster, original in zip(users.staying(followed[:4]).values(), originals, strict=True):
                boosting.boost(booster, str(original.id), None, real_api.clock.advance(0.2))
        real_api.deliver()
        real_api.clock.advance(40)
        real_api.home(reader, limit=20)
        real_api.clock.advance(0.6)
        with metered(LATENCY) as cost_of[name]:
            shown = real_api.get("/api/v1/timelines/home", reader, limit=20).json
        assert (len(shown), sum(each["reblog"] is not None for each in shown)) == (20, 4 if "boosts" in name else 0)
        hold(name, cost_of[name])
    plain, boosted = cost_of.values()
    assert (boosted.calls[-1].table, boosted.calls[-1].read_units) == ("messages", 4)  # the originals
    assert len(boosted.calls) == len(plain.calls) + 1
    assert boosted.round_trips <= plain.round_trips + 1 <= 4
    assert boosted.read_units <= 32


def test_a_page_that_takes_a_second_chunk_reads_the_reactions_once(real_api: Api, reader: Person) -> None:
    for gone in real_api.home(reader, limit=20)[10:12]:
        MessageItem(*messages.key(MessageId.parse(gone))).delete()
    with metered(LATENCY) as cost:
        assert len(real_api.home(reader, limit=20)) == 20
    read = Counter(call.table.partition("+")[0] for call in cost.calls)
    assert (read["messages"], read["reactions"]) == (2 + 1, 1)  # messages: two chunks, and the reader's own


def test_home_read_below_the_tail(real_api: Api, reader: Person) -> None:
    real_api.clock.advance(3600)  # afterwards the newest page of the log is empty
    with metered(LATENCY) as cost:
        assert len(real_api.home(reader, limit=20)) == 20
    hold("home from the heads", cost)
    assert any(call.table == "heads" for call in cost.calls)


def test_home_with_nothing_new(real_api: Api, reader: Person) -> None:
    newest = real_api.home(reader, limit=20)[0]
    real_api.clock.advance(30)
    stranger = make_user("stranger", real_api.clock.now)
    publish([stranger], real_api.clock)
    real_api.clock.advance(10)
    with metered(LATENCY) as cost:
        assert real_api.home(reader, since_id=newest) == []
    hold("home, nothing new", cost)
    followed = list(EdgeItem.query(reader.id, EdgeItem.edge.startswith(edge(EdgeKind.FOLLOW, "")), limit=10))
    for name, notified in (
        ("notifications, nothing new", False),
        ("notifications, nothing new, of 10 accounts' messages too", True),
    ):
        for item in followed if notified else ():
            item.update([EdgeItem.since.set(real_api.clock.now)])
        real_api.clock.advance(10)
        with metered(LATENCY) as cost:
            assert real_api.get("/api/v1/notifications", reader, since_id=newest).json == []
        hold(name, cost)


def test_a_list_costs_what_home_costs_and_one_read_unit(real_api: Api, reader: Person) -> None:
    """Its members cost nothing: they are on the edges, which home reads for no more than without the list."""

    def cost_of(path: str, number: int, **query: object) -> Cost:
        profiles.memory.clear()
        real_api.clock.advance(0.6)
        with metered(LATENCY) as cost:
            assert len(real_api.read(f"/api/v1/timelines/{path}", reader, limit=20, **query)) == number
        return cost

    followed = [item.edge.removeprefix("f#") for item in EdgeItem.query(reader.id, EdgeItem.edge.startswith("f#"))]
    for author in users.staying(followed[:20]).values():
        post_message(author, Draft(TEXT, lifetime=1800), real_api.clock.advance(0.2))
    real_api.deliver()
    real_api.clock.advance(40)
    cost_of("home", 20)
    home, newest = cost_of("home", 20), real_api.home(reader, limit=1)[0]
    polled = cost_of("home", 0, since_id=newest)
    made = lists.create(reader.id, "list", RepliesPolicy.LIST, real_api.clock.now, exclusive=True)
    assert made
    for some in batch.chunks(followed[50:], lists.MOST_AT_ONCE):
        lists.add(reader.id, made.id, some)
    assert cost_of("home", 20).read_units == home.read_units
    of_list, of_list_polled = cost_of(f"list/{made.id}", 20), cost_of(f"list/{made.id}", 0, since_id=newest)
    assert of_list.read_units <= home.read_units + 1
    assert of_list_polled.read_units <= polled.read_units + 1
    hold("list from the tail", of_list)
    hold("list, nothing new", of_list_polled)
    lists.delete(reader.id, made.id)
    hold("going soon from the heads", cost_of("list/going-soon", 20))
    while tail.shared().snapshot(()).horizon > oldest_live(real_api.clock.now):
        tail.shared().extend(earliest_live(real_api.clock.now))
    hold("going soon from the tail", cost_of("list/going-soon", 20))


def test_home_of_a_reader_who_follows_hashtags(real_api: Api, reader: Person) -> None:
    newest = real_api.home(reader, limit=20)[0]
    for number in range(20):
        tags.follow(reader.id, f"hashtag{number}", real_api.clock.now)
    real_api.clock.advance(40)
    with metered(LATENCY) as cost:
        assert real_api.home(reader, since_id=newest) == []
    hold("home, 20 hashtags followed, nothing new", cost)
    real_api.clock.advance(3600)
    cool_down()
    with metered(LATENCY) as cost:
        assert len(real_api.home(reader, limit=20)) == 20
    hold("home from the heads, 20 hashtags followed", cost)
    (stranger,) = users.staying([real_api.sign_up("stranger").id]).values()
    for number in range(20):
        post_message(stranger, Draft(f"#hashtag{number}", lifetime=5400), real_api.clock.advance(0.2))
    real_api.deliver()
    real_api.clock.advance(3600)
    cool_down()
    with metered(LATENCY) as cost:
        assert len(real_api.read("/api/v1/timelines/list/going-soon", reader, limit=20)) == 20
    hold("going soon from the heads, 20 hashtags followed", cost)


def test_reading_costs(real_api: Api, reader: Person) -> None:
    status = real_api.read("/api/v1/timelines/public", reader, limit=20)[0]
    account = real_api.get(f"/api/v1/statuses/{status}").json["account"]["id"]
    for name, path in (
        ("status by id", f"/api/v1/statuses/{status}"),
        ("public timeline", "/api/v1/timelines/public"),
        ("account's statuses", f"/api/v1/accounts/{account}/statuses"),
    ):
        profiles.memory.clear()
        real_api.clock.advance(0.6)  # the tail is refreshed
        with metered(LATENCY) as cost:
            assert real_api.get(path, reader).status == 200
        hold(name, cost)


def test_changing_costs(real_api: Api) -> None:
    ada, bob = real_api.sign_up("ada"), real_api.sign_up("bob")
    status, edited = (real_api.post(ada, TEXT) for _ in range(2))
    path = f"/api/v1/statuses/{status['id']}"

    def edit(text: str) -> object:
        return real_api.request("PUT", f"/api/v1/statuses/{edited['id']}", ada, json={"status": text})

    steps: dict[str, Callable[[], object]] = {
        "boost": lambda: real_api.request("POST", f"{path}/reblog", bob),
        "a boost that exists": lambda: real_api.request("POST", f"{path}/reblog", bob),
        "undo a boost": lambda: real_api.request("POST", f"{path}/unreblog", bob),
        "follow": lambda: real_api.act(ada, "follow", bob),
        "unfollow": lambda: real_api.act(ada, "unfollow", bob),
        "delete": lambda: real_api.delete(ada, status),
        "edit": lambda: edit(TEXT[1:]),
        "edit with a new hashtag and mention": lambda: edit("#new @bob"),
        "schedule": lambda: real_api.post(ada, TEXT, scheduled_at="2040-01-02T00:00:00Z"),
        "log in": lambda: real_api.token("password", username="ada", password="correct horse"),
    }
    for name, step in steps.items():
        with metered(LATENCY) as cost:
            step()
        hold(name, cost)


COUNTING = {
    1: ("count a follow", "a follow that is counted", "count an unfollow", "count a favourite", "count a reply"),
    40: (
        "count 40 follows",
        "40 follows that are counted",
        "count 40 unfollows",
        "count 40 favourites",
        "count 40 replies",
    ),
}


@pytest.mark.parametrize("number", COUNTING)
def test_counting_costs(real_api: Api, number: int) -> None:
    """What the stream functions do about follows of one user, and about favourites of and replies to one message."""
    now = real_api.clock.now
    star, *fans = (make_user(f"user{each}", now) for each in range(number + 1))
    message = post_message(star, Draft(TEXT), now)
    written = [post_message(fan, Draft(TEXT, in_reply_to=str(message.id)), now) for fan in fans]
    for fan in fans:
        following.follow(fan.id, star.id, now)
        reactions.favourite(fan.id, str(message.id), now)

    def follows() -> set[str]:
        return edges.deliver([Changed("1", fan.id, EdgeKind.FOLLOW, star.id) for fan in fans], now)

    def favourites() -> set[str]:
        return counted.deliver([Reacted("1", (fan.id, f"favourite#{message.id}")) for fan in fans], now)

    def replies() -> set[str]:
        return views.deliver(changes_of(each.id for each in written), now)

    for name, step in zip(COUNTING[number], (follows, follows, follows, favourites, replies), strict=True):
        if "unfollow" in name:
            for fan in fans:
                following.unfollow(fan.id, star.id, now)
        with metered(LATENCY) as cost:
            assert step() == set()
        hold(name, cost)


def test_every_operation_of_the_table_is_counted() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    written = {
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(read(OPERATIONS)) <= written
