"""The version of Mastodon's API that the instance reports: no higher than what it has, and no lower.

Clients call what belongs to a level without asking further.
"""

import re
from typing import Never

from chalicelib import instance
from tests.support.people import Api
from tests.support.routes import declared

REQUESTS, POLICY = "/api/v1/notifications/requests", "/api/v2/notifications/policy"
GROUPS, STATUS, ACCOUNT = "/api/v2/notifications", "/api/v1/statuses/{}", "/api/v1/accounts/{}"
LEVELS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "4.2.",
        ("GET /api/v1/lists", "GET /api/v2/filters", "GET /api/v1/followed_tags", "GET /api/v1/instance/rules"),
    ),
    2: (
        "4.3.",
        (
            "GET /api/v1/accounts",
            "GET /api/v1/statuses",
            "GET /api/v1/notifications/unread_count",
            *(f"GET {GROUPS}{rest}" for rest in ("", "/unread_count", "/{}", "/{}/accounts", "/policy")),
            f"POST {GROUPS}/{{}}/dismiss",
            f"POST {GROUPS}/clear",
            f"PATCH {POLICY}",
            *(f"GET {REQUESTS}{rest}" for rest in ("", "/{}", "/merged")),
            *(f"POST {REQUESTS}{rest}" for rest in ("/accept", "/dismiss", "/{}/accept", "/{}/dismiss")),
        ),
    ),
    3: ("4.3.", ("GET /.well-known/oauth-authorization-server", "GET /oauth/userinfo")),
    4: ("4.3.", ("GET /api/v1/push/subscription",)),
    5: ("4.3.", ()),
    6: (
        "4.4.",
        (
            f"POST {ACCOUNT}/endorse",
            f"POST {ACCOUNT}/unendorse",
            f"GET {ACCOUNT}/endorsements",
            "POST /api/v1/tags/{}/feature",
            "POST /api/v1/tags/{}/unfeature",
        ),
    ),
    7: (
        "4.5.",
        (
            f"GET {STATUS}/quotes",
            f"POST {STATUS}/quotes/{{}}/revoke",
            f"PUT {STATUS}/interaction_policy",
        ),
    ),
    8: ("4.6.", ("GET /api/v1/profile", "PATCH /api/v1/profile")),
}
"""By level: the beginning of the version that belongs to it, and the endpoints that it adds."""


def supported() -> set[str]:
    """Return the methods and paths of all routes that do more than to refuse."""
    kept = {"GET /api/v1/push/subscription"}  # without a key for web push, clients only ask whether they subscribed
    routes = {f"{each.method} {_anonymous(each.path)}" for each in declared() if each.answer is not Never}
    return routes | (kept & {f"{each.method} {each.path}" for each in declared()})


def _anonymous(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def test_the_level_is_the_highest_whose_endpoints_all_exist_and_the_version_belongs_to_it(api: Api) -> None:
    missing = {level: set(endpoints) - supported() for level, (_, endpoints) in LEVELS.items()}
    highest = next(level for level in LEVELS if missing[level + 1])
    assert api.get("/api/v2/instance").json["api_versions"] == {"mastodon": highest}, missing
    for path in ("/api/v1/instance", "/api/v2/instance"):
        version = api.get(path).json["version"]
        assert version.startswith(LEVELS[highest][0])
        assert version.endswith(f"(compatible; FSTREAM {instance.SOFTWARE_VERSION})")
    assert api.get("/api/v2/instance").json["configuration"].get("vapid") is None
    assert api.get("/nodeinfo/2.0").json["software"]["version"] == instance.SOFTWARE_VERSION
