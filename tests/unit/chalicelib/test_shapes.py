"""What the OpenAPI document says about values is what the API does: it refuses all others, and none of these."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.support import contract
from tests.support.people import PASSWORD, Answer, Api

RULES = {"pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "enum"}
TEXTS = {"status", "spoiler_text", "display_name", "note", "comment", "name", "value", "title", "keyword", "phrase"}
"""Texts whose limit counts grapheme clusters, so that the document can give only the limit in bytes."""
NOT_IN_A_PATTERN = re.compile(r"\[|:[0-9]{5}|//[^A-Za-z0-9]|@|(javascript|data|file|blob|vbscript):", re.IGNORECASE)
"""Parts of addresses that no pattern checks: IPv6 addresses, large ports, missing hosts, and unsafe schemes."""
SHORT = 20
"""Characters that each of these texts may have, whatever they are."""
NOT_FOR_ITS_SHAPE = {
    "Invalid password.",
    "A list needs a title",
    "Username has already been taken",
    "The language must be a tag such as en or pt-BR",
    "Text can't be blank",  # unless there is a content warning
    "Username is reserved",
    "All messages in a report must be by the reported account",
    "This instance has no such rule",
    "Missing required parameter: code",
    "Missing required parameter: username",
    "The code is invalid or has expired",
    "Validation failed: Expires at can't be blank (poll[expires_in])",
    "Validation failed: Options must have more than one item",
    "Poll not found",
}


class Place(NamedTuple):
    """A value that the document describes: a parameter, or a field of a body."""

    method: str
    path: str
    name: str
    schema: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.name}"


def schema_of(described: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = described
    while "$ref" in found:
        found = contract.document()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found


def fields(described: dict[str, Any], before: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the fields of a body, those of inner objects as `source[language]`; each kind of a value by itself."""
    for name, schema in schema_of(described)["properties"].items():
        place = f"{before}[{name}]" if before else name
        for kind in [schema] if "type" in schema else schema.get("anyOf", [schema]):
            inner = schema_of(kind)
            if "properties" in inner:
                yield from fields(inner, place)
            else:
                yield place, inner


def places() -> Iterator[Place]:
    for path, methods in contract.document()["paths"].items():
        for method, operation in methods.items():
            found = [(each["name"], each["schema"]) for each in operation.get("parameters", [])]
            for content in list(operation.get("requestBody", {}).get("content", {}).values())[:1]:
                found += fields(content["schema"])
            for name, schema in found:
                if RULES & (schema.keys() | schema.get("items", {}).keys()):
                    yield Place(method.upper(), path, name, schema)


PLACES = [place for place in places() if "/id" not in place.path]


class World:
    """A user who makes all requests, and the values that a request needs besides the one in question."""

    def __init__(self, api: Api) -> None:
        self.api, self.ada, self.bob = api, api.sign_up("ada"), api.sign_up("bob")
        self.status = api.post(self.ada, "x")["id"]
        uri = "https://client.test/"
        self.needed: dict[str, dict[str, Any]] = {
            "/api/v1/apps": {"client_name": "x", "redirect_uris": uri},
            "/api/v1/accounts": {"username": "carol", "password": PASSWORD},
            "/api/pleroma/change_password": {"password": "wrong"},
            "/api/v1/lists": {"title": "x"},
            "/api/v1/statuses": {"status": "x"},
            "/api/v1/reports": {"account_id": self.bob.id},
            "/api/v1/notifications/dismiss": {"id": self.status},
            "/api/v1/filters": {"phrase": "x", "context": ["home"]},
            "/api/v2/filters": {"title": "x", "context": ["home"]},
            "/api/v2/search": {"q": "x"},
            "/api/v1/accounts/search": {"q": "x"},
            "/oauth/token": {"grant_type": "client_credentials", **api.application},
            "/oauth/revoke": {"token": "x", **api.application},
        }

    def send(self, place: Place, value: Any) -> Answer:
        """Make a request with this value."""
        needed = dict(self.needed.get(place.path, {})) if place.method != "GET" or "search" in place.path else {}
        path = place.path
        if place.name == "code_verifier":  # ignored by the other grants
            needed |= {"grant_type": "authorization_code", "code": "x", "redirect_uri": "https://client.test/"}
        if f"{{{place.name}}}" in path:
            return self.api.request(place.method, path.replace(f"{{{place.name}}}", str(value)), self.ada)
        path = path.replace("{id}", self.bob.id if "/accounts/" in path else self.status).replace("{name}", "tag")
        if place.name == "Idempotency-Key":
            return self.api.request(place.method, path, self.ada, json=needed, headers={place.name: value})
        sent = {**needed, **nested(place.name.removesuffix("[]"), value)}
        if place.method in {"GET", "DELETE"}:
            plain: dict[str, Any] = {
                name: json.dumps(each) if isinstance(each, bool) else each for name, each in sent.items()
            }
            return self.api.request(place.method, path, self.ada, **plain)
        return self.api.request(place.method, path, self.ada, json=sent)


def nested(name: str, value: Any) -> dict[str, Any]:
    outer, *inner = name.replace("]", "").split("[")
    if outer == "fields_attributes":
        return {outer: [{"name": "x", inner[0]: value}]}
    for key in reversed(inner):
        value = {key: value}
    return {outer: value}


def outside(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield values of the right type just outside of each rule."""
    limits = [schema, *schema.get("anyOf", [])]
    yield from (each["minimum"] - 1 for each in limits if "minimum" in each)
    yield from (each["maximum"] + 1 for each in limits if "maximum" in each)
    if "maxLength" in schema:
        yield "x" * (schema["maxLength"] + 1)
    if schema.get("minLength"):
        yield "x" * (schema["minLength"] - 1)
    if "pattern" in schema:
        yield from ("!", "\x7f", "é!", "x" * 30_000 + "!")
    if "enum" in schema:
        yield {"boolean": True not in schema["enum"], "integer": 77}.get(schema.get("type", ""), "nonsense")
    if "maxItems" in schema:
        yield items(schema, schema["maxItems"] + 1)
    if schema.get("minItems"):
        yield []
    if "items" in schema:
        yield from ([each] for each in outside(schema["items"]))


def inside(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return values at the edges of each rule."""
    if "enum" in schema or "const" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    if "anyOf" in schema:
        return st.one_of([inside({"type": schema["type"], **each}) for each in schema["anyOf"]])
    match schema.get("type"):
        case "integer":
            return st.sampled_from([schema.get("minimum", 0), schema.get("maximum", 10_000)])
        case "array":
            return lists(schema)
        case _:
            return texts(schema)


def lists(schema: dict[str, Any]) -> st.SearchStrategy[list[Any]]:
    if "maxItems" not in schema:
        return st.lists(inside(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    return st.sampled_from([schema.get("minItems", 0), schema["maxItems"]]).map(lambda count: items(schema, count))


def texts(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    least = schema.get("minLength", 0)
    if "pattern" not in schema:
        return st.sampled_from(["x" * least, "x" * schema.get("maxLength", least + 1)])
    most = schema.get("maxLength", 100)
    return st.from_regex(schema["pattern"], fullmatch=True).filter(
        lambda text: text[-1:] != "\n" and len(text) <= most and not NOT_IN_A_PATTERN.search(text)
    )


def items(schema: dict[str, Any], count: int) -> list[str]:
    pattern = schema.get("items", {}).get("pattern", "")
    length = int(re.findall(r"\{([0-9]+)\}\$$", pattern)[0]) if pattern.endswith("}$") else 0
    shape = "0{:0" + str(length) + "}" if pattern.startswith("^[0-7]") else "{:0" + str(length) + "}"
    shape = shape if length else "x:{}" if "+.-" in pattern else "tag{}"
    return [shape.format(number) for number in range(count)]


@pytest.fixture
def world(api: Api) -> World:
    return World(api)


def test_the_document_describes_every_kind_of_rule() -> None:
    found = {rule for place in PLACES for rule in RULES & (place.schema.keys() | place.schema.get("items", {}).keys())}
    assert found == RULES
    assert len(PLACES) > 100


def test_a_value_outside_of_a_rule_is_refused(world: World) -> None:
    for place in PLACES:
        for value in outside(place.schema):
            answer = world.send(place, value)
            assert 400 <= answer.status < 500, (str(place), str(value)[:100], answer.json)


def check_inside(world: World, place: Place) -> None:
    @settings(max_examples=4, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(inside(place.schema))
    def check(value: Any) -> None:
        if place.name.rpartition("[")[2].rstrip("]") in TEXTS and len(str(value)) > SHORT:
            return
        answer = world.send(place, value)
        if answer.status in {400, 422}:
            problem = answer.json.get("error_description") or answer.error
            assert problem in NOT_FOR_ITS_SHAPE, (str(place), value, answer.json)

    check()


def test_a_value_inside_of_all_rules_is_not_refused_for_its_shape(world: World) -> None:
    seen = set()
    for place in PLACES:
        key = (place.name, json.dumps(place.schema, sort_keys=True))
        if key not in seen and "{" + place.name not in place.path:
            seen.add(key)
            check_inside(world, place)
