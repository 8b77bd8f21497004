"""The limit on bursts of posts, which is counted in the same item as the limit on posts."""

from collections.abc import Callable

import pytest

from ops.meter import metered
from tests.support.people import Answer, Api, Person, stored

LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


def post(api: Api, by: Person) -> Answer:
    return api.request("POST", "/api/v1/statuses", by, json={"status": "x"})


def limit_and_rest(answer: Answer) -> tuple[int, int]:
    """Return the limit and the remaining posts, from the headers."""
    return int(answer.headers[LIMITS[0]]), int(answer.headers[LIMITS[1]])


def test_bursts_of_posts_are_limited_from_both_sides_and_count_for_the_longer_window(
    api: Api, ada: Person, configure: Callable[..., None]
) -> None:
    configure(rate_limits="on", rate_posts="5/600", rate_posts_burst="2/60")
    answers = [post(api, ada) for _ in range(3)]
    assert [(answer.status, limit_and_rest(answer)) for answer in answers] == [
        (200, (2, 1)), (200, (2, 0)), (429, (2, 0)),
    ]  # fmt: skip
    assert answers[2].headers["Retry-After"] == "60"
    assert answers[2].headers[LIMITS[2]] == "2040-01-01T00:01:00.000000Z"
    assert answers[2].error == "Too many posts. Try again in 60 seconds."
    api.clock.advance(59.999)
    assert post(api, ada).status == 429
    api.clock.advance(0.001)
    last = post(api, ada)
    assert (last.status, limit_and_rest(last)) == (200, (5, 0))  # refused posts count as well, as everywhere
    refused = post(api, ada)
    assert (refused.status, limit_and_rest(refused), refused.headers["Retry-After"]) == (429, (5, 0), "540")


def test_a_quiet_minute_leaves_nothing_of_the_burst_before(
    api: Api, ada: Person, configure: Callable[..., None]
) -> None:
    configure(rate_limits="on", rate_posts_burst="1/60")
    for minutes in (1, 1, 2, 3, 5, 10, 11, 60):
        assert [post(api, ada).status for _ in range(2)] == [200, 429], minutes
        api.clock.advance(60 * minutes)


def test_a_users_window_stays_within_one_write_unit(api: Api, ada: Person, configure: Callable[..., None]) -> None:
    configure(rate_limits="on", rate_requests="1000/300", rate_posts_burst="1/60")
    for _ in range(179):
        assert post(api, ada).status == 200
        api.clock.advance(60)
    assert max(len(item) for item in stored()["LimitItem"]) < 600


def test_both_limits_cost_one_write(api: Api, ada: Person, configure: Callable[..., None]) -> None:
    configure(rate_limits="on")
    with metered() as cost:
        assert limit_and_rest(post(api, ada)) == (30, 29)
    assert [call.operation for call in cost.calls if call.table == "limits"] == ["UpdateItem"]
