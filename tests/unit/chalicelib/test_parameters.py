"""The parameters that clients send: each is implemented, refused with an explanation, or has no effect here.

The clients are toot, tooi, Mastodon.py, masto.js, megalodon, Phanpy, Elk, Tusky, IceCubes and Mastodon for Android. The
parameters are those of Mastodon's API up to 4.6, and those of Pleroma, Akkoma and GoToSocial that change the meaning
of a request.
"""

import re
from collections.abc import Collection
from urllib.parse import urlencode

import pytest

from chalicelib import bodies
from chalicelib.api import Route
from fstream_app.core.errors import Invalid
from tests.support import contract
from tests.support.people import Answer, Api, Person, stored
from tests.support.routes import declared

CURSORS = "limit max_id min_id since_id"
FILTERS = f"{CURSORS} local only_media remote"
NOTIFICATIONS = f"{CURSORS} types[] include_types[] exclude_types[] account_id"
POLICY = "for_not_following for_not_followers for_new_accounts for_private_mentions for_limited_accounts"
OLDER_POLICY = "filter_not_following filter_not_followers filter_new_accounts filter_private_mentions"
IMPLEMENTED = {
    "POST /api/v1/statuses": "status expires_in visibility in_reply_to_id sensitive spoiler_text language "
    "thread_ends_together scheduled_at quoted_status_id quote_id quote_approval_policy poll",
    "PUT /api/v1/statuses/{id}": "status sensitive spoiler_text language quote_approval_policy",
    "GET /api/v1/scheduled_statuses": CURSORS,
    "PUT /api/v1/scheduled_statuses/{id}": "scheduled_at",
    "GET /api/v1/endorsements": CURSORS,
    "GET /api/v1/accounts/{id}/endorsements": CURSORS,
    "PUT /api/v1/statuses/{id}/interaction_policy": "quote_approval_policy",
    "GET /api/v1/statuses/{id}/quotes": CURSORS,
    "POST /api/v1/polls/{id}/votes": "choices",
    "GET /api/v1/statuses": "id[]",
    "POST /api/v1/statuses/{id}/reblog": "visibility",
    "PATCH /api/v1/accounts/update_credentials": "display_name note fields_attributes bot discoverable "
    "hide_collections locked source source.privacy source.sensitive source.language source.expires_in "
    "source.lifetime_in_text source.private_counts source.quote_policy "
    "source.expires_in.default source.expires_in.public source.expires_in.unlisted "
    "source.expires_in.private source.expires_in.direct source.thread_ends_together",
    "POST /api/v1/accounts": "username password agreement",
    "POST /api/v1/statuses/delete_all": "password",
    "GET /api/v1/export": "cursor",
    "GET /api/v1/accounts": "id[]",
    "GET /api/v1/accounts/lookup": "acct",
    "GET /api/v1/accounts/relationships": "id[]",
    "GET /api/v1/accounts/familiar_followers": "id[]",
    "GET /api/v1/accounts/search": "q limit offset following",
    "GET /api/v1/accounts/{id}/statuses": f"{CURSORS} exclude_replies exclude_reblogs only_media pinned tagged "
    "only_replies",
    "GET /api/v1/accounts/{id}/followers": CURSORS,
    "GET /api/v1/accounts/{id}/following": CURSORS,
    "GET /api/v1/blocks": CURSORS,
    "GET /api/v1/follow_requests": CURSORS,
    "GET /api/v1/mutes": CURSORS,
    "POST /api/v1/lists": "title replies_policy exclusive",
    "PUT /api/v1/lists/{id}": "title replies_policy exclusive",
    "GET /api/v1/lists/{id}/accounts": CURSORS,
    "POST /api/v1/lists/{id}/accounts": "account_ids",
    "DELETE /api/v1/lists/{id}/accounts": "account_ids[]",
    "GET /api/v1/timelines/list/{id}": CURSORS,
    "POST /api/v1/filters": "phrase context irreversible whole_word expires_in",
    "PUT /api/v1/filters/{id}": "phrase context irreversible whole_word expires_in",
    "POST /api/v2/filters": "title context filter_action expires_in keywords_attributes",
    "PUT /api/v2/filters/{id}": "title context filter_action expires_in keywords_attributes",
    "POST /api/v2/filters/{id}/keywords": "keyword whole_word",
    "PUT /api/v2/filters/keywords/{id}": "keyword whole_word",
    "POST /api/v2/filters/{id}/statuses": "status_id",
    "GET /api/v1/favourites": CURSORS,
    "GET /api/v1/bookmarks": CURSORS,
    "GET /api/v1/statuses/{id}/favourited_by": CURSORS,
    "GET /api/v1/statuses/{id}/reblogged_by": CURSORS,
    "POST /api/v1/accounts/{id}/follow": "reblogs notify languages",
    "POST /api/v1/accounts/{id}/note": "comment",
    "POST /api/v1/accounts/{id}/mute": "notifications duration",
    "GET /api/v1/conversations": CURSORS,
    "GET /api/v1/markers": "timeline[]",
    "POST /api/v1/markers": "home notifications",
    "GET /api/v1/timelines/home": FILTERS,
    "GET /api/v1/timelines/public": FILTERS,
    "GET /api/v1/timelines/tag/{name}": f"{FILTERS} any[] all[] none[]",
    "GET /api/v1/notifications": f"{NOTIFICATIONS} include_filtered",
    "GET /api/v1/notifications/unread_count": f"{NOTIFICATIONS} include_filtered",
    "GET /api/v2/notifications": f"{NOTIFICATIONS} include_filtered grouped_types[] expand_accounts",
    "GET /api/v2/notifications/unread_count": f"{NOTIFICATIONS} include_filtered grouped_types[]",
    "GET /api/v2/notifications/{group_key}/accounts": CURSORS,
    "GET /api/v1/notifications/requests": CURSORS,
    "POST /api/v1/notifications/requests/accept": "id",
    "POST /api/v1/notifications/requests/dismiss": "id",
    **{f"{method} /api/v2/notifications/policy": POLICY for method in ("PATCH", "PUT")},
    **{f"{method} /api/v1/notifications/policy": OLDER_POLICY for method in ("PATCH", "PUT")},
    "POST /api/v1/notifications/dismiss": "id",
    "GET /api/v2/search": "q type account_id limit max_id min_id offset following",
    "GET /api/v1/followed_tags": CURSORS,
    "POST /api/v1/featured_tags": "name",
    "GET /api/v1/trends": "limit offset",
    "GET /api/v1/trends/tags": "limit offset",
    "GET /api/v1/trends/statuses": "limit offset",
    "GET /api/v1/suggestions": "limit",
    "GET /api/v2/suggestions": "limit",
    "POST /api/v1/reports": "account_id status_ids comment category rule_ids",
    "POST /api/v1/apps": "client_name redirect_uris scopes website",
    "POST /oauth/token": "grant_type client_id client_secret code code_verifier redirect_uri scope username password",
    "POST /oauth/revoke": "client_id client_secret token",
    "POST /api/pleroma/delete_account": "password",
    "POST /api/pleroma/change_password": "password new_password new_password_confirmation",
    "POST /api/v1/recovery_code": "password",
}
"""By operation, as the API's description names them."""

REFUSED: dict[str, dict[str, tuple[list[object], list[object]]]] = {
    "POST /api/v1/statuses": {
        "media_ids": ([["1"]], [[], [""], None]),
        "content_type": (["text/markdown", "text/html"], ["text/plain", None]),
        "preview": ([True, "true"], [False, None]),
        "to": ([["ada"]], [[]]),
        "allowed_mentions": ([["1"]], [[]]),
        "in_reply_to_conversation_id": (["1"], [None]),
        "interaction_policy": ([{"can_reply": {"always": ["author"]}}], [{}, None]),
        "expires_at": (["2041-01-01T00:00:00Z"], [None]),
        "quote_url": (["https://fstream.test/@ada/1"], ["", None]),
        "circle_id": (["1", 1], ["", None]),
        "searchability": (["public", "direct"], ["", None]),
        "local_only": ([True, "true"], [False, "0", None]),
        "federated": ([False, "false"], [True, None]),
    },
    "PUT /api/v1/statuses/{id}": {
        "media_ids": ([["1"]], [[], [""], None]),
        "media_attributes": ([[{"id": "1", "description": "x"}]], [[], None]),
        "poll": ([{"options": ["a", "b"], "expires_in": 300}], [{}, "", None]),
        "content_type": (["text/markdown", "text/html"], ["text/plain", None]),
    },
    "PATCH /api/v1/accounts/update_credentials": {
        "avatar": (["data:image/png;base64,iVBORw0KGgo="], ["", None]),
        "header": (["data:image/png;base64,iVBORw0KGgo="], ["", None]),
        "indexable": ([True], [False]),
        "attribution_domains": ([["ada.example"]], [[], [""]]),
        "hide_followers": ([True], [False]),
        "hide_follows": ([True], [False]),
        "status_ttl_days": ([1, -1], [None]),
    },
    "GET /api/v1/accounts/{id}/statuses": {"exclude_public": ([True, "1"], [False, "0"])},
    "POST /api/v1/accounts/{id}/mute": {"expires_in": ([60], [0, None])},
}
"""By operation and parameter: values that are refused, and values that are accepted because they have no effect."""

HARMLESS: dict[str, dict[str, object]] = {
    "POST /api/v1/statuses": {"media_attributes": [], "idempotency": "x"},
    # Apps send the whole form of the composer; an edit changes only what the message says.
    "PUT /api/v1/statuses/{id}": {"visibility": "direct", "in_reply_to_id": "1", "expires_in": 60, "scheduled_at": "x"},
    "PATCH /api/v1/accounts/update_credentials": {"avatar_description": "x"},  # pictures are generated
    "POST /api/v1/accounts": {
        "email": "ada@ada.example",  # no mail is sent, so the address is not kept
        "locale": "de",
        "reason": "tea",  # registrations are open or closed
        "date_of_birth": "2000-01-01",
        "time_zone": "Europe/Berlin",
    },
    "GET /api/v1/accounts/lookup": {"skip_webfinger": True},
    "GET /api/v1/accounts/search": {"resolve": True},  # there are no other servers
    "GET /api/v1/accounts/relationships": {"with_suspended": True},  # they are gone for everybody
    "GET /api/v2/search": {"resolve": True, "exclude_unreviewed": True},
    "POST /api/v1/reports": {"forward": True, "forward_to_domains": ["x.example"]},
    "DELETE /api/v1/statuses/{id}": {"delete_media": True},
}
"""Parameters that have no effect here, whatever their value."""


def names(parameters: Collection[str]) -> set[str]:
    return set(parameters.split() if isinstance(parameters, str) else parameters)


def described(operation: str) -> set[str]:
    """Return the parameters of an operation in the API's description; those of `source` with their prefix."""
    method, path = operation.split()
    found = contract.document()["paths"][path][method.lower()]
    kinds = contract.document()["components"]["schemas"]
    listed = {each["name"] for each in found.get("parameters", []) if each["in"] == "query"}
    if "requestBody" in found:
        kind = found["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        listed |= set(kinds[kind]["properties"])
        if "source" in listed:
            listed |= {f"source.{name}" for name in kinds["NewSource"]["properties"]}
            listed |= {f"source.expires_in.{name}" for name in kinds["NewLifetimes"]["properties"]}
    return listed


def operations() -> list[str]:
    return [
        f"{method.upper()} {path}"
        for path, methods in contract.document()["paths"].items()
        for method in methods
        if described(f"{method.upper()} {path}")
    ]


def test_every_parameter_that_is_described_is_implemented_refused_or_harmless() -> None:
    for operation in operations():
        known = [names(table.get(operation, "")) for table in (IMPLEMENTED, REFUSED, HARMLESS)]
        assert described(operation) - set().union(*known) == set(), operation
        assert known[0] - described(operation) == set(), operation
        assert sum(map(len, known)) == len(set().union(*known)), operation


@pytest.fixture
def ada(api: Api) -> Person:
    return api.sign_up("ada")


@pytest.fixture
def bob(api: Api) -> Person:
    return api.sign_up("bob")


NEEDED: dict[str, dict[str, object]] = {
    "POST /api/v1/statuses": {"status": "hello"},
    "PUT /api/v1/statuses/{id}": {"status": "x"},
    "POST /api/v1/accounts": {"username": "carol", "password": "correct horse", "agreement": True},
    "GET /api/v1/accounts/lookup": {"acct": "bob"},
    "GET /api/v1/accounts/search": {"q": "bob"},
    "GET /api/v2/search": {"q": "bob"},
}


def address(api: Api, operation: str, by: Person, about: Person) -> str:
    """Return the path of an operation on a new message of one person, or on the account of another."""
    path = operation.split()[1]
    return path.replace("{id}", api.post(by, "x")["id"] if "statuses/{id}" in path else about.id)


def call(
    api: Api, operation: str, by: Person, about: Person, values: dict[str, object], path: str | None = None
) -> Answer:
    """Make a request with its required parameters and some more."""
    method, path = operation.split(maxsplit=1)[0], path or address(api, operation, by, about)
    sent = NEEDED.get(operation, {}) | ({"account_id": about.id} if path.endswith("/reports") else {})
    for name, value in values.items():
        outer, _, inner = name.partition(".")
        sent |= {outer: {inner: value} if inner else value}
    if method in {"GET", "DELETE"}:
        return api.request(method, f"{path}?{urlencode(sent)}", by)
    return api.request(method, path, by, json=sent)


@pytest.mark.parametrize(("operation", "name"), [(each, name) for each in REFUSED for name in REFUSED[each]])
def test_a_refusal_is_a_sentence_for_people_and_nothing_is_done(
    api: Api, ada: Person, bob: Person, operation: str, name: str
) -> None:
    refused, accepted = REFUSED[operation][name]
    path = address(api, operation, ada, bob)
    before = stored()
    for value in refused:
        answer = call(api, operation, ada, bob, {name: value}, path)
        assert answer.status == 422, value
        assert re.fullmatch(r"[A-Z][^_]* [^.]+\. [A-Z].+\.", answer.error), answer.error
        assert answer.json["details"].keys() == {name.rpartition(".")[2]}
    assert stored() == before
    for value in accepted:
        assert call(api, operation, ada, bob, {name: value}).status == 200, value


@pytest.mark.parametrize("operation", HARMLESS)
def test_what_changes_nothing_is_accepted(api: Api, ada: Person, bob: Person, operation: str) -> None:
    values = HARMLESS[operation]
    assert call(api, operation, ada, bob, dict(values)).status == 200
    if operation.startswith("GET"):
        assert call(api, operation, ada, bob, dict(values)).json == call(api, operation, ada, bob, {}).json


@pytest.mark.parametrize("name", ["only_media", "remote"])
def test_timelines_have_nothing_where_something_is_asked_for_that_does_not_exist(
    api: Api, ada: Person, name: str
) -> None:
    api.post(ada, "#tea")
    api.deliver()
    for path in ("home", "public", "tag/tea"):
        assert len(api.read(f"/api/v1/timelines/{path}", ada)) == 1
        assert len(api.read(f"/api/v1/timelines/{path}", ada, local=True, **{name: False})) == 1
        assert api.read(f"/api/v1/timelines/{path}", ada, **{name: True}) == []


@pytest.mark.parametrize("value", [None, ""])
def test_null_and_an_empty_text_are_not_of_a_wrong_type(value: str | None) -> None:
    """So a client may send an option that has no value, whatever the option's type."""
    fields = [(each, name) for each in declared() for name in each.parameters.__struct_encode_fields__]
    assert len(fields) > 200
    problems = {f"{each.method} {each.path} {name}": _problem(each, {name: value}) for each, name in fields}
    assert {place: problem for place, problem in problems.items() if "must be" in problem} == {}


def _problem(route: Route, values: dict[str, object]) -> str:
    try:
        bodies.convert(values, route.parameters)
    except Invalid as error:
        return str(error)
    return ""
