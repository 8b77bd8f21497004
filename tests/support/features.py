"""Ada, who uses every feature, with the people around her: for tests of what remains when she leaves.

A new feature needs a function in `FEATURES` that uses it, in both directions where it is between two users: by Ada, and
by others towards her.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Never

from chalicelib.api import Access
from fstream_app.core.streams import Stream, Subscription
from fstream_app.moderation import removal
from tests.support.life import AGAIN, NAME, WEEK, WORDS, Life
from tests.support.people import PASSWORD, SETTLED
from tests.support.routes import declared


def describe(life: Life) -> None:
    """Fill in the profile and every setting."""
    life.do(
        life.ada,
        "PATCH",
        "/api/v1/accounts/update_credentials",
        display_name=WORDS,
        note=f"{WORDS} @bob",
        fields_attributes=[{"name": WORDS, "value": "@bob"}],
        bot=True,
        discoverable=False,
        hide_collections=True,
        locked=True,
        source={
            "privacy": "unlisted",
            "sensitive": True,
            "language": "de",
            "expires_in": {"default": 3600, "public": 3600, "unlisted": 3600, "private": 3600, "direct": 3600},
            "lifetime_in_text": False,
            "thread_ends_together": True,
            "private_counts": True,
            "quote_policy": "followers",
        },
    )


def clear(life: Life) -> None:
    """Delete all messages; others follow."""
    life.post("soon gone", in_reply_to_id=life.theirs["id"])
    life.do(life.ada, "POST", "/api/v1/statuses/delete_all", password=PASSWORD)
    life.hers = life.post("hello again @bob #tag", visibility="public", expires_in=WEEK)


def write(life: Life) -> None:
    """Post messages of every kind, in threads with others; delete one."""
    deleted = life.post("never mind", in_reply_to_id=life.theirs["id"])
    life.api.deliver()
    life.do(life.ada, "DELETE", f"/api/v1/statuses/{deleted['id']}")
    asked = life.post("@bob", visibility="direct", spoiler_text=WORDS, language="en")
    life.api.post(life.bob, f"@{NAME} yes", visibility="direct", in_reply_to_id=asked["id"])
    for visibility in ("public", "unlisted", "private"):
        life.post(f"#tag {visibility}", visibility=visibility)
    for seconds in (60, WEEK):
        life.post(f"so? {seconds}", in_reply_to_id=life.theirs["id"], visibility="public", expires_in=seconds)
        life.api.post(life.bob, "so!", in_reply_to_id=life.hers["id"], expires_in=seconds)


def edit(life: Life) -> None:
    """Edit messages, so that mentions and hashtags come and go; somebody else mentions her by an edit."""
    posted = life.post("before @bob #tag", visibility="public", expires_in=WEEK)
    direct = life.post("@bob", visibility="direct", expires_in=WEEK)
    theirs = life.api.post(life.bob, "before", expires_in=WEEK)
    life.api.deliver()
    for by, status, text in (
        (life.ada, posted, f"{WORDS} after @cyd #other"),
        (life.ada, direct, f"{WORDS} @cyd"),
        (life.bob, theirs, f"after, @{NAME} #tag"),
    ):
        life.do(by, "PUT", f"/api/v1/statuses/{status['id']}", status=text)


def quote(life: Life) -> None:
    """Quote messages, in both directions; delete one quote, revoke another, and decide who may quote."""
    for seconds in (60, WEEK):
        quoted = life.post(
            f"look {seconds}", quoted_status_id=life.theirs["id"], visibility="public", expires_in=seconds
        )
        quotes = [
            life.api.post(life.bob, f"look! {seconds}", quoted_status_id=life.hers["id"], expires_in=seconds)
            for _ in range(2)
        ]
        life.api.deliver()
        life.do(life.ada, "POST", f"/api/v1/statuses/{life.hers['id']}/quotes/{quotes[0]['id']}/revoke")
    life.do(life.ada, "DELETE", f"/api/v1/statuses/{quoted['id']}")
    life.do(
        life.ada, "PUT", f"/api/v1/statuses/{life.hers['id']}/interaction_policy", quote_approval_policy="followers"
    )


def relate(life: Life) -> None:
    """Follow, mute and block, in both directions; end some of it."""
    for whom in life.others:
        life.act(life.ada, "follow", whom)
        life.act(whom, "follow", life.ada)
    for whom in (life.bob, life.cyd):
        life.do(life.ada, "POST", f"/api/v1/follow_requests/{whom.id}/authorize")
    life.do(life.ada, "POST", f"/api/v1/follow_requests/{life.eve.id}/reject")
    life.act(life.ada, "remove_from_followers", life.cyd)
    life.act(life.ada, "unfollow", life.cyd)
    life.act(life.ada, "mute", life.bob, duration=3600, notifications=False)
    life.act(life.bob, "mute", life.ada)
    for by, whom in ((life.ada, life.eve), (life.cyd, life.ada)):
        life.act(by, "block", whom)
    for by, whom in ((life.ada, life.dan), (life.dan, life.ada)):
        for verb in ("block", "unblock", "mute", "unmute"):
            life.act(by, verb, whom)
    life.do(life.dan, "PATCH", "/api/v1/accounts/update_credentials", locked=True)
    for by, whom in ((life.ada, life.dan), (life.dan, life.ada)):
        life.act(by, "follow", whom)


def endorse(life: Life) -> None:
    """Show people on the profile, in both directions; end some of it. All that is left are follows of open accounts."""
    for verb in ("endorse", "unendorse", "pin", "unpin", "endorse"):
        life.act(life.ada, verb, life.bob)
    life.act(life.bob, "endorse", life.ada)


def unlock(life: Life) -> None:
    """Accept all requests."""
    life.do(life.ada, "PATCH", "/api/v1/accounts/update_credentials", locked=False)


def lock(life: Life) -> None:
    """Lock the account again, so that somebody requests to follow."""
    life.do(life.ada, "PATCH", "/api/v1/accounts/update_credentials", locked=True)
    for verb in ("unfollow", "follow"):
        life.act(life.dan, verb, life.ada)


def react(life: Life) -> None:
    """Favourite and bookmark, in both directions; end some of it."""
    for verb in ("favourite", "bookmark"):
        for by, status in ((life.ada, life.theirs), (life.bob, life.hers), (life.dan, life.hers)):
            life.react(by, verb, status)
        life.react(life.dan, f"un{verb}", life.hers)


def boost(life: Life) -> None:
    """Boost, in both directions; end some of it."""
    life.react(life.ada, "reblog", life.theirs)
    for by in (life.bob, life.dan):
        life.do(by, "POST", f"/api/v1/statuses/{life.hers['id']}/reblog", visibility="private")
    life.react(life.dan, "unreblog", life.hers)


def poll(life: Life) -> None:
    """Make polls and vote in them, in both directions; vote again where several can be chosen."""
    asked = {"options": [WORDS, "no", "both", "none"], "expires_in": 300, "multiple": True, "hide_totals": True}
    hers = life.post("which?", poll=asked, visibility="public", expires_in=WEEK)
    theirs = life.api.post(
        life.bob, f"which, @{NAME}?", poll=asked | {"options": ["yes", "no", "both"]}, expires_in=WEEK
    )
    for by, status, choice in ((life.ada, theirs, 1), (life.bob, hers, 0), (life.bob, hers, 2), (life.dan, hers, 3)):
        life.do(by, "POST", f"/api/v1/polls/{status['id']}/votes", choices=[choice])
    life.poll = theirs


def edit_what_is_boosted(life: Life) -> None:
    """Edit boosted messages, in both directions, so that their boosters are notified."""
    for by, status, text in (
        (life.ada, life.hers, f"{WORDS} better #tag"),
        (life.bob, life.theirs, f"hi @{NAME} #tag"),
    ):
        life.do(by, "PUT", f"/api/v1/statuses/{status['id']}", status=text)


def pin(life: Life) -> None:
    """Pin a message to the profile."""
    for verb in ("pin", "unpin", "pin"):
        life.react(life.ada, verb, life.hers)


def mark(life: Life) -> None:
    """Remember how far the timelines are read."""
    for timeline in ("home", "notifications"):
        life.do(life.ada, "POST", "/api/v1/markers", **{timeline: {"last_read_id": life.theirs["id"]}})


def talk(life: Life) -> None:
    """Exchange direct messages; read conversations, mark one of them as unread, and remove another."""
    for _ in range(3):
        life.api.post(life.bob, f"psst, @{NAME}", visibility="direct", expires_in=WEEK)
    life.post("psst, @bob", visibility="direct", expires_in=WEEK)
    life.api.deliver()
    first, second, third, *_ = life.api.get("/api/v1/conversations", life.ada).json
    for each, verb in ((first, "read"), (first, "unread"), (second, "read")):
        life.do(life.ada, "POST", f"/api/v1/conversations/{each['id']}/{verb}")
    life.do(life.ada, "DELETE", f"/api/v1/conversations/{third['id']}")


def schedule(life: Life) -> None:
    """Schedule messages, in both directions; move one, and cancel another."""
    later, longer = (
        datetime.fromtimestamp(life.api.clock.now / 1000 + seconds, UTC).isoformat() for seconds in (3600, 2 * WEEK)
    )
    life.api.post(life.bob, f"later, @{NAME}", scheduled_at=later)
    fields = {"scheduled_at": longer, "in_reply_to_id": life.theirs["id"]}
    moved, cancelled, _ = (life.post(f"later, @bob #tag {number}", **fields) for number in range(3))
    life.api.deliver()
    life.do(life.ada, "PUT", f"/api/v1/scheduled_statuses/{moved['id']}", scheduled_at=later)
    life.do(life.ada, "DELETE", f"/api/v1/scheduled_statuses/{cancelled['id']}")


def filter_messages(life: Life) -> None:
    """Filter keywords and messages, in both versions of the API; end some of it. Others filter her messages."""
    v1, v2 = "/api/v1/filters", "/api/v2/filters"
    fields: dict[str, Any] = {"title": WORDS, "phrase": WORDS, "context": ["home"]}
    for path in (v1, v2):
        for method in ("PUT", "DELETE"):
            life.do(life.ada, method, f"{path}/{life.do(life.ada, 'POST', path, **fields)['id']}")
    for by, status in ((life.ada, life.theirs), (life.bob, life.hers)):
        made = life.do(by, "POST", v2, title="x", context=["home"])["id"]
        for kind in ("keywords", "statuses"):
            more = {"keyword": WORDS if by is life.ada else "x", "status_id": status["id"]}
            entry = life.do(by, "POST", f"{v2}/{made}/{kind}", **more)["id"]
            for method in ("PUT", "DELETE") if kind == "keywords" else ("DELETE",):
                life.do(by, method, f"{v2}/{kind}/{entry}")
            life.do(by, "POST", f"{v2}/{made}/{kind}", **more)


def choose(life: Life) -> None:
    """Choose options of follows and of requests to follow, in both directions; dismiss what comes of it."""
    for by, whom in ((life.ada, life.bob), (life.bob, life.ada), (life.ada, life.dan), (life.dan, life.ada)):
        life.act(by, "follow", whom, notify=True, reblogs=False, languages=["de", "en"])
    life.act(life.ada, "unmute", life.bob)
    life.api.post(life.bob, "news", language="de", expires_in=WEEK)
    life.api.deliver()
    life.api.clock.advance(SETTLED)
    (news,) = life.api.get("/api/v1/notifications?types[]=status", life.ada).json
    life.do(life.ada, "POST", f"/api/v1/notifications/{news['id']}/dismiss")
    life.act(life.ada, "mute", life.bob, duration=3600, notifications=False)


def list_people(life: Life) -> None:
    """Keep lists of people, one of them exclusive; end some of it. Others list her."""
    for by, whom, title in ((life.ada, life.bob, WORDS), (life.bob, life.ada, "x")):
        for _ in range(2):
            path = f"/api/v1/lists/{life.do(by, 'POST', '/api/v1/lists', title=title)['id']}"
            life.do(by, "PUT", path, title=title, replies_policy="none", exclusive=True)
            for method in ("POST", "DELETE", "POST"):
                life.do(by, method, f"{path}/accounts", account_ids=[whom.id])
        life.do(by, "DELETE", path)


def note(life: Life) -> None:
    """Write private notes, in both directions; remove one."""
    for whom in (life.bob, life.cyd):
        life.act(life.ada, "note", whom, comment=WORDS)
    life.act(life.ada, "note", life.cyd, comment="")
    life.act(life.bob, "note", life.ada, comment="x")


def mute_conversations(life: Life) -> None:
    """Mute conversations, in both directions; unmute some."""
    for by, status in ((life.ada, life.theirs), (life.bob, life.hers)):
        life.react(by, "mute", status)
    for by, status in ((life.ada, life.hers), (life.dan, life.hers)):
        for verb in ("mute", "unmute"):
            life.react(by, verb, status)


def follow_tags(life: Life) -> None:
    """Follow and feature hashtags; end some of it."""
    for verb in ("follow", "feature"):
        for name, prefix in ((WORDS, ""), ("tag", ""), ("tag", "un")):
            life.do(life.ada, "POST", f"/api/v1/tags/{name}/{prefix}{verb}")
    tag = life.do(life.ada, "POST", "/api/v1/featured_tags", name="tag")
    life.do(life.ada, "DELETE", f"/api/v1/featured_tags/{tag['id']}")


def dismiss(life: Life) -> None:
    """Dismiss suggestions, in both directions."""
    for by, whom in ((life.ada, life.eve), (life.cyd, life.ada)):
        life.do(by, "DELETE", f"/api/v1/suggestions/{whom.id}")


def notify(life: Life) -> None:
    """Dismiss notifications, and get some more."""
    life.api.deliver()
    first, second, *_ = life.api.get("/api/v1/notifications", life.ada).json
    life.do(life.ada, "POST", f"/api/v1/notifications/{first['id']}/dismiss")
    life.do(life.ada, "POST", "/api/v1/notifications/dismiss", id=second["id"])
    for version in ("v1", "v2"):
        life.do(life.ada, "POST", f"/api/{version}/notifications/clear")
    life.api.clock.advance(1)
    life.api.post(life.bob, f"once more, @{NAME}", expires_in=WEEK)
    removed = life.post("too much")
    removal.remove(removed["id"], "a reason", life.api.clock.now)


def screen(life: Life) -> None:
    """Filter notifications, in both directions; dismiss some, and accept the sender of others."""
    v1, v2 = "/api/v1/notifications", "/api/v2/notifications"
    for path in (f"{v1}/policy", f"{v2}/policy"):
        for method in ("PUT", "PATCH"):
            life.do(life.ada, method, path, filter_new_accounts=False, for_new_accounts="accept")
    for by, whom in ((life.ada, life.dan), (life.dan, life.ada)):
        life.do(by, "PATCH", f"{v2}/policy", for_not_following="filter")
        for number, verb in enumerate(("dismiss", "accept")):
            if whom is life.ada:
                life.post(f"hear me, @{by.name} {number}")
            else:
                life.api.post(whom, f"hear me, @{by.name} {number}")
            life.api.deliver()
            life.do(by, "POST", f"{v1}/requests/{whom.id}/{verb}")
            life.do(by, "POST", f"{v1}/requests/{verb}", id=[whom.id])
    key = life.api.get(v1, life.ada).json[0]["group_key"]
    life.do(life.ada, "POST", f"{v2}/{key}/dismiss")


def report(life: Life) -> None:
    """Report a message for a rule of the instance, and be reported."""
    rules = [rule["id"] for rule in life.api.get("/api/v1/instance/rules").json]
    assert rules
    about = ((life.ada, life.bob, life.theirs), (life.bob, life.ada, life.hers))
    for by, whom, status in about:
        words, ids = (WORDS if by is life.ada else ""), [status["id"]]
        life.do(by, "POST", "/api/v1/reports", account_id=whom.id, comment=words, status_ids=ids, rule_ids=rules)


def log_in(life: Life) -> None:
    """Change the password, end sessions, and begin others."""
    life.do(life.ada, "POST", "/api/v1/recovery_code", password=PASSWORD)
    life.do(life.ada, "POST", "/api/pleroma/change_password", password=PASSWORD, new_password=AGAIN)
    life.do(life.ada, "DELETE", "/api/oauth_tokens/1")
    life.do(life.ada, "DELETE", "/api/oauth_tokens")
    assert life.api.token("password", username=NAME, password=AGAIN).status == 200


def listen(life: Life) -> None:
    """Open WebSockets, and subscribe to something."""
    for subscription in (Subscription(Stream.USER), Subscription(Stream.HASHTAG, WORDS, WORDS)):
        life.gateway.opened(life.ada.id, life.ada.token, life.api.clock.now, subscription)


FEATURES: tuple[Callable[[Life], None], ...] = (
    clear,
    describe,
    write,
    edit,
    quote,
    relate,
    endorse,
    unlock,
    lock,
    react,
    boost,
    poll,
    edit_what_is_boosted,
    pin,
    mark,
    talk,
    schedule,
    choose,
    list_people,
    note,
    mute_conversations,
    follow_tags,
    dismiss,
    filter_messages,
    notify,
    screen,
    report,
    log_in,
    listen,
)
"""All features, in an order in which each finds what it needs."""


def unused(requested: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return the routes with which users write, and that these requests do not use."""
    routes = {
        (each.method, each.path)
        for each in declared()
        if each.access is Access.USER and each.method != "GET" and each.answer is not Never
    }
    static = requested & routes
    return {
        (method, route)
        for method, route in routes - static
        if not any(method == asked and _pattern(route).fullmatch(path) for asked, path in requested - static)
    }


def _pattern(route: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+}", "[^/]+", route))
