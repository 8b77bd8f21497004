"""Entities: a value is null only where Mastodon's documentation, or FSTREAM's own, says so, and parts agree."""

import json
from typing import Any

import pytest

from tests.support import contract
from tests.support.people import Api

NULLABLE = {
    "Account": "last_status_at",
    "AppliedFilter": "expires_at",
    "AccountWarning": "status_ids appeal",
    "Application": "website",
    "Contact": "account",
    "CredentialAccount": "last_status_at",
    "CredentialApplication": "website",
    "DefaultLifetimes": "public unlisted private direct",
    "Export": "account next",
    "ExportedFollow": "languages",
    "ExportedMute": "mute_expires_at",
    "FeaturedTag": "last_status_at",
    "Field": "verified_at",
    "Filter": "expires_at",
    "FilterResult": "keyword_matches status_matches",
    "FilterV1": "expires_at",
    "Instance1": "contact_account",
    "OAuthToken": "last_used_on",
    "Notification": "status moderation_warning",
    "NotificationRequest": "last_status",
    "PollOption": "votes_count",
    "Preferences": "posting:default:expires_in",
    "Quote": "quoted_status quoted_status_id",
    "Registrations": "message url",
    "MutedAccount": "last_status_at mute_expires_at",
    "Relationship": "languages muting_expires_at",
    "Report": "action_taken_at rule_ids",
    "ScheduledParameters": (
        "poll media_ids in_reply_to_id language quoted_status_id application_id scheduled_at idempotency"
    ),
    "Source": "language expires_in",
    "StatusEdit": "poll",
    "Status": "in_reply_to_id in_reply_to_account_id edited_at text reblog application card poll quote",
    "StatusApplication": "website",
}
"""Fields that may be null, by entity: nullable or optional in Mastodon's documentation, or FSTREAM's own."""


def may_be_null(schema: dict[str, Any]) -> bool:
    kinds = schema.get("type", [])
    return kinds == "null" or "null" in kinds or any(each.get("type") == "null" for each in schema.get("anyOf", []))


def test_null_is_possible_only_where_clients_expect_it() -> None:
    """The responses themselves are held against these schemas in every test (`tests.support.contract`)."""
    schemas: dict[str, Any] = contract.document()["components"]["schemas"]
    answered = {name for name in schemas if _is_answered(name)}
    found = {
        name: {field for field, schema in schemas[name]["properties"].items() if may_be_null(schema)}
        for name in answered
        if "properties" in schemas[name]
    }
    assert {name: fields for name, fields in found.items() if fields} == {
        name: set(fields.split()) for name, fields in NULLABLE.items()
    }


def _is_answered(name: str) -> bool:
    """Return whether a schema is part of a response."""
    document = contract.document()
    responses = [each["responses"] for methods in document["paths"].values() for each in methods.values()]
    seen: set[str] = set()
    waiting = [json.dumps(responses)]
    while waiting:
        text = waiting.pop()
        for each in document["components"]["schemas"]:
            if f'"#/components/schemas/{each}"' in text and each not in seen:
                seen.add(each)
                waiting.append(json.dumps(document["components"]["schemas"][each]))
    return name in seen


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_the_date_of_the_last_status_is_that_of_the_newest_that_counts(api: Api, visibility: str) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    paths = (f"/api/v1/accounts/{ada.id}", f"/api/v1/accounts?id[]={ada.id}", "/api/v2/search?q=ada&type=accounts")
    own = "/api/v1/accounts/verify_credentials"

    def activity() -> set[tuple[int, str | None]]:
        found = [api.get(path, bob).json for path in paths]
        for listed in (found[1][0], found[2]["accounts"][0]):  # as far as this function remembers the log
            assert (listed["statuses_count"] == 0) == (listed["last_status_at"] is None)
        return {(each["statuses_count"], each["last_status_at"]) for each in (found[0], api.get(own, ada).json)}

    assert activity() == {(0, None)}
    api.post(ada, "first", expires_in=604_800)
    api.deliver()
    api.home(bob)  # refreshes the tail
    api.clock.advance(86_400)
    api.post(ada, "second", expires_in=60, visibility=visibility)
    api.deliver()
    api.home(bob)
    before, now = (1, "2040-01-01"), (2, "2040-01-02")
    assert activity() == {before if visibility == "direct" else now}
    api.clock.advance(60)
    assert activity() == {before}
