"""A small network in which every screen of the web client has something to show, and the addresses of the screens."""

from datetime import UTC, datetime, timedelta

from tests.browser.people import Person, follow
from tests.support.site import Site, eventually, unique

Clicks = list[tuple[str, str]]
LONG = "A list with a name that is longer than the window is wide"


class Seeded:
    """Ada, whose screens are shown, and other accounts, each with a different relationship to her."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.ada, self.bob, self.cleo, self.dan, self.eve = (
            self._sign_up(name) for name in ("ada", "bob", "cleo", "dan", "eve")
        )
        self.ids = {each[0]: site.id_of(each[1]) for each in (self.ada, self.bob, self.cleo, self.dan, self.eve)}
        self.tag = unique("harbour")
        self._say()
        self._decide()
        assert eventually(lambda: len(site.home(self.ada[1])) >= 4)
        assert eventually(lambda: site.get("/api/v1/notifications/requests", self.ada[1]))
        assert eventually(lambda: site.get("/api/v1/conversations", self.ada[1]))
        assert eventually(lambda: site.ids(f"/api/v1/timelines/tag/{self.tag}"))

    def _sign_up(self, name: str) -> Person:
        name = unique(name)
        return name, self.site.sign_up(name)

    def _change(self, person: Person, path: str = "v1/accounts/update_credentials", **values: object) -> None:
        assert self.site.request("PATCH", f"/api/{path}", person[1], json=values).ok

    def _say(self) -> None:
        site, ada, bob = self.site, self.ada, self.bob
        follow(site, ada, bob)
        follow(site, bob, ada)
        self._change(bob, discoverable=True, display_name="Bob of the Boats", note="All about the sea")
        self.first = site.say(bob[1], f"Who comes along to the #{self.tag}?", expires_in=500)
        site.say(ada[1], f"@{bob[0]} Me.", in_reply_to_id=self.first["id"])
        self.warned = site.say(bob[1], "It is a boat.", spoiler_text="What I have bought")
        self.gone = site.say(bob[1], "Never mind")
        assert site.request("DELETE", f"/api/v1/statuses/{self.gone['id']}", bob[1]).ok
        asked = site.say(bob[1], "Tea or coffee?", poll={"options": ["Tea", "Coffee"], "expires_in": 3000})
        for verb in ("favourite", "bookmark", "reblog"):
            site.post(f"/api/v1/statuses/{asked['id']}/{verb}", ada[1])
        self.again = site.say(ada[1], "Say it again")
        site.post(f"/api/v1/statuses/{self.again['id']}/reblog", bob[1])
        site.say(bob[1], f"Look at this #{self.tag}quote", quoted_status_id=self.again["id"])
        site.say(bob[1], f"@{ada[0]} Between us", visibility="direct")
        at = datetime.now(UTC) + timedelta(hours=20)
        site.say(ada[1], "For tomorrow", scheduled_at=at.isoformat(), expires_in=3600)

    def _decide(self) -> None:
        site, (_, token) = self.site, self.ada
        site.post(f"/api/v1/accounts/{self.ids[self.cleo[0]]}/mute", token, duration=3600)
        site.post(f"/api/v1/accounts/{self.ids[self.dan[0]]}/block", token)
        site.post(f"/api/v1/accounts/{self.ids[self.bob[0]]}/pin", token)
        site.post(f"/api/v1/tags/{self.tag}/follow", token)
        site.post("/api/v1/featured_tags", token, name=self.tag)
        self.list = site.post("/api/v1/lists", token, title=LONG)
        site.post(f"/api/v1/lists/{self.list['id']}/accounts", token, account_ids=[self.ids[self.bob[0]]])
        self.filter = site.post(
            "/api/v2/filters", token, title="fog", context=["home"], keywords_attributes=[{"keyword": "fog"}]
        )
        site.post(f"/api/v2/filters/{self.filter['id']}/statuses", token, status_id=self.warned["id"])
        self._change(self.ada, locked=True)
        follow(site, self.eve, self.ada)
        site.post("/api/v1/reports", token, account_id=self.ids[self.dan[0]])
        self._change(self.ada, "v2/notifications/policy", for_not_following="filter")
        site.say(self.eve[1], f"@{self.ada[0]} You have won a boat")

    @property
    def screens(self) -> dict[str, str]:
        """What each address shows, as words in it or a selector, for who is logged in."""
        return self._of_messages | self._of_people | self._of_notifications | self._of_settings

    @property
    def _of_messages(self) -> dict[str, str]:
        ada, bob = (f"@{each[0]}" for each in (self.ada, self.bob))
        return {
            "home": "Tea or coffee?",
            "soon": "Who comes along",
            "explore": "What people like today",
            "explore/everyone": "article",
            "explore/people": ".person",
            "explore/hashtags": self.tag,
            f"search/{self.bob[0]}": ".person",
            "search": "input[type=search]",
            f"tags/{self.tag}/any=snow": ".going-soon",
            f"{bob}/{self.first['id']}": "dialog .middle article",
            f"{bob}/{self.gone['id']}": "dialog",
            f"{ada}/{self.again['id']}/boosts": "dialog .person",
            f"{ada}/{self.again['id']}/quotes": "Look at this",
            "conversations": "Between us",
            "lists": LONG,
            f"lists/{self.list['id']}": "Tea or coffee?",
            f"lists/{self.list['id']}/people": "Find people",
            "bookmarks": "Tea or coffee?",
            "bookmarks/scheduled": "For tomorrow",
        }

    @property
    def _of_people(self) -> dict[str, str]:
        ada, bob = f"@{self.ada[0]}", f"@{self.bob[0]}"
        return {
            bob: "Tea or coffee?",
            f"{bob}/followers": ".person",
            ada: "article",
            f"{ada}/edit": "form .switch",
            f"{ada}/hashtags": self.tag,
            f"{ada}/people": ".person",
            f"@{self.eve[0]}": "asks to follow you",
            f"report/{self.ids[self.bob[0]]}": "dialog .choice",
        }

    @property
    def _of_notifications(self) -> dict[str, str]:
        return {
            "notifications": "boosted your message",
            "notifications/mentions": "article",
            "notifications/follow-requests": "Accept",
            "notifications/filtered": "You have won a boat",
            f"notifications/filtered/{self.ids[self.eve[0]]}": "You have won a boat",
            "notifications/policy": "New accounts",
        }

    @property
    def _of_settings(self) -> dict[str, str]:
        parts = "lifetimes writing privacy look sessions password export delete leave"
        return {
            "keys": "dialog dt, dialog kbd",
            "drafts": "h1, h2",
            "about": "What this server keeps",
            "begin": "form",
            "begin/people": ".person",
            "begin/say": "textarea",
            "settings": "a.row",
            "settings/filters": "fog",
            "settings/filters/new": "form",
            f"settings/filters/{self.filter['id']}": "form",
            "settings/muted": self.cleo[0],
            "settings/blocked": self.dan[0],
            "settings/reports": "Sent on",
            **{f"settings/{part}": "main" for part in parts.split()},
            "no/such/place": "main",
        }

    @property
    def nothing(self) -> dict[str, str]:
        """What each address shows to Cleo, for whom there is nothing."""
        cleo = f"@{self.cleo[0]}"
        return {
            "home": "article, .empty",
            "notifications": "No notifications",
            "notifications/follow-requests": "No requests",
            "tags/nothing": "Nothing with #nothing",
            cleo: ".empty",
            f"{cleo}/people": ".empty",
        }

    @property
    def dialogs(self) -> list[tuple[str, Clicks]]:
        """What opens something over the screen at each address: roles or selectors, and words."""
        ada, bob = (f"@{each[0]}" for each in (self.ada, self.bob))
        more, of_message = (".profile button[aria-haspopup]", "More"), ("article button[aria-haspopup]", "More")
        complaints = [f"report/{self.ids[each[0]]}" for each in (self.bob, self.cleo, self.eve)]  # each keeps a draft
        rules, first_rule = [("label", "It breaks a rule"), ("button", "Next")], ("dialog label.choice", "")
        of_person = [f"Mute {bob}", f"Block {bob}", "Add a private note", "Languages on home", "Lists"]
        return [
            *((bob, [more, ("item", item)]) for item in [*of_person, "Remove from your followers"]),
            (bob, [of_message]),
            (bob, [of_message, ("item", "Filter this message")]),
            (f"tags/{self.tag}quote", [of_message, ("item", "Take your message out of it")]),
            (ada, [of_message, ("item", "Who can quote it")]),
            (f"{ada}/followers", [("button", "Remove")]),
            (complaints[0], rules),
            (complaints[1], [*rules, first_rule, ("button", "Next")]),
            (complaints[2], [*rules, first_rule, *[("button", "Next")] * 2, ("button", "Send the report")]),
            ("conversations", [("button", "Write to somebody")]),
            ("lists", [("button", "New list")]),
            (f"lists/{self.list['id']}", [("button", "More about this list"), ("item", "Delete the list")]),
            (f"tags/{self.tag}", [(".top button", "More"), ("item", "Combine with other hashtags")]),
            ("notifications", [("button", "More about notifications"), ("item", "Dismiss all")]),
            ("bookmarks/scheduled", [("button", "Move")]),
            ("bookmarks/scheduled", [("button", "Cancel")]),
            ("settings/delete", [("button", "Delete all messages")]),
            ("settings/privacy", [("label", "Approve followers")]),
            ("settings/sessions", [("main button", "Log out")]),
            (f"settings/filters/{self.filter['id']}", [("button", "Delete the filter")]),
        ]
