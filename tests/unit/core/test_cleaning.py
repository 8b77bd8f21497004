"""What is left of a text: nothing if nothing in it is visible, or else everything that belongs to what is visible."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fstream_app.core import cleaning
from fstream_app.moderation import reasons
from tests.support.people import Api

BLANKS = {
    "white space": "\t\n \u00a0\u1680\u2000\u2009\u200a\u202f\u205f\u3000\u2028\u2029\x85",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff\u180e",
    "soft hyphen and joiners": "\u00ad\u034f\u2061\u2062\u2063\u2064",
    "fillers": "\u115f\u1160\u3164\uffa0\u2800",
    "directions": "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u206a\u206f",
    "variation selectors": "\ufe00\ufe0f\u180b\u180d\u180f\U000e0100\U000e01ef",
    "tags": "\U000e0001\U000e0020\U000e0041\U000e007f",
    "reserved": "\u2065\ufff0\ufff8\U000e0080\U000e0fff",
    "annotations": "\ufff9\ufffa\ufffb",
    "inherent vowels": "\u17b4\u17b5",
    "music and shorthand": "\U0001bca0\U0001d159\U0001d173\U0001d17a",
    "hieroglyphs": "\U00013430\U0001343f\U00013441\U00013442",
    "marks": "\u0301\u0488\u20dd\u0903\u093f\u1dc0\ufe20",
    "controls": "\x00\x1b\x7f\x9f\ud800",
    "noncharacters": "\ufdd0\ufffe\uffff\U0001fffe\U0010ffff",
}
INVISIBLE = "".join(BLANKS.values())
ZWJ, SELECTOR = "\u200d", "\ufe0f"

invisible = st.text(st.sampled_from(INVISIBLE) | st.characters(categories=["Cc", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"]))
visible = st.characters(categories=["L", "N", "P", "S"]).filter(lambda character: character not in INVISIBLE)


@pytest.mark.parametrize("kind", BLANKS)
def test_each_kind_of_blank_is_nothing(kind: str) -> None:
    assert cleaning.clean(BLANKS[kind]) == ""
    assert [character for character in BLANKS[kind] if cleaning.clean(character)] == []


@given(invisible)
def test_a_text_without_anything_visible_is_empty(text: str) -> None:
    assert cleaning.clean(text) == cleaning.one_line(text) == cleaning.name(text) == ""


@given(before=invisible, character=visible, after=invisible)
def test_a_text_with_one_visible_character_is_not_empty(before: str, character: str, after: str) -> None:
    for clean in (cleaning.clean, cleaning.one_line, cleaning.name):
        cleaned = clean(before + character + after)
        assert cleaned
        assert clean(cleaned) == cleaned


def test_everything_assigned_is_visible_unless_it_is_known_to_be_blank() -> None:
    unseen = {
        character
        for character in map(chr, range(0x110000))
        if unicodedata.category(character)[0] in "LNPS" and not cleaning.is_visible(character)
    }
    assert unseen <= set("\u115f\u1160\u3164\uffa0\u2800\U0001d159\U00013441\U00013442")


@pytest.mark.parametrize(
    "text",
    [
        f"👩{ZWJ}❤{SELECTOR}{ZWJ}👩",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        f"1{SELECTOR}\u20e3",
        "क्\u200dष",
        "\u0645\u06cc\u200c\u062e\u0648",
        "\u200f\u05e9\u05dc\u200e, Ada",
        "\u2067\u05e9\u05dc\u2069",
        "e\u0301\u0323",
        "\u0600\u0661",
        "\U0001fae9",  # newer than the tables of Python 3.11
        "\ue000",
        "co\u00adoperate",
    ],
)
def test_what_belongs_to_visible_characters_stays(text: str) -> None:
    assert cleaning.clean(text) == unicodedata.normalize("NFC", text)


def test_a_name_cannot_reverse_what_follows_it() -> None:
    assert cleaning.name("Ada\u202e\u202dx\u2066y\u2069\u202c") == "Adaxy"
    assert cleaning.name("\u200fעדה\u200e") == "\u200fעדה\u200e"


@pytest.mark.parametrize("blank", BLANKS.values(), ids=BLANKS.keys())
def test_a_blank_text_counts_as_none_wherever_people_write(api: Api, blank: str) -> None:
    blank = blank.encode("utf-8", "ignore").decode()  # lone surrogates are no JSON
    ada = api.sign_up("ada")
    account = "/api/v1/accounts/update_credentials"
    for fields in ({"status": blank}, {"status": "", "spoiler_text": blank}, {"status": blank, "spoiler_text": blank}):
        answer = api.request("POST", "/api/v1/statuses", ada, json=fields)
        empty = api.request("POST", "/api/v1/statuses", ada, json={"status": ""})
        assert (answer.status, answer.json) == (empty.status, empty.json) == (422, empty.json)
    assert api.post(ada, "x", spoiler_text=blank)["spoiler_text"] == ""
    shown = api.request("PATCH", account, ada, json={"display_name": blank, "note": blank}).json
    assert (shown["source"]["note"], shown["display_name"].strip(blank)) == ("", shown["display_name"])
    named = {"fields_attributes": [{"name": blank, "value": "x"}]}
    assert api.request("PATCH", account, ada, json=named).status == 422
    shown = api.request("PATCH", account, ada, json={"fields_attributes": [{"name": "x", "value": blank}]}).json
    assert shown["source"]["fields"][0]["value"] == ""
    application = {"client_name": blank, "redirect_uris": "https://a.test"}
    assert api.request("POST", "/api/v1/apps", json=application).status == 422
    assert reasons.validate(blank) == ""


def test_an_application_cannot_reverse_the_consent_page(api: Api) -> None:
    fields = {"client_name": "Fern\u202emoc.knab\u202c", "redirect_uris": "https://a.test"}
    assert api.request("POST", "/api/v1/apps", json=fields).json["name"] == "Fernmoc.knab"
