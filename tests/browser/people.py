"""People in the browser tests, whom the API signs up."""

from tests.support.site import Site

Person = tuple[str, str]
"""A name and a token."""


def follow(site: Site, follower: Person, followed: Person) -> None:
    """Let one person follow another."""
    site.post(f"/api/v1/accounts/{site.id_of(followed[1])}/follow", follower[1])
