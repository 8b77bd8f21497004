"""The initial state of a test with tooi."""

from dataclasses import dataclass
from typing import Any

from tests.support.site import Site, eventually


@dataclass(frozen=True)
class Evening:
    """Ada, who uses tooi and follows Bob, and his message on her home."""

    site: Site
    ada: str
    token: str
    """Ada's access token."""
    bob: str
    text: str
    """Bob's message."""
    message: str
    """Its id."""

    def posted(self, text: str) -> dict[str, Any]:
        """Return Ada's message with this text, as soon as it has arrived."""
        page = f"/api/v1/accounts/{self.site.id_of(self.token)}/statuses"
        found: dict[str, Any] | None = eventually(
            lambda: next((each for each in self.site.get(page, self.token) if text in each["content"]), None)
        )
        assert found, f"Ada did not post {text!r}"
        return found

    def status(self) -> dict[str, Any]:
        """Return Bob's message as Ada sees it."""
        found: dict[str, Any] = self.site.get(f"/api/v1/statuses/{self.message}", self.token)
        return found
