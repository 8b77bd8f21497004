"""The reads through which a user can see Ada's account or her messages."""

from typing import Any

from tests.support.departing import World
from tests.support.people import Person

READS = {
    "account": "/api/v1/accounts/{id}",
    "statuses": "/api/v1/accounts/{id}/statuses",
    "followers": "/api/v1/accounts/{id}/followers",
    "following": "/api/v1/accounts/{id}/following",
    "lookup": "/api/v1/accounts/lookup?acct=ada",
    "page": "/@ada",
    "message": "/api/v1/statuses/{status}",
    "thread": "/api/v1/statuses/{status}/context",
    "message's page": "/@ada/{status}",
}
LISTS = {
    "home": "/api/v1/timelines/home",
    "public": "/api/v1/timelines/public",
    "tag": "/api/v1/timelines/tag/tag",
    "search": "/api/v2/search?q=ada",
    "search by beginning": "/api/v1/accounts/search?q=ad",
    "search by address": "/api/v2/search?q=https://fstream.test/@ada",
    "search of a message": "/api/v2/search?q=https://fstream.test/@ada/{status}",
    "relationships": "/api/v1/accounts/relationships?id[]={id}",
    "several accounts": "/api/v1/accounts?id[]={id}",
    "several messages": "/api/v1/statuses?id[]={status}",
    "mutes": "/api/v1/mutes",
    "followers of bob": "/api/v1/accounts/{bob}/followers",
    "followed by bob": "/api/v1/accounts/{bob}/following",
    "favourited by": "/api/v1/statuses/{answered}/favourited_by",
    "favourites": "/api/v1/favourites",
    "notifications": "/api/v1/notifications",
}


def shown(world: World, reader: Person) -> set[str]:
    """Return the names of the reads that show the reader Ada's account or a message of hers."""
    places = {
        "id": world.ada.id,
        "bob": world.bob.id,
        "status": world.statuses[0]["id"],
        "answered": world.replied_to["id"],
    }
    found = {name for name, path in READS.items() if world.api.get(path.format_map(places), reader).status != 404}
    answers = {name: world.api.get(path.format_map(places), reader).json for name, path in LISTS.items()}
    return found | {name for name, answer in answers.items() if is_shown(answer, world.ada.id)}


def is_shown(content: Any, user_id: str) -> bool:
    """Return whether an account appears, in a list or as an author; mentions by others do not count."""
    if isinstance(content, list):
        return any(is_shown(each, user_id) for each in content)
    if not isinstance(content, dict):
        return False
    inner = [value for name, value in content.items() if name != "mentions"]
    return content.get("id") == user_id or is_shown(inner, user_id)
