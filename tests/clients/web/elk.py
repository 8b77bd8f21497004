"""Elk's requests, screen by screen: https://elk.zone.

Source: github.com/elk-zone/elk, commits of 2025 and 2026: `server/utils/shared.ts`, `server/api/[server]/login.ts`,
`server/api/[server]/oauth/[origin].ts`, `app/composables/{users,cache}.ts`, `app/composables/masto/{masto,notification,
publish,relationship,search,status}.ts`, `app/components/timeline/{TimelineHome,TimelineNotifications,
TimelinePublic}.vue`, `app/components/report/ReportModal.vue`, `app/components/common/CommonTrending.vue`, and
`app/pages/[[server]]/{@[account],tags,explore}`. Elk calls the API through masto.js 8 (see `phanpy`).

Elk's own server registers the application and exchanges the code, both in JSON and without an `Origin`; everything
else comes from the page.
"""

from tests.clients.web import instances, shapes
from tests.clients.web.replay import Request, Scene

ORIGIN = "https://elk.zone"
SCOPES = "read write follow push"
USER_AGENT = "Elk/0.16.0"
"""The name of Elk's server."""


def redirect_uri(host: str) -> str:
    """Return the redirect URI that Elk registers, which contains an encoded address."""
    return f"{ORIGIN}/api/{host}/oauth/https%3A%2F%2Felk.zone"


def authorize(client_id: str, host: str) -> str:
    """Return the query of the authorization page, as the library ufo spells it, which leaves the colon alone."""
    address = redirect_uri(host).replace("%", "%25").replace("/", "%2F")
    return (
        f"client_id={client_id}&force_login=false&scope=read+write+follow+push&response_type=code&lang=en-US"
        f"&redirect_uri={address}"
    )


START: Scene = (
    Request("GET", "/api/v2/instance", shape=instances.Instance),
    Request("GET", "/nodeinfo/2.0", shape=instances.NodeInfo),
    Request(
        "GET",
        "/api/v1/accounts/verify_credentials",
        shape=shapes.Credentials,
        expect={"id": "{ada}", "acct": "{ada_name}"},
    ),
    Request("GET", "/api/v1/preferences", shape=shapes.Preferences),
    Request("GET", "/api/v1/push/subscription", shape=shapes.NotFound, status=404),
    # Only where version 2 is a 404.
    Request("GET", "/api/v1/instance", shape=instances.OldInstance),
)

HOME: Scene = (
    Request(
        "GET",
        "/api/v1/timelines/home?limit=30",
        shape=list[shapes.Status],
        order="newest first",
        expect={"0.id": "{reply}", "1.id": "{mine}", "2.id": "{greeting}"},
    ),
    Request("GET", "/api/v1/followed_tags", shape=list[shapes.Tag]),
    # The authors on the screen, in one request.
    Request(
        "GET",
        "/api/v1/accounts/relationships?id[]={bob}&id[]={ada}&id[]={cleo}",
        shape=list[shapes.Relationship],
        expect={"0.id": "{bob}", "2.id": "{cleo}", "2.following": False},
    ),
    Request(
        "GET",
        "/api/v1/timelines/public?limit=30",
        shape=list[shapes.Status],
        order="newest first",
    ),
)

NOTIFICATIONS: Scene = (
    Request("GET", "/api/v1/markers?timeline[]=notifications", shape=dict[str, object]),
    Request(
        "GET",
        "/api/v1/notifications?limit=30",
        shape=list[shapes.Notification],
        order="newest first",
        expect={"#": 3},
    ),
    Request(
        "GET",
        "/api/v1/notifications?limit=30&types[]=mention",
        shape=list[shapes.Notification],
        expect={"#": 1, "0.status.id": "{reply}", "0.account.id": "{bob}"},
    ),
    Request(
        "GET",
        "/api/v1/notifications?limit=30&types[]=favourite",
        shape=list[shapes.Notification],
        expect={"#": 1, "0.status.id": "{mine}"},
    ),
)

THREAD: Scene = (
    Request("GET", "/api/v1/statuses/{mine}", shape=shapes.Status, expect={"account.id": "{ada}"}),
    Request(
        "GET",
        "/api/v1/statuses/{mine}/context",
        shape=shapes.Context,
        expect={"ancestors.#": 0, "descendants.0.id": "{reply}"},
    ),
)

PROFILE: Scene = (
    Request("GET", "/api/v1/accounts/lookup?acct={bob_name}", shape=shapes.Account, expect={"id": "{bob}"}),
    Request(
        "GET",
        "/api/v1/accounts/relationships?id[]={bob}",
        shape=list[shapes.Relationship],
        expect={"0.following": True},
    ),
    Request("GET", "/api/v1/accounts/{bob}/statuses?pinned=true", shape=shapes.Nothing),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/statuses?limit=30&exclude_replies=true",
        shape=list[shapes.Status],
        expect={"#": 1, "0.id": "{greeting}"},
    ),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/statuses?only_media=true&exclude_replies=false",
        shape=shapes.Nothing,
    ),
    Request("GET", "/api/v1/accounts/{bob}/followers", shape=list[shapes.Account]),
    Request("GET", "/api/v1/accounts/{bob}/following", shape=list[shapes.Account]),
)

SEARCH: Scene = (
    Request(
        "GET",
        "/api/v2/search?q={bob_name}&resolve=true",
        shape=shapes.Search,
        expect={"accounts.0.id": "{bob}"},
    ),
    Request(
        "GET",
        "/api/v2/search?q={bob_name}&type=accounts&resolve=true",
        shape=shapes.Search,
        expect={"accounts.0.id": "{bob}", "hashtags.#": 0, "statuses.#": 0},
    ),
    Request("GET", "/api/v1/tags/evening", shape=shapes.Tag, expect={"name": "evening"}),
    Request(
        "GET",
        "/api/v1/timelines/tag/evening",
        shape=list[shapes.Status],
        expect={"0.id": "{greeting}"},
    ),
    Request("GET", "/api/v1/followed_tags?limit=200", shape=list[shapes.Tag]),
    Request("GET", "/api/v1/trends/tags?limit=20", shape=list[shapes.Tag]),
    Request("GET", "/api/v2/suggestions?limit=20", shape=list[object]),
)

WRITING: Scene = (
    Request("GET", "/api/v1/custom_emojis", shape=list[object]),
    Request(
        "POST",
        "/api/v1/statuses",
        json={
            "status": "Good night",
            "visibility": "unlisted",
            "sensitive": False,
            "spoiler_text": "",
            "language": "en",
            "media_ids": [],
        },
        shape=shapes.Status,
        expect={"content": "<p>Good night</p>", "visibility": "unlisted", "spoiler_text": ""},
        keep={"draft": "id"},
    ),
    Request(
        "POST",
        "/api/v1/statuses",
        json={
            "status": "@{bob_name} sleep well",
            "in_reply_to_id": "{reply}",
            "visibility": "public",
            "sensitive": False,
            "spoiler_text": "",
            "language": "en",
            "media_ids": [],
            "poll": None,
            "scheduled_at": None,
        },
        shape=shapes.Status,
        expect={"in_reply_to_id": "{reply}", "in_reply_to_account_id": "{bob}", "mentions.0.id": "{bob}"},
        keep={"answer": "id"},
    ),
    Request("DELETE", "/api/v1/statuses/{answer}", shape=shapes.Deleted),
    Request("DELETE", "/api/v1/statuses/{draft}", shape=shapes.Deleted, expect={"text": "Good night"}),
)

REACTING: Scene = (
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/favourite",
        shape=shapes.Status,
        expect={"favourited": True, "favourites_count": 1},
    ),
    # Elk shows the count of the response, which must be without the favourite.
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/unfavourite",
        shape=shapes.Status,
        expect={"favourited": False, "favourites_count": 0},
    ),
    Request("POST", "/api/v1/statuses/{greeting}/bookmark", shape=shapes.Status, expect={"bookmarked": True}),
    Request("POST", "/api/v1/statuses/{greeting}/unbookmark", shape=shapes.Status, expect={"bookmarked": False}),
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/reblog",
        shape=shapes.Boost,
        expect={"account.id": "{ada}", "reblog.id": "{greeting}", "reblog.reblogged": True, "reblog.reblogs_count": 1},
    ),
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/unreblog",
        shape=shapes.Status,
        expect={"id": "{greeting}", "reblogged": False, "reblogs_count": 0},
    ),
)

PEOPLE: Scene = (
    Request(
        "POST",
        "/api/v1/accounts/{cleo}/follow",
        shape=shapes.Relationship,
        expect={"following": True, "requested": False},
    ),
    Request("POST", "/api/v1/accounts/{cleo}/unfollow", shape=shapes.Relationship, expect={"following": False}),
    Request(
        "POST",
        "/api/v1/accounts/{cleo}/mute",
        json={"duration": 3600, "notifications": False},
        shape=shapes.Relationship,
        expect={"muting": True, "muting_notifications": False},
    ),
    Request("POST", "/api/v1/accounts/{cleo}/unmute", shape=shapes.Relationship, expect={"muting": False}),
    Request("POST", "/api/v1/accounts/{cleo}/block", shape=shapes.Relationship, expect={"blocking": True}),
    Request("POST", "/api/v1/accounts/{cleo}/unblock", shape=shapes.Relationship, expect={"blocking": False}),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/statuses?max_id={greeting}&limit=5",
        shape=shapes.Nothing,
    ),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/statuses?min_id={greeting}&limit=5",
        shape=list[shapes.Status],
        expect={"#": 1, "0.id": "{reply}"},
    ),
    Request(
        "POST",
        "/api/v1/reports",
        json={
            "account_id": "{bob}",
            "status_ids": ["{greeting}"],
            "comment": "",
            "forward": False,
            "category": "other",
            "rule_ids": None,
        },
        shape=shapes.Report,
        expect={"category": "other"},
    ),
)

SCENES = {
    "start": START,
    "home": HOME,
    "notifications": NOTIFICATIONS,
    "thread": THREAD,
    "profile": PROFILE,
    "search": SEARCH,
    "writing": WRITING,
    "reacting": REACTING,
    "people": PEOPLE,
}
