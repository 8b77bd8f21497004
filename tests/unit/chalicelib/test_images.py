"""Pictures as they are served: at the URLs in accounts and in the instance documents, as bytes, cacheable."""

import base64
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from chalice.test import Client

from app import app
from chalicelib import images
from fstream_app.core import ids
from tests.support import pngs
from tests.support.people import Api

ID = "0" * ids.USER_ID_LENGTH
PICTURES = ("avatar", "avatar_static", "header", "header_static")
ICONS = [images.icon(size) for size in images.ICONS]
PNGS = [images.avatar(ID), images.header(ID), images.THUMBNAIL, *ICONS, "/apple-touch-icon.png"]
ALL = [*PNGS, "/favicon.ico"]
ACCEPTED = [
    None,
    "*/*",
    "image/png",
    "image/*",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "application/json",
    "text/plain;q=0.5",
]
"""`Accept` headers of libraries, apps, browsers (pages and images), and clients that do not expect a picture."""


def get(path: str, method: str = "GET", **headers: str) -> Any:
    return Client(app).http.request(method, path, headers=headers)


def pictures(value: Any) -> set[str]:
    """Return the URLs of all pictures in a document."""
    if isinstance(value, list):
        return {url for each in value for url in pictures(each)}
    if not isinstance(value, dict):
        return {value} if isinstance(value, str) and value.startswith("http") and ".png" in value else set()
    return {url for each in value.values() for url in pictures(each)}


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("path", ALL)
def test_a_picture_is_served_as_bytes_whatever_is_accepted(path: str, accept: str | None) -> None:
    answer = get(path, **({"accept": accept} if accept else {}))
    assert answer.status_code == 200
    if path in PNGS:
        assert answer.headers["Content-Type"] == "image/png"
        pngs.decode(answer.body)
    else:
        assert answer.headers["Content-Type"] == "image/x-icon"
        pngs.icons(answer.body)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/api/v1/accounts/{}", "/api/v1/accounts/verify_credentials"])
def test_the_pictures_of_accounts_are_served(api: Api, path: str) -> None:
    ada = api.sign_up("ada")
    account = api.get(path.format(ada.id), ada).json
    for name in PICTURES:
        assert account[name].startswith("https://fstream.test/")
        pngs.decode(get(urlsplit(account[name]).path).body)
    assert account["avatar"] == account["avatar_static"] != account["header"] == account["header_static"]


def test_every_picture_that_a_document_mentions_is_served(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    status = api.post(ada, "@bob hello")
    api.deliver()
    paths = [
        "/api/v1/instance", "/api/v2/instance", f"/api/v1/accounts/{bob.id}", f"/api/v1/accounts/{ada.id}/followers",
        f"/api/v1/statuses/{status['id']}", "/api/v1/timelines/home", "/api/v1/notifications", "/api/v2/search?q=ada",
    ]  # fmt: skip
    found = set().union(*(pictures(api.get(path, bob).json) for path in paths))
    assert len(found) >= 4 + 1 + len(ICONS)
    for url in found:
        answer = get(urlsplit(url).path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        pngs.decode(answer.body)


def test_icons_have_the_sizes_that_the_instance_names(api: Api) -> None:
    for icon in api.get("/api/v2/instance").json["icon"]:
        picture = pngs.decode(get(urlsplit(icon["src"]).path).body)
        assert icon["size"] == f"{picture.width}x{picture.height}"


def test_the_thumbnail_of_both_instance_documents_is_the_same(api: Api) -> None:
    thumbnail = api.get("/api/v2/instance").json["thumbnail"]
    assert (
        thumbnail["url"] == api.get("/api/v1/instance").json["thumbnail"] == "https://fstream.test" + images.THUMBNAIL
    )
    assert thumbnail["versions"] == {"@1x": thumbnail["url"], "@2x": thumbnail["url"]}
    assert thumbnail["blurhash"] == images.BLURHASH


@pytest.mark.parametrize("path", ALL)
def test_head_is_answered_like_get(path: str) -> None:
    headers, expected = (dict(get(path, method).headers) for method in ("HEAD", "GET"))
    assert headers.pop("X-Request-Id") != expected.pop("X-Request-Id")
    assert headers == expected
    assert get(path, "HEAD").status_code == 200


@pytest.mark.parametrize("path", [images.avatar(ID), images.header(ID)])
def test_what_follows_from_an_id_is_kept_for_ever(path: str) -> None:
    assert get(path).headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", [path for path in ALL if ID not in path])
def test_what_a_new_version_may_change_is_kept_for_a_day(path: str) -> None:
    assert get(path).headers["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize("path", ALL)
def test_a_picture_that_the_client_has_is_not_sent_again(path: str) -> None:
    tag = get(path).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}'):
        answer = get(path, **{"if-none-match": known})
        assert (answer.status_code, answer.body, answer.headers["ETag"]) == (304, b"", tag)
    assert get(path, **{"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize("folder", ["avatars", "headers", "icons"])
@pytest.mark.parametrize(
    "name",
    [
        "x", ".png", ID, f"{ID}.gif", f"{ID}.png.png", f"{ID[:-1]}.png", f"{ID}0.png", f"{ID[:-1]}u.png",
        f"{ID[:-1]}A.png", "..%2F..%2Fapp.py", "..", "%2e%2e", "%00.png", "header.png", '"><script>.png', "17.png",
        "016.png", "-16.png", "16.0.png", "16.svg", "thumbnail.svg", f"{ID}.PNG", "١٦.png",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_picture_is_not_found(folder: str, name: str, method: str) -> None:
    answer = get(f"/{folder}/{name}", method)
    assert answer.status_code == 404
    assert answer.body == (b'{"error":"Picture not found"}' if method == "GET" else b"")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("old", "new"), [(ID, images.avatar(ID)), ("header", images.THUMBNAIL)])
def test_the_svgs_that_were_here_lead_to_what_is_here_now(old: str, new: str) -> None:
    answer = get(f"/avatars/{old}.svg")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"..{new}")
    assert get(new).status_code == 200


def test_api_gateway_gets_base64_marked_as_such() -> None:
    event = {
        "requestContext": {
            "httpMethod": "GET",
            "resourcePath": "/avatars/{file}",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "headers": {"accept": "image/png"},
        "multiValueQueryStringParameters": None,
        "pathParameters": {"file": f"{ID}.png"},
        "stageVariables": None,
        "body": None,
    }
    answer = json.loads(json.dumps(app(event, None)))
    assert answer["isBase64Encoded"] is True
    pngs.decode(base64.b64decode(answer["body"], validate=True))
    assert answer["headers"]["Content-Type"] == "image/png"


def test_api_gateway_takes_pictures_for_bytes_and_pages_and_json_for_text() -> None:
    types = app.api.binary_types
    assert "image/*" in types
    # Chalice would demand that requests accept it.
    assert "image/png" not in types
    assert not {"*/*", "text/html", "application/json", "application/x-www-form-urlencoded"} & set(types)
