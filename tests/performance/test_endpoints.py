"""The cost of each endpoint on DynamoDB, counted and compared with the table of docs/costs.md.

A page has 20 entries, a message 140 characters; the reader follows 100 people, and the function has the log's
tail and no profiles in memory. `make costs` rewrites the table.
"""

import re
from typing import Any

from chalicelib.export import MAX_PARTS
from fstream_app.access import credentials
from fstream_app.access.credentials import Proof
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message, User
from fstream_app.core.ids import MessageId, new_user_id
from fstream_app.core.packing import Visibility
from fstream_app.feed import recent, tail
from fstream_app.messages import awaited, boosting, posting, reactions, scheduling
from fstream_app.messages.posting import Draft
from fstream_app.messages.posting import post as post_message
from fstream_app.people import lists, profiles
from fstream_app.repository import batch, conversations, replies, senders, timelines, users
from fstream_app.repository import lists as list_items
from fstream_app.repository import messages as message_items
from fstream_app.repository import reactions as reaction_items
from fstream_app.tables import EdgeItem, NotificationItem, ReactionItem, UserItem
from ops.meter import Cost, metered
from tests.performance import budgets
from tests.support import routes
from tests.support.people import PASSWORD, Answer, Api, Person
from tests.support.walks import add_filter

MOST_READ_UNITS, MOST_ROUND_TRIPS = 60, 6
TEXT = "x" * 130 + " #tag"
PAGE, FOLLOWED = 20, 100
PUBLIC = "/api/v1/timelines/public"
OWN = (
    "/api/v1/notifications/",
    "/api/v2/notifications",
    "/api/v1/conversations",
    "/api/v1/featured_tags/{",
    "/api/v1/follow_requests",
    "/api/v1/scheduled_statuses",
    "/api/v1/endorsements",
    "/account/",
)
VERBS = ("/requests/accept", "/requests/dismiss")


Asked = dict[str, Any]
"""The arguments of a request: the variables of its path, body and query."""


def _boost(by: User, message_id: str) -> ReactionItem:
    """Return a boost that is counted."""
    key = f"forwarded#{message_id}"
    return ReactionItem(by.id, key, favourite_of=f"boost#{message_id}", expires_at=4_000_000_000)


class Scene:
    """A reader who follows 100 users, each with a message, and whose lists all have more than a page."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._brief: list[Message] = []
        self.boosted: list[str] = []
        """What the reader boosts until the next request."""
        self.reader, self.friend = api.sign_up("reader"), api.sign_up("friend")
        api.sign_up("forgetful")
        self.authors = [self._author(number) for number in range(FOLLOWED)]
        batch.put(EdgeItem(self.reader.id, edge(EdgeKind.FOLLOW, author.id)) for author in self.authors)
        self.messages = [self._post(author, TEXT) for author in self.authors[:40]]
        for message in self.messages[:30]:
            reactions.favourite(self.reader.id, str(message), api.clock.now)
            reactions.bookmark(self.reader.id, str(message), api.clock.now)
        self.own = api.post(self.reader, "mine")
        for author in self.authors[:30]:
            self._post(author, "@reader re", in_reply_to=self.own["id"])
        # Before the favourites, so that all of these are newer and the page has the same 20 each time.
        api.deliver()
        for author in self.authors[:30]:
            reactions.favourite(author.id, self.own["id"], api.clock.advance(0.1))
        api.deliver()
        # After the rest, and not through the API, so that these are not notified.
        batch.put(_boost(author, self.own["id"]) for author in self.authors[:30])
        batch.put(EdgeItem(author.id, edge(EdgeKind.FOLLOW, self.reader.id)) for author in self.authors)
        recent.load(api.clock.now)

    def _author(self, number: int) -> User:
        user = User(id=new_user_id(), name=f"author{number}", created_at=self.api.clock.now, password_hash="hash")
        users.create(user)
        return user

    def _post(self, author: User, text: str, **fields: Any) -> str:
        message = post_message(author, Draft(text, **fields), self.api.clock.advance(0.1))
        return str(message.id)

    def fresh(self, by: Person | None = None, text: str = TEXT, **fields: object) -> str:
        """Post a message; return its id."""
        return str(self.api.post(by or self.friend, text, **fields)["id"])

    def conversations(self, number: int) -> Asked:
        """Start conversations with the reader, which last until the next request; return the newest one's id."""
        for author in self.authors[:number]:
            direct = post_message(
                author, Draft("@reader re", visibility=Visibility.DIRECT), self.api.clock.advance(0.1)
            )
            batch.put(conversations.items(direct))
            self._brief.append(direct)
        self.api.clock.advance(2)
        return {"id": conversations.of_message(direct)}

    def quotes(self, number: int) -> Asked:
        """Let others quote the reader's message until the next request; return its id, and that of a quote."""
        quoted = str(self.own["id"])
        draft = Draft("look", visibility=Visibility.UNLISTED, quoted=quoted)
        made = [post_message(author, draft, self.api.clock.advance(0.1)) for author in self.authors[:number]]
        self._brief += made
        batch.put(item for each in made for item in timelines.items(each))
        stored = message_items.get_many([each.id for each in made])
        _, left = replies.count(stored.values(), dict.fromkeys(stored, self.api.clock.now))
        assert not left
        return {"id": quoted, "quoting_id": made[0].id}

    def forget(self) -> None:
        """Delete the messages of conversations, boosts, votes and scheduled messages, which other pages would show."""
        for message in message_items.waiting_of(self.reader.id, self.api.clock.now):
            scheduling.cancel(self.reader.id, str(message.scheduled), self.api.clock.now)
        for message in self._brief:
            posting.remove(message)
        self._brief.clear()
        for boosted in self.boosted:
            boosting.undo(self.reader.id, boosted)
        self.boosted.clear()
        kept = reaction_items.all_of(self.reader.id, 100)
        batch.delete(ReactionItem, [key for key in kept if key[1].startswith("given#")])

    def notification(self, *, is_brief: bool = False) -> str:
        """Cause a notification of the reader, which may last until the next request; return its id."""
        posted = MessageId.parse(self.fresh(text="@reader"))
        if is_brief:
            self._brief += message_items.get_many([posted]).values()
        self.api.deliver()
        return str(self.api.get("/api/v1/notifications", self.reader, limit=1).json[0]["id"])


def request(scene: Scene, method: str, path: str) -> Asked:
    """Prepare the data that an endpoint needs; return the arguments of the request."""
    for made in lists.of_user(scene.reader.id)[1:]:
        lists.delete(scene.reader.id, made.id)
    scene.forget()
    if path.startswith("/api/v1/statuses/{id}"):
        return _of_status(scene, method, path)
    if path.startswith("/api/v1/accounts/{id}") and not path.endswith("/lists"):
        return _of_account(scene, method, path.rpartition("/")[2])
    if "/filters" in path or "/list" in path:
        return (_of_filters if "/filters" in path else _of_lists)(scene, method, path)
    if path.startswith(OWN):
        return _of_own(scene, method, path)
    if path.startswith(("/api/v1/polls", "/api/v1/reports")):
        return _about_another(scene, path)
    return _others(scene).get(f"{method} {path}", {})


def _about_another(scene: Scene, path: str) -> Asked:
    """Post a message of somebody else's, for a report or with a poll."""
    if "reports" in path:
        return {"json": {"account_id": scene.friend.id, "status_ids": [scene.fresh()], "comment": TEXT}}
    asked = {"options": ["a", "b", "c", "d"], "expires_in": 3600}
    return {"id": scene.fresh(poll=asked), "json": {"choices": [0]}}


def _of_scheduled(scene: Scene, method: str, path: str) -> Asked:
    """Schedule a page of messages; for one alone, a single message."""
    now, reader = scene.api.clock.now, users.get(scene.reader.id)
    assert reader is not None
    due = [now + 3_600_000 + number for number in range(1 if "{" in path else PAGE)]
    made = [scheduling.post(reader, Draft(TEXT), each, now) for each in due]
    return (
        {"id": made[0].scheduled}
        if method != "PUT"
        else {"id": made[0].scheduled, "json": {"scheduled_at": "2040-01-03T00:00:00Z"}}
    )


def _of_endorsements(scene: Scene) -> Asked:
    for author in scene.authors[:PAGE]:
        list_items.endorse(scene.reader.id, author.id)
    return {"id": scene.reader.id}


def _of_filters(scene: Scene, method: str, path: str) -> Asked:
    """Make a filter of a keyword and a single message, except before the first one is made."""
    fields = {"title": "x", "phrase": "x", "keyword": "y", "context": ["home"], "status_id": scene.messages[0]}
    if method == "POST" and "{" not in path:
        return {"json": fields}
    made = add_filter(scene.api, scene.reader, "x", scene.messages[1])
    kind = {"statuses": "filtered", "keywords": "keyword"}.get(path.split("/")[-2], "filter")
    return {"id": made["keyword" if "/v1/" in path else kind], "json": fields}


def _of_own(scene: Scene, method: str, path: str) -> Asked:
    if "/scheduled" in path:
        return _of_scheduled(scene, method, path)
    if "/endorsements" in path:
        return _of_endorsements(scene)
    if "conversations" in path:
        return scene.conversations(PAGE if method == "GET" else 1)
    if "featured_tags" in path:
        return _of_featured(scene)
    if "follow_requests" in path:
        return _of_requests(scene, path)
    return _of_notifications(scene, path) if "notifications" in path else _of_account_page(path)


def _of_notifications(scene: Scene, path: str) -> Asked:
    """Cause a notification; for requests, one that is filtered, because the reader does not follow the friend."""
    policy, user_id = "/api/v2/notifications/policy", scene.friend.id
    scene.api.act(scene.reader, "unfollow", scene.friend)  # an endorsement has taken a follow
    scene.api.request("PATCH", policy, scene.reader, json={"for_not_following": "accept"})
    if "/v2/" in path:
        return _of_groups(scene, path)
    scene.api.request("POST", "/api/v1/notifications/clear", scene.reader)
    senders.delete_all([(scene.reader.id, user_id)])
    made = scene.notification(is_brief="/requests" in path or path.endswith("/policy"))
    if "/requests" in path:
        scene.api.request("PATCH", policy, scene.reader, json={"for_not_following": "filter"})
        return {"id": user_id} if "{" in path else {"json": {"id": [user_id]}} if path.endswith(VERBS) else {}
    return {"json": {"filter_not_following": True}} if path.endswith("/policy") else {"id": made}


def _of_groups(scene: Scene, path: str) -> Asked:
    """Bring back the notifications that were cleared, for a page of favourites, each a group, or for a single group."""
    NotificationItem(scene.reader.id, "!cleared").delete()
    if path == "/api/v2/notifications":
        return {"limit": PAGE, "types[]": "favourite", "grouped_types[]": "none"}
    if "{group_key}" in path:
        newest = scene.api.get("/api/v1/notifications", scene.reader, limit=1).json[0]
        return {"group_key": f"ungrouped-{newest['id']}"}
    scene.api.request("POST", "/api/v1/notifications/clear", scene.reader)
    return {"json": {"for_not_following": "filter"}} if path.endswith("/policy") else {}


def _of_requests(scene: Scene, path: str) -> Asked:
    """Put requests to follow the reader, who is not locked: none is left when the streams are read again."""
    wanted = [(each.id, edge(EdgeKind.REQUEST, scene.reader.id)) for each in scene.authors[:PAGE]]
    if path == "/api/v1/follow_requests":
        batch.put(EdgeItem(*key) for key in wanted)
        return {}
    batch.delete(EdgeItem, wanted)
    scene.api.act(scene.reader, "remove_from_followers", scene.friend)
    batch.put([EdgeItem(scene.friend.id, edge(EdgeKind.REQUEST, scene.reader.id))])
    return {"id": scene.friend.id}


def _of_lists(scene: Scene, method: str, path: str) -> Asked:
    """Make a list of the reader with a page of members; with a few where each of them takes a call."""
    fields = {"title": "list", "exclusive": True}
    if (method, path) == ("POST", "/api/v1/lists"):
        return {"json": fields}
    made = scene.api.request("POST", "/api/v1/lists", scene.reader, json=fields).json["id"]
    sent = {"account_ids": [author.id for author in scene.authors[: PAGE if method == "GET" else 4]]}
    if method != "POST":
        assert scene.api.request("POST", f"/api/v1/lists/{made}/accounts", scene.reader, json=sent).status == 200
    if path.startswith("/api/v1/accounts"):
        return {"id": scene.authors[0].id}
    return {"id": made, "limit": PAGE} if method == "GET" else {"id": made, "json": {**sent, **fields}}


def _of_featured(scene: Scene) -> Asked:
    return {"id": scene.api.request("POST", "/api/v1/featured_tags", scene.reader, json={"name": "tag"}).json["id"]}


def _of_account_page(path: str) -> Asked:
    form = {"username": "forgetful", "password": PASSWORD, "new_password": PASSWORD}
    if path.endswith("/recover"):
        form["code"] = credentials.new_code_by_name(Proof("forgetful", PASSWORD))
    return {"form": form}


def _of_status(scene: Scene, method: str, path: str) -> Asked:
    if method == "DELETE":
        return {"id": scene.fresh(scene.reader)}
    if method == "PUT":
        return {"id": scene.fresh(scene.reader), "json": {"status": f"{TEXT} again"}}
    if path.endswith(("/context", "/favourited_by", "/reblogged_by", "/source", "/history", "/pin", "/unpin")):
        return {"id": scene.own["id"]}
    if "/quotes" in path or path.endswith("/interaction_policy"):
        return _of_quotes(scene, path)
    status = scene.fresh()
    if path.endswith(("/unfavourite", "/unbookmark", "/unmute", "/unreblog")):
        scene.api.request("POST", f"/api/v1/statuses/{status}/{path.rpartition('/un')[2]}", scene.reader)
    if path.endswith("/reblog"):
        scene.boosted.append(status)
    return {"id": status}


def _of_quotes(scene: Scene, path: str) -> Asked:
    """Quote a message of the reader's, until the next request: often for a page of quotes, once to revoke a quote."""
    if path.endswith("/interaction_policy"):
        return {"id": scene.own["id"], "json": {"quote_approval_policy": "public"}}
    return scene.quotes(PAGE + 1 if path.endswith("/quotes") else 1)


def _of_account(scene: Scene, method: str, verb: str) -> Asked:
    UserItem(scene.reader.id).update([UserItem.writes_notes.remove()])  # the other routes are those of most readers
    if verb == "endorsements":
        return _of_endorsements(scene)
    if verb == "note":
        return {"id": scene.friend.id, "json": {"comment": TEXT}}
    for undo in ("unfollow", "unblock", "unmute") if method == "POST" else ():
        scene.api.act(scene.reader, undo, scene.friend)
    if verb.endswith(("endorse", "pin")):
        scene.api.act(scene.reader, "follow", scene.friend)
    if verb in {"unendorse", "unpin"}:
        scene.api.act(scene.reader, "endorse", scene.friend)
    if verb in {"unfollow", "unblock", "unmute"}:
        scene.api.act(scene.reader, verb.removeprefix("un"), scene.friend)
    special = {"statuses": scene.authors[0].id, "followers": scene.reader.id, "following": scene.reader.id}
    return {"id": special.get(verb, scene.friend.id)}


def _others(scene: Scene) -> dict[str, Asked]:
    client = {key: scene.api.application[key] for key in ("client_id", "client_secret")}
    page = {"response_type": "code", "client_id": client["client_id"], "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}
    credentials = {"username": "reader", "password": PASSWORD}
    return {
        "POST /api/pleroma/change_password": {"json": {"password": PASSWORD, "new_password": PASSWORD}},
        "POST /api/v1/recovery_code": {"json": {"password": PASSWORD}},
        "DELETE /api/oauth_tokens/{id}": {"id": 1},
        "POST /api/v1/statuses": {"json": {"status": TEXT}},
        "GET /api/v1/markers": {"timeline[]": ["home", "notifications"]},
        "POST /api/v1/markers": {"json": {"notifications": {"last_read_id": scene.own["id"]}}},
        "POST /api/v1/apps": {"json": {"client_name": "x", "redirect_uris": "https://x.test/"}},
        "GET /oauth/authorize": page,
        "POST /oauth/authorize": {"form": page | credentials | {"decision": "log_in"}},
        "POST /oauth/token": {"form": client | credentials | {"grant_type": "password", "scope": "read"}},
        "POST /oauth/revoke": {"form": client | {"token": scene.api.application_token()}},
        "POST /api/v1/accounts": {"json": {"username": "somebody", "password": PASSWORD, "agreement": True}},
        "PATCH /api/v1/accounts/update_credentials": {"json": {"note": "hello"}},
        "GET /api/v1/accounts/relationships": {"id[]": [author.id for author in scene.authors[:PAGE]]},
        "GET /api/v1/accounts": {"id[]": [author.id for author in scene.authors[:PAGE]]},
        "GET /api/v1/statuses": {"id[]": scene.messages[:PAGE]},
        "GET /api/v1/accounts/lookup": {"acct": "author1"},
        "GET /api/v1/accounts/search": {"q": "author", "limit": PAGE},
        "GET /api/v2/search": {"q": "author", "limit": PAGE},
        "GET /api/v1/tags/{name}": {"name": "tag"},
        "POST /api/v1/featured_tags": {"json": {"name": "tag"}},
        "DELETE /api/v1/suggestions/{id}": {"id": scene.friend.id},
        "GET /api/v1/timelines/tag/{name}": {"name": "tag"},
        **{f"GET /{kind}/{{file}}": {"file": f"{scene.reader.id}.png"} for kind in ("avatars", "headers")},
        "GET /tags/{name}": {"name": "tag"},
    }


DELETING = {"/api/pleroma/delete_account", "/api/v1/statuses/delete_all"}

EXPORTS = {"/api/v1/export", "/account/export"}
"""A page reads many parts of lists, one after the other."""


def endpoints() -> list[tuple[str, str]]:
    """Return method and path of every endpoint, except those that delete all that a user has, or all messages."""
    found = [(route.path, route.method) for route in routes.declared() if "{part" not in route.path]
    return [(method, path) for path, method in sorted(found) if path not in DELETING]


def measure(scene: Scene, method: str, path: str) -> tuple[Answer, Cost]:
    """Request an endpoint from a function with an empty profile cache, which has not posted anything itself."""
    for each in scene.api.get("/api/v2/filters", scene.reader).json:
        scene.api.request("DELETE", f"/api/v2/filters/{each['id']}", scene.reader)
    values = request(scene, method, path)
    for name in re.findall(r"{(\w+)}", path):
        path = path.replace(f"{{{name}}}", str(values.pop(name, "x")))
    values.setdefault("headers", {})
    profiles.memory.clear()
    awaited.shared.clear()
    tail.shared().refresh(scene.api.clock.advance(0.6))
    scene.api.clock.advance(0.1)
    with metered(budgets.LATENCY) as cost:
        answer = scene.api.request(method, path, scene.reader if not path.startswith("/oauth") else None, **values)
    return answer, cost


def test_each_endpoint_costs_what_the_table_says(real_api: Api) -> None:
    scene = Scene(real_api)
    known = budgets.read(budgets.ENDPOINTS)
    lines: list[str] = []
    for method, path in endpoints():
        name = f"{method} {path}"
        answer, cost = measure(scene, method, path)
        assert answer.status < 500, f"{name}: {answer.json}"
        assert "Scan" not in {call.operation for call in cost.calls}
        lists = MAX_PARTS if path in EXPORTS else 1
        assert cost.read_units <= lists * MOST_READ_UNITS, f"{name}: {cost}"
        assert cost.round_trips <= lists * MOST_ROUND_TRIPS, f"{name}: {cost}"
        if (cost.read_units, cost.write_units) > (1, 0):
            assert answer.status < 400, f"{name}: {answer.json}"
            lines.append(budgets.line(name, cost, known))
    budgets.hold_all(budgets.ENDPOINTS, lines)
