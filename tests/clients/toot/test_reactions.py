"""Favourites, bookmarks, threads, notifications, hashtags and profiles with toot."""

from tests.clients.toot.person import SignUp, follow
from tests.support.site import Site, eventually, unique


def test_a_favourite_is_counted_and_listed_until_it_is_taken_back(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    posted = site.say(ada.token, "like me")["id"]
    assert "Status favourited" in bob.toot("favourite", posted)
    again = bob.json("favourite", posted)
    assert (again["favourited"], again["favourites_count"]) == (True, 1)
    assert bob.ids("timelines", "favourites") == [posted]
    assert "like me" in bob.toot("timelines", "favourites")
    taken_back = bob.json("unfavourite", posted)
    assert (taken_back["favourited"], taken_back["favourites_count"]) == (False, 0)
    assert "Status unfavourited" in bob.toot("unfavourite", posted)
    assert bob.ids("timelines", "favourites") == []


def test_a_boost_is_on_the_followers_home_until_it_is_taken_back(site: Site, sign_up: SignUp) -> None:
    ada, bob, eve = sign_up("ada"), sign_up("bob"), sign_up("eve")
    posted = site.say(ada.token, "pass it on")["id"]
    follow(site, eve, bob)
    assert "Status reblogged" in bob.toot("reblog", posted)
    again = bob.json("reblog", posted, "--visibility", "unlisted")
    assert (again["reblog"]["id"], again["reblogged"], again["reblogs_count"]) == (posted, True, 1)
    assert bob.name in ada.toot("reblogged-by", posted)
    assert eventually(lambda: site.ids("/api/v1/timelines/home", eve.token) == [again["id"]])
    assert "pass it on" in eve.toot("timelines", "home")
    assert eventually(lambda: [each["type"] for each in ada.json("notifications")] == ["reblog"])
    assert "Status unreblogged" in bob.toot("unreblog", posted)
    taken_back = bob.json("unreblog", posted)
    assert (taken_back["id"], taken_back["reblogged"], taken_back["reblogs_count"]) == (posted, False, 0)
    assert site.ids("/api/v1/timelines/home", eve.token) == ada.json("notifications") == []
    assert "not reblogged by anyone" in ada.toot("reblogged-by", posted)


def test_a_bookmark_is_listed_until_it_is_taken_back(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    posted = site.say(ada.token, "keep me")["id"]
    assert "Status bookmarked" in bob.toot("bookmark", posted)
    assert bob.json("bookmark", posted)["bookmarked"] is True
    assert "keep me" in bob.toot("bookmarks")
    assert "keep me" not in ada.toot("bookmarks")
    assert bob.json("unbookmark", posted)["bookmarked"] is False
    assert "Status unbookmarked" in bob.toot("unbookmark", posted)
    assert "keep me" not in bob.toot("bookmarks")


def test_a_pinned_message_is_on_the_profile_until_it_is_unpinned(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    posted, other = (site.say(ada.token, text)["id"] for text in ("pin me", "not me"))
    assert "Status pinned" in ada.toot("pin", posted)
    assert ada.json("pin", posted)["pinned"] is True
    profile = f"/api/v1/accounts/{site.id_of(ada.token)}/statuses"
    assert (site.ids(profile, pinned=True), site.ids(profile)) == ([posted], [other, posted])
    assert ada.json("unpin", posted)["pinned"] is False
    assert "Status unpinned" in ada.toot("unpin", posted)
    assert site.ids(profile, pinned=True) == []


def test_favourites_and_bookmarks_are_shown_page_after_page(site: Site, sign_up: SignUp) -> None:
    ada = sign_up("ada")
    posted = [site.say(ada.token, f"number {number}")["id"] for number in range(5)]
    for each in posted:
        site.post(f"/api/v1/statuses/{each}/favourite", ada.token)
        site.post(f"/api/v1/statuses/{each}/bookmark", ada.token)
    in_order = [f"number {number}" for number in reversed(range(5))]
    for shown in (ada.toot("timelines", "favourites", "--limit", "2"), ada.toot("bookmarks", "--count", "5")):
        assert [line.strip() for line in shown.splitlines() if line.startswith("number")] == in_order
    assert ada.ids("timelines", "favourites", "--min-id", posted[1], "--limit", "2") == posted[3:1:-1]
    assert ada.ids("timelines", "favourites", "--max-id", posted[1]) == posted[:1]


def test_a_thread_is_shown_from_its_beginning_on(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    asked = ada.json("post", "a question")
    answered = bob.json("post", "an answer", "--reply-to", asked["id"])
    thanked = ada.json("post", "thanks", "--reply-to", answered["id"])
    assert eventually(lambda: bob.json("thread", answered["id"])["descendants"])
    thread = bob.json("thread", answered["id"])
    assert [status["id"] for status in thread["ancestors"]] == [asked["id"]]
    assert [status["id"] for status in thread["descendants"]] == [thanked["id"]]
    shown = bob.toot("thread", answered["id"])
    assert shown.index("a question") < shown.index("an answer") < shown.index("thanks")


def test_notifications_show_who_did_what_until_they_are_cleared(site: Site, sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    posted = site.say(ada.token, "hello")["id"]
    follow(site, bob, ada)
    bob.toot("favourite", posted)
    bob.toot("post", f"hi @{ada.name}")
    kinds = {"follow", "favourite", "mention"}
    assert eventually(lambda: len(site.ids("/api/v1/notifications", ada.token)) == len(kinds))
    shown = ada.json("notifications")
    assert {notification["type"] for notification in shown} == kinds
    assert {notification["account"]["acct"] for notification in shown} == {bob.name}
    for kind in kinds:
        assert [each["type"] for each in ada.json("notifications", "--type", kind)] == [kind]
        left = {each["type"] for each in ada.json("notifications", "--exclude-type", kind)}
        assert left == kinds - {kind}
    printed = ada.toot("notifications")
    for sentence in ("now follows you", "favourited your status", "mentioned you"):
        assert f"@{bob.name} {sentence}" in printed
    assert "Notifications cleared" in ada.toot("notifications", "--clear")
    assert ada.json("notifications") == []


def test_a_hashtag_is_found_by_the_beginning_of_its_name(site: Site, sign_up: SignUp) -> None:
    ada, tag = sign_up("ada"), unique("moin")
    site.say(ada.token, f"hello #{tag.capitalize()}")

    def found() -> list[str]:
        hashtags = ada.json("search", f"#{tag[:-2]}", "--type", "hashtags")["hashtags"]
        return [each["name"] for each in hashtags]

    assert eventually(found) == [tag]
    assert ada.json("tags", "info", tag.capitalize())["name"] == tag
    assert f"#{tag}" in ada.toot("tags", "info", tag)


def test_hashtags_are_followed_and_featured(site: Site, sign_up: SignUp) -> None:
    ada, bob, tag = sign_up("ada"), sign_up("bob"), unique("moin")
    said = site.say(ada.token, f"hello #{tag}")["id"]
    assert f"You are now following #{tag}" in bob.toot("tags", "follow", tag)
    assert [each["name"] for each in bob.json("tags", "followed")] == [tag]
    assert eventually(lambda: [each["id"] for each in bob.json("timelines", "home")]) == [said]
    assert f"#{tag} is now featured" in bob.toot("tags", "feature", tag)
    assert [each["name"] for each in bob.json("tags", "featured")] == [tag]
    assert f"#{tag} is no longer featured" in bob.toot("tags", "unfeature", tag)
    assert f"no longer following #{tag}" in bob.toot("tags", "unfollow", tag)
    assert bob.json("tags", "followed") == bob.json("tags", "featured") == []


def test_what_trends_is_shown(site: Site, sign_up: SignUp) -> None:
    """What trends is ranked once a minute, so which messages are shown depends on what other tests post."""
    ada = sign_up("ada")
    site.say(ada.token, "hello")

    def is_shown_as_it_is() -> bool:
        shown = ada.json("timelines", "trending")
        assert all(each["visibility"] == "public" for each in shown)
        return ("No statuses found" in ada.toot("timelines", "trending")) == (not shown)

    assert eventually(is_shown_as_it_is)


def test_a_profile_is_changed_and_shown(sign_up: SignUp) -> None:
    ada, bob = sign_up("ada"), sign_up("bob")
    changes = {"--display-name": "Ada L.", "--note": "Nothing stays", "--privacy": "unlisted", "--language": "de"}
    options = [text for option in changes.items() for text in option]
    changed = ada.json("update-account", *options, "--bot", "--no-discoverable", "--sensitive")
    assert (changed["display_name"], changed["bot"], changed["discoverable"]) == ("Ada L.", True, False)
    assert "Account updated" in ada.toot("update-account", "--no-bot")
    source = ada.json("whoami")["source"]
    assert (source["privacy"], source["sensitive"], source["language"]) == ("unlisted", True, "de")
    shown = bob.toot("whois", ada.name)
    assert "Ada L." in shown
    assert "Nothing stays" in shown
    assert bob.json("whois", ada.name)["id"] == ada.json("whoami")["id"] == changed["id"]
