"""Pages in the reader's language: which one it is, that nothing of it is missing, and that it stays through a form."""

import inspect
import re
from string import Template
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import account, layout, times, words
from chalicelib.languages import de, en
from chalicelib.negotiation import language
from chalicelib.words import Choice, Plural
from fstream_app.access import authorization
from fstream_app.core.errors import Forbidden
from fstream_app.core.ids import MessageId
from fstream_app.moderation import suspension
from tests.support.people import PASSWORD, Api
from tests.support.visitor import BROWSER, Page, Seen, Visitor
from tests.unit.ops.production import ROOT

GERMAN, ENGLISH = de.LANGUAGE, en.LANGUAGE
LANGUAGES = {"en": ENGLISH, "de": GERMAN}
PREFERS_GERMAN = {"accept-language": "de-AT,de;q=0.9,en;q=0.8"}


def texts(phrase: str | Plural) -> tuple[str, ...]:
    return (phrase,) if isinstance(phrase, str) else tuple(phrase)


def places(phrase: str | Plural) -> list[set[str]]:
    return [set(Template(text).get_identifiers()) for text in texts(phrase)]


@pytest.mark.parametrize("code", words.LANGUAGES)
def test_a_language_has_all_phrases_with_the_same_places(code: str) -> None:
    spoken = LANGUAGES[code]
    assert list(spoken.phrases) == list(ENGLISH.phrases)
    assert {key for key, each in spoken.phrases.items() if places(each) != places(ENGLISH.phrases[key])} == set()
    assert spoken.scopes.keys() == ENGLISH.scopes.keys()
    assert len(set(spoken.scopes.values())) == len(spoken.scopes)
    assert len(set(spoken.months)) == 12
    assert all(Template(text).is_valid() for each in spoken.phrases.values() for text in texts(each))


def test_every_phrase_is_used_and_html_only_in_templates() -> None:
    """A phrase with markup must not reach `say`, whose text is escaped, nor one with quotes an attribute."""
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "chalicelib").glob("*.py"))
    in_templates = set(re.findall(r"\$\{([a-z_]+\.[a-z_.]+)\}", source))
    said = set(re.findall(r'"([a-z_]+\.[a-z_.]+)"', source))
    forms = re.findall(r'_(?:Form|Task)\((?:[A-Z_]+, )?"(\w+)"', source) + re.findall(r'_Form\(\s+"(\w+)"', source)
    parts = [*re.findall(r'\.say\(\s*"(\w+)"', source), "allow", "title"]
    said |= {f"{form}.{part}" for form in forms for part in parts}
    assert ENGLISH.phrases.keys() - in_templates - said == set()
    assert in_templates - ENGLISH.phrases.keys() == set()
    marked = {
        key for spoken in LANGUAGES.values() for key, each in spoken.phrases.items() if re.search("[<&]", str(each))
    }
    assert marked & said == set()
    in_attributes = set(re.findall(r'="\$\{([a-z_.]+)\}"', source))
    assert [key for key in in_attributes if re.search('["<]', "".join(texts(GERMAN.phrases[key])))] == []


def listed() -> list[tuple[str, str, str]]:
    """Status, code and text of the errors in docs/errors.md, which another test compares with the code."""
    rows = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    found: list[tuple[str, str, str]] = re.findall(r"^\| (\w+) \| (\w*) ?\| (.+?) \| .+ \|$", rows, re.MULTILINE)
    return found


def test_only_what_can_be_said_is_translated() -> None:
    known = {text for *_, text in listed()}
    known |= set(re.findall(r'"(Access [^"]+)"', inspect.getsource(authorization)))  # returned, never sent by the API
    known |= {"Enter your recovery code", suspension.NOTICE}  # listed as `…`, or with it
    assert GERMAN.problems.keys() - known == set()
    for sentence, meaning in {**GERMAN.problems, **GERMAN.parts}.items():
        allowed = {*words._PLACES[: sentence.count(words.UNKNOWN)], "wait"}
        assert set(Template(meaning).get_identifiers()) <= allowed, sentence
        assert len(sentence) < words._LONGEST
    assert not any("wait" in meaning for meaning in GERMAN.parts.values())


FOR_PROGRAMS = frozenset(
    """
Access token does not have the required scopes
A WebSocket can have at most 20 subscriptions. Open another one.
Too many are listening to this stream. Poll its timeline instead.
Live streaming is not supported. Poll the timelines and notifications instead.
Server-sent events are not supported. Open a WebSocket at …/api/v1/streaming instead.
This address accepts requests from CloudFront only; use the address of the instance
The server is busy. Try again in a moment.
The server did not answer in time. Try again in a moment.
The server did not answer. Try again in a moment.
There is no account …
There is no copy of the messages of a report …
There is no open report …
Appending to the log took too long
Some follows were not subtracted
Some reactions were not subtracted
The counts changed at every attempt
The index does not contain all follows yet
…
…: …
… must be …, not …
Enter your …
Choose … as …: it can't be …
This method requires a token
Something required is missing from the request: …
The app's request has more than one …
The app's request has no …
The redirect_uri in the app's request is not one that the app has registered
The state in the app's request has more than 2000 characters
The requested scope is invalid, unknown, or malformed
The application's name (client_name) must have 1 to 100 characters
The application's website must be an http or https address
An application must have 1 to 10 redirect URIs (redirect_uris), all absolute, and with http only for loopback addresses
Idempotency-Key can have at most 255 characters
The parameters of this request are too long for a list that has more pages
A lifetime is a number of seconds here, not a date. Set expires_in instead.
A marker must be at the id of a message or notification (last_read_id)
A page must have at least one entry (limit)
A request can name at most 80 accounts
A timed mute has a duration. Set duration to a number of seconds.
Notifications are counted to at least 1 (limit)
Search finds accounts, hashtags, statuses, and no other type
The default lifetime is a number of seconds. Set source[expires_in] instead.
The limit can't be negative
The number of results to skip (offset) can't be negative
filter_action must be warn or hide
""".strip().splitlines()
)
"""Sentences about what only a program can cause, those of API Gateway and WebSockets, and what no client gets."""
MALFORMED = frozenset({"400", "408", "411", "413", "415", "4xx", "5xx"})
"""Statuses of requests that only a program can make."""


def test_every_error_that_a_person_can_cause_is_translated() -> None:
    found = {text for status, code, text in listed() if status not in MALFORMED and not code.islower()}
    assert found - GERMAN.problems.keys() == FOR_PROGRAMS
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "fstream_app").rglob("*.py"))
    limited = set(re.findall(r'limits\.check\("([^"]+)"', source))  # each of them `can have at most …`
    assert limited >= {"Text", "A note"}
    assert limited - GERMAN.parts.keys() == set()


@pytest.mark.parametrize(
    ("text", "german"),
    [
        ("Text can have at most 500 characters", "Der Text darf höchstens 500 Zeichen haben"),
        ("Note can have at most 9 characters, and 144 bytes",
         "Der Text über dich darf höchstens 9 Zeichen und 144 Bytes haben"),
        ("A profile can have at most 4 fields", "Ein Profil hat höchstens 4 Angaben"),
        ("Validation failed: Title can't be blank, Context can't be blank, Keyword can't be blank",
         "Der Filter braucht einen Namen. Wähle, wo der Filter gilt. Ein Wort ist leer"),
        ("Validation failed: The poll has already ended", "Die Umfrage ist beendet"),
        ("You can follow at most 7500 accounts. Unfollow one of them first.",
         "Du kannst höchstens 7500 Leuten folgen. Folge zuerst jemandem nicht mehr."),
        ("Too many posts. Try again in 1 second.", "Zu viele Versuche. Versuch es in 2 Minuten noch einmal."),
        ("$x can have at most $one", "$x darf höchstens $one haben"),
        ("Choose a as b: it can't be x can have at most " + ", " * 500_000, None),
        ("A lifetime", None),
    ],
)  # fmt: skip
def test_the_unknown_parts_of_a_sentence_are_in_its_translation(text: str, german: str | None) -> None:
    with words.speaking(Choice("de", named=False)):
        assert words.problem(text, wait=times.wait(120)) == german


def test_errors_of_the_api_are_in_the_language_that_the_client_prefers(api: Api) -> None:
    ada = api.sign_up("ada")
    for method, path, body, status, german in (
        ("POST", "/api/v1/statuses", {"status": "x" * 501}, 422, "Der Text darf höchstens 500 Zeichen haben"),
        ("POST", "/api/v1/statuses", {"status": "x", "media_ids": ["1"]}, 422, "Bilder und andere Medien gibt es hier"),
        ("GET", "/api/v1/statuses/x", None, 404, "Diese Nachricht gibt es nicht"),
        ("PUT", "/api/v1/timelines/home", None, 405, "So lässt sich diese Adresse nicht aufrufen"),
        ("GET", "/no/such/path", None, 404, "Diese Adresse gibt es nicht"),
        ("POST", "/api/pleroma/delete_account", {"password": "wrong"}, 403, "Das Passwort stimmt nicht."),
        ("POST", "/api/v1/statuses", {"status": 1}, 422, None),
    ):
        plain, other, seen = (
            api.request(method, path, ada, json=body, headers=more)
            for more in ({}, {"accept-language": "fr, en;q=0.5, de;q=0.4"}, PREFERS_GERMAN)
        )
        assert plain.json == other.json
        assert {each.status for each in (plain, other, seen)} == {status}
        assert seen.error.startswith(german or plain.error)
        assert seen.error != plain.error or german is None
        assert [seen.error] * len(seen.json.get("details", ())) == [
            each["description"] for several in seen.json.get("details", {}).values() for each in several
        ]
        for each in (plain, seen):
            assert "Accept-Language" in each.headers["Vary"].split(", ")
            assert each.headers["Cache-Control"] == "private, no-store"
    assert "Vary" not in api.get("/api/v2/instance", headers=PREFERS_GERMAN).headers


def test_what_a_moderator_writes_to_a_suspended_person_stays_as_it_is(api: Api) -> None:
    ada, why = api.sign_up("ada"), "you can have at most 3 warnings, $one & two"
    suspension.suspend("ada", why, api.clock.now)
    seen = api.request("GET", "/api/v1/timelines/home", ada, headers=PREFERS_GERMAN)
    assert (seen.status, seen.error) == (403, f"Dein Konto ist zurzeit gesperrt: {why}")
    with words.speaking(Choice("de", named=False)):
        page = Page(str(layout.failure(Forbidden(f"{suspension.NOTICE}: {why}")).body))
    assert page.alert == f"Dein Konto ist zurzeit gesperrt: {why}"


def test_errors_of_oauth_are_english_for_everybody(api: Api) -> None:
    client = {name: api.application[name] for name in ("client_id", "client_secret")}
    wrong = {**client, "grant_type": "password", "username": "ada", "password": "wrong"}
    for preferred in ({}, PREFERS_GERMAN):
        answer = api.request("POST", "/oauth/token", form=wrong, headers=preferred)
        assert answer.json == {
            "error": "invalid_grant",
            "error_description": "The username or password is incorrect",
        }
        assert "Vary" not in answer.headers


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-ch", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("en;q=0.1, de;q=0.2", "de"),
        ("de, en", "de"),
        ("fr, de;q=0.5, *;q=0.1", "de"),
        ("fr, *", "en"),
        ("en;q=0, *", "de"),
        ("de;q=0", "en"),
        ("fr", "en"),
        ("den", "en"),
        ("de;q=nan", "en"),
    ],
)
def test_the_language_that_the_browser_prefers_is_chosen(accepted: str, code: str) -> None:
    assert language(accepted, words.LANGUAGES) == code


@given(st.text(max_size=80) | st.text("den-,;q=.01* ", max_size=40))
def test_any_header_leads_to_a_language(accepted: str) -> None:
    assert language(accepted, words.LANGUAGES) in words.LANGUAGES


def spoken_in(seen: Seen) -> str:
    return seen.page.all("html")[0]["lang"]


def test_the_language_of_the_address_stays_through_forms_and_links(api: Api) -> None:
    visitor = Visitor(api, registered={"client_name": "Fern & <b>"})
    seen = visitor.open(lang="de", prompt="create")
    assert (seen.page.title, seen.headers["Vary"]) == ("Registrieren, um Fern & <b> zu benutzen", "Accept-Language")
    for wrong, alert in (("ada l", "Der Name darf 1 bis 30 Buchstaben"), ("admin", "Diesen Namen behält der Server")):
        seen = visitor.submit(seen.page, "sign_up", username=wrong, password=PASSWORD)
        assert (spoken_in(seen), seen.page.alert.startswith(alert), seen.page.title[:8]) == ("de", True, "Fehler: ")
    links = [link["href"] for link in seen.page.all("a") if link["href"].startswith(("?", "../account"))]
    assert len(links) == 2
    assert [parse_qs(urlsplit(link).query)["lang"] for link in links] == [["de"], ["de"]]
    assert visitor.browse("GET", links[0]).page.title == "Anmelden, um Fern & <b> zu benutzen"
    seen = visitor.submit(seen.page, "sign_up", username="ada", password=PASSWORD)
    assert "Bewahre deinen Wiederherstellungscode auf" in seen.page.text
    assert "Fern &amp; &lt;b&gt;" in seen.html
    assert "lang" not in seen.answer


def test_what_is_wrong_is_said_in_german_and_what_nobody_translated_is_marked_as_english(api: Api) -> None:
    visitor, address = Visitor(api), f"{account.SESSIONS}?lang=de"
    api.sign_up("ada")
    form = visitor.browse("GET", address).page
    assert form.all("form")[0]["action"] == "?lang=de"
    typed = {"username": "ada", "password": "wrong horse"}
    assert visitor.browse("POST", address, typed).page.alert == "Name oder Passwort stimmt nicht"
    seen = visitor.browse("POST", address, typed | {"password": PASSWORD})
    assert "Wähle, wo du dich abmeldest" in seen.page.text
    with words.speaking(Choice("de", named=True)):
        assert layout.problem("Too many posts. Try again in 2 hours.", 7200) == (
            "Zu viele Versuche. Versuch es in 120 Minuten noch einmal."
        )
        assert layout.problem("<b>") == '<span lang="en">&lt;b&gt;</span>'
        assert layout.problem("<b>", is_own=False) == "&lt;b&gt;"
    assert layout.problem("Nobody here has this name") == "Nobody here has this name"


def test_public_pages_speak_the_language_of_the_browser(api: Api) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "hello #tea", expires_in=3600)
    api.deliver()
    for path, title, text in (
        ("/@ada", "@ada", "1 Nachricht"),
        (f"/@ada/{status['id']}", "@ada", "noch 59 min"),
        (
            f"/@ada/{MessageId.new(status['account']['id'], api.clock.now)}",
            "Diese Nachricht ist weg",
            "Was @ada jetzt sagt",
        ),
        ("/tags/tea", "#tea", "Öffentliche Nachrichten mit diesem Hashtag."),
        ("/nowhere/at/all", "Seite nicht gefunden", "Diese Adresse gibt es nicht."),
        ("/@nobody", "Seite nicht gefunden", "Hier heißt niemand so."),
    ):
        answer = api.get(path, headers={"accept": BROWSER, **PREFERS_GERMAN})
        page = Page(answer.text)
        assert (page.all("html")[0]["lang"], page.title, text in page.text) == ("de", title, True), path
        assert "Accept-Language" in answer.headers["Vary"]
        assert "no-store" in answer.headers["Cache-Control"]


def test_what_may_be_cached_for_everybody_is_english_for_everybody(api: Api) -> None:
    for path in ("/about", "/"):
        answers = [
            api.get(f"{path}{query}", headers={"accept": BROWSER, **PREFERS_GERMAN}) for query in ("", "?lang=de")
        ]
        assert {each.text for each in answers} == {api.get(path, headers={"accept": BROWSER}).text}
        assert "Accept-Language" not in answers[0].headers.get("Vary", "")
