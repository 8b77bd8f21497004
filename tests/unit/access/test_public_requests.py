"""Requests that read no user's data are limited by address, without writes for those who send few."""

from collections.abc import Callable

import pytest

from app import app
from chalicelib import methods
from fstream_app import tables
from fstream_app.access import rates
from fstream_app.core import settings
from tests.support.people import Api, stored

PUBLIC = {
    "an avatar": f"/avatars/{'0' * 13}.png",
    "a header": f"/headers/{'0' * 13}.png",
    "an icon": "/icons/32.png",
    "the favicon": "/favicon.ico",
    "the start page": "/",
    "the page about the instance": "/about",
    "a file of the client": "/web/0/main.js",
    "the manifest": "/manifest.webmanifest",
    "the reference": "/docs",
    "the description": "/openapi.json",
    "the instance": "/api/v2/instance",
    "the instance, as before": "/api/v1/instance",
    "NodeInfo's links": "/.well-known/nodeinfo",
    "NodeInfo": "/nodeinfo/2.0",
    "an unknown path": "/a/b/c",
    "an unknown path of the API": "/api/v9/nothing",
    "streaming": "/api/v1/streaming",
}
Configure = Callable[..., None]


@pytest.fixture
def limited(api: Api, configure: Configure) -> None:
    api.get("/openapi.json")  # the first test requests it, to check responses against it
    configure(rate_limits="on", rate_public="2/300", rate_requests="2/300", rate_log_ins="2/300")


@pytest.mark.parametrize("path", PUBLIC.values(), ids=PUBLIC.keys())
def test_an_address_gets_no_more_than_the_limit_and_others_still_do(api: Api, limited: None, path: str) -> None:
    answers = [api.get(path) for _ in range(3)]
    assert [answer.status == 429 for answer in answers] == [False, False, True]
    assert answers[2].headers["Retry-After"] == "300"
    assert "no-store" in answers[2].headers["Cache-Control"]
    # CloudFront gives these responses to others as well, so they show nobody's limit.
    assert not any(name.startswith("X-RateLimit") for answer in answers[:2] for name in answer.headers)
    api.clock.advance(300)
    assert api.get(path).status != 429


def test_every_route_is_limited(api: Api, limited: None) -> None:
    for _ in range(2):
        api.get("/api/v9/nothing")
        api.get("/api/v1/timelines/public")
    routes = [(method, path) for path, declared in app.routes.items() for method in declared if method != methods.ANY]
    assert len(routes) > 150
    plain = str.maketrans("", "", "{}")
    assert [route for route in routes if api.request(route[0], route[1].translate(plain)).status != 429] == []


def test_few_requests_cost_no_write_and_many_cost_one_in_a_hundred(api: Api, configure: Configure) -> None:
    configure(rate_limits="on")
    assert settings.get().rate_public.count >= 10 * rates.PUBLIC_STEP
    for _ in range(rates.PUBLIC_STEP - 1):
        api.get("/api/v9/nothing")
    assert stored()[tables.LimitItem.__name__] == []
    api.get("/api/v9/nothing")
    assert len(stored()[tables.LimitItem.__name__]) == 1


def test_a_method_with_the_gateways_name_for_all_others_gets_404(api: Api) -> None:
    assert api.request(methods.ANY, "/api/v1/timelines/home").status == 404
