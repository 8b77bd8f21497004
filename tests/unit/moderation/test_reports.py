"""Reports: made by users, read by moderators, without a copy of the reported text."""

from typing import Any

import pytest

from fstream_app.core.errors import NotFound
from fstream_app.moderation import reports
from fstream_app.moderation.reports import KEPT_SECONDS, MAX_COMMENT, MAX_MESSAGES
from tests.support.people import Answer, Api, Person, stored

PATH = "/api/v1/reports"
TEXT = "unspeakable"


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


def report(api: Api, by: Person, about: Person, **fields: Any) -> Answer:
    return api.request("POST", PATH, by, json={"account_id": about.id, **fields})


def listed(api: Api, *, resolved: bool = False) -> list[reports.Listed]:
    return reports.listed(50, api.clock.now, resolved=resolved)


def test_a_report_is_answered_as_it_was_made(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, TEXT)
    answer = report(api, bob, ada, status_ids=[status["id"]], comment=" rude\n", category="spam", forward=True)
    assert answer.status == 200
    filed = answer.json
    assert (filed["category"], filed["comment"], filed["status_ids"]) == ("spam", " rude", [status["id"]])
    assert (filed["action_taken"], filed["action_taken_at"], filed["forwarded"]) == (False, None, False)
    assert filed["target_account"]["id"] == ada.id
    assert filed["created_at"] == status["created_at"]


def test_a_report_without_more_is_about_the_account_in_category_other(api: Api, ada: Person, bob: Person) -> None:
    filed = report(api, bob, ada).json
    assert (filed["category"], filed["comment"], filed["status_ids"]) == ("other", "", [])


def test_a_report_holds_no_text_and_shows_a_message_while_it_lives(api: Api, ada: Person, bob: Person) -> None:
    first, second = (api.post(ada, TEXT, expires_in=seconds)["id"] for seconds in (60, 120))
    report(api, bob, ada, status_ids=[second, first, first])
    assert TEXT not in str(stored()["ReportItem"])
    for seconds, alive in ((59.999, [second, first]), (0.001, [second]), (60, [])):
        api.clock.advance(seconds)
        (shown,) = listed(api)
        assert [str(message.id) for message in shown.messages] == alive
        assert len(shown.report.message_ids) == 2


def test_a_message_that_is_deleted_is_seen_by_no_moderator(api: Api, ada: Person, bob: Person) -> None:
    status = api.post(ada, TEXT)
    report(api, bob, ada, status_ids=[status["id"]])
    api.delete(ada, status)
    assert listed(api)[0].messages == []


def test_what_the_reporter_may_not_see_or_is_gone_is_left_out(api: Api, ada: Person, bob: Person) -> None:
    seen, private, gone = (api.post(ada, TEXT, visibility=each) for each in ("public", "direct", "public"))
    api.delete(ada, gone)
    answer = report(api, bob, ada, status_ids=[each["id"] for each in (private, gone, seen)])
    assert answer.json["status_ids"] == [seen["id"]]


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"comment": "x" * (MAX_COMMENT + 1)}, 422, "comment"),
        ({"category": "rude"}, 422, "category"),
        ({"rule_ids": ["1"]}, 422, "rule_ids"),
        ({"status_ids": ["x"]}, 404, None),
        ({"status_ids": ["0" * 26]}, 422, "status_ids"),
        ({"account_id": ""}, 404, None),
        ({"account_id": "0" * 13}, 404, None),
        ({"account_id": None}, 422, None),
    ],
    ids=str,
)
def test_an_invalid_report_gets_an_error_and_is_not_stored(
    api: Api, ada: Person, bob: Person, fields: dict[str, Any], status: int, field: str | None
) -> None:
    answer = report(api, bob, ada, **fields)
    assert answer.status == status
    if field:
        assert list(answer.json["details"]) == [field]
    assert stored()["ReportItem"] == []


def test_nobody_reports_themselves(api: Api, ada: Person) -> None:
    assert report(api, ada, ada).status == 422


def test_the_longest_comment_and_the_most_messages_are_taken(api: Api, ada: Person, bob: Person) -> None:
    ids = [api.post(ada, TEXT)["id"] for _ in range(MAX_MESSAGES + 1)]
    assert report(api, bob, ada, status_ids=ids[1:], comment="\N{GRINNING FACE}" * MAX_COMMENT).status == 200
    assert report(api, bob, ada, status_ids=ids).status == 422
    assert len(listed(api)[0].messages) == MAX_MESSAGES


def test_a_report_takes_a_user_and_the_scope(api: Api, ada: Person) -> None:
    assert api.request("POST", PATH, json={"account_id": ada.id}).status == 401
    for scope, status in (("write:statuses", 403), ("write", 422)):
        headers = {"authorization": f"Bearer {api.application_token(scope)}"}
        assert api.request("POST", PATH, headers=headers, json={"account_id": ada.id}).status == status


def test_open_reports_are_listed_the_oldest_first_until_they_are_resolved(api: Api, ada: Person, bob: Person) -> None:
    made = []
    for by, about in ((bob, ada), (ada, bob), (bob, ada)):
        made.append(report(api, by, about).json["id"])
        api.clock.advance(1)
    assert [str(each.report.id) for each in listed(api)] == made
    assert [str(each.report.id) for each in reports.listed(2, api.clock.now)] == made[:2]
    reports.resolve(made[1])
    assert [str(each.report.id) for each in listed(api)] == [made[0], made[2]]
    (resolved,) = listed(api, resolved=True)
    assert (str(resolved.report.id), resolved.report.account_id) == (made[1], bob.id)


def test_a_report_is_resolved_once(api: Api, ada: Person, bob: Person) -> None:
    made = report(api, bob, ada).json["id"]
    reports.resolve(made)
    for report_id in (made, "0" * 26, "x", ""):
        with pytest.raises(NotFound):
            reports.resolve(report_id)


def test_a_report_is_kept_for_ninety_days_resolved_or_not(api: Api, ada: Person, bob: Person) -> None:
    assert KEPT_SECONDS == 90 * 86_400
    made = [report(api, bob, ada).json["id"] for _ in range(2)]
    reports.resolve(made[0])
    api.clock.advance(KEPT_SECONDS - 0.001)
    assert [len(listed(api, resolved=resolved)) for resolved in (True, False)] == [1, 1]
    api.clock.advance(0.001)
    assert [listed(api, resolved=resolved) for resolved in (True, False)] == [[], []]


def test_reports_go_with_who_made_them_and_with_whom_they_are_about(api: Api, ada: Person, bob: Person) -> None:
    cyd = api.sign_up("cyd")
    for by, about in ((bob, ada), (cyd, bob), (cyd, ada)):
        reports.resolve(report(api, by, about).json["id"])
        report(api, by, about, comment="hm")
    leave = {"password": "correct horse"}
    assert api.request("POST", "/api/pleroma/delete_account", bob, json=leave).status == 200
    assert len(stored()["ReportItem"]) == 2
    assert bob.id not in str(stored()["ReportItem"])


def test_a_reported_boost_means_its_original(api: Api, ada: Person, bob: Person) -> None:
    cyd = api.sign_up("cyd")
    status, own = api.post(ada, TEXT), api.post(cyd, "mine")
    paths = [f"/api/v1/statuses/{each['id']}/reblog" for each in (status, own)]
    boost, other = (api.request("POST", path, cyd).json["id"] for path in paths)
    private = api.request("POST", paths[0], bob, json={"visibility": "private"}).json["id"]
    eve = api.sign_up("eve")
    cases = [
        (ada, [boost], [status["id"]]),
        (ada, [boost, status["id"]], [status["id"]]),
        (cyd, [boost, other], [status["id"], own["id"]]),
        (ada, [private], []),  # which only the followers of its author see
    ]
    for about, sent, shown in cases:
        assert report(api, eve, about, status_ids=sent).json["status_ids"] == shown
    assert report(api, eve, bob, status_ids=[boost]).status == 422
    assert report(api, eve, ada, status_ids=[other]).status == 422
    assert {each.text for one in listed(api) for each in one.messages} == {TEXT, "mine"}
    api.act(ada, "block", eve)
    assert report(api, eve, ada, status_ids=[boost]).json["status_ids"] == []
    api.delete(ada, status)
    assert report(api, bob, cyd, status_ids=[boost]).json["status_ids"] == []
