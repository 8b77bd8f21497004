"""Pages in the reader's language: which one it is, that nothing of it is missing, and that it stays through a form."""

import inspect
import re
from string import Template
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import account, layout, words
from chalicelib.languages import de, en
from chalicelib.negotiation import language
from chalicelib.words import Choice, Plural
from fstream_app.access import authorization
from fstream_app.core.ids import MessageId
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


def test_only_what_can_be_said_is_translated() -> None:
    rows = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \w+ \| \w* ?\| (.+?) \| .+ \|$", rows, re.MULTILINE)  # another test compares it
    known = [re.escape(text).replace(words.UNKNOWN, ".+") for text in listed if len(text) > 1]
    known += re.findall(r'"(Access [^"]+)"', inspect.getsource(authorization))  # returned, never sent by the API
    told = GERMAN.problems
    assert [text for text in told if not any(re.fullmatch(each, text) for each in known)] == []
    assert {name for text in told.values() for name in places(text)[0]} == {"wait"}


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
