"""An instance with something on every page for people, and the addresses of these pages."""

from typing import Any
from urllib.parse import urlencode

from tests.browser.application import Application
from tests.support.site import SCOPES, Site, eventually, unique

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2
DESCRIBED = {"display_name": "Ada 🐌 Lovelace", "note": "Analytical engines.\n\nSee #harbour and https://a.example/"}
FIELDS = {"fields_attributes": {"0": {"name": "Pronouns", "value": "she"}, "1": {"name": "W" * 60, "value": LONG}}}


class Gallery:
    """Pages in every state: empty and full, with warnings, in threads, gone, wrong."""

    def __init__(self, site: Site, application: Application) -> None:
        self.site = site
        self.ada, self.bob, self.tag = unique("ada"), unique("bob"), unique("harbour")
        token, bobs = site.sign_up(self.ada), site.sign_up(self.bob)
        site._content(site.request("PATCH", "/api/v1/accounts/update_credentials", token, json=DESCRIBED | FIELDS))
        self.first = site.say(bobs, f"Anyone at the #{self.tag} tonight?", expires_in=1200)
        self.reply = self._say(
            token, f"@{self.bob} on my way\n\nas soon as the rain stops", self.first, expires_in=9000
        )
        self._say(bobs, f"@{self.ada} bring an umbrella", self.reply)
        self._say(bobs, f"@{self.ada} {LONG}", self.reply, spoiler_text="Very long words")
        site.say(token, "שלום לכולם, היום גשם", language="he", expires_in=345_600)
        self.deleted = site.say(token, "gone")
        site._content(site.request("DELETE", f"/api/v1/statuses/{self.deleted['id']}", token))
        site.post(f"/api/v1/statuses/{self.reply['id']}/favourite", bobs)
        self.authorization = self._authorization(application.redirect_uri)
        self.own_authorization = self._authorization(f"{site.url}/")
        assert eventually(lambda: site.ids(f"/api/v1/timelines/tag/{self.tag}"))
        assert eventually(lambda: len(site.get(f"/api/v1/statuses/{self.first['id']}/context")["descendants"]) == 3)

    def _say(self, token: str, text: str, to: dict[str, Any], **fields: object) -> dict[str, Any]:
        return self.site.say(token, text, in_reply_to_id=to["id"], **fields)

    def _authorization(self, redirect_uri: str) -> str:
        made = self.site.post(
            "/api/v1/apps", client_name="Fern", redirect_uris=redirect_uri, scopes=SCOPES,
            website="https://fern.example/",
        )  # fmt: skip
        asked = {"client_id": made["client_id"], "redirect_uri": redirect_uri, "response_type": "code"}
        return f"/oauth/authorize?{urlencode(asked)}"

    @property
    def pages(self) -> dict[str, str]:
        """The paths of the pages, by name."""
        ada = f"/@{self.ada}"
        return {
            "instance": "/about",
            "profile": ada,
            "profile with older messages": f"{ada}?limit=1",
            "message": f"{ada}/{self.reply['id']}",
            "hashtag": f"/tags/{self.tag}",
            "hashtag on a profile": f"{ada}/tagged/{self.tag}",
            "hashtag without messages": "/tags/nothing",
            "gone": f"{ada}/{self.deleted['id']}",
            "nobody": "/@nobody",
            "unknown path": "/no/such/path",
            "log in": self.authorization,
            "sign up": f"{self.authorization}&prompt=create",
            "log in to the own client": self.own_authorization,
            "sign up for the own client": f"{self.own_authorization}&prompt=create",
            "wrong request": "/oauth/authorize",
            "wrong request of an app": f"{self.authorization}&scope=unknown",
            "account": "/account",
            "sessions": "/account/sessions",
            "new password": "/account/password",
            "recovery": "/account/recover",
            "export": "/account/export",
            "API": "/docs",
        }
