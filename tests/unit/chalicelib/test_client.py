"""The web client as it is served: one document that allows nothing from elsewhere, and files of one version."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from gzip import decompress
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from chalice.test import Client

from app import app
from chalicelib import client
from fstream_app.core import warm
from tests.support import pngs
from tests.support.people import Api
from tests.support.visitor import BROWSER, Page

GZIP = {"accept-encoding": "gzip, deflate, br, zstd"}
SMALL = {
    "index.html": client.DIRECTORY.joinpath("index.html").read_text(encoding="utf-8"),
    "main.js": 'import { a } from "./parts/b.js";\nexport const c = () => t("used", import("./later.js"));\n',
    "parts/b.js": 'import { x } from "../vendor/preact.js";\n// grün\nexport const a = "grün" + x;\n',
    "vendor/preact.js": "export const x = 1;\n",
    "vendor/LICENSES": "Everybody may use it.\n",
    "lang/en.js": 'export const en = {\n  "used": "1",\n  "unused": "2",\n};\n',
    "beside.js": 'import { b } from "./parts/b.js";\n',
    "later.js": 'import { a } from "./parts/b.js";\nexport const d = a;\n',
    "style.css": "body { margin: 0 }\n",
    "secret.pem": "a key\n",
}


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A client of few files."""
    for path, text in SMALL.items():
        place = tmp_path / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    monkeypatch.setattr(client, "DIRECTORY", tmp_path)
    client.shipped.clear()
    yield tmp_path
    client.shipped.clear()


def get(path: str, method: str = "GET", **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(app).http.request(method, path, headers=sent)


def address(path: str) -> str:
    return f"/web/{client.shipped().version}/{path}"


def policy(headers: Any) -> dict[str, str]:
    """Return a Content-Security-Policy's directives."""
    parts = (each.strip().partition(" ") for each in headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def import_map(document: str) -> tuple[str, dict[str, str]]:
    """Return the source that allows a document's import map, and where it leads modules."""
    (script,) = re.findall(r'<script type="importmap">(.*?)</script>', document, re.DOTALL)
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}", json.loads(script)["imports"]


def test_the_document_allows_nothing_from_elsewhere_and_nothing_inline(api: Api) -> None:
    answer = api.get("/", headers={"accept": BROWSER})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert policy(answer.headers) == {
        "default-src": "'none'",
        "script-src": f"'self' '{import_map(answer.text)[0]}'",
        **dict.fromkeys(("style-src", "img-src", "manifest-src"), "'self'"),
        "connect-src": "'self' wss://fstream.test",
        **dict.fromkeys(("form-action", "frame-ancestors", "base-uri"), "'none'"),
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Robots-Tag"] == "noindex, noarchive"
    page = Page(answer.text)
    assert [each.get("type") for each in page.all("script") if "src" not in each] == ["importmap"]
    assert page.all("style") == []
    assert {"name": "robots", "content": "noindex, noarchive"} in page.all("meta")  # what people say is drawn into it
    assert not [name for _, attributes in page.elements for name in attributes if name[:2] == "on" or name == "style"]


def test_without_scripts_the_document_says_what_the_instance_is_and_leads_on(api: Api) -> None:
    answer = api.get("/", headers={"accept": BROWSER})
    shown = answer.text.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "messages here last from" in " ".join(shown.split()).lower()
    assert api.get(urljoin("/", Page(shown).all("a")[0]["href"])).status == 200


@pytest.mark.parametrize("prefix", ["/", "/stage/", "/a/b/"])
def test_below_any_prefix_everything_that_the_document_names_is_served(small: Path, prefix: str) -> None:
    page = Page(get("/").body.decode())
    named = [each.get("href") or each.get("src") for kind in ("link", "script") for each in page.all(kind)]
    named = [*filter(None, named), *import_map(get("/").body.decode())[1].values()]
    assert len(named) >= 8
    for each in named:
        path = urlsplit(urljoin(f"https://fstream.test{prefix}", each)).path
        assert path.startswith(prefix)
        assert get("/" + path.removeprefix(prefix)).status_code == 200, each


def test_the_first_view_is_one_module_to_which_its_parts_lead(small: Path) -> None:
    document = get("/").body.decode()
    loaded = [each["href"] for each in Page(document).all("link") if each["rel"] == "modulepreload"]
    assert [f"/{each}" for each in loaded] == [address(path) for path in client.PRELOADED]
    first = address("first.js")
    assert [f"/{each['src']}" for each in Page(document).all("script") if "src" in each] == [first]
    # Modules that load later import the parts of the first view from there, so that each exists once.
    assert import_map(document)[1] == {f".{address(path)}": f".{first}" for path in ("parts/b.js",)}
    assert get(first).body.decode() == (
        'import{x}from"./vendor/preact.js";export let{a}=(()=>{let a="grün"+x;return{a}})();'
        'export let{c}=(()=>{let c=()=>t("used",import("./later.js"));return{c}})();'
    )
    assert get(address("lang/en-first.js")).body.decode() == 'export let words={"used":"1",};'


def test_every_file_is_served_for_ever_with_its_type() -> None:
    for path, text in client.shipped().texts.items():
        if path == client.DOCUMENT:
            continue
        answer = get(address(path))
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"] == client.KINDS[Path(path).suffix]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.body.decode() == text


@pytest.mark.parametrize("path", ["/", "/manifest.webmanifest", "parts/b.js", "style.css"])
def test_a_text_is_compressed_for_whom_accepts_it(small: Path, path: str) -> None:
    path = path if path.startswith("/") else address(path)
    plain = get(path)
    assert "Content-Encoding" not in plain.headers
    for accepted in ("gzip", "br, GZIP;q=0.5", "gzip;q=1.0, *;q=0"):
        packed = get(path, accept_encoding=accepted)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert decompress(packed.body) == plain.body
        assert packed.headers["ETag"] != plain.headers["ETag"]
    for accepted in ("br", "identity", "gzip;q=0", "gzip; q=0.000", "gzipped"):
        assert get(path, accept_encoding=accepted).body == plain.body
    for answer in (plain, packed):
        assert answer.headers["Vary"] == "Accept-Encoding"
        for known in (answer.headers["ETag"], f'"x", W/{answer.headers["ETag"]}', "*"):
            again = get(path, if_none_match=known, accept_encoding=answer.headers.get("Content-Encoding", ""))
            assert (again.status_code, again.body) == (304, b"")
            assert again.headers["ETag"] == answer.headers["ETag"]
    assert get(path, if_none_match=plain.headers["ETag"][1:-1]).status_code == 200


def test_through_a_rest_api_texts_are_not_compressed(small: Path) -> None:
    """It would decode bytes only for requests whose first accepted type it knows to be binary."""
    context = {"apiId": "a1", "httpMethod": "GET", "path": "/", "identity": {"sourceIp": "192.0.2.7"}}
    for resource, values in (("/", None), ("/web/{version}/{part}", {"version": address("").split("/")[2]})):
        event = {
            "requestContext": {**context, "resourcePath": resource},
            "headers": GZIP,
            "multiValueQueryStringParameters": None,
            "pathParameters": values and {**values, "part": "main.js"},
            "stageVariables": None,
            "body": None,
            "isBase64Encoded": False,
        }
        answer = app(event, None)
        assert (answer["statusCode"], answer.get("isBase64Encoded", False)) == (200, False)
        assert "Content-Encoding" not in answer["headers"]  # type: ignore[operator]


def test_the_response_to_head_has_no_body(small: Path) -> None:
    for path in ("/", "/manifest.webmanifest", address("main.js"), address("parts/b.js")):
        for accepted in ("", "gzip"):
            head, whole = (get(path, method, accept_encoding=accepted) for method in ("HEAD", "GET"))
            assert (head.status_code, head.body) == (200, b"")
            assert head.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize(
    "path",
    [
        "index.html", "nothing.js", "parts/nothing.js", "parts", "parts/", "secret.pem", "../client.py",
        "..%2Fclient.py", "parts/..%2Fmain.js", "%2e%2e/client.py", "parts/../main.js", "./main.js", "main.js%00",
        "vendor//x.js", "MAIN.JS",
    ],
)  # fmt: skip
def test_nothing_but_the_files_is_served(small: Path, path: str) -> None:
    answer = get(address(path))
    assert answer.status_code == 404
    assert json.loads(answer.body) == {"error": "This address does not exist"}
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_file_of_another_version_is_gone(small: Path) -> None:
    before = address("main.js")
    assert get(before).status_code == 200
    (small / "style.css").write_text("body { margin: 1px }\n", encoding="utf-8")
    assert get(before).status_code == 200  # of this process
    warm.clear()
    after = get(before)
    assert after.status_code == 404
    assert "no-store" in after.headers["Cache-Control"]
    assert get(address("main.js")).status_code == 200
    page = get(before, accept=BROWSER)
    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_document_is_never_older_than_the_files_that_are_deployed(small: Path) -> None:
    answer = get("/")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    (small / "main.js").write_text("// nothing\n", encoding="utf-8")
    warm.clear()
    assert get("/", if_none_match=answer.headers["ETag"]).status_code == 200


def test_the_client_can_be_installed_below_any_prefix(api: Api) -> None:
    answer = get("/manifest.webmanifest")
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    manifest = json.loads(answer.body)
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("./", "./", "standalone")
    sizes = set()
    for icon in manifest["icons"]:
        picture = pngs.decode(get(f"/{icon['src']}").body)
        assert icon["sizes"] == f"{picture.width}x{picture.height}"
        sizes.add((picture.width, icon.get("purpose", "any")))
    assert sizes == {(192, "any"), (512, "any"), (512, "maskable")}


def test_every_link_within_the_client_leads_to_a_screen_and_to_a_part_of_it() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in client.DIRECTORY.rglob("*.js")}
    screens = set(re.findall(r"^  (\w+): \[\(\) => import", texts["part.js"], re.MULTILINE))
    parts = set(re.findall(r"^  (\w+): \w+,$", texts["settings.js"], re.MULTILINE))
    found = {each for text in texts.values() for each in re.findall(r'(?:#/|\bgo\(["`])([a-z][\w/-]*)', text)}
    assert len(found) >= 30
    for each in found:
        name, _, part = each.partition("/")
        assert name in {"home", "tags", *screens}, each
        assert name != "settings" or not part or part.partition("/")[0] in parts, each
    assert parts >= {"reports", "sessions"}
