"""Every GET route of the app, the requests that try it, and what their responses show of Ada."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app import app
from chalicelib.api import Access, Route
from tests.support import contract
from tests.support.people import Answer, Api, Person

LETTERS = "pufdr"
"""Ada's messages: public, unlisted, for followers, direct, and a public reply."""
SIGNS = f"{LETTERS}nLA"
"""What a response can show: her messages, a number of messages or notifications, her lists of people, her account."""

VALUES: Mapping[str, list[str]] = {
    "/api/v1/accounts/{id}": ["{ada}", "{host}"],
    "/api/v1/lists/{id}": ["{list}"],
    "/api/v1/filters/{id}": ["{keyword}"],
    "/api/v1/media/{id}": ["{p}"],
    "/api/v1/notifications/{id}": ["{notification}"],
    "/api/v1/notifications/requests/{id}": ["{ada}"],
    "/api/v1/polls/{id}": [f"{{{letter}}}" for letter in LETTERS],
    "/api/v1/scheduled_statuses/{id}": ["{p}"],
    "/api/v1/statuses/{id}": [*(f"{{{letter}}}" for letter in LETTERS), "{boost_p}", "{boost_u}"],
    "/api/v1/statuses/{id}/context": [
        *(f"{{{before}{letter}}}" for letter in LETTERS for before in ("", "to_")),
        "{boost_p}",
    ],
    "/api/v1/statuses/{id}/history": [f"{{{letter}}}" for letter in LETTERS],
    "/api/v1/streaming/{stream}": ["public"],
    "/api/v1/streaming/{stream}/{part}": ["local"],
    "/api/v1/tags/{name}": ["walk"],
    "/api/v1/timelines/list/{id}": ["going-soon", "{list}"],
    "/api/v1/timelines/tag/{name}": ["walk"],
    "/api/v2/filters/{id}": ["{filter}"],
    "/api/v2/filters/keywords/{id}": ["{keyword}"],
    "/api/v2/filters/statuses/{id}": ["{filtered}"],
    "/api/v2/notifications/{group_key}": ["ungrouped-{notification}", "favourite-{p}-0", "follow-51135"],
    "/avatars/{file}": ["{ada}.png"],
    "/headers/{file}": ["{ada}.png"],
    "/icons/{file}": ["180.png"],
    "/tags/{name}": ["walk"],
    "/web/{version}": ["0"],
    "/web/{version}/{part}": ["main.js"],
    "/web/{version}/{part}/{file}": ["preact.js"],
    "/{part1}": ["@ada", "@host"],
    "/{part1}/tagged/{part3}": ["walk"],
    "/{part1}/{part2}": ["{p}", "{u}", "{f}", "{d}", "{r}", "{boost_p}", "{boost_u}"],
}
"""Values of the last variable in a path, by route or by the path up to the variable: texts, or ids of a `Walk`."""

QUERIES: Mapping[str, list[str]] = {
    "/api/v1/accounts": ["id[]={ada}"],
    "/api/v1/accounts/familiar_followers": ["id[]={ada}", "id[]={host}"],
    "/api/v1/accounts/lookup": ["acct=ada"],
    "/api/v1/accounts/relationships": ["id[]={ada}"],
    "/api/v1/accounts/search": ["q=ad", "q=ada&following=true"],
    "/api/v1/accounts/{id}/statuses": ["", "pinned=true"],
    "/api/v1/markers": ["timeline[]=home&timeline[]=notifications"],
    "/api/v1/notifications": ["limit=80", "types[]=mention", "account_id={ada}", "include_filtered=true"],
    "/api/v1/statuses": ["&".join(f"id[]={{{letter}}}" for letter in LETTERS), "id[]={boost_p}&id[]={boost_u}"],
    "/api/v2/notifications": ["include_filtered=true", "expand_accounts=partial_avatars", "limit=1"],
    "/api/v2/search": [
        "q=ada",
        "q=%23walk",
        "resolve=true&q=https://fstream.test/@ada",
        *(f"resolve=true&q=https://fstream.test/@ada/{{{letter}}}" for letter in LETTERS),
    ],
}
"""Queries of the routes that are requested with one."""

LISTS = {"/api/v1/accounts/{id}/followers", "/api/v1/accounts/{id}/following"}
CONSTANT = LISTS | {
    "/api/v1/accounts/{id}/endorsements",
    "/api/v1/accounts/{id}/featured_tags",
    "/api/v1/accounts/{id}/lists",
    "/api/v1/accounts/{id}/statuses",
    "/avatars/{file}",
    "/headers/{file}",
}
"""Routes whose success shows nothing by itself. On all others it shows that the message or account exists."""


class UnknownRoute(Exception):
    """A route has a variable without values."""


@dataclass(frozen=True)
class Walk:
    """Ada's account and messages, and those of the people around her."""

    api: Api
    ids: Mapping[str, str]
    """By name: `ada`, `host`, her messages by letter, replies to them (`to_p`), the host's boosts of them (`boost_p`),
    the follower's `list`, and those of `add_filter`."""
    notifications: Mapping[str, list[str]]
    """Ids of the notifications that readers had while everything was live, by role."""

    def shown(self, route: str, role: str, reader: Person | None) -> str:
        """Request a route in every way; return the signs that its responses show."""
        seen: set[str] = set()
        for path in self._paths(route, role):
            answer = self.api.get(path, reader)
            assert answer.status < 500, path
            if answer.status < 400:
                seen |= self._signs(answer) | self._existing(route, path)
                if route in LISTS and self.ids["ada"] in path and answer.json:
                    seen.add("L")
        return "".join(sorted(seen, key=SIGNS.index))

    def _paths(self, route: str, role: str) -> Iterator[str]:
        for path in filled(route):
            for query in QUERIES.get(route, [""]):
                for notification in self.notifications.get(role, []) if "{notification}" in path else [""]:
                    names = {**self.ids, "notification": notification}
                    yield (f"{path}?{query}" if query else path).format_map(names)

    def _signs(self, answer: Answer) -> set[str]:
        found = set(_ids(answer.json))
        signs = {each for each in LETTERS if self.ids[each] in found or f"words of {each}" in answer.text}
        if self.ids["ada"] in found or "name of ada" in answer.text:
            signs.add("A")
        if _number(answer):
            signs.add("n")
        return signs

    def _existing(self, route: str, path: str) -> set[str]:
        if route in CONSTANT:
            return set()
        parts = path.partition("?")[0].split("/")
        return {"A" if name == "ada" else name for name in ("ada", *LETTERS) if self.ids[name] in parts}


def _ids(content: object) -> Iterator[str]:
    """Yield the ids of all entities in a response, except those of mentions, and of single statuses of filters."""
    if isinstance(content, list):
        for each in content:
            yield from _ids(each)
    if isinstance(content, dict):
        yield from (str(content[name]) for name in ("id", "status_id") if content.get(name) is not None)
        for name, value in content.items():
            if name != "mentions":
                yield from _ids(value)


def add_filter(api: Api, by: Person, text: str, status_id: str) -> dict[str, str]:
    """Make a filter with this text as title and keyword, and a single status; return the ids that its routes take."""
    fields = {"title": text, "context": ["home"], "keywords_attributes": [{"keyword": text}]}
    made = api.request("POST", "/api/v2/filters", by, json=fields).json
    path = f"/api/v2/filters/{made['id']}/statuses"
    entry = api.request("POST", path, by, json={"status_id": status_id}).json
    return {"filter": made["id"], "keyword": made["keywords"][0]["id"], "filtered": entry["id"]}


def _number(answer: Answer) -> int:
    """Return how many unread notifications, or messages with a hashtag, a response counts."""
    if not isinstance(answer.json, dict):
        return 0
    tags = [answer.json, *answer.json.get("hashtags", [])]
    return int(answer.json.get("count", 0)) + sum(int(day["uses"]) for tag in tags for day in tag.get("history", []))


def routes() -> dict[str, bool]:
    """Return every path with GET, and whether its responses depend on the reader: whether it reads a token.

    These are the paths of the OpenAPI document, and the pages and pictures that it leaves out.
    """
    views = {path: methods["GET"].view_function for path, methods in app.routes.items() if "GET" in methods}
    declared: dict[str, Route] = {path: inspect.getclosurevars(view).nonlocals["route"] for path, view in views.items()}
    described = {path for path, methods in contract.document()["paths"].items() if "get" in methods}
    assert described <= declared.keys()
    return {
        path: route.access is not Access.ANYBODY
        for path, route in declared.items()
        if not path.startswith("/{part1}/{part2}/")  # they lead nowhere
    }


def filled(route: str) -> list[str]:
    """Return a path with every combination of its variables' values.

    Raises:
        UnknownRoute: a variable has no values.
    """
    paths = [route]
    for match in re.finditer(r"\{\w+\}", route):
        is_last = "{" not in route[match.end() :]
        values = (VALUES.get(route) if is_last else None) or VALUES.get(route[: match.end()])
        if values is None:
            raise UnknownRoute(f"Add values of {route[: match.end()]} to VALUES in tests/support/walks.py.")
        paths = [path.replace(match[0], value, 1) for path in paths for value in values]
    return paths
