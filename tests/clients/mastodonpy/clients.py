"""Helpers of the tests with Mastodon.py."""

from collections.abc import Callable
from typing import Any

from mastodon import Mastodon

MakeClient = Callable[..., Mastodon]
SignUp = Callable[[str], Mastodon]


def ids(entities: Any) -> list[str]:
    return [str(entity.id) for entity in entities]  # Mastodon.py's type for ids cannot be compared


def page_down(client: Mastodon, page: Any) -> list[Any]:
    """Return a page and those below it, down to the last one that is not empty."""
    pages = []
    while page:
        pages.append(page)
        page = client.fetch_next(page)
    return pages


def page_up(client: Mastodon, page: Any) -> list[Any]:
    """Return a page and those above it, the highest first."""
    pages: list[Any] = []
    while page:
        pages.insert(0, page)
        page = client.fetch_previous(page)
    return pages


def flat(pages: list[Any]) -> list[Any]:
    """Return the entities of all pages in one list."""
    return [entity for page in pages for entity in page]
