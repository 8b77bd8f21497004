"""What people gather in the web client: conversations, lists, bookmarks, favourites, and messages for later."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.browser.people import Person, follow
from tests.browser.web_client import Client
from tests.support.site import Site, eventually


def later(site: Site, by: Person, text: str, hours: int) -> dict[str, Any]:
    """Schedule a message."""
    at = datetime.now(UTC) + timedelta(hours=hours)
    return site.say(by[1], text, scheduled_at=at.isoformat(), expires_in=3600)


def test_people_write_to_each_other_alone(site: Site, client: Client, person: Callable[[str], Person]) -> None:
    ada, bob = person("ada"), person("bob")
    client.enter(ada[1], "conversations")
    client.click("button", "Write to somebody")
    client.fill("Name", bob[0])
    client.click("button", bob[0], inside=client.find("dialog"))
    field = client.find("textarea")
    assert field.get_property("value") == f"@{bob[0]} "
    client.press("Are you there?")
    client.click("button", "Post", exact=True)
    client.find("link", "Are you there?")
    asked = eventually(lambda: site.get("/api/v1/conversations", bob[1]))[0]["last_status"]
    assert asked["visibility"] == "direct"
    site.say(bob[1], f"@{ada[0]} Always.", visibility="direct", in_reply_to_id=asked["id"])
    client.find("a.row.unread", "Always.")
    client.click("link", "Always.")
    client.message("Are you there?")
    client.press("\ue00c")  # Escape
    client.until(lambda: client.all("a.row:not(.unread)", "Always."), what="a conversation that is read")
    assert eventually(lambda: not site.get("/api/v1/conversations", ada[1])[0]["unread"])
    client.click("button", "More about the conversation")
    client.click("item", "Mark as unread")
    assert eventually(lambda: site.get("/api/v1/conversations", ada[1])[0]["unread"])
    client.click("button", "More about the conversation")
    client.click("item", "Take off the list")
    client.find("heading", "No conversations")
    assert eventually(lambda: site.get("/api/v1/conversations", ada[1]) == [])
    client.check_storage(["Are you there?", "Always."])
    client.check_calm()


def test_lists_are_made_filled_changed_and_deleted(site: Site, client: Client, person: Callable[[str], Person]) -> None:
    ada, bob, cleo = person("ada"), person("bob"), person("cleo")
    for each in (bob, cleo):
        follow(site, ada, each)
    client.enter(ada[1], "lists")
    client.find("heading", "No lists of your own yet")
    client.click("button", "New list")
    client.fill("Name", "Harbour")
    client.click("label", "No replies")
    client.click("button", "Make the list")
    client.fill("Find people", bob[0])
    client.until(lambda: not client.all("button", f"Add @{cleo[0]}"))
    client.click("button", f"Add @{bob[0]}")
    client.find("button", f"Remove @{bob[0]}")
    [_, made] = site.get("/api/v1/lists", ada[1])
    path = f"/api/v1/lists/{made['id']}"
    assert (made["title"], made["replies_policy"], made["exclusive"]) == ("Harbour", "none", False)
    assert eventually(lambda: site.ids(f"{path}/accounts", ada[1])) == [site.id_of(bob[1])]
    for name, token in (bob, cleo):
        site.say(token, f"{name} at the pier")
    assert eventually(lambda: len(site.home(ada[1])) == 2)
    client.click("tab", "Messages")
    client.receive(f"{bob[0]} at the pier")
    assert len(client.messages) == 1
    client.click("button", "More about this list")
    client.click("item", "Change the list")
    client.fill("Name", "Pier")
    client.click("label", "Only here")
    client.click("button", "Save")
    client.find("heading", "Pier")
    assert site.get(path, ada[1])["exclusive"]
    client.click("button", "More about this list")
    client.click("item", "Delete the list")
    client.click("button", "Delete the list", inside=client.find("dialog"))
    client.find("heading", "No lists of your own yet")
    assert eventually(lambda: len(site.get("/api/v1/lists", ada[1])) == 1)
    client.check_calm()


def test_what_is_kept_and_what_comes_later(site: Site, client: Client, person: Callable[[str], Person]) -> None:
    ada = person("ada")
    first, second = site.say(ada[1], "Keep this one"), site.say(ada[1], "Like that one")
    client.enter(ada[1], "bookmarks")
    client.find("heading", "No bookmarks")
    site.post(f"/api/v1/statuses/{first['id']}/bookmark", ada[1])
    site.post(f"/api/v1/statuses/{second['id']}/favourite", ada[1])
    client.open("bookmarks")
    client.message("Keep this one")
    client.click("tab", "Favourites")
    client.message("Like that one")
    later(site, ada, "For the day after", 40)
    planned = later(site, ada, "For tomorrow", 20)
    client.click("tab", "Scheduled")
    client.until(lambda: len(client.all("article.planned")) == 2, what="two messages for later")
    nearest = client.all("article.planned")[0]
    assert "For tomorrow" in nearest.text
    client.click("button", "Move", inside=nearest)
    moved = datetime.now().astimezone() + timedelta(hours=60)
    field = client.find("field", "Date and time")
    client.run(
        "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', { bubbles: true }))",
        field,
        f"{moved:%Y-%m-%dT%H:%M}",
    )
    client.click("button", "Move", inside=client.find("dialog"))
    client.until(lambda: "For the day after" in client.all("article.planned")[0].text, what="another order")
    shown = site.get(f"/api/v1/scheduled_statuses/{planned['id']}", ada[1])
    assert shown["scheduled_at"].startswith(f"{moved.astimezone(UTC):%Y-%m-%dT%H:%M}")
    client.click("button", "Cancel", inside=client.all("article.planned")[1])
    client.click("button", "Take it back", inside=client.find("dialog"))
    client.until(lambda: client.find("textarea").get_property("value") == "For tomorrow", what="the text again")
    assert len(site.get("/api/v1/scheduled_statuses", ada[1])) == 1
    client.check_calm()


def test_what_others_made_of_a_message_is_listed_and_a_quote_taken_back(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    said = site.say(ada[1], "The tide is out", expires_in=3600)
    path = f"/api/v1/statuses/{said['id']}"
    for deed in ("favourite", "reblog"):
        site.post(f"{path}/{deed}", bob[1])
    quoting = site.say(bob[1], "Look at this", quoted_status_id=said["id"], expires_in=3600)
    client.enter(ada[1], f"@{ada[0]}/{said['id']}")
    client.click("link", "1 favourite", exact=True)
    client.find("heading", "Reactions")
    client.find("dialog article", bob[0])
    for tab, shown in (("Boosts", bob[0]), ("Quotes", "Look at this")):
        client.click("dialog a", tab, exact=True)
        client.find("dialog article", shown)
    client.check("quotes", 320)
    client.act("Look at this", "More")
    client.click("item", "Take your message out of it")
    client.click("button", "Take it out", exact=True)
    assert eventually(lambda: site.get(f"/api/v1/statuses/{quoting['id']}", ada[1])["quote"]["state"] == "revoked")
    client.visit("home")
    client.act("The tide is out", "More")
    client.click("item", "Who can quote it")
    client.click("label", "Nobody", exact=True, inside=client.find("dialog"))
    client.click("button", "Save")
    assert eventually(lambda: site.get(path)["quote_approval"]["automatic"] == [])
    client.act("The tide is out", "Boost")
    client.click("item", "Boost to followers only")
    assert eventually(lambda: site.get(path, ada[1])["reblogged"])
    (boosted,) = (
        each for each in site.get(f"/api/v1/accounts/{site.id_of(ada[1])}/statuses", ada[1]) if each["reblog"]
    )
    assert boosted["visibility"] == "private"
    client.check_storage(["The tide is out", "Look at this"])
    client.check_calm()
