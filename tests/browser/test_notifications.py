"""Notifications in the web client: who did what, what waits, and whose are wanted."""

from collections.abc import Callable
from functools import partial

from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select

from tests.browser.people import Person, follow
from tests.browser.web_client import Client
from tests.support.site import Site, eventually, in_time

SOME = 3


def rows(client: Client, words: str = "") -> list[WebElement]:
    """Return the notifications on the screen that have these words."""
    return [each for each in client.all(".event, .told") if words in each.text]


def row(client: Client, words: str) -> WebElement:
    """Return the notification with these words, as soon as it is there."""
    return client.until(lambda: rows(client, words), what=f"a notification {words!r}")[0]


def unread(site: Site, person: Person) -> int:
    count: int = site.get("/api/v1/notifications/unread_count", person[1])["count"]
    return count


def badge(client: Client) -> str:
    """Return the number at the notifications in the navigation."""
    return "".join(each.text for each in client.all("nav .badge"))


def do(site: Site, by: Person, verb: str, status: dict[str, str]) -> None:
    site.post(f"/api/v1/statuses/{status['id']}/{verb}", by[1])


def test_notifications_arrive_in_groups_and_are_read(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob, cleo = person("ada"), person("bob"), person("cleo")
    loaf = site.say(ada[1], "The first loaf is out")
    follow(site, bob, ada)
    do(site, bob, "favourite", loaf)
    site.say(bob[1], f"@{ada[0]} Save me the crust", in_reply_to_id=loaf["id"])
    assert eventually(lambda: unread(site, ada) == SOME)
    client.enter(ada[1])
    client.until(lambda: badge(client).startswith(str(SOME)), what="the number of what is new")
    client.visit("notifications")
    assert "The first loaf is out" in row(client, f"{bob[0]} likes your message").text
    row(client, f"{bob[0]} follows you")
    row(client, "replied to you")
    client.message("Save me the crust")
    client.until(lambda: not badge(client), what="nothing new")
    assert eventually(lambda: unread(site, ada) == 0)
    do(site, cleo, "favourite", loaf)
    client.find(".pill button", "1 new notification")
    assert len(rows(client)) == SOME, "what is read does not move"
    client.press(".")
    joined = row(client, f"{cleo[0]} and 1 other like your message")
    assert len(rows(client)) == SOME
    assert "new" in (joined.get_attribute("class") or "").split()
    client.check_storage(["The first loaf", "Save me the crust"])
    client.check_calm()


def test_notifications_are_dismissed_one_by_one_and_all(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    do(site, bob, "favourite", site.say(ada[1], "The first loaf is out"))
    follow(site, bob, ada)
    site.say(bob[1], f"@{ada[0]} Save me the crust")
    assert eventually(lambda: unread(site, ada) == SOME)
    client.enter(ada[1], "notifications")
    row(client, "likes your message")
    with client.offline():
        client.click("button", "Dismiss", exact=True, inside=row(client, "likes your message"))
        client.until(lambda: client.all("status", "still there"), what="words about the failure")
        assert rows(client, "likes your message")
    client.click("button", "Dismiss", exact=True, inside=row(client, "likes your message"))
    client.until(lambda: not rows(client, "likes your message"), what="no group")
    assert client.focused.tag_name == "article"
    client.click("tab", "Mentions")
    client.until(lambda: len(rows(client)) == 1, what="mentions alone")
    client.click("tab", "All")
    client.click("button", "More about notifications")
    client.click("item", "Dismiss all")
    client.click("button", "Dismiss all", inside=client.find("dialog"))
    client.find("heading", "No notifications")
    assert site.get("/api/v1/notifications", ada[1]) == []
    client.check_calm(["ERR_INTERNET_DISCONNECTED"])


def test_a_notification_outlives_the_text_of_its_message_on_the_screen_only(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")

    def see(seconds: int) -> tuple[str, str]:
        mine, theirs = f"Mine lasts {seconds} seconds", f"Theirs lasts {seconds} seconds"
        do(site, bob, "favourite", site.say(ada[1], mine, expires_in=seconds))
        site.say(bob[1], f"@{ada[0]} {theirs}", expires_in=seconds)
        assert eventually(lambda: len(site.get("/api/v1/notifications", ada[1])) == 2)
        client.enter(ada[1], "notifications")
        assert mine in row(client, "likes your message").text
        client.message(theirs)
        return mine, theirs

    (mine, theirs), _ = in_time(see, 4)
    for text in (mine, theirs):
        client.until(partial(_holds_no, client, text), what="a document without the text")
    client.until(lambda: "A message that is gone" in row(client, "likes your message").text)
    assert not rows(client, "mentioned you")
    client.open("notifications")
    client.find("heading", "No notifications")
    client.check_calm()


def _holds_no(client: Client, text: str) -> bool:
    return text not in client.run("return document.documentElement.outerHTML")


def test_people_decide_whose_notifications_and_follows_they_want(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob, cleo = person("ada"), person("bob"), person("cleo")
    client.enter(ada[1], "notifications/follow-requests")
    client.find("heading", "No requests")
    assert site.request("PATCH", "/api/v1/accounts/update_credentials", ada[1], json={"locked": True}).ok
    for each in (bob, cleo):
        follow(site, each, ada)
    assert eventually(lambda: len(site.get("/api/v1/notifications", ada[1])) == 2)
    client.open("notifications")
    client.find("link", "2 people ask to follow you")
    client.click("button", f"Accept @{bob[0]}")
    client.find("link", "1 person asks to follow you")
    client.click("link", "Follow requests")
    client.click("button", f"Reject @{cleo[0]}")
    assert eventually(lambda: site.get("/api/v1/follow_requests", ada[1]) == [])
    followers = site.get(f"/api/v1/accounts/{site.id_of(ada[1])}/followers", ada[1])
    assert [each["username"] for each in followers] == [bob[0]]

    client.visit("notifications/policy")
    Select(client.find("field", "People you do not follow")).select_by_visible_text("Filter")
    client.click("button", "Save")
    client.until(lambda: not client.all("button", "Save"), what="a policy that is saved")
    site.say(cleo[1], f"@{ada[0]} You have won a boat")
    requests = "/api/v1/notifications/requests"
    assert eventually(lambda: cleo[0] in str(site.get(requests, ada[1])))
    client.visit("notifications/filtered")
    client.until(lambda: "You have won a boat" in client.text, what="the filtered message")
    client.click("button", f"Accept notifications from @{cleo[0]}")
    client.until(lambda: client.focused.tag_name == "section")
    client.click("button", f"Dismiss notifications from @{bob[0]}")
    client.find("heading", "Nothing is filtered")
    client.visit("notifications")
    client.message("You have won a boat")
    client.check_calm()
