"""Guessing passwords stays slow however many addresses take part, and locks nobody out who has logged in before."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from fstream_app.access import guesses, rates
from fstream_app.access.guesses import Guess
from fstream_app.access.rates import Action, Kind, Subject
from fstream_app.core.errors import TooManyRequests
from fstream_app.moderation import suspension
from fstream_app.people import passwords
from fstream_app.repository import oauth as tokens
from fstream_app.repository import rates as limits
from tests.support.people import PASSWORD, Answer, Api, Person, stored

HOME, AWAY, STRANGER = "198.51.100.7", "203.0.113.9", "192.0.2.1"
DAY = 86_400
DELETE = "/api/pleroma/delete_account"


@pytest.fixture
def api(api: Api, configure: Callable[..., None]) -> Api:
    """The API with its default limits, except that requests and log-ins per address are not limited."""
    configure(rate_limits="on", trusted_proxies="1", rate_requests="1000000/300", rate_log_ins="1000000/300")
    return api


@pytest.fixture
def ada(api: Api) -> Person:
    """A user who has signed up at home."""
    headers = {"authorization": f"Bearer {api.application_token()}", **coming_from(HOME)}
    fields = {"username": "ada", "password": PASSWORD, "agreement": True}
    token = api.request("POST", "/api/v1/accounts", headers=headers, json=fields).json["access_token"]
    person = Person("ada", "", token)
    return Person("ada", api.get("/api/v1/accounts/verify_credentials", person).json["id"], token)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were hashed to be checked."""
    seen: list[str] = []
    verify = passwords.verify

    def watched(password_hash: str | None, password: str) -> bool:
        seen.append(password)
        return verify(password_hash, password)

    monkeypatch.setattr(passwords, "verify", watched)
    return seen


def coming_from(source: str) -> dict[str, str]:
    """Return the header that CloudFront and API Gateway set for a client with this address."""
    return {"x-forwarded-for": f"{source}, 130.176.0.1"}


def ask(api: Api, source: str, password: str = PASSWORD, name: str = "ada", **fields: str) -> Answer:
    form = {part: api.application[part] for part in ("client_id", "client_secret")}
    form |= {"grant_type": "password", "username": name, "password": password} | fields
    return api.request("POST", "/oauth/token", form=form, headers=coming_from(source))


def log_in(api: Api, source: str, password: str = PASSWORD, name: str = "ada", **fields: str) -> int:
    return ask(api, source, password, name, **fields).status


def leave(api: Api, ada: Person, source: str, password: str) -> Answer:
    return api.request("POST", DELETE, ada, json={"password": password}, headers=coming_from(source))


def strangers() -> Iterator[str]:
    """Yield addresses, each another one."""
    return (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}" for number in itertools.count(1))


def use_up_unknown_addresses(api: Api) -> None:
    """Leave the account as 10,000 guesses from as many addresses leave it."""
    window = rates.limit(Action.WRONG_PASSWORD, Subject(Kind.ACCOUNT, "ada"), api.clock.now)
    limits.add(window.key, 10_000, window.expires_at)


def test_many_guessers_share_the_guesses_of_a_day_and_cost_no_more_hashes(
    api: Api, ada: Person, checks: list[str], configure: Callable[..., None]
) -> None:
    configure(rate_wrong_passwords=f"10/{DAY}")
    addresses = strangers()
    for day in (1, 2):
        statuses = [log_in(api, source, "wrong") for source in itertools.islice(addresses, 15)]
        assert statuses == [400] * 10 + [429] * 5
        assert len(checks) == 10 * day
        assert log_in(api, next(addresses)) == 429  # not even the right one
        api.clock.advance(DAY)


def test_the_owner_gets_in_at_once_where_the_owner_has_been(api: Api, ada: Person) -> None:
    assert log_in(api, AWAY) == 200
    use_up_unknown_addresses(api)
    assert [log_in(api, source) for source in (HOME, AWAY, STRANGER)] == [200, 200, 429]
    assert leave(api, ada, HOME, PASSWORD).status == 200


def test_a_stranger_alone_locks_out_nobody_else(api: Api, ada: Person) -> None:
    for _ in range(50):
        log_in(api, STRANGER, "wrong")
        api.clock.advance(400)
    assert [log_in(api, source) for source in (STRANGER, HOME, AWAY)] == [429, 200, 200]


@pytest.mark.parametrize("source", [HOME, STRANGER])
def test_guesses_from_one_address_are_paused_for_longer_and_longer(
    api: Api, ada: Person, checks: list[str], source: str
) -> None:
    assert [log_in(api, source, "wrong") for _ in range(guesses.FREE)] == [400] * guesses.FREE
    for pause in (10, 20, 40, 80, 160, 320):
        api.clock.advance(pause - 0.001)
        assert log_in(api, source) == 429
        api.clock.advance(0.001)
        assert log_in(api, source, "wrong") == 400
    assert len(checks) == guesses.FREE + 6
    api.clock.advance(640)
    assert log_in(api, source) == 200


def test_one_address_gets_at_most_twenty_guesses_a_day(api: Api, ada: Person, checks: list[str]) -> None:
    midnight = api.clock.now + 1000 * DAY
    while api.clock.now < midnight:
        answer = ask(api, HOME, "wrong")
        api.clock.advance(float(answer.headers.get("Retry-After", "0.001")))
    assert guesses.FREE < len(checks) <= guesses.DAILY.count
    assert log_in(api, HOME) == 200


def test_guesses_at_once_do_not_exceed_the_limits(api: Api) -> None:
    addresses = strangers()
    with ExitStack() as open_guesses:

        def enter(address: str) -> None:
            open_guesses.enter_context(guesses.checked(Guess("ada", address, api.clock.now)))

        for _ in range(guesses.DAILY.count):
            enter(HOME)
        with pytest.raises(TooManyRequests, match="from this address"):
            enter(HOME)
        for source in itertools.islice(addresses, 100 - guesses.DAILY.count):
            enter(source)
        with pytest.raises(TooManyRequests, match="from new addresses"):
            enter(next(addresses))


def test_a_pause_says_when_it_ends(api: Api, ada: Person) -> None:
    for _ in range(guesses.FREE):
        log_in(api, HOME, "wrong")
    answer = ask(api, HOME)
    assert answer.headers["Retry-After"] == "10"
    assert answer.error == "Too many wrong passwords for this account from this address. Try again in 10 seconds."


def test_only_wrong_passwords_count(api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    assert log_in(api, STRANGER, scope="unknown") == 400
    assert log_in(api, STRANGER, "wrong", scope="unknown") == 400
    assert log_in(api, STRANGER, "") == 400
    suspension.suspend("ada", "", api.clock.now)
    assert log_in(api, STRANGER) == 403
    suspension.lift("ada", api.clock.now)
    with monkeypatch.context() as patch:
        patch.setattr(tokens, "put_token", lambda *_: 1 / 0)
        assert log_in(api, STRANGER) == 500
    assert counted(api) == (0, 0)
    assert log_in(api, STRANGER, "wrong") == 400
    assert counted(api) == (1, 1)


def counted(api: Api) -> tuple[int, int]:
    """Return the numbers of the stranger's guesses and of those from all unknown addresses."""
    everywhere = rates.limit(Action.WRONG_PASSWORD, Subject(Kind.ACCOUNT, "ada"), api.clock.now)
    here = Guess("ada", STRANGER, api.clock.now).window
    return limits.guessed(here.key)[0], limits.guessed(everywhere.key)[0]


def test_leaving_and_logging_in_share_one_limit_under_a_key_that_is_no_name(api: Api, ada: Person) -> None:
    for _ in range(guesses.FREE):
        log_in(api, STRANGER, "wrong", name=ada.id)  # an account whose name is this user's id
    assert leave(api, ada, STRANGER, "wrong").status == 403
    for _ in range(guesses.FREE - 1):
        log_in(api, STRANGER, "wrong")
    assert leave(api, ada, STRANGER, PASSWORD).status == 429
    assert log_in(api, STRANGER) == 429
    assert leave(api, ada, HOME, PASSWORD).status == 200


def test_nobody_keeps_an_owner_from_leaving_from_a_new_address(api: Api, ada: Person, checks: list[str]) -> None:
    addresses = strangers()
    for _ in range(2):  # the token's own guesses of a day
        use_up_unknown_addresses(api)
        checks.clear()
        assert log_in(api, next(addresses)) == 429
        statuses = [leave(api, ada, source, "wrong").status for source in itertools.islice(addresses, 8)]
        assert statuses == [403] * guesses.OF_TOKEN.count + [429] * 3
        assert len(checks) == guesses.OF_TOKEN.count
        assert leave(api, ada, AWAY, PASSWORD).status == 429
        api.clock.advance(DAY)
    use_up_unknown_addresses(api)
    assert leave(api, ada, AWAY, PASSWORD).status == 200


def test_kinds_of_subjects_have_different_keys() -> None:
    subjects = [Subject(kind, "0123456789abc") for kind in Kind]
    keys = {rates.limit(action, subject, 0).key for action in Action for subject in subjects}
    assert len(keys) == len(Action) * len(subjects)


def test_an_address_is_forgotten_after_thirty_days_without_a_log_in(api: Api, ada: Person) -> None:
    api.clock.advance(guesses.KNOWN_SECONDS * 0.6)
    assert log_in(api, HOME) == 200  # renews
    api.clock.advance(guesses.KNOWN_SECONDS * 0.9)
    use_up_unknown_addresses(api)
    assert log_in(api, HOME) == 200
    api.clock.advance(guesses.KNOWN_SECONDS)
    use_up_unknown_addresses(api)
    assert log_in(api, HOME) == 429


def test_a_failed_log_in_makes_no_address_known(api: Api, ada: Person) -> None:
    log_in(api, STRANGER, "wrong")
    log_in(api, STRANGER, scope="unknown")
    use_up_unknown_addresses(api)
    assert log_in(api, STRANGER) == 429


def test_an_account_that_leaves_leaves_no_address_behind(api: Api, ada: Person) -> None:
    before = {item for item in stored()["LimitItem"] if "taken" not in item}
    leave(api, ada, AWAY, PASSWORD)
    assert {item for item in stored()["LimitItem"] if "taken" not in item} == before


def test_nothing_that_is_stored_shows_an_address_or_a_name(api: Api, ada: Person) -> None:
    log_in(api, AWAY)
    log_in(api, STRANGER, "wrong")
    text = str(stored()["LimitItem"])
    assert not [each for each in ("ada", ada.id, HOME, AWAY, STRANGER, "wrong") if each in text]
