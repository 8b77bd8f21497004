"""Polls: what makes one, votes that are counted exactly, who sees what of the result, and when a poll ends."""

from datetime import datetime
from typing import Any

import pytest

from fstream_app.core.ids import MessageId
from fstream_app.moderation import evidence
from fstream_app.repository import counting, messages
from tests.support.clock import Clock
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.racing import Races, one_way

HOUR, DAY, WEEK = 3600, 86_400, 604_800
OPTIONS = ["red", "green", "blue"]


def poll(api: Api, by: Person, seconds: int = HOUR, *, options: list[str] = OPTIONS, **fields: Any) -> dict[str, Any]:
    """Post a message with a poll; fields of the poll are among the fields."""
    chosen = {name: fields.pop(name) for name in ("multiple", "hide_totals") if name in fields}
    made: dict[str, Any] = {"options": options, "expires_in": seconds} | chosen
    return api.post(by, "which?", poll=made, **fields)


def vote(api: Api, by: Person | None, status: dict[str, Any], *choices: int | str) -> Answer:
    return api.request("POST", f"/api/v1/polls/{status['id']}/votes", by, json={"choices": choices})


def shown(api: Api, status: dict[str, Any], by: Person | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/api/v1/polls/{status['id']}", by).json
    return answer


def result(found: dict[str, Any]) -> tuple[list[int | None], int, int]:
    """Return the votes by option, those of all options, and the number of voters."""
    return [option["votes_count"] for option in found["options"]], found["votes_count"], found["voters_count"]


def lasts(status: dict[str, Any], clock: Clock) -> tuple[float, float]:
    """Return the seconds until the poll and its message end."""
    return left(status["poll"]["expires_at"], clock), left(status["pleroma"]["expires_at"], clock)


def left(date: str, clock: Clock) -> float:
    return datetime.fromisoformat(date).timestamp() - clock.now / 1000


def form(*options: str, multiple: str) -> dict[str, Any]:
    """Return a form with a poll whose options are named and valued like `poll[options][]=a`."""
    pairs = [option.split("=") for option in options]
    return {"form": [("status", "x"), *map(tuple, pairs), ("poll[expires_in]", "300"), ("poll[multiple]", multiple)]}


def body(options: list[str], expires_in: object, multiple: object) -> dict[str, Any]:
    return {"json": {"status": "x", "poll": {"options": options, "expires_in": expires_in, "multiple": multiple}}}


SENT: dict[str, dict[str, Any]] = {
    "JSON": body(["a", " b "], 300, multiple=True),
    "JSON with texts": body(["a", "b", ""], "300", multiple="true"),
    "form": form("poll[options][]=a", "poll[options][]=b", multiple="true"),
    "numbered": form("poll[options][1]=b", "poll[options][0]=a", multiple="1"),
    "repeated": form("poll[options]=a", "poll[options]=b", multiple="on"),
}


def test_a_poll_and_votes_are_read_in_every_spelling(api: Api) -> None:
    ada, bob, cyd = map(api.sign_up, ("ada", "bob", "cyd"))
    for name, sent in SENT.items():
        status = api.request("POST", "/api/v1/statuses", ada, **sent).json
        made = status["poll"]
        assert [option["title"] for option in made["options"]] == ["a", "b"], name
        assert (made["id"], made["multiple"], made["expired"], made["emojis"]) == (status["id"], True, False, [])
        assert (made["voted"], made["own_votes"], result(made)) == (True, [], ([0, 0], 0, 0))
    ballot = f"/api/v1/polls/{status['id']}/votes"
    for pairs in ([("choices[]", "1"), ("choices[]", "0")], [("choices[0]", "0"), ("choices[1]", "1")]):
        person = bob if pairs[0][1] == "1" else cyd
        answer = api.request("POST", ballot, person, form=pairs).json
        assert (answer["voted"], answer["own_votes"]) == (True, [0, 1])
    api.deliver()
    assert result(shown(api, status)) == ([2, 2], 4, 2)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "one option": ({"options": ["a", "  "]}, "Options must have more than one item"),
    "no option": ({"options": []}, "Options must have more than one item"),
    "many": ({"options": list("abcde")}, "Options can't contain more than 4 items"),
    "long": ({"options": ["a", "b" * 51]}, "Options cannot be longer than 50 characters each"),
    "large": ({"options": ["a", ("e" + "\u0331" * 20) * 50]}, "Options cannot be longer than 50 characters each"),
    "equal": ({"options": ["a", " a"]}, "Options contain duplicate items"),
    "no time": ({"expires_in": None}, "Expires at can't be blank (poll[expires_in])"),
    "short": ({"expires_in": 299}, "Expires at is too soon: a poll must be open for at least 300 seconds"),
    "ages": (
        {"expires_in": WEEK + 1},
        f"Expires at is too far into the future: a poll can be open for at most {WEEK} seconds",
    ),
}


def test_a_poll_that_breaks_a_rule_is_refused_and_the_limits_are_published(api: Api) -> None:
    ada = api.sign_up("ada")
    for wrong, problem in REFUSED.values():
        draft = {"options": ["a", "b"], "expires_in": 300} | wrong
        answer = api.request("POST", "/api/v1/statuses", ada, json={"status": "x", "poll": draft})
        assert (answer.status, answer.error) == (422, f"Validation failed: {problem}")
    without_text = {"poll": {"options": ["a", "b"], "expires_in": 300}}
    assert api.request("POST", "/api/v1/statuses", ada, json=without_text).error == "Text can't be blank"
    assert api.read(f"/api/v1/accounts/{ada.id}/statuses", ada) == []
    for empty in (None, "", {}, {"options": [], "multiple": False}):
        assert api.post(ada, "hello", poll=empty)["poll"] is None
    for version in (1, 2):
        limits = api.get(f"/api/v{version}/instance").json["configuration"]["polls"]
        assert limits == {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": WEEK,
        }
    for seconds in (limits["min_expiration"], limits["max_expiration"]):
        options = [letter * limits["max_characters_per_option"] for letter in "abcd"]
        assert poll(api, ada, seconds, options=options)["poll"]["options"][3]["title"] == "d" * 50


def test_a_message_outlives_its_poll_unless_its_author_chooses_a_lifetime(api: Api, clock: Clock) -> None:
    ada = api.sign_up("ada")
    first = api.post(ada, "first", expires_in=2 * HOUR, thread_ends_together=True)
    reply = {"in_reply_to_id": first["id"]}
    cases: list[tuple[int, dict[str, Any], tuple[int, int]]] = [
        (HOUR, {}, (HOUR, DAY)),
        (DAY, {}, (DAY, DAY + HOUR)),
        (WEEK, {}, (WEEK, WEEK)),
        (DAY, {"expires_in": HOUR}, (HOUR, HOUR)),
        (HOUR, {"expires_in": DAY}, (HOUR, DAY)),
        (DAY, reply, (2 * HOUR, 2 * HOUR)),
    ]
    for seconds, fields, ends in cases:
        assert lasts(poll(api, ada, seconds, **fields), clock) == ends
    worded = api.post(ada, "which? #5m", poll={"options": OPTIONS, "expires_in": DAY})
    assert lasts(worded, clock) == (300, 300)
    chosen = {"source": {"expires_in": {"default": 2 * HOUR, "public": ""}}}
    assert api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json=chosen).status == 200
    assert lasts(poll(api, ada, HOUR), clock) == (HOUR, 2 * HOUR)
    assert lasts(poll(api, ada, 3 * HOUR), clock) == (3 * HOUR, 4 * HOUR)


def test_a_repeated_post_has_one_poll_with_its_first_end(api: Api, clock: Clock) -> None:
    ada = api.sign_up("ada")
    sent: dict[str, Any] = {
        "json": {"status": "x", "poll": {"options": ["a", "b"], "expires_in": 300}},
        "headers": {"Idempotency-Key": "k"},
    }
    first = api.request("POST", "/api/v1/statuses", ada, **sent).json
    clock.advance(10)
    assert api.request("POST", "/api/v1/statuses", ada, **sent).json == first


def test_a_voter_sees_the_own_vote_at_once_and_everybody_the_exact_counts(api: Api) -> None:
    ada, bob, cyd = map(api.sign_up, ("ada", "bob", "cyd"))
    api.act(bob, "follow", ada)
    status = poll(api, ada)
    assert result(vote(api, bob, status, "1").json) == ([0, 1, 0], 1, 1)
    assert result(vote(api, cyd, status, 1).json) == ([0, 1, 0], 1, 1)
    paths = [f"/api/v1/statuses/{status['id']}", f"/api/v1/accounts/{ada.id}/statuses", "/api/v1/timelines/home"]
    for delivered in (False, True):
        pages = [api.get(path, bob).json for path in (paths if delivered else paths[:2])]
        statuses = [page[0] if isinstance(page, list) else page for page in pages]
        for found in (shown(api, status, bob), *(each["poll"] for each in statuses)):
            assert (found["voted"], found["own_votes"]) == (True, [1])
            assert result(found) == (([0, 2, 0], 2, 2) if delivered else ([0, 1, 0], 1, 1))
        api.deliver()
    anonymous = shown(api, status)
    assert (anonymous["voted"], anonymous["own_votes"], result(anonymous)) == (False, [], ([0, 2, 0], 2, 2))
    assert shown(api, status, ada)["voted"] is True


def test_votes_that_are_not_allowed_change_nothing(api: Api) -> None:
    ada, bob, eve = map(api.sign_up, ("ada", "bob", "eve"))
    status, several, plain = poll(api, ada), poll(api, ada, multiple=True), api.post(ada, "no poll")
    private = poll(api, ada, visibility="private")
    api.act(ada, "block", eve)
    voted = "You have already voted on this poll"
    assert vote(api, bob, status, 0).status == vote(api, bob, several, 0, 0, 2).status == 200
    cases: list[tuple[Person | None, dict[str, Any], tuple[int | str, ...], int, str]] = [
        (bob, status, (0,), 422, f"Validation failed: {voted}"),
        (bob, status, (1,), 422, f"Validation failed: {voted}"),
        (bob, several, (0, 2), 422, f"Validation failed: {voted}"),
        (bob, status, (1, 2), 422, f"Validation failed: {voted}"),
        (bob, several, (3,), 422, "Validation failed: The chosen vote option does not exist"),
        (bob, several, (-1,), 422, "Validation failed: The chosen vote option does not exist"),
        (bob, several, (), 422, "Choose at least one of the poll's options (choices)"),
        (bob, several, ("red",), 422, "The parameter choices[0] must be a whole number, not a string"),
        (ada, status, (0,), 422, "Validation failed: You cannot vote in your own polls"),
        (bob, plain, (0,), 404, "Poll not found"),
        (bob, private, (0,), 404, "Message not found"),
        (eve, status, (0,), 404, "Message not found"),
        (bob, {"id": "1"}, (0,), 404, "Message not found"),
        (None, status, (0,), 401, "The access token is invalid"),
    ]
    for by, which, choices, code, error in cases:
        answer = vote(api, by, which, *choices)
        assert (answer.status, answer.error) == (code, error)
    for by, which, error in ((eve, status, "Message not found"), (bob, plain, "Poll not found")):
        answer = api.get(f"/api/v1/polls/{which['id']}", by)
        assert (answer.status, answer.error) == (404, error)
    api.deliver()
    assert [result(shown(api, each)) for each in (status, several)] == [([1, 0, 0], 1, 1), ([1, 0, 1], 2, 1)]


def test_more_options_of_a_multiple_choice_poll_can_be_chosen_later(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = poll(api, ada, multiple=True)
    assert vote(api, bob, status, 1).json["own_votes"] == [1]
    api.deliver()
    found = vote(api, bob, status, 1, 2).json
    assert (found["own_votes"], result(found)) == ([1, 2], ([0, 1, 1], 2, 1))
    assert vote(api, bob, status, 0).json["own_votes"] == [0, 1, 2]
    api.deliver()
    assert result(shown(api, status, bob)) == ([1, 1, 1], 3, 1)


@pytest.mark.parametrize("multiple", [False, True])
def test_of_simultaneous_votes_of_a_user_each_option_is_counted_once(api: Api, races: Races, multiple: bool) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = poll(api, ada, multiple=multiple)
    for run in one_way(races.between(lambda: vote(api, bob, status, 0), lambda: vote(api, bob, status, 2).status)):
        api.deliver()
        taken = [number for number, code in ((0, run.result.status), (2, run.event)) if code == 200]
        assert len(taken) == 1 + multiple, run
        found = shown(api, status, bob)
        assert found["own_votes"] == taken, run
        assert result(found) == ([int(number in taken) for number in range(3)], len(taken), 1), run


def test_a_boost_or_a_quote_of_a_poll_leads_to_the_poll(api: Api) -> None:
    ada, bob, cyd = map(api.sign_up, ("ada", "bob", "cyd"))
    status = poll(api, ada, hide_totals=True)
    boost = api.request("POST", f"/api/v1/statuses/{status['id']}/reblog", cyd).json
    quote = api.post(cyd, "vote!", quoted_status_id=status["id"])
    voted = vote(api, bob, boost, 1)
    assert (voted.status, voted.json["id"], voted.json["own_votes"]) == (200, status["id"], [1])
    assert vote(api, bob, status, 0).error == "Validation failed: You have already voted on this poll"
    api.deliver()
    assert (shown(api, boost, bob), shown(api, status, bob)) == (voted.json, voted.json)
    found = {each["id"]: each for each in api.get(f"/api/v1/accounts/{cyd.id}/statuses", bob).json}
    wrapped, quoted = found[boost["id"]], found[quote["id"]]["quote"]["quoted_status"]
    assert [each["poll"] for each in (wrapped, wrapped["reblog"], quoted)] == [voted.json] * 3
    assert result(quoted["poll"]) == ([None] * 3, 1, 1)
    api.delete(ada, status)
    assert api.get(f"/api/v1/polls/{boost['id']}", bob).status == vote(api, cyd, boost, 1).status == 404


def test_totals_that_are_hidden_are_shown_to_nobody_before_the_end(api: Api, clock: Clock) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = poll(api, ada, 300, hide_totals=True)
    assert [each["votes_count"] for each in vote(api, bob, status, 0).json["options"]] == [None] * 3
    api.deliver()
    for by in (ada, bob, None):
        for found in (shown(api, status, by), api.get(f"/api/v1/statuses/{status['id']}", by).json["poll"]):
            assert result(found) == ([None] * 3, 1, 1)
    clock.advance(300)
    assert [result(shown(api, status, by)) for by in (ada, bob, None)] == [([1, 0, 0], 1, 1)] * 3


def test_a_poll_ends_in_the_millisecond_that_it_shows(api: Api, clock: Clock) -> None:
    ada, bob, cyd = map(api.sign_up, ("ada", "bob", "cyd"))
    status = poll(api, ada, 300)
    clock.advance(left(status["poll"]["expires_at"], clock) - 0.001)
    assert vote(api, bob, status, 0).json["expired"] is False
    clock.advance(0.001)
    late = vote(api, cyd, status, 0)
    assert (late.status, late.error) == (422, "Validation failed: The poll has already ended")
    assert shown(api, status)["expired"] is True
    api.deliver()
    assert result(shown(api, status)) == ([1, 0, 0], 1, 1)


def gone(api: Api, ada: Person, status: dict[str, Any], how: str) -> None:
    match how:
        case "deleted":
            api.delete(ada, status)
        case "cleared":
            api.request("POST", "/api/v1/statuses/delete_all", ada, json={"password": PASSWORD})
        case "expired":
            api.clock.advance(300)
        case _:
            api.request("POST", "/api/pleroma/delete_account", ada, json={"password": PASSWORD})


def test_the_poll_of_a_message_that_is_gone_is_gone(api: Api) -> None:
    ada, bob, cyd = map(api.sign_up, ("ada", "bob", "cyd"))
    for how in ("deleted", "cleared", "expired", "left"):
        status = poll(api, ada, 300, expires_in=300)
        vote(api, bob, status, 0)
        gone(api, ada, status, how)
        for by in (bob, cyd):
            assert api.get(f"/api/v1/polls/{status['id']}", by).status == vote(api, by, status, 1).status == 404
        api.deliver()
        assert api.get(f"/api/v1/polls/{status['id']}", bob).status == 404, how


def test_votes_of_an_account_that_is_deleted_are_subtracted(api: Api) -> None:
    ada, bob, cyd = map(api.sign_up, ("ada", "bob", "cyd"))
    status = poll(api, ada, multiple=True)
    vote(api, bob, status, 0)
    vote(api, bob, status, 1, 2)
    vote(api, cyd, status, 1)
    api.deliver()
    assert result(shown(api, status)) == ([1, 2, 1], 4, 2)
    api.request("POST", "/api/pleroma/delete_account", bob, json={"password": PASSWORD})
    api.deliver()
    assert result(shown(api, status)) == ([0, 1, 0], 1, 1)


@pytest.mark.parametrize("leaving", [False, True])
def test_a_vote_in_a_poll_that_goes_meanwhile_or_of_a_user_who_does_leaves_nothing(
    api: Api, races: Races, leaving: bool
) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = poll(api, ada)

    def go() -> object:
        if leaving:
            return api.request("POST", "/api/pleroma/delete_account", bob, json={"password": PASSWORD})
        return api.delete(ada, status)

    for run in one_way(races.between(lambda: vote(api, bob, status, 0), go)):
        api.deliver()
        items = stored()
        assert [item for item in items["ReactionItem"] if bob.id in item] == [], run
        assert [item for item in items["NotificationItem"] if bob.id in item] == [], run
        if leaving:
            assert result(shown(api, status)) == ([0, 0, 0], 0, 0), run


def test_counting_repeats_and_stops_anywhere(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a transaction of the stream function meets, each vote is counted once when it is repeated."""
    ada = api.sign_up("ada")
    voters = [api.sign_up(name) for name in ("bob", "cyd", "dan")]
    status = poll(api, ada, multiple=True)
    for number, voter in enumerate(voters):
        vote(api, voter, status, number)
        vote(api, voter, status, 0, 1)
    commit, calls = counting._commit, iter(range(100))

    def interrupted(*arguments: Any) -> bool:
        if next(calls) == 0:
            raise TimeoutError
        return commit(*arguments)

    monkeypatch.setattr(counting, "_commit", interrupted)
    for _ in range(3):
        api.deliver()
    assert result(shown(api, status)) == ([3, 3, 1], 7, 3)


def test_options_are_filtered_copied_into_reports_and_shown_on_the_page(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = poll(api, ada, hide_totals=True)
    made = {"title": "x", "context": ["home"], "keywords_attributes": [{"keyword": "green"}]}
    assert api.request("POST", "/api/v2/filters", bob, json=made).status == 200
    (found,) = api.get(f"/api/v1/statuses/{status['id']}", bob).json["filtered"]
    assert found["keyword_matches"] == ["green"]
    message = messages.get(MessageId.parse(status["id"]))
    assert message is not None
    assert evidence._copy(message).options == ("red", "green", "blue")
    vote(api, bob, status, 1)
    api.deliver()
    for seconds, shares in ((0, 0), (HOUR, 3)):
        api.clock.advance(seconds)
        page = api.request("GET", f"/@ada/{status['id']}", headers={"accept": "text/html"}).text
        assert all(f"<bdi>{option}</bdi>" in page for option in OPTIONS)
        assert page.count("%</b>") == shares
        assert "1 voter · " in page
