"""Profiles, and the defaults for a user's messages."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.people import Answer, Api, Person

ME = "/api/v1/accounts/verify_credentials"
UPDATE = "/api/v1/accounts/update_credentials"
LINK = f"https://a.test/{'x' * 200}"


def update(api: Api, by: Person, **fields: object) -> Answer:
    return api.request("PATCH", UPDATE, by, json=fields)


def test_a_profile_is_changed_and_its_note_is_html_for_others(api: Api) -> None:
    ada = api.sign_up("ada")
    changed = update(api, ada, display_name="Ada L.", note="<b>hi</b>\n#maths", bot=True, discoverable=False).json
    assert changed["source"]["note"] == "<b>hi</b>\n#maths"
    shown = api.get(f"/api/v1/accounts/{ada.id}").json
    assert (shown["display_name"], shown["bot"], shown["discoverable"]) == ("Ada L.", True, False)
    assert shown["note"].startswith("<p>&lt;b&gt;hi&lt;/b&gt;<br />")
    assert update(api, ada, display_name="").json["display_name"] == ""


def test_what_is_not_sent_stays(api: Api) -> None:
    ada = api.sign_up("ada")
    update(api, ada, display_name="Ada", source={"privacy": "private"})
    changed = update(api, ada, note="x", source={"language": "en"}).json
    assert (changed["display_name"], changed["source"]["privacy"]) == ("Ada", "private")
    assert update(api, ada).status == 200


@pytest.mark.parametrize("switch", ["1", "on"])
def test_defaults_come_as_a_form_too(api: Api, switch: str) -> None:
    ada = api.sign_up("ada")
    source = {"privacy": "unlisted", "sensitive": switch, "language": "de", "expires_in": "3600"}
    form = {"bot": switch} | {f"source[{name}]": value for name, value in source.items()}
    answer = api.request("PATCH", UPDATE, ada, form=form)
    assert answer.status == 200, answer.json
    assert answer.json["source"].items() >= (source | {"sensitive": True, "expires_in": 3600}).items()
    assert answer.json["bot"] is True


def test_defaults_decide_the_next_post_unless_it_says_otherwise(api: Api) -> None:
    ada = api.sign_up("ada")
    update(api, ada, source={"expires_in": 3600, "privacy": "private", "sensitive": True, "language": "de"})
    status = api.post(ada, "x")
    assert status["pleroma"]["expires_at"] == "2040-01-01T01:00:00.000Z"
    assert (status["visibility"], status["sensitive"], status["language"]) == ("private", True, "de")
    other = api.post(ada, "x", expires_in=60, visibility="public", sensitive=False, language="en")
    assert other["pleroma"]["expires_at"] == "2040-01-01T00:01:00.000Z"
    assert (other["visibility"], other["sensitive"], other["language"]) == ("public", False, "en")


def test_a_default_lifetime_of_0_leaves_it_to_the_instance(api: Api) -> None:
    ada = api.sign_up("ada")
    update(api, ada, source={"expires_in": 60})
    answer = update(api, ada, source={"expires_in": 0})
    assert answer.status == 200, answer.json
    assert answer.json["source"]["expires_in"] is None
    assert api.post(ada, "x")["pleroma"]["expires_at"] == "2040-01-02T00:00:00.000Z"


def test_an_empty_default_language_is_none(api: Api) -> None:
    ada = api.sign_up("ada")
    update(api, ada, source={"language": "de"})
    assert update(api, ada, source={"language": ""}).json["source"]["language"] is None


def test_profile_limits_hold_from_both_sides(api: Api) -> None:
    ada = api.sign_up("ada")
    allowed: list[dict[str, Any]] = [{"display_name": "é" * 30}, {"note": "é" * 500}]
    allowed += [
        {"display_name": "👩🏿‍🚀" * 30},
        {"note": "🇨🇭" * 500},
        {"note": f"{LINK} @ada@fstream.test " + "x" * 471},
    ]
    allowed += [{"source": {"expires_in": seconds}} for seconds in (60, 604_800)]
    refused: list[dict[str, Any]] = [
        {"display_name": "é" * 31},
        {"note": "é" * 501},
        {"display_name": "👩🏿‍🚀" * 31},
        {"display_name": "👨‍👩‍👧‍👦" * 20},
        {"note": "🇨🇭" * 501},
        {"note": f"{LINK} @ada@fstream.test " + "x" * 472},
        {"note": f"https://a.test/{'x' * 8000}"},
        {"display_name": 7},
    ]
    refused += [{"source": {"expires_in": seconds}} for seconds in (59, 604_801, -1, "x")]
    refused += [{"source": {"privacy": "secret"}}, {"source": "x"}, {"bot": "perhaps"}]
    assert [fields for fields in allowed if update(api, ada, **fields).status != 200] == []
    assert [fields for fields in refused if update(api, ada, **fields).status != 422] == []


def fields(answer: Answer) -> list[tuple[str, str]]:
    """Return the fields of the user's own profile as they were entered."""
    assert answer.status == 200, answer.json
    return [(field["name"], field["value"]) for field in answer.json["source"]["fields"]]


def test_profile_fields_come_as_a_list_an_object_or_a_form(api: Api) -> None:
    ada = api.sign_up("ada")
    lines = [{"name": "Site", "value": "https://ada.example"}, {"name": "Born", "value": "1815"}]
    numbered = {str(number): line for number, line in enumerate(lines)}
    form = {f"fields_attributes[{n}][{key}]": line[key] for n, line in numbered.items() for key in line}
    wanted = [(line["name"], line["value"]) for line in lines]
    for answer in (
        update(api, ada, fields_attributes=lines),
        update(api, ada, fields_attributes=dict(reversed(numbered.items()))),
        api.request("PATCH", UPDATE, ada, form=dict(reversed(form.items()))),
    ):
        assert fields(answer) == wanted
        assert fields(update(api, ada, fields_attributes=[])) == []
    assert fields(update(api, ada, fields_attributes=lines)) == fields(update(api, ada, note="x")) == wanted
    assert fields(update(api, ada, fields_attributes={})) == []


def test_a_profile_field_is_html_for_others_and_says_that_it_is_not_verified(api: Api) -> None:
    ada = api.sign_up("ada")
    update(api, ada, fields_attributes=[{"name": "<b>", "value": "<i> https://ada.example"}])
    (field,) = api.get(f"/api/v1/accounts/{ada.id}").json["fields"]
    assert (field["name"], field["verified_at"]) == ("<b>", None)
    assert field["value"].startswith('&lt;i&gt; <a href="https://ada.example"')
    assert field["value"].endswith("</a>")
    assert api.get(ME, ada).json["fields"] == [field]
    (typed,) = api.get(ME, ada).json["source"]["fields"]
    assert typed == {"name": "<b>", "value": "<i> https://ada.example", "verified_at": None}


BOB = '<span class="h-card"><a href="https://fstream.test/@bob" class="u-url mention">@<span>bob</span></a></span>'
TAG = '<a href="https://fstream.test/tags/maths" class="mention hashtag" rel="tag">#<span>Maths</span></a>'


def test_links_mentions_and_hashtags_are_links_in_notes_and_fields(api: Api) -> None:
    ada, _, _ = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cid")
    written = "with @bob @nobody, @cid@other.example: #Maths"
    rendered = f"with {BOB} @nobody, @cid@other.example: {TAG}"
    changed = update(api, ada, note=f"{written}\n\nbye", fields_attributes=[{"name": "@bob", "value": written}]).json
    account = f"/api/v1/accounts/{ada.id}"
    for shown in (changed, api.get(account).json, api.get("/api/v1/accounts/lookup", acct="ada").json):
        assert shown["note"] == f"<p>{rendered}</p><p>bye</p>"
        assert [(field["name"], field["value"]) for field in shown["fields"]] == [("@bob", rendered)]
    assert changed["source"]["fields"][0]["value"] == written
    assert rendered.replace("https://fstream.test/", "./") in api.get("/@ada").text


def test_mentions_in_a_note_and_in_fields_change_with_these_alone(api: Api) -> None:
    ada, _, _ = api.sign_up("ada"), api.sign_up("bob"), api.sign_up("cid")

    def links(**fields: object) -> list[int]:
        changed = update(api, ada, **fields).json
        return [
            html.count("u-url mention") for html in (changed["note"], *(each["value"] for each in changed["fields"]))
        ]

    lines = [{"name": "a", "value": "@bob"}, {"name": "b", "value": "@cid @bob"}]
    assert links(note="@bob @cid", fields_attributes=lines) == [2, 1, 2]
    assert links(display_name="Ada") == [2, 1, 2]
    assert links(note="nobody") == [0, 1, 2]
    assert links(note="@cid", fields_attributes=[]) == [1]
    assert links(note="", fields_attributes=lines[:1]) == [0, 1]
    assert links(note="@bob @zoe") == [1, 1]
    api.sign_up("zoe")
    assert links(display_name="A") == [1, 1]
    assert links(note="@bob @zoe!") == [2, 1]
    assert links(note="@nobody") == [0, 1]


def test_at_most_20_users_become_links_in_a_note(api: Api) -> None:
    ada = api.sign_up("ada")
    names = [api.sign_up(f"u{number}").name for number in range(21)]
    note = " ".join(f"@{name}" for name in names)
    assert update(api, ada, note=note).json["note"].count("u-url mention") == 20


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\v", "\u2028", "\n\n"])
def test_a_field_is_a_line(api: Api, line_break: str) -> None:
    ada = api.sign_up("ada")
    lines = [{"name": f"a{line_break}b", "value": f"c{line_break}#Maths{line_break}"}]
    (field,) = update(api, ada, fields_attributes=lines).json["fields"]
    assert (field["name"], field["value"]) == ("a b", f"c {TAG}")


def test_blank_profile_fields_are_left_out(api: Api) -> None:
    ada = api.sign_up("ada")
    lines = [{"name": "", "value": ""}, {"name": " \n", "value": "\t"}, {}, {"name": "a", "value": ""}, {"name": " b "}]
    assert fields(update(api, ada, fields_attributes=lines)) == [("a", ""), ("b", "")]
    form = {"fields_attributes[0][name]": "", "fields_attributes[0][value]": ""}
    assert fields(api.request("PATCH", UPDATE, ada, form=form)) == []


def test_limits_of_profile_fields_hold_from_both_sides(api: Api) -> None:
    ada = api.sign_up("ada")
    line = {"name": "é" * 255, "value": "é" * 255}
    fitting = {"name": "👩🏿‍🚀" * 240, "value": f"{LINK} {LINK} " + "é" * 207}
    for allowed in (line, fitting):
        assert len(fields(update(api, ada, fields_attributes=[allowed] * 4))) == 4
    refused: list[object] = [[line] * 5, [line | {"name": "é" * 256}], [line | {"value": "é" * 256}], [{"value": "x"}]]
    refused += [[fitting | {"name": LINK * 2}], [fitting | {"value": f"{LINK} {LINK} " + "é" * 208}]]
    refused += ["x", ["x"], {"x": "x"}, {"0": "x"}, [{"name": 7}], [[line]], {"0": [line]}]
    for value in refused:
        answer = update(api, ada, fields_attributes=value)
        assert (answer.status, "field" in answer.error) == (422, True), value
    assert len(api.get(ME, ada).json["fields"]) == 4


def test_pictures_are_generated_and_cannot_be_set(api: Api) -> None:
    ada = api.sign_up("ada")
    for name in ("avatar", "header"):
        part = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n\r\nx\r\n--b--\r\n'
        kind = {"content-type": "multipart/form-data; boundary=b"}
        answers = [
            update(api, ada, **{name: "data:image/png;base64,iVBORw0KGgo="}),
            api.request("PATCH", UPDATE, ada, form={name: "data:image/png;base64,iVBORw0KGgo="}),
            api.request("PATCH", UPDATE, ada, body=part.encode(), headers=kind),
        ]
        assert [(answer.status, "generated" in answer.error) for answer in answers] == [(422, True)] * 3
        assert update(api, ada, **{name: None}).status == update(api, ada, **{name: ""}).status == 200


@pytest.mark.parametrize(
    ("written", "tag"), [("en_US", "en-US"), ("EN", "en"), ("english", "en"), ("zh_hans_cn", "zh-Hans-CN")]
)
def test_a_default_language_is_stored_as_a_tag(api: Api, written: str, tag: str) -> None:
    ada = api.sign_up("ada")
    assert update(api, ada, source={"language": written}).json["source"]["language"] == tag
    assert api.post(ada, "x")["language"] == tag


@pytest.mark.parametrize("language", ["x" * 1000, "?", "klingonese", "x"])
def test_a_default_language_that_is_none_is_refused(api: Api, language: str) -> None:
    ada = api.sign_up("ada")
    update(api, ada, source={"language": "de"})
    answer = update(api, ada, source={"language": language})
    assert (answer.status, answer.error) == (422, "The language must be a tag such as en or pt-BR")
    assert api.get("/api/v1/accounts/verify_credentials", ada).json["source"]["language"] == "de"


@pytest.mark.parametrize(
    "language",
    [*("x" * 1000, "?", "klingonese", "und", "null", "123", "\x00", " "), *(5, 0.5, True, False, None, ["en"], [], {})],
)
def test_a_post_is_never_refused_because_of_its_language(api: Api, language: object) -> None:
    ada = api.sign_up("ada")
    update(api, ada, source={"language": "de"})
    assert api.post(ada, "x", language=language)["language"] == "de"
    assert api.post(ada, "x", language="pt_br")["language"] == "pt-BR"


def test_preferences_return_the_defaults(api: Api) -> None:
    ada = api.sign_up("ada")
    source = {"sensitive": True, "language": "de", "expires_in": 60}
    update(api, ada, source=source | {"privacy": "private"})
    preferences = api.get("/api/v1/preferences", ada).json
    wanted = {f"posting:default:{name}": value for name, value in (source | {"visibility": "private"}).items()}
    reading = {"expand:media": "default", "expand:spoilers": False, "autoplay:gifs": False}
    assert preferences == wanted | {"posting:default:quote_policy": "public"} | {
        f"reading:{name}": value for name, value in reading.items()
    }


def test_the_instances_language_counts_where_no_other_is_set(api: Api, configure: Callable[..., None]) -> None:
    ada = api.sign_up("ada")
    for language in ("en", "pt-BR"):
        configure(language=language)
        assert api.get("/api/v1/preferences", ada).json["posting:default:language"] == language
        assert api.post(ada, "x")["language"] == api.post(ada, "x", language="")["language"] == language
        assert {tuple(api.get(f"/api/v{n}/instance").json["languages"]) for n in (1, 2)} == {(language,)}
    assert api.post(ada, "x", language="fr")["language"] == "fr"
    update(api, ada, source={"language": "de"})
    assert api.get("/api/v1/preferences", ada).json["posting:default:language"] == "de"
    assert api.post(ada, "x")["language"] == "de"
