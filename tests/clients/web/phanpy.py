"""Phanpy's requests, screen by screen: https://phanpy.social.

Source: github.com/cheeaun/phanpy, commits of 2024 to 2026: `src/utils/{api,auth,states,relationships,timeline-utils,
push-notifications,followed-tags,unfurl-link}.js`, `src/pages/{home,following,notifications,status,account-statuses,
search,mentions,public,trending,scheduled-posts,filters}.jsx`, and `src/components/{background-service,account-info,
related-actions,compose,report-modal}.jsx`. Phanpy calls the API through masto.js 8 (github.com/neet/masto.js,
`src/adapters`).

masto.js writes names in snake case and arrays as `id[]=`, leaves out what is undefined, sends bodies as JSON, and sends
POST and DELETE without data without a body and without a content type.
"""

from tests.clients.web import instances, shapes
from tests.clients.web.replay import Request, Scene

ORIGIN = "https://phanpy.social"
REDIRECT_URI = f"{ORIGIN}/"
SCOPES = "read write follow push"
REGISTRATION = {"client_name": "Phanpy", "redirect_uris": REDIRECT_URI, "scopes": SCOPES, "website": ORIGIN}

START: Scene = (
    # All three at once, after the token arrives, and again each time Phanpy is opened.
    Request("GET", "/api/v1/preferences", shape=shapes.Preferences),
    Request("GET", "/api/v2/instance", shape=instances.Instance),
    Request(
        "GET",
        "/api/v1/accounts/verify_credentials",
        shape=shapes.Credentials,
        expect={"id": "{ada}", "acct": "{ada_name}"},
    ),
    Request("GET", "/.well-known/nodeinfo", shape=instances.NodeInfoLinks),
    Request("GET", "/nodeinfo/2.0", shape=instances.NodeInfo),
)

HOME: Scene = (
    Request(
        "GET",
        "/api/v1/timelines/home?limit=20",
        shape=list[shapes.Status],
        order="newest first",
        expect={"0.id": "{reply}", "1.id": "{mine}", "2.id": "{greeting}"},
        keep={"latest": "0.id"},
    ),
    Request("GET", "/api/v1/followed_tags?limit=200", shape=list[shapes.Tag]),
    Request("GET", "/api/v1/lists", shape=list[object]),
    # The message that a reply answers, for its hint.
    Request("GET", "/api/v1/statuses/{mine}", shape=shapes.Status),
    # Several at once where the instance's version is 4.3 or newer.
    Request(
        "GET",
        "/api/v1/statuses?id[]={mine}&id[]={greeting}",
        shape=list[shapes.Status],
        expect={"#": 2},
    ),
    # A link that looks like a message's is unfurled.
    Request(
        "GET",
        "/api/v2/search?q={greeting_url}&type=statuses&resolve=true&limit=1",
        shape=shapes.Search,
        expect={"statuses.0.id": "{greeting}", "statuses.#": 1},
    ),
    # Then twice a minute.
    Request("GET", "/api/v1/timelines/home?limit=5&since_id={latest}", shape=shapes.Nothing),
    Request(
        "GET",
        "/api/v1/timelines/home?limit=5&since_id={greeting}",
        shape=list[shapes.Status],
        order="newest first",
        expect={"#": 2},
    ),
)

NOTIFICATIONS: Scene = (
    Request(
        "GET",
        "/api/v1/notifications?limit=80&exclude_types[]=follow_request",
        shape=list[shapes.Notification],
        order="newest first",
        expect={"#": 3},
        keep={"last": "0.id", "before": "1.id"},
    ),
    Request(
        "POST",
        "/api/v1/markers",
        json={"notifications": {"last_read_id": "{last}"}},
        shape=shapes.Markers,
        expect={"notifications.last_read_id": "{last}"},
    ),
    Request("GET", "/api/v1/announcements", shape=list[object]),
    Request("GET", "/api/v1/follow_requests?limit=80", shape=list[shapes.Account]),
    # Every twenty seconds.
    Request("GET", "/api/v1/notifications?limit=1&since_id={last}", shape=shapes.Nothing),
    Request(
        "GET",
        "/api/v1/notifications?limit=1&since_id={before}",
        shape=list[shapes.Notification],
        expect={"0.id": "{last}"},
    ),
    Request(
        "GET",
        "/api/v1/markers?timeline=notifications",
        shape=shapes.Markers,
        expect={"notifications.last_read_id": "{last}"},
    ),
    # Requested where the instance's version is 4.3 or newer. Each of these failures is caught.
    Request(
        "GET",
        "/api/v2/notifications?limit=20&exclude_types[]=follow_request",
        shape=shapes.Refusal,
        status=404,
    ),
    Request("GET", "/api/v2/notifications/policy", shape=shapes.Refusal, status=404),
)

THREAD: Scene = (
    Request(
        "GET",
        "/api/v1/statuses/{mine}",
        shape=shapes.Status,
        expect={"replies_count": 1, "favourites_count": 1},
    ),
    Request(
        "GET",
        "/api/v1/statuses/{mine}/context",
        shape=shapes.Context,
        expect={
            "ancestors.#": 0,
            "descendants.#": 1,
            "descendants.0.in_reply_to_id": "{mine}",
            "descendants.0.in_reply_to_account_id": "{ada}",
        },
    ),
    Request(
        "GET",
        "/api/v1/statuses/{reply}/context",
        shape=shapes.Context,
        expect={"ancestors.0.id": "{mine}", "descendants.#": 0},
    ),
    Request(
        "GET",
        "/api/v1/statuses/{mine}/favourited_by?limit=80",
        shape=list[shapes.Account],
        expect={"0.id": "{bob}"},
    ),
    Request("GET", "/api/v1/statuses/{mine}/reblogged_by?limit=80", shape=list[shapes.Account]),
)

PROFILE: Scene = (
    Request("GET", "/api/v1/accounts/lookup?acct={bob_name}", shape=shapes.Account, expect={"id": "{bob}"}),
    Request("GET", "/api/v1/accounts/{bob}", shape=shapes.Account, expect={"acct": "{bob_name}"}),
    Request("GET", "/api/v1/accounts/{bob}/featured_tags", shape=list[object]),
    Request("GET", "/api/v1/accounts/{bob}/statuses?pinned=true", shape=shapes.Nothing),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/statuses?limit=20&exclude_replies=true&exclude_reblogs=false",
        shape=list[shapes.Status],
        order="newest first",
        expect={"#": 1, "0.id": "{greeting}"},
    ),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/statuses?limit=20&exclude_replies=false&exclude_reblogs=false",
        shape=list[shapes.Status],
        order="newest first",
        expect={"#": 2, "0.id": "{reply}"},
    ),
    Request(
        "GET",
        "/api/v1/accounts/relationships?id[]={bob}",
        shape=list[shapes.Relationship],
        expect={"#": 1, "0.id": "{bob}", "0.following": True, "0.followed_by": True},
    ),
    Request(
        "GET",
        "/api/v1/accounts/familiar_followers?id[]={bob}",
        shape=list[shapes.FamiliarFollowers],
        expect={"0.id": "{bob}"},
    ),
    Request(
        "GET",
        "/api/v1/accounts/{bob}/followers?limit=80",
        shape=list[shapes.Account],
        expect={"0.id": "{ada}"},
    ),
    Request("GET", "/api/v1/accounts/{bob}/following?limit=80", shape=list[shapes.Account]),
    Request("GET", "/api/v1/accounts/{bob}/lists", shape=list[object]),
    # Whether messages can be searched for, which hides or shows a field.
    Request("GET", "/api/v2/search?q=from%3Ame&type=statuses&limit=1", shape=shapes.Search),
)

SEARCH: Scene = (
    Request(
        "GET",
        "/api/v2/search?q={bob_name}&resolve=true&limit=5",
        shape=shapes.Search,
        expect={"accounts.0.id": "{bob}"},
    ),
    Request(
        "GET",
        "/api/v2/search?q={bob_name}&resolve=true&limit=40&type=accounts&offset=0",
        shape=shapes.Search,
        expect={"accounts.#": 1, "accounts.0.id": "{bob}"},
    ),
    # The same results again would be listed twice, and a third page requested.
    Request(
        "GET",
        "/api/v2/search?q={bob_name}&resolve=true&limit=40&type=accounts&offset=40",
        shape=shapes.Search,
        expect={"accounts.#": 0},
    ),
    Request(
        "GET",
        "/api/v2/search?q=evening&resolve=true&limit=40&type=hashtags&offset=0",
        shape=shapes.Search,
        expect={"hashtags.0.name": "evening"},
    ),
    Request(
        "GET",
        "/api/v2/search?q={bob_url}&resolve=true&limit=5",
        shape=shapes.Search,
        expect={"accounts.0.id": "{bob}"},
    ),
    Request(
        "GET",
        "/api/v1/accounts/search?q={bob_name}&limit=5&resolve=false",
        shape=list[shapes.Account],
        expect={"0.id": "{bob}"},
    ),
    Request("GET", "/api/v1/tags/evening", shape=shapes.Tag, expect={"name": "evening"}),
    Request(
        "GET",
        "/api/v1/timelines/tag/evening?limit=20",
        shape=list[shapes.Status],
        expect={"0.id": "{greeting}"},
    ),
)

WRITING: Scene = (
    Request("GET", "/api/v1/custom_emojis", shape=list[object]),
    Request(
        "POST",
        "/api/v1/statuses",
        key="draft-1-{ada}",
        json={"status": "Good night", "language": "en", "sensitive": False, "media_ids": [], "visibility": "public"},
        shape=shapes.Status,
        expect={"content": "<p>Good night</p>", "language": "en", "account.id": "{ada}"},
        keep={"draft": "id"},
    ),
    # The connection was lost, and Phanpy sends it again.
    Request(
        "POST",
        "/api/v1/statuses",
        key="draft-1-{ada}",
        json={"status": "Good night", "language": "en", "sensitive": False, "media_ids": [], "visibility": "public"},
        shape=shapes.Status,
        expect={"id": "{draft}"},
    ),
    Request(
        "POST",
        "/api/v1/statuses",
        key="draft-2-{ada}",
        json={
            "status": "@{bob_name} sleep well",
            "spoiler_text": "sleep",
            "language": "en",
            "sensitive": True,
            "media_ids": [],
            "visibility": "direct",
            "in_reply_to_id": "{draft}",
        },
        shape=shapes.Status,
        expect={
            "in_reply_to_id": "{draft}",
            "mentions.0.id": "{bob}",
            "visibility": "direct",
            "sensitive": True,
            "spoiler_text": "sleep",
        },
        keep={"answer": "id"},
    ),
    Request("GET", "/api/v1/statuses/{draft}/source", shape=shapes.StatusSource, expect={"text": "Good night"}),
    Request("DELETE", "/api/v1/statuses/{answer}", shape=shapes.Deleted),
    Request("DELETE", "/api/v1/statuses/{draft}", shape=shapes.Deleted, expect={"text": "Good night"}),
    Request("GET", "/api/v1/statuses/{draft}", shape=shapes.NotFound, status=404),
)

REACTING: Scene = (
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/favourite",
        shape=shapes.Status,
        expect={"favourited": True, "favourites_count": 1},
    ),
    Request("GET", "/api/v1/favourites?limit=20", shape=list[shapes.Status], expect={"0.id": "{greeting}"}),
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/unfavourite",
        shape=shapes.Status,
        expect={"favourited": False, "favourites_count": 0},
    ),
    Request("POST", "/api/v1/statuses/{greeting}/bookmark", shape=shapes.Status, expect={"bookmarked": True}),
    Request("GET", "/api/v1/bookmarks?limit=20", shape=list[shapes.Status], expect={"0.id": "{greeting}"}),
    Request("POST", "/api/v1/statuses/{greeting}/unbookmark", shape=shapes.Status, expect={"bookmarked": False}),
    Request(
        "POST",
        "/api/v1/statuses/{greeting}/reblog",
        shape=shapes.Boost,
        expect={"account.id": "{ada}", "reblog.id": "{greeting}", "reblog.reblogged": True, "reblog.reblogs_count": 1},
    ),
    Request("POST", "/api/v1/statuses/{greeting}/unreblog", shape=shapes.Status, expect={"reblogs_count": 0}),
    Request("POST", "/api/v1/statuses/{mine}/pin", shape=shapes.Status, expect={"pinned": True}),
    Request("POST", "/api/v1/statuses/{mine}/unpin", shape=shapes.Status, expect={"pinned": False}),
    Request("POST", "/api/v1/statuses/{mine}/mute", shape=shapes.Status, expect={"muted": True}),
    Request("POST", "/api/v1/statuses/{mine}/unmute", shape=shapes.Status, expect={"muted": False}),
)

PEOPLE: Scene = (
    Request(
        "POST",
        "/api/v1/accounts/{cleo}/follow",
        shape=shapes.Relationship,
        expect={"id": "{cleo}", "following": True, "showing_reblogs": True},
    ),
    Request("POST", "/api/v1/accounts/{cleo}/unfollow", shape=shapes.Relationship, expect={"following": False}),
    Request(
        "POST",
        "/api/v1/accounts/{cleo}/mute",
        json={"duration": 1800},
        shape=shapes.Relationship,
        expect={"muting": True, "muting_notifications": True},
    ),
    Request("GET", "/api/v1/mutes?limit=80", shape=list[shapes.Account], expect={"#": 1, "0.id": "{cleo}"}),
    Request("POST", "/api/v1/accounts/{cleo}/unmute", shape=shapes.Relationship, expect={"muting": False}),
    # For ever.
    Request(
        "POST",
        "/api/v1/accounts/{cleo}/mute",
        json={"duration": 0},
        shape=shapes.Relationship,
        expect={"muting": True},
    ),
    Request("POST", "/api/v1/accounts/{cleo}/unmute", shape=shapes.Relationship, expect={"muting": False}),
    Request("POST", "/api/v1/accounts/{cleo}/block", shape=shapes.Relationship, expect={"blocking": True}),
    Request("GET", "/api/v1/blocks?limit=80", shape=list[shapes.Account], expect={"0.id": "{cleo}"}),
    Request("POST", "/api/v1/accounts/{cleo}/unblock", shape=shapes.Relationship, expect={"blocking": False}),
    Request(
        "POST",
        "/api/v1/reports",
        json={"account_id": "{bob}", "status_ids": ["{greeting}"], "category": "spam", "comment": "Every evening"},
        shape=shapes.Report,
        expect={"category": "spam", "target_account.id": "{bob}"},
    ),
)

PAGES: Scene = (
    # Mentions, then private ones.
    Request(
        "GET",
        "/api/v1/notifications?limit=20&types[]=mention",
        shape=list[shapes.Notification],
        expect={"#": 1, "0.status.id": "{reply}"},
    ),
    Request("GET", "/api/v1/conversations?limit=20", shape=list[shapes.Conversation]),
    Request(
        "GET",
        "/api/v1/timelines/public?limit=20&local=true",
        shape=list[shapes.Status],
        order="newest first",
        keep={"newest": "0.id"},
    ),
    Request("GET", "/api/v1/timelines/public?limit=1&local=true&since_id={newest}", shape=list[shapes.Status]),
    Request(
        "GET",
        "/api/v1/timelines/public?limit=20&local=false",
        shape=list[shapes.Status],
        order="newest first",
    ),
    # Trending reads a hashtag's history without a check.
    Request("GET", "/api/v1/trends/tags", shape=list[shapes.TrendingTag]),
    Request("GET", "/api/v1/trends/links", shape=list[object]),
    Request("GET", "/api/v1/trends/statuses?limit=20", shape=list[shapes.Status]),
    # Requested until a page is empty.
    Request("GET", "/api/v1/scheduled_statuses?limit=40", shape=shapes.Nothing),
    Request("GET", "/api/v2/filters", shape=list[object]),
    # Settings: another text than this one opens an alert.
    Request("GET", "/api/v1/push/subscription", shape=shapes.NotFound, status=404),
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
    "pages": PAGES,
}
