"""The WebSocket functions: who may open one, what it can subscribe to, and what is answered to everything else."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import streaming
from fstream_app import tables
from fstream_app.access import sockets
from fstream_app.access.oauth import hash_secret
from fstream_app.core import retry
from fstream_app.core.entities import User
from fstream_app.live import announcing
from fstream_app.repository import sockets as items
from tests.support import gateway
from tests.support.gateway import Gateway
from tests.support.people import Api, Person

SCOPES = {"error": "Access token does not have the required scopes", "status": 401}
UNKNOWN = {"error": "Unknown stream type", "status": 400}
MISSING = {"error": "Missing tag name parameter", "status": 400}


@pytest.fixture
def ws(api: Api, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Gateway:
    configure(connections=gateway.ADDRESS)
    monkeypatch.setattr(retry, "pause", lambda _: 0)
    made = Gateway()
    made.install()
    return made


@pytest.fixture
def ada(ws: Gateway, api: Api) -> Person:
    return api.sign_up("ada")


def subscribed(ws: Gateway, api: Api, connection_id: str) -> list[str]:
    """Return the keys of a socket's subscriptions."""
    found = items.find(connection_id, api.clock.now)
    return sorted(each.key for each in found.subscriptions) if found else []


def test_the_token_is_taken_from_header_query_or_subprotocol_and_the_subprotocol_is_chosen(
    ws: Gateway, ada: Person
) -> None:
    assert ws.connect(ada.token).status == ws.connect(access_token=ada.token).status == 200
    opened = ws.connect(protocol=ada.token)
    assert (opened.status, opened.headers) == (200, {"Sec-WebSocket-Protocol": ada.token})
    both = ws.connect(protocol="other, more", access_token=ada.token)
    assert (both.status, both.headers) == (200, {"Sec-WebSocket-Protocol": "other"})
    assert ws.connect(ada.token, access_token="wrong", protocol="wrong").status == 200
    assert ws.connect("wrong", access_token=ada.token).status == 401
    refused = ws.connect(protocol="wrong")
    assert (refused.status, refused.headers) == (401, {})


def test_without_a_users_token_none_is_opened(ws: Gateway, ada: Person, api: Api) -> None:
    for refused in (ws.connect(), ws.connect(api.application_token()), ws.connect("x" * 5000)):
        assert refused.status == 401
    assert gateway.kept() == []


@pytest.mark.parametrize(
    ("query", "status", "keys"),
    [
        ({"stream": "user"}, 200, ["user"]),
        ({"stream": ["user", "public"]}, 200, ["user"]),
        ({"stream": ""}, 200, []),
        ({"stream": "hashtag", "tag": "Tea"}, 200, ["hashtag#tea#Tea"]),
        ({"stream": "hashtag:local", "tag": "#tea"}, 200, ["hashtag:local#tea##tea"]),
        ({"stream": "direct"}, 200, []),
        ({"stream": "public:remote"}, 200, []),
        ({"stream": "hashtag"}, 400, []),
        ({"stream": "hashtag", "tag": "a b"}, 422, []),
        ({"stream": "local"}, 400, []),
        ({"stream": "list", "list": "1"}, 400, []),
    ],
)
def test_the_first_subscription_may_be_in_the_query(
    ws: Gateway, ada: Person, api: Api, query: dict[str, Any], status: int, keys: list[str]
) -> None:
    opened = ws.connect(ada.token, **query)
    assert (opened.status, subscribed(ws, api, opened.id)) == (status, keys)


def test_subscriptions_come_and_go_without_an_answer(ws: Gateway, ada: Person, api: Api) -> None:
    socket = ws.connect(ada.token).id
    names: list[dict[str, Any]] = [
        *({"stream": stream} for stream in ("user", "user:notification", "public", "public:local", "direct")),
        {"stream": ["public", "user"]},
        *({"stream": "hashtag", "tag": tag} for tag in ("Tea", "TEA", ["tea"])),
        {"stream": "hashtag:local", "tag": "tea"},
    ]
    keys = ["hashtag#tea#Tea", "hashtag:local#tea#tea", "public", "public:local", "user", "user:notification"]
    for _ in range(2):
        assert [ws.say(socket, {"type": "subscribe", **each}) for each in names] == [[]] * len(names)
        assert subscribed(ws, api, socket) == keys
    for _ in range(2):
        assert [ws.say(socket, {"type": "unsubscribe", **each}) for each in names] == [[]] * len(names)
        assert subscribed(ws, api, socket) == []


STREAMS = st.sampled_from(["user", "user:notification", "public", "hashtag", "hashtag:local", "direct", "list", ""])
FRAMES = st.tuples(st.sampled_from(["subscribe", "unsubscribe"]), STREAMS, st.sampled_from(["tea", "TEA", "#Tea", "-"]))


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(FRAMES, max_size=15))
def test_after_any_frames_a_socket_has_what_it_asked_for(
    ws: Gateway, ada: Person, api: Api, frames: list[tuple[str, str, str]]
) -> None:
    socket, expected = ws.connect(ada.token).id, dict[tuple[str, str], str]()
    for verb, stream, tag in frames:
        answers = ws.say(socket, {"type": verb, "stream": stream, "tag": tag})
        is_refused = stream in {"list", ""} or (stream.startswith("hashtag") and tag == "-")
        assert len(answers) == (is_refused and verb == "subscribe")
        key = (stream, "tea" if stream.startswith("hashtag") else "")
        if verb == "unsubscribe" and not is_refused:
            expected.pop(key, None)
        elif not is_refused and stream != "direct":
            expected.setdefault(key, tag if key[1] else "")
    found = items.find(socket, api.clock.now)
    assert found
    assert {(each.stream, each.tag): each.name for each in found.subscriptions} == expected
    for stream in ("public", "hashtag", "hashtag:local"):
        topic = f"{stream}#{'' if stream == 'public' else 'tea'}"
        assert items.listeners(topic, api.clock.now, 9) == sum(name == stream for name, _ in expected)
    ws.disconnect(socket)
    assert gateway.kept() == []


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"stream": "local"}, UNKNOWN),
        ({}, UNKNOWN),
        ({"stream": []}, UNKNOWN),
        ({"stream": {"a": 1}}, UNKNOWN),
        ({"stream": "hashtag"}, MISSING),
        ({"stream": "hashtag", "tag": ""}, MISSING),
        ({"stream": "hashtag", "tag": 7}, MISSING),
        ({"stream": "hashtag", "tag": "a b"}, {"error": "This is not a hashtag", "status": 422}),
        ({"stream": "hashtag", "tag": "#" * 5}, {"error": "This is not a hashtag", "status": 422}),
        ({"stream": "hashtag", "tag": "x" * 101}, {"error": "This is not a hashtag", "status": 422}),
        (
            {"stream": "list", "list": "1"},
            {"error": "Lists are not streamed. Poll the timeline of the list instead.", "status": 400},
        ),
    ],
)
def test_a_subscription_that_is_refused_is_answered_by_one_error(
    ws: Gateway, ada: Person, api: Api, wanted: dict[str, Any], error: dict[str, Any]
) -> None:
    socket = ws.connect(ada.token, stream="user").id
    assert ws.say(socket, {"type": "subscribe", **wanted}) == [error]
    assert ws.say(socket, {"type": "unsubscribe", **wanted}) == []
    assert subscribed(ws, api, socket) == ["user"]


@pytest.mark.parametrize(
    "frame",
    [
        *("", "{}", "[]", "null", "hello", "{", "\ud800", "[" * 2000, '{"type":"subscribe"'),
        *({"type": "publish"}, {"type": 1}, {"stream": "user"}, {"type": ["subscribe"], "stream": "public"}),
        {"type": "subscribe", "stream": "public", "filler": "x" * 5000},
    ],
)
def test_everything_else_is_ignored(ws: Gateway, ada: Person, api: Api, frame: object) -> None:
    socket = ws.connect(ada.token, stream="user").id
    assert ws.say(socket, frame) == []
    assert (subscribed(ws, api, socket), ws.closed) == (["user"], [])


def test_a_binary_frame_closes_the_socket(ws: Gateway, ada: Person) -> None:
    socket = ws.connect(ada.token).id
    assert ws.say(socket, "eyJ0eXBlIjoic3Vic2NyaWJlIn0=", binary=True) == []
    assert ws.closed == [socket]


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read", {"user", "user:notification", "direct", "public", "hashtag"}),
        ("read:statuses", {"user", "direct", "public", "hashtag"}),
        ("read:notifications", {"user:notification", "public", "hashtag"}),
        ("write", {"public", "hashtag"}),
    ],
)
def test_each_stream_needs_its_scope(ws: Gateway, ada: Person, api: Api, scope: str, allowed: set[str]) -> None:
    tables.TokenItem(hash_secret(ada.token)).update([tables.TokenItem.scopes.set(scope)])
    socket = ws.connect(ada.token).id
    for stream in ("user", "user:notification", "direct", "public", "hashtag"):
        assert ws.say(socket, {"type": "subscribe", "stream": stream, "tag": "tea"}) == (
            [] if stream in allowed else [SCOPES]
        )
        assert ws.connect(ada.token, stream=stream, tag="tea").status == (200 if stream in allowed else 401)


def test_a_ninth_socket_closes_the_oldest(ws: Gateway, ada: Person, api: Api) -> None:
    opened = []
    for _ in range(10):
        opened.append(ws.connect(ada.token, stream="user").id)
        api.clock.advance(1)
    assert ws.closed == opened[:2]
    assert [each.id for each in items.named(items.names(ada.id))] == opened[2:]


def test_a_topic_has_room_for_a_number_of_listeners(
    ws: Gateway, ada: Person, api: Api, configure: Callable[..., None]
) -> None:
    configure(connections=gateway.ADDRESS, live_topic=1)
    first, second = (ws.connect(ada.token).id for _ in range(2))
    tea = {"type": "subscribe", "stream": "hashtag", "tag": "tea"}
    full = {"error": "Too many are listening to this stream. Poll its timeline instead.", "status": 503}
    assert (ws.say(first, tea), ws.say(second, tea)) == ([], [full])
    assert ws.say(second, {**tea, "tag": "other"}) == []
    assert ws.connect(ada.token, stream="hashtag", tag="TEA").status == 503
    ws.disconnect(first)
    assert ws.say(second, tea) == []


def test_a_socket_has_a_number_of_subscriptions(ws: Gateway, ada: Person) -> None:
    socket = ws.connect(ada.token).id
    tags = [f"t{number}" for number in range(sockets.MOST_SUBSCRIPTIONS + 1)]
    answers = [ws.say(socket, {"type": "subscribe", "stream": "hashtag", "tag": tag}) for tag in tags]
    assert [frame["status"] for frames in answers for frame in frames] == [422]


def test_openings_frames_and_subscriptions_are_limited(
    ws: Gateway, ada: Person, api: Api, configure: Callable[..., None]
) -> None:
    limits = {"rate_connects": "3/300", "rate_frames": "4/60", "rate_subscriptions": "2/300"}
    configure(connections=gateway.ADDRESS, rate_limits="on", **limits)
    first, *more = (ws.connect(ada.token) for _ in range(4))
    assert [each.status for each in more] == [200, 200, 429]
    assert [ws.connect("wrong", address=f"203.0.113.{n // 4}").status for n in range(5)] == [401, 401, 401, 429, 401]
    answers = [ws.say(first.id, {"type": "subscribe", "stream": "public"}) for _ in range(4)]
    assert answers[:2] == [[], []]
    assert answers[2] == answers[3] == [{"error": "Too many subscriptions. Try again in 5 minutes.", "status": 429}]
    assert ws.say(first.id, "") == []
    assert ws.closed == [first.id]
    assert ws.say(more[0].id, {"type": "subscribe", "stream": "user"})[0]["status"] == 429


def test_only_cloudfront_may_open_sockets_if_there_is_a_secret(
    ws: Gateway, ada: Person, api: Api, configure: Callable[..., None]
) -> None:
    secret = "s" * 32
    more = {"rate_limits": "on", "rate_connects": "1/300"}
    configure(connections=gateway.ADDRESS, trusted_proxies=1, origin_secret=secret, **more)
    assert ws.connect(ada.token).status == 401
    assert ws.connect(ada.token, headers={"X-Origin-Secret": secret}).status == 200
    for viewer, statuses in (("198.51.100.1:443", [401, 429]), ("[2001:db8::1]:443", [401, 429])):
        headers = {"X-Origin-Secret": secret, "CloudFront-Viewer-Address": viewer}
        assert [ws.connect("wrong", headers=headers).status for _ in range(2)] == statuses


def test_without_streaming_none_is_opened(ws: Gateway, ada: Person, configure: Callable[..., None]) -> None:
    for more in ({"streaming": "off"}, {"connections": ""}):
        configure(**{"connections": gateway.ADDRESS, **more})
        assert ws.connect(ada.token, stream="user").status == 404


def test_a_connection_that_is_not_known_any_more_is_closed_when_it_subscribes(
    ws: Gateway, ada: Person, api: Api
) -> None:
    left, lost = (ws.connect(ada.token, stream="user").id for _ in range(2))
    ws.disconnect(left)
    items.remove([each for each in items.named(items.names(ada.id)) if each.id == lost])
    for frame in ("hello", {"type": "unsubscribe", "stream": "user"}, {"type": "subscribe", "stream": "user"}):
        ws.say(lost, frame)
    assert (ws.closed, gateway.kept()) == ([lost], [])
    ws.disconnect(lost)


@pytest.mark.parametrize(
    "end",
    [
        lambda token: token.delete(),
        lambda token: token.update([tables.TokenItem.suspended.set("no")]),
        lambda token: token.update([tables.TokenItem.scopes.set("write:accounts")]),
    ],
)
def test_a_token_that_ends_while_a_socket_is_opened_opens_none(
    ws: Gateway, ada: Person, monkeypatch: pytest.MonkeyPatch, end: Callable[[tables.TokenItem], object]
) -> None:
    put, token = items.put, tables.TokenItem(hash_secret(ada.token))
    monkeypatch.setattr(items, "put", lambda socket: (put(socket), end(token)))
    assert ws.connect(ada.token, stream="user").status == 401
    assert (gateway.kept(), items.names(ada.id)) == ([], [])


def test_a_new_subscription_to_a_private_stream_is_announced_once(
    ws: Gateway, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        announcing, "opened", lambda socket, _: opened.append((socket.id, items.find(socket.id, 0) is not None))
    )
    first, second = ws.connect(ada.token, stream="user").id, ws.connect(ada.token, stream="public").id
    for _ in range(2):
        for socket in (first, second):
            ws.say(socket, {"type": "subscribe", "stream": "user"})
            ws.say(socket, {"type": "subscribe", "stream": "user:notification"})
    assert opened == [(first, True)] * 2 + [(second, True)] * 2


def test_no_failure_is_raised_and_each_is_reported_to_a_client_that_subscribes(
    ws: Gateway, ada: Person, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = ws.connect(ada.token).id

    def fail(*_: object) -> User:
        raise ZeroDivisionError("a defect")

    for name in ("find", "put"):
        monkeypatch.setattr(items, name, fail)
    (frame,) = ws.say(socket, {"type": "subscribe", "stream": "user"})
    assert frame == {"error": "The server made an error, which has been logged. Try again later.", "status": 500}
    assert ws.say(socket, {"type": "unsubscribe", "stream": "user"}) == []
    assert ws.connect(ada.token).status == 500
    ws.disconnect(socket)


def test_a_frame_that_cannot_be_sent_raises_nothing(ws: Gateway, ada: Person) -> None:
    socket = ws.connect(ada.token).id
    for status in (410, 429, 500):
        ws.failures[socket] = status
        assert ws.say(socket, {"type": "subscribe", "stream": "nothing"}) == []


def test_server_sent_events_are_refused_with_the_address_of_the_websocket(ws: Gateway, api: Api, ada: Person) -> None:
    for rest in ("", "?access_token=x", "/user?access_token=x", "/public/local", "/hashtag?tag=a"):
        for headers in ({"accept": "text/event-stream", "authorization": f"Bearer {ada.token}"}, {}):
            answer = api.request("GET", f"{streaming.PATH}{rest}", headers=headers)
            sentence = f"Server-sent events are not supported. Open a WebSocket at wss://fstream.test{streaming.PATH}"
            assert (answer.status, answer.error) == (404, f"{sentence} instead.")


def test_health_is_ok_unless_streaming_is_off(ws: Gateway, api: Api, configure: Callable[..., None]) -> None:
    answer = api.get(f"{streaming.PATH}/health")
    assert (answer.status, answer.text) == (200, "OK")
    configure(streaming="off")
    assert api.get(f"{streaming.PATH}/health").status == 404


def test_the_instance_documents_announce_the_absolute_address(
    ws: Gateway, api: Api, configure: Callable[..., None]
) -> None:
    address = "wss://fstream.test"
    for options, announced in (({}, {"streaming": address}), ({"streaming": "off"}, {}), ({"connections": ""}, {})):
        configure(**{"connections": gateway.ADDRESS, **options})
        assert api.get("/api/v2/instance").json["configuration"]["urls"] == announced
        first = api.get("/api/v1/instance").json
        assert (first["urls"], first["configuration"]["urls"]) == ({"streaming_api": address}, announced)
