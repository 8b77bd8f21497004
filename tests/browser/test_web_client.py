"""The web client in real browsers: two people, what they say, and that it goes."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Keys

from tests.browser.web_client import Client
from tests.support.site import Site, eventually, in_time, unique

Person = tuple[str, str]
"""A name and a token."""


@pytest.fixture
def person(site: Site) -> Callable[[str], Person]:
    """Sign people up by the API."""

    def sign_up(name: str) -> Person:
        name = unique(name)
        return name, site.sign_up(name)

    return sign_up


def follow(site: Site, follower: Person, followed: Person) -> None:
    site.post(f"/api/v1/accounts/{site.id_of(followed[1])}/follow", follower[1])


def test_two_people_sign_up_and_see_a_message_come_shine_and_go(
    site: Site, clients: tuple[Client, Client], person: Callable[[str], Person]
) -> None:
    adas, bobs = clients
    name, bob = unique("ada"), person("bob")
    code = adas.sign_up(name)
    assert len(code) == 23
    site.post(f"/api/v1/accounts/{site.get('/api/v1/accounts/lookup', acct=name)['id']}/follow", bob[1])
    site.say(bob[1], "I am here first")
    bobs.enter(bob[1])
    bobs.message("I am here first")

    def come_and_go(seconds: int) -> None:
        text = f"The last boat leaves in {seconds} seconds"
        adas.visit("home")
        token = adas.run("return sessionStorage.getItem('fstream.token')")
        changed = site.request(
            "PATCH", "/api/v1/accounts/update_credentials", token, json={"source": {"expires_in": seconds}}
        )
        assert changed.status_code == 200
        adas.open("home")
        adas.write(text)
        adas.message(text)
        bobs.receive(text)
        assert bobs.is_warm(text)
        bobs.press("j")
        assert text in bobs.focused.text
        for each in clients:
            each.gone(text)
            assert text not in each.run("return document.documentElement.outerHTML")
        bobs.until(lambda: bobs.focused.tag_name == "article" and "I am here first" in bobs.focused.text)

    in_time(come_and_go, 10)
    for each in clients:
        each.check_storage(["The last boat"])
        each.check_calm()


def test_the_keyboard_alone_is_enough_and_a_draft_survives_a_crash(
    site: Site, client: Client, person: Callable[[str], Person]
) -> None:
    ada, bob = person("ada"), person("bob")
    follow(site, ada, bob)
    site.say(bob[1], "Is anybody awake?")
    assert eventually(lambda: site.home(ada[1]))
    client.enter(ada[1])
    client.press("j")
    assert "Is anybody awake?" in client.focused.text
    client.press("f")
    client.until(lambda: client.all("button", "Take the favourite back"))
    assert eventually(lambda: site.get("/api/v1/favourites", ada[1]))
    client.press("c")
    client.until(lambda: client.focused.tag_name == "textarea")
    client.press("Half a thought")
    client.run_async("await new Promise(done => setTimeout(done))")
    client.go("about:blank")  # without asking the page
    client.open("home")
    client.press("c")
    client.until(lambda: client.focused.get_property("value") == "Half a thought")
    client.press(" and the other half")
    client.press_with(Keys.CONTROL, Keys.ENTER)
    client.message("Half a thought and the other half")
    client.check_storage(["Half a thought", "Is anybody awake?"])
    client.check_calm()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_axe_finds_nothing_on_any_screen_in_either_scheme(
    site: Site, client: Client, person: Callable[[str], Person], width: int
) -> None:
    ada, bob = person("ada"), person("bob")
    follow(site, ada, bob)
    first = site.say(bob[1], "Who comes along to the #harbour?", expires_in=500)
    site.say(ada[1], f"@{bob[0]} Me.", in_reply_to_id=first["id"])
    assert eventually(lambda: len(site.home(ada[1])) == 2)
    client.open()
    client.check("welcome", width)
    client.enter(ada[1])
    client.check("home", width)
    for path in ("soon", f"@{bob[0]}/{first['id']}"):
        client.visit(path)
        client.check(path, width)
    client.check_calm()
