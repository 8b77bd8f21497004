"""The API over the wire, as browsers and other HTTP clients see it."""

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.support.site import Site, eventually, unique

SignUp = Callable[[str], str]
UNKNOWN = "/api/v1/nowhere/at/all"
LARGEST_BODY = 64 * 1024
LARGEST_READ = 1_000_000
LOWEST_ID = "0" * 26


def words(header: str) -> set[str]:
    return {word.strip().lower() for word in header.split(",")}


def assert_is_error(answer: requests.Response, status: int) -> None:
    """Assert the shape that every error has, and that pages of other origins may read it."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert isinstance(answer.json()["error"], str)


@pytest.fixture
def connection(site: Site) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection(*site.address, timeout=60)
    yield opened
    opened.close()


def send(site: Site, *lines: str, body: bytes = b"") -> tuple[int, dict[str, str]]:
    """Send raw lines as a request and read until the server closes; return the status and the JSON body."""
    with socket.create_connection(site.address, timeout=60) as opened:
        opened.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        received = b"".join(iter(lambda: opened.recv(65_536), b""))
    head, _, content = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(content)


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/statuses", "POST"),
        ("/api/v1/timelines/home", "GET"),
        ("/api/v1/statuses/1", "DELETE"),
        (UNKNOWN, "PUT"),
    ],
)
def test_a_page_of_another_origin_may_ask_for_anything(site: Site, path: str, method: str) -> None:
    asked = {
        "Origin": "https://client.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    answer = site.request("OPTIONS", path, headers=asked)
    assert answer.ok
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert method.lower() in words(answer.headers["Access-Control-Allow-Methods"])
    assert words(asked["Access-Control-Request-Headers"]) <= words(answer.headers["Access-Control-Allow-Headers"])
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_page_of_another_origin_may_read_the_links_and_limits(site: Site) -> None:
    answer = site.request("GET", "/api/v1/timelines/public", headers={"Origin": "https://client.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = {"link", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"}
    assert exposed <= words(answer.headers["Access-Control-Expose-Headers"])


@pytest.mark.parametrize("path", ["/", "/api/v1/instance", "/api/v1/timelines/home", UNKNOWN])
def test_head_is_get_without_the_body(site: Site, path: str) -> None:
    head, whole = site.request("HEAD", path), site.request("GET", path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path", ["/api/v1/instance", "/api/v2/instance", "/api/v1/timelines/public"])
def test_a_slash_at_the_end_changes_nothing(site: Site, path: str) -> None:
    with_slash = site.request("GET", f"{path}/", allow_redirects=False)
    assert with_slash.status_code == 200
    assert type(with_slash.json()) is type(site.get(path))


def test_one_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    sockets = set()
    for path, status in [("/api/v1/instance", 200), (UNKNOWN, 404), ("/api/v1/timelines/home", 401), ("/", 200)]:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
        sockets.add(connection.sock)
    assert len(sockets) == 1
    assert None not in sockets


def test_two_requests_may_be_sent_at_once(site: Site) -> None:
    request = f"GET /api/v1/instance HTTP/1.1\r\nHost: {site.host}\r\n"
    with socket.create_connection(site.address, timeout=60) as opened:
        opened.sendall(f"{request}\r\n{request}Connection: close\r\n\r\n".encode())
        received = b"".join(iter(lambda: opened.recv(65_536), b""))
    assert received.count(b"HTTP/1.1 200") == 2


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/nowhere", UNKNOWN, "/" + "/".join("abcdefghijkl")])
def test_an_unknown_path_is_not_found(site: Site, method: str, path: str) -> None:
    assert_is_error(site.request(method, path), 404)


def test_a_method_that_a_path_does_not_have_is_refused(site: Site) -> None:
    answer = site.request("DELETE", "/api/v1/timelines/home")
    assert_is_error(answer, 405)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "nonsense"])
def test_a_body_of_a_type_that_is_not_understood_is_refused(site: Site, content_type: str) -> None:
    answer = site.request("POST", "/api/v1/apps", data=b"<app/>", headers={"Content-Type": content_type})
    assert_is_error(answer, 415)


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 50_000])
def test_a_body_that_is_not_what_it_says_is_refused(site: Site, body: bytes) -> None:
    answer = site.request("POST", "/api/v1/apps", data=body, headers={"Content-Type": "application/json"})
    assert_is_error(answer, 400)


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, LARGEST_READ + 1, 3 * LARGEST_READ])
def test_a_body_over_the_limit_is_refused(site: Site, size: int) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert_is_error(site.request("POST", "/api/v1/apps", data=b"x" * size, headers=form), 413)


@pytest.mark.parametrize("length", ["-1", "many", "1_0", "", "+2", "0x2", "1, 2"])
def test_a_malformed_content_length_is_refused(site: Site, length: str) -> None:
    status, answer = send(site, "POST /api/v1/apps HTTP/1.1", f"Host: {site.host}", f"Content-Length: {length}")
    assert status == 400
    assert answer["error"]


def test_what_follows_a_malformed_request_is_not_taken_for_another(site: Site) -> None:
    hidden = f"DELETE /api/v1/statuses/1 HTTP/1.1\r\nHost: {site.host}\r\n\r\n".encode()
    request = ("POST /api/v1/apps HTTP/1.1", f"Host: {site.host}")
    for smuggling in (("Transfer-Encoding: chunked",), ("Content-Length: 0", "Content-Length: 5")):
        status, answer = send(site, *request, *smuggling, body=hidden)
        assert status in {400, 411}
        assert answer["error"]


def test_a_name_is_given_once_however_many_ask_at_once(site: Site) -> None:
    name = unique("ada")
    spellings = [name, name.upper(), name.capitalize(), name.title()] * 2
    together = threading.Barrier(len(spellings))
    assert site.application_token  # requested first, so that only the sign-ups are concurrent

    def ask(spelling: str) -> requests.Response:
        together.wait()
        return site.ask_to_sign_up(spelling)

    with ThreadPoolExecutor(len(spellings)) as pool:
        answers = list(pool.map(ask, spellings))
    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 7
    refusals = [answer.json() for answer in answers if answer.status_code == 422]
    assert {refusal["details"]["username"][0]["error"] for refusal in refusals} == {"ERR_TAKEN"}
    winner = next(answer.json()["access_token"] for answer in answers if answer.ok)
    assert site.get("/api/v1/accounts/verify_credentials", winner)["username"] == name


def test_followers_are_counted_exactly_however_many_come_and_go_at_once(site: Site, sign_up: SignUp) -> None:
    star = site.id_of(sign_up("star"))
    fans = [sign_up("fan") for _ in range(4)]
    # Eight threads, two per fan, so that follow and unfollow race.
    steps = [(fan, ("follow", "unfollow")[number % 2]) for number in range(25) for fan in fans for _ in "ab"]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(
            pool.map(
                lambda step: site.request("POST", f"/api/v1/accounts/{star}/{step[1]}", step[0]).status_code, steps
            )
        )
    assert statuses == [200] * 200
    following = [site.get("/api/v1/accounts/relationships", fan, **{"id[]": star})[0]["following"] for fan in fans]
    followers = site.ids(f"/api/v1/accounts/{star}/followers")
    assert len(followers) == sum(following)
    # Stream functions count, and a function may show a count from its cache.
    assert eventually(lambda: site.get(f"/api/v1/accounts/{star}")["followers_count"] == len(followers), seconds=90)
    for fan, follows in zip(fans, following, strict=True):
        assert eventually(lambda fan=fan, follows=follows: following_count(site, fan) == int(follows), seconds=90)
        assert (site.id_of(fan) in followers) == follows


def following_count(site: Site, token: str) -> int:
    """Return how many accounts the token's user follows."""
    return int(site.get("/api/v1/accounts/verify_credentials", token)["following_count"])


def test_a_retried_post_is_posted_once_however_many_come_at_once(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")

    def post(_: int) -> requests.Response:
        return site.request("POST", "/api/v1/statuses", ada, json={"status": "once"}, headers={"Idempotency-Key": "k"})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(post, range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert site.home(ada) == list({answer.json()["id"] for answer in answers})


def test_a_client_that_polls_while_many_post_receives_each_message_once(site: Site, sign_up: SignUp) -> None:
    reader, authors = sign_up("reader"), [sign_up("author") for _ in range(4)]
    for author in authors:
        site.post(f"/api/v1/accounts/{site.id_of(author)}/follow", reader)
    received: list[str] = []
    with ThreadPoolExecutor(4) as pool:
        posts = [pool.submit(site.say, author, "hello") for author in authors * 15]
        deadline = time.monotonic() + 60
        # Poll from the newest known id: a message that arrives later below it would be missed.
        while len(received) < len(posts) and time.monotonic() < deadline:
            newest = max(received, default=LOWEST_ID)
            received += site.ids("/api/v1/timelines/home", reader, min_id=newest)
            time.sleep(0.1)
    assert sorted(received) == sorted(post.result()["id"] for post in posts)
