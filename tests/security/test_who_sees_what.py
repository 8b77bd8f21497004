"""Every GET route, walked as every kind of reader: what it shows of an author's messages before and after their end.

The tables below are read like this: `pufdr` are Ada's public, unlisted, private and direct message, and her public
reply; `A` is her account, `L` her lists of followers and followed accounts. What shows more or less than its cell
fails, and so does a route that is in no table but shows something. A route that is new and shows nothing of others
needs nothing; one with a variable or a query needs its values in `tests/support/walks.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.support import ends, engines
from tests.support.people import SETTLED, Api, Person
from tests.support.walks import LETTERS, UnknownRoute, Walk, add_filter, filled, routes

LIFETIME = 3600
ROLES = (
    "author", "follower", "mentioned", "stranger", "requester", "blocked", "blocking", "muted", "muting", "anonymous"
)  # fmt: skip
"""Readers, by what they are to Ada, whose account is locked: `blocked` by her, `blocking` her. A `requester` has
requested to follow her, and sees what a stranger sees. The `stranger` filters notifications of people like her."""

LIVE = """
route                              author follower mentioned stranger requester blocked blocking muted muting anonymous
/api/v1/accounts                        A        A         A        A         A       A        A     A      A         A
/api/v1/accounts/familiar_followers     A        A         A        A         A       A        A     A      A         -
/api/v1/accounts/lookup                 A        A         A        A         A       A        A     A      A         A
/api/v1/accounts/relationships          A        A         A        A         A       A        A     A      A         -
/api/v1/accounts/search                 A        A         A        A         A       -        -     A      A         A
/api/v1/accounts/verify_credentials     A        -         -        -         -       -        -     -      -         -
/api/v1/accounts/{id}                   A        A         A        A         A       A        A     A      A         A
/api/v1/accounts/{id}/endorsements      A        A         A        A         A       -        -     A      A         A
/api/v1/accounts/{id}/followers        LA       LA        LA       LA        LA       -        L    LA     LA        LA
/api/v1/accounts/{id}/following        LA       LA        LA       LA        LA       -        L    LA     LA        LA
/api/v1/accounts/{id}/statuses     pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/blocks                          -        -         -        -         -       -        A     -      -         -
/api/v1/bookmarks                  pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA         -
/api/v1/endorsements                    -        A         -        -         -       -        -     -      -         -
/api/v1/export                     pufdrA    pufrA     pudrA     purA      purA       -        A  purA   purA         -
/api/v1/conversations                  dA        -        dA        -         -       -        -     -      -         -
/api/v1/favourites                 pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA         -
/api/v1/filters                         A        -         -        -         -       -        -     -      -         -
/api/v1/filters/{id}                    A        -         -        -         -       -        -     -      -         -
/api/v1/lists/{id}/accounts             -        A         -        -         -       -        -     -      -         -
/api/v1/mutes                           -        -         -        -         -       -        -     -      A         -
/api/v1/notifications              pufdrA    pufrA     pudrA     purA      purA       -        -  purA      -         -
/api/v1/notifications/requests          -        -         -       uA         -       -        -     -      -         -
/api/v1/notifications/requests/{id}     -        -         -       uA         -       -        -     -      -         -
/api/v1/notifications/unread_count      n        n         n        n         n       -        -     n      -         -
/api/v1/notifications/{id}         pufdrA     pufA      pudA      puA       puA       -        -   puA      -         -
/api/v1/polls/{id}                  pufdr     pufr      pudr      pur       pur       -        -   pur    pur       pur
/api/v1/statuses                   pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/statuses/{id}              pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/statuses/{id}/context      pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/statuses/{id}/favourited_by pufdrA   pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/statuses/{id}/history      pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/statuses/{id}/quotes       pufdrA    pufrA     pudrA     purA      purA       -        -  purA   purA         -
/api/v1/statuses/{id}/reblogged_by  pufdrA   pufrA     pudrA     purA      purA       -        -  purA   purA      purA
/api/v1/statuses/{id}/source        pufdr        -         -        -         -       -        -     -      -         -
/api/v1/suggestions                     -        -         A        A         -       -        -     A      -         -
/api/v1/tags/{name}                     n        n         n        n         n       n        n     n      n         n
/api/v1/timelines/home             pufdrA    pufrA      purA     purA      purA       -        -  purA      -         -
/api/v1/timelines/list/{id}        pufdrA    pufrA      purA     purA      purA       -        -  purA      -         -
/api/v1/timelines/public               pA       pA        pA       pA        pA       -        -    pA      -        pA
/api/v1/timelines/tag/{name}          prA      prA       prA      prA       prA       -        -   prA      -       prA
/api/v1/trends/statuses                pA       pA        pA       pA        pA       -        -    pA      -        pA
/api/v2/filters                        pA        -         -        -         -       -        -     -      -         -
/api/v2/filters/{id}                   pA        -         -        -         -       -        -     -      -         -
/api/v2/filters/keywords/{id}           A        -         -        -         -       -        -     -      -         -
/api/v2/filters/statuses/{id}           p        -         -        -         -       -        -     -      -         -
/api/v2/filters/{id}/keywords           A        -         -        -         -       -        -     -      -         -
/api/v2/filters/{id}/statuses           p        -         -        -         -       -        -     -      -         -
/api/v2/notifications              pufdrA    pufrA     pudrA     purA      purA       -        -  purA      -         -
/api/v2/notifications/unread_count      n        n         n        n         n       -        -     n      -         -
/api/v2/notifications/{group_key}  pufdrA     pufA      pudA      puA       puA       -        -   puA      -         -
/api/v2/notifications/{group_key}/accounts -     A         A        A         A       -        -     A      -         -
/api/v2/search                    pufdrnA   pufrnA    pudrnA    purnA     purnA       -        A purnA   purA     purnA
/api/v2/suggestions                     -        -         A        A         -       -        -     A      -         -
/oauth/userinfo                         A        -         -        -         -       -        -     -      -         -
/tags/{name}                          prA      prA       prA      prA       prA     prA      prA   prA    prA       prA
/{part1}                             purA     purA      purA     purA      purA    purA     purA  purA   purA      purA
/{part1}/tagged/{part3}              purA     purA      purA     purA      purA    purA     purA  purA   purA      purA
/{part1}/{part2}                     purA     purA      purA     purA      purA    purA     purA  purA   purA      purA
"""

GONE = """
route                              author follower mentioned stranger requester blocked blocking muted muting anonymous
/api/v1/accounts                        A        A         A        A         A       A        A     A      A         A
/api/v1/accounts/familiar_followers     A        A         A        A         A       A        A     A      A         -
/api/v1/accounts/lookup                 A        A         A        A         A       A        A     A      A         A
/api/v1/accounts/relationships          A        A         A        A         A       A        A     A      A         -
/api/v1/accounts/search                 A        A         A        A         A       -        -     A      A         A
/api/v1/accounts/verify_credentials     A        -         -        -         -       -        -     -      -         -
/api/v1/accounts/{id}                   A        A         A        A         A       A        A     A      A         A
/api/v1/accounts/{id}/endorsements      A        A         A        A         A       -        -     A      A         A
/api/v1/accounts/{id}/followers        LA       LA        LA       LA        LA       -        L    LA     LA        LA
/api/v1/accounts/{id}/following        LA       LA        LA       LA        LA       -        L    LA     LA        LA
/api/v1/blocks                          -        -         -        -         -       -        A     -      -         -
/api/v1/endorsements                    -        A         -        -         -       -        -     -      -         -
/api/v1/export                          A        A         -        -         A       -        A     -      A         -
/api/v1/filters                         A        -         -        -         -       -        -     -      -         -
/api/v1/filters/{id}                    A        -         -        -         -       -        -     -      -         -
/api/v1/lists/{id}/accounts             -        A         -        -         -       -        -     -      -         -
/api/v1/mutes                           -        -         -        -         -       -        -     -      A         -
/api/v1/notifications/unread_count      n        -         -        -         -       -        -     -      -         -
/api/v2/filters                         A        -         -        -         -       -        -     -      -         -
/api/v2/filters/{id}                    A        -         -        -         -       -        -     -      -         -
/api/v2/filters/keywords/{id}           A        -         -        -         -       -        -     -      -         -
/api/v2/filters/{id}/keywords           A        -         -        -         -       -        -     -      -         -
/api/v2/notifications/unread_count      n        -         -        -         -       -        -     -      -         -
/api/v2/search                          A        A         A        A         A       -        A     A      A         A
/oauth/userinfo                         A        -         -        -         -       -        -     -      -         -
/{part1}                                A        A         A        A         A       A        A     A      A         A
"""
"""Ada's messages have expired or are deleted. What remains unread are a mention of her and her followers."""

DELETED = f"""{GONE}
/api/v1/suggestions                     -        -         A        A         -       -        -     A      -         -
/api/v2/suggestions                     -        -         A        A         -       -        -     A      -         -
"""
"""Ada's messages are deleted. She is still suggested as somebody who has posted lately."""

NOBODY = """
route                              author follower mentioned stranger requester blocked blocking muted muting anonymous
/api/v1/accounts/familiar_followers     -        A         A        A         A       A        A     A      A         -
"""
"""Ada has left or is suspended. This route returns an empty list for every id that it gets."""

TABLES = {"live": LIVE, "expired": GONE, "deleted": DELETED, "left": NOBODY, "suspended": NOBODY}
Cells = Mapping[str, tuple[str, ...]]
"""What the routes show, by route and role."""


def cells(table: str) -> Cells:
    head, *lines = [line.split() for line in table.splitlines() if line]
    assert tuple(head[1:]) == ROLES
    return {route: tuple(shown.replace("-", "") for shown in row) for route, *row in lines}


_made: list[tuple[Walk, dict[str, Person | None], int, Callable[[], None]]] = []


@pytest.fixture
def walk(api: Api) -> tuple[Walk, dict[str, Person | None]]:
    """Ada's messages and the readers, made once: everything is delivered, settled, and live for 1 ms."""
    if not _made:
        _made.append((*make(api), api.clock.now, engines.keep()))
    walked, readers, now, bring_back = _made[0]
    bring_back()
    api.go_on_with(walked.api.application, now)
    return replace(walked, api=api), readers


def make(api: Api) -> tuple[Walk, dict[str, Person | None]]:
    ada, host = api.sign_up("ada"), api.sign_up("host")
    people = {"author": ada} | {role: api.sign_up(role) for role in ROLES[1:-1]}
    profile = {"note": "about ada", "display_name": "name of ada"}
    assert api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json=profile).status == 200
    for by, whom in ((people["follower"], ada), (people["follower"], host), (ada, host), (host, ada)):
        api.act(by, "follow", whom, notify=(by, whom) == (people["follower"], ada))
        api.act(by, "endorse", whom)
    assert api.request("PATCH", "/api/v1/accounts/update_credentials", ada, json={"locked": True}).status == 200
    assert api.act(people["requester"], "follow", ada)["requested"]
    made = api.request("POST", "/api/v1/lists", people["follower"], json={"title": "list"}).json["id"]
    members = {"account_ids": [ada.id, host.id]}
    assert api.request("POST", f"/api/v1/lists/{made}/accounts", people["follower"], json=members).status == 200
    ids = {"ada": ada.id, "host": host.id, "list": made} | post(api, people, host)
    ids |= add_filter(api, ada, "name of ada", ids["p"])
    for reader in people.values():
        assert api.request("POST", "/api/v1/tags/walk/follow", reader).status == 200
        for letter in LETTERS:
            for verb in ("favourite", "bookmark", "reblog"):
                api.request("POST", f"/api/v1/statuses/{ids[letter]}/{verb}", reader)
            api.request("POST", f"/api/v1/polls/{ids[letter]}/votes", reader, json={"choices": [0]})
    for letter in "pu":
        ids[f"boost_{letter}"] = api.request("POST", f"/api/v1/statuses/{ids[letter]}/reblog", host).json["id"]
    for letter in set(LETTERS) - {"d"}:
        assert api.request("POST", f"/api/v1/statuses/{ids[letter]}/pin", ada).status == 200
    api.deliver()
    notifications = {role: notified(api, reader) for role, reader in people.items()}
    policy = {"for_not_following": "filter"}
    assert api.request("PATCH", "/api/v2/notifications/policy", people["stranger"], json=policy).status == 200
    # Favourites, bookmarks, boosts and notifications are from before.
    for by, verb, whom in (
        (ada, "block", people["blocked"]),
        (people["blocking"], "block", ada),
        (ada, "mute", people["muted"]),
        (people["muting"], "mute", ada),
    ):
        api.act(by, verb, whom)
    api.clock.advance(LIFETIME - 1 - SETTLED - 0.001)
    return Walk(api, ids, notifications), {**people, "anonymous": None}


def notified(api: Api, reader: Person) -> list[str]:
    """Return the ids of all notifications of a reader."""
    page = api.get("/api/v1/notifications", reader)
    found = [each["id"] for each in page.json]
    while following := page.link("next"):
        page = api.follow_link(following, reader)
        found += [each["id"] for each in page.json]
    return found


def post(api: Api, people: Mapping[str, Person], host: Person) -> dict[str, str]:
    """Post Ada's messages, which expire at the same time, and replies to them; return the ids.

    Her reply does so because its thread ends together; the end of the others is that of their own lifetime.
    """
    ada, week = people["author"], 604_800
    everybody = " ".join(f"@{role}" for role in ROLES[1:-1])
    first = api.post(host, "what do you think, @ada?", expires_in=LIFETIME, thread_ends_together=True)
    ids = {"to_r": first["id"]}
    kinds: tuple[tuple[str, dict[str, object]], ...] = (
        (f"words of p #walk {everybody}", {}),
        (f"words of u #walk {everybody}", {"visibility": "unlisted"}),
        ("words of f #walk", {"visibility": "private"}),
        ("words of d #walk @mentioned", {"visibility": "direct"}),
        ("words of r #walk", {"in_reply_to_id": ids["to_r"], "expires_in": week}),
    )
    for letter, (text, fields) in zip(LETTERS, kinds, strict=True):
        poll = {"options": [f"words of {letter}", "no"], "expires_in": 300}
        left = LIFETIME if letter == "p" else LIFETIME - 1
        ids[letter] = api.post(ada, text, **{"expires_in": left, "poll": poll, **fields})["id"]
        if letter == "p":
            api.clock.advance(1)  # so that the next one is the newest request's
    for letter, by in (("p", host), ("u", host), ("f", people["follower"]), ("d", people["mentioned"])):
        quoted = {"quoted_status_id": ids[letter]} if letter in "pu" else {}
        ids[f"to_{letter}"] = api.post(by, "I see", in_reply_to_id=ids[letter], expires_in=week, **quoted)["id"]
    assert api.request("POST", f"/api/v1/statuses/{ids['to_r']}/favourite", ada).status == 200
    return ids


def end(state: str, walk: Walk, ada: Person) -> None:
    if state == "expired":
        walk.api.clock.advance(0.001)
    elif state == "deleted":
        for letter in LETTERS:
            ends.delete(walk.api, ada, {"id": walk.ids[letter]})
    elif state != "live":
        ends.ENDS[state](walk.api, ada, {})


@pytest.mark.parametrize("state", TABLES)
def test_every_route_shows_every_reader_what_the_table_says(
    walk: tuple[Walk, dict[str, Person | None]], state: str
) -> None:
    walked, readers = walk
    ada = readers["author"]
    assert ada is not None
    end(state, walked, ada)
    expected, live, shown = cells(TABLES[state]), cells(LIVE), {}
    for route, reads_a_token in routes().items():
        # What shows a reader nothing while everything is live is not walked again.
        roles = (
            ROLES if state == "live" else [role for role, cell in zip(ROLES, live.get(route, ()), strict=False) if cell]
        )
        if reads_a_token:
            found = {role: walked.shown(route, role, readers[role]) for role in roles}
        else:
            found = dict.fromkeys(roles, walked.shown(route, "anonymous", None) if roles else "")
        shown[route] = tuple(found.get(role, "") for role in ROLES)
    nothing = ("",) * len(ROLES)
    wrong = [
        f"GET {route}: {dict(zip(ROLES, row, strict=True))} (see {__name__})"
        for route, row in shown.items()
        if row != expected.get(route, nothing)
    ]
    assert not wrong, "\n".join(wrong)
    assert expected.keys() <= shown.keys()


def test_a_route_with_an_unknown_variable_is_refused_with_what_to_add() -> None:
    with pytest.raises(UnknownRoute, match=r"Add values of /api/v1/new/\{id\} to VALUES in tests/support/walks"):
        filled("/api/v1/new/{id}/things")
