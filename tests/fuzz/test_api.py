"""Requests generated from the OpenAPI document: none gets a status of 500 or one that is not described.

Every response has the schema and headers of the document. Sequences follow the document's links. Half of the ids are
those of existing users and messages.
"""

import gc
import sys
from types import FunctionType, ModuleType
from typing import Any

import pytest
import schemathesis
from hypothesis import given, seed
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as openapi_checks

from fstream_app.core import warm
from tests.fuzz.rounds import SECONDS, examples, rounds
from tests.support import wsgi
from tests.support.people import Api, Person

CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]
LEFT_OUT = {"/openapi.json"}
"""Responses that are too large to be validated again and again; `test_openapi` does."""
WEIGHT = 10
"""Each of these tests covers many operations."""
MOST_GROWTH = 1_000_000
"""Bytes by which what the process keeps may grow in a round."""
ENDING = {"/api/pleroma/delete_account", "/oauth/revoke"}


@pytest.fixture
def people(api: Api) -> tuple[Person, Person]:
    return api.sign_up("ada"), api.sign_up("bob")


@pytest.fixture
def described(people: tuple[Person, Person]) -> Any:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", wsgi.application)
    return schema.exclude(path=sorted(LEFT_OUT | ENDING))


def known(api: Api, people: tuple[Person, Person]) -> dict[str, list[str]]:
    """Return the ids of existing accounts and messages."""
    status = api.post(people[1], "a #tag and @ada", expires_in=600)["id"]
    own = api.post(people[0], "b #tag", expires_in=600)["id"]
    return {"accounts": [person.id for person in people], "statuses": [status, own], "notifications": [status]}


def kept() -> int:
    """Return the size, in bytes, of all that the process keeps between requests (`fstream_app.core.warm`)."""
    waiting: list[object] = [forget.__self__._kept for forget in warm._forget]  # type: ignore[attr-defined]
    seen: dict[int, object] = {}
    while waiting:
        each = waiting.pop()
        foreign = type(each).__module__.partition(".")[0] in {"botocore", "pynamodb", "boto3", "argon2", "urllib3"}
        if id(each) not in seen and not foreign and not isinstance(each, type | FunctionType | ModuleType):
            seen[id(each)] = each
            waiting += gc.get_referents(each)
    return sum(map(sys.getsizeof, seen.values()))


def call(case: Any, by: Person | None) -> None:
    headers = {"Authorization": f"Bearer {by.token}"} if by else {}
    response = case.call(headers=headers)
    case.validate_response(response, checks=CHECKS)


@pytest.mark.timeout(WEIGHT * SECONDS + 300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_requests_get_described_responses(
    api: Api, people: tuple[Person, Person], described: Any, mode: GenerationMode
) -> None:
    operations = [result.ok() for result in described.get_all_operations()]
    if mode is GenerationMode.NEGATIVE:  # paths can't be wrong, because any text is a path
        operations = [each for each in operations if len(each.body) or len(each.query)]
    for number in rounds(WEIGHT):
        before = kept()
        for operation in operations:
            ids = known(api, people).get(operation.path.split("/")[3], []) if "{id}" in operation.path else []
            fuzz(operation, mode, number, ids, people[0])
        assert kept() - before < MOST_GROWTH


def fuzz(operation: Any, mode: GenerationMode, number: int, ids: list[str], by: Person) -> None:
    @seed(number)
    @examples(3)
    @given(
        case=operation.as_strategy(generation_mode=mode), place=st.integers(0, 2 * len(ids)), token=st.integers(0, 9)
    )
    def run(case: Any, place: int, token: int) -> None:
        if place < len(ids):
            case.path_parameters["id"] = ids[place]
        call(case, by if token else None)

    run()


@pytest.mark.timeout(WEIGHT * SECONDS + 300)
def test_sequences_that_follow_the_links_get_described_responses(people: tuple[Person, Person], described: Any) -> None:
    class Sequence(described.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {people[0].token}"}}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    for number in rounds(WEIGHT):
        seed(number)(Sequence)
        Sequence.run(settings=examples(5, stateful_step_count=8))
