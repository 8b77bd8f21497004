"""Edits by HTTP, and what is left of a message."""

from typing import Any

from tests.support.people import Answer, Api, Person, stored


def edit(api: Api, by: Person, status: dict[str, Any], text: str | None = None, **fields: object) -> Answer:
    sent = fields if text is None else {"status": text, **fields}
    return api.request("PUT", f"/api/v1/statuses/{status['id']}", by, json=sent)


def mentions(api: Api, of: Person, status: dict[str, Any]) -> list[dict[str, Any]]:
    found = api.get("/api/v1/notifications", of, **{"types[]": "mention"}).json
    return [each for each in found if each["status"]["id"] == status["id"]]


def items_with(*texts: str) -> dict[str, list[str]]:
    """Return the items of all tables that have one of these texts."""
    found = {name: [item for item in items if any(text in item for text in texts)] for name, items in stored().items()}
    return {name: items for name, items in found.items() if items}
