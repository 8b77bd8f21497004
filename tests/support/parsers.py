"""Every parser of what strangers and users send, and inputs that are hard to parse.

A parser takes a text of up to 64 KB. It fails only with an error of the domain, which becomes a status below 500;
these are suppressed here.
"""

import contextlib
import json
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote, unquote

from chalice.app import Request
from chalice.local import LambdaEventConverter, RouteMatcher

from chalicelib import acceptance, bodies, consent, pages, profiles, rates, scheduled, statuses, timelines
from chalicelib import oauth as oauth_routes
from fstream_app import text
from fstream_app.access import authorization, oauth
from fstream_app.core import addresses, cleaning, ids, languages, settings
from fstream_app.core.errors import DomainError
from fstream_app.messages import filters
from fstream_app.people import names
from fstream_app.text import graphemes, limits, matching

SIZE = 65_536
"""The largest body, in bytes."""
HEAD = b'--b\r\nContent-Disposition: form-data; name="status"'
MULTIPART = "multipart/form-data; boundary=b"
SIGNS = (
    "\"'();,=[]{}<>%&?#@/\\: \t\r\n-+*_a09.~!|^`$\x00"
    "\u00e9\u0301\u200d\ufe0f\U0001f600\u0915\uac00\u1100\u3000\u200b\ufdfa"
)
# fmt: off
WORDS = (
    '\\"', "\\\\", '";', '="', ";=", ";a=", ';a="', ';a="\\', "a;q=1,", "q=0.1;", "()", "((", "[]", "[[", "a[",
    "]]", "{}", "{{", '{"a":', '[{"a":', '["', "],", "},{", '"":0,', "1,", "1e9", "-1", "0.", "\\u0000", "\\ud800",
    "a=b&", "&&", "=&", "a[]=&", "a[b][c][d]=x&", "a[0]=&", "fields_attributes[][name]=&", "types[]=&", "%00",
    "%25", "%%", "%C3", "+%", "\r\n", "\r\n\r\n", "\r\n ", "a:b\r\n", "--b", "\r\n--b", "\r\n--b\r\n",
    "--b\r\n\r\n", "a: ", "@a", "@a@", "@a@b.", "#a", "#1", " #1m", "##", "@@", "#a\u200c", "#a\ufe00", "http://", "https://a/",
    "https://a)", "https://[::1]", "https://a\u200d", "a://", "#a://", "::", "[::", "a@", "a@b", "a.", ".a",
    "\u0301\u0323", "e\u0301", "\u0915\u094d", "\U0001f1e6", "\ufe0f\u200d", "read ", "admin:read ", "127.0.0.1:",
    "en-", "a_", "../", "//",
)
# fmt: on
FAMILIES = (*SIGNS, *WORDS)


def event(body: bytes = b"", content_type: str = bodies.FORM, query: object = None, **headers: str) -> Request:
    sent = {"content-type": content_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Request(
        {
            "multiValueQueryStringParameters": query,
            "headers": sent,
            "pathParameters": {},
            "requestContext": {"httpMethod": "POST", "resourcePath": "/", "identity": {"sourceIp": "192.0.2.1"}},
            "body": body,
            "stageVariables": {},
            "isBase64Encoded": False,
        }
    )


def refused(parse: Callable[..., object], *arguments: object) -> None:
    """Parse; no error is accepted except the domain's, which become a status below 500."""
    with contextlib.suppress(DomainError):
        parse(*arguments)


def encoded(written: str) -> bytes:
    return written.encode()[:SIZE]


def parts(written: str) -> bytes:
    """Return a form of many parts, each with as much of the text in a header as is allowed."""
    part = HEAD + b"; x=" + encoded(written)[:900] + b"\r\n\r\nx\r\n"
    return part * (len(written) // 1000) + b"--b--"


def strings(written: str) -> bytes:
    return json.dumps({"status": written[: SIZE // 6], "media_ids": [*written[:999]]}).encode()


def body(make: Callable[[str], bytes], content_type: str) -> Callable[[str], None]:
    def parse(written: str) -> None:
        asked = event(make(written)[:SIZE], content_type)
        for struct in (statuses.NewStatus, profiles.NewProfile):
            refused(bodies.read, asked, struct)

    return parse


def query(written: str) -> None:
    try:
        found = LambdaEventConverter(RouteMatcher(["/x"])).create_lambda_event("GET", f"/x?{written}", {}, None)
    except ValueError:  # as for an unknown path: the gateway answers
        return
    refused(bodies.read, event(query=found["multiValueQueryStringParameters"]), timelines.Tagged)


def basic(header: str) -> None:
    refused(oauth_routes._client, event(authorization=f"Basic {header}"), oauth_routes.TokenRequest())


def addressed(host: str) -> None:
    with settings.addressed(host):
        pass


def application(written: str) -> None:
    for uris, scopes, website in (((written,), "read", None), (("x:y",), written, None), (("x:y",), "read", written)):
        refused(oauth.register, "x", uris, scopes, website, 0)


def redirect(written: str) -> None:
    for uri in (written, f"https://{written}", f"x:{written}", f"http://127.0.0.1{written}"):
        oauth.same_redirect("http://127.0.0.1/", uri)
        if oauth._is_redirect_uri(uri):
            consent._source(uri)
    authorization.Callback("https://x/", written).address(code="x")


def hashtag(name: str) -> None:
    with contextlib.suppress(ValueError):
        text.normalise_tag(name)


def message(written: str) -> None:
    """Read a text as posting and rendering do: too long ones are refused before they are read."""
    content = cleaning.clean(written)
    text.split_lifetime(content)
    refused(limits.check, "Text", "status", 500, "", content)
    short = content.encode()[: 500 * limits.BYTES_A_CHARACTER].decode(errors="ignore")
    refused(limits.check, "Text", "status", 500, short, short)
    text.to_html(short, base_url="https://fstream.test", mentions={"a"}, host="fstream.test")
    text.tags(short), text.names_mentioned(short, "fstream.test")


def keywords(written: str) -> None:
    """Look for all the keywords that filters have room for in the longest message, on which each is nearly found."""
    content = cleaning.clean(written).encode()[: 500 * limits.BYTES_A_CHARACTER].decode(errors="ignore")
    sought: list[str] = []
    left = filters.MAX_BYTES
    while left > 0 and len(sought) < len(content):
        sought.append(content[: len(sought) + 1] + "x")
        left -= len(sought[-1].encode())
    page = matching.Text(content)
    for whole_word in (False, True):
        page.first([matching.prepare(each, whole_word=whole_word) for each in sought])


PARSERS: dict[str, Callable[[str], object]] = {
    "form": body(encoded, bodies.FORM),
    "form: a value": body(lambda written: b"status=" + encoded(written), bodies.FORM),
    "form: a name": body(lambda written: b"status" + encoded(written) + b"=x", bodies.FORM),
    "JSON": body(encoded, bodies.JSON),
    "JSON: strings": body(strings, bodies.JSON),
    "of no type": body(encoded, ""),
    "multipart": body(encoded, MULTIPART),
    "multipart: headers": body(lambda written: b"--b\r\n" + encoded(written) + b"\r\n\r\nx\r\n--b--", MULTIPART),
    "multipart: a header": body(lambda written: HEAD + b"; x=" + encoded(written) + b"\r\n\r\nx\r\n--b--", MULTIPART),
    "multipart: a header of each part": body(parts, MULTIPART),
    "multipart: a value": body(lambda written: HEAD + b"\r\n\r\n" + encoded(written) + b"\r\n--b--", MULTIPART),
    "Content-Type": lambda written: body(lambda _: b"a=b", written)(""),
    "Content-Type: a boundary": lambda written: body(lambda _: b"a=b", f"{MULTIPART}; x={written}")(""),
    "Accept": acceptance.prefers_page,
    "Authorization: Basic": basic,
    "Authorization: Basic, in base64": lambda written: basic(b64encode(encoded(written)).decode()),
    "X-Forwarded-For": lambda written: (rates.address(event(x_forwarded_for=written)), rates._parse(written)),
    "Host": addressed,
    "query": query,
    "query: a value": lambda written: query("q=" + quote(written[: SIZE // 4])),
    "path": unquote,
    "cursor": lambda written: (ids.is_user_id(written), pages.message_id(written)),
    "redirect URI": redirect,
    "application": application,
    "PKCE": authorization._VERIFIER.fullmatch,
    "address": lambda written: (addresses.own_path(written), addresses.own_path(f"https://fstream.test/{written}")),
    "name": lambda written: (names.local(written, "x"), names.from_log_in(written)),
    "hashtag": hashtag,
    "language": languages.tag,
    "time": lambda written: refused(scheduled.time, written),
    "text": message,
    "keywords": keywords,
    "line": cleaning.one_line,
    "characters": graphemes.count,
}  # fmt: skip
