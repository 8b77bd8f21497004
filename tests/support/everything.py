"""A small network whose people have used every feature that stores something; part of it is not delivered yet.

What `features` does is in it. Around Ada are also messages of each kind by letter, which `walks` needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.support.features import FEATURES
from tests.support.life import Life
from tests.support.people import PASSWORD, Answer, Api, Person

NEW_PASSWORD = "another horse"
_UPDATE = "/api/v1/accounts/update_credentials"


@dataclass(frozen=True)
class Everything:
    """Ada, whose account is locked, and the people around her."""

    people: Mapping[str, Person]
    """`ada`; `host`, whom she follows and who follows her; `fan`, whom she has let in; and others.

    `wanderer` and `bob` have used every feature.
    """
    ids: Mapping[str, str]
    """The ids that the paths of `tests/support/walks.py` need, by name."""


def make(api: Api) -> Everything:
    """Use everything, the second half without delivering it."""
    people = {name: api.sign_up(name) for name in ("ada", "host", "fan", "asker", "late", "foe", "gone")}
    _relate(api, people)
    ids = _post(api, people) | {name: people[name].id for name in ("ada", "host")}
    _react(api, people, ids)
    for letter in "pu":
        path = f"/api/v1/statuses/{ids[letter]}/reblog"
        # Not seen by those who read with the version before boosts: it shows them as messages without text.
        ids[f"boost_{letter}"] = done(api.request("POST", path, people["asker"], json={"visibility": "private"})).json[
            "id"
        ]
    life = Life(api)
    for feature in FEATURES:
        feature(life)
    people |= {who.name: who for who in (life.ada, life.bob)}
    ids |= _curated(api, life.ada)
    api.deliver()
    _go_on(api, people, ids)
    return Everything(people, ids)


def done(answer: Answer) -> Answer:
    """Return the response to a request that must succeed."""
    assert answer.status in {200, 201}, answer.json
    return answer


def _relate(api: Api, people: Mapping[str, Person]) -> None:
    ada, host = people["ada"], people["host"]
    follows = ((ada, host), (host, ada), (people["fan"], host), (people["gone"], ada), (ada, people["gone"]))
    for by, whom in follows:
        api.act(by, "follow", whom)
    profile = {
        "display_name": "name of ada",
        "note": "about ada #walk",
        "fields_attributes": [{"name": "home", "value": "https://ada.example"}],
        "locked": True,
        "source": {
            "expires_in": {"direct": 7200, "public": 86_400},
            "thread_ends_together": False,
            "lifetime_in_text": True,
        },
    }
    done(api.request("PATCH", _UPDATE, ada, json=profile))
    for name in ("fan", "asker", "foe"):
        api.act(people[name], "follow", ada)
    done(api.request("POST", f"/api/v1/follow_requests/{people['fan'].id}/authorize", ada))
    done(api.request("POST", f"/api/v1/follow_requests/{people['foe'].id}/reject", ada))
    api.act(ada, "block", people["foe"])
    api.act(host, "mute", people["fan"], duration=3600, notifications=False)


def _post(api: Api, people: Mapping[str, Person]) -> dict[str, str]:
    """Post messages of every visibility and kind of lifetime, and replies to them; return their ids by letter."""
    ada, host, fan = (people[name] for name in ("ada", "host", "fan"))
    ids = {"to_r": api.post(host, "what do you think, @ada?", expires_in=7200, thread_ends_together=True)["id"]}
    kinds: dict[str, tuple[str, dict[str, object]]] = {
        "p": ("words of p #walk @host #2h", {"spoiler_text": "careful", "sensitive": True}),
        "u": ("words of u #walk", {"visibility": "unlisted", "thread_ends_together": True}),
        "f": ("words of f #walk", {"visibility": "private", "language": "en"}),
        "d": ("words of d #walk @host", {"visibility": "direct"}),
        "r": ("words of r #walk", {"in_reply_to_id": ids["to_r"]}),
    }
    for letter, (text, fields) in kinds.items():
        ids[letter] = api.post(ada, text, **fields)["id"]
    for letter, by in {"p": host, "u": fan, "f": fan, "d": host}.items():
        fields = {"visibility": "direct"} if letter == "d" else {}
        ids[f"to_{letter}"] = api.post(by, "I see, @ada", in_reply_to_id=ids[letter], **fields)["id"]
    return ids


def _react(api: Api, people: Mapping[str, Person], ids: Mapping[str, str]) -> None:
    for by, verb, letter in (
        ("host", "favourite", "p"), ("host", "bookmark", "d"), ("fan", "favourite", "f"), ("ada", "favourite", "to_p"),
        ("ada", "bookmark", "p"), ("fan", "favourite", "u"), ("fan", "unfavourite", "u"),
    ):  # fmt: skip
        done(api.request("POST", f"/api/v1/statuses/{ids[letter]}/{verb}", people[by]))


def _curated(api: Api, by: Person) -> dict[str, str]:
    """Return the ids of a list, and of a filter with a keyword and a single status, by the names that `walks` has."""
    found = next(each for each in api.get("/api/v2/filters", by).json if each["keywords"] and each["statuses"])
    return {
        "list": api.get("/api/v1/lists", by).json[-1]["id"],
        "filter": found["id"],
        "keyword": found["keywords"][0]["id"],
        "filtered": found["statuses"][0]["id"],
    }


def _go_on(api: Api, people: Mapping[str, Person], ids: Mapping[str, str]) -> None:
    """Change what is there: post, delete, decide, unlock, change a password and leave, all of it undelivered."""
    ada, host, fan = (people[name] for name in ("ada", "host", "fan"))
    api.post(host, "later #walk #1h", in_reply_to_id=ids["u"])
    for by, method, path in ((ada, "POST", "/read"), (ada, "POST", "/unread"), (host, "DELETE", "")):
        (conversation,) = api.get("/api/v1/conversations", by).json
        done(api.request(method, f"/api/v1/conversations/{conversation['id']}{path}", by))
    api.post(host, "later, @ada", visibility="direct", in_reply_to_id=ids["d"])
    api.post(fan, "later @ada", visibility="private")
    for number in range(2):
        due = datetime.fromtimestamp(api.clock.now / 1000 + 900 + number, UTC).isoformat()
        made = api.post(ada, "later #walk @host", scheduled_at=due, in_reply_to_id=ids["u"])
    done(api.request("PUT", f"/api/v1/scheduled_statuses/{made['id']}", ada, json={"scheduled_at": due[:-9] + "Z"}))
    withdrawn = api.post(ada, "withdrawn #walk")
    done(api.delete(ada, withdrawn))
    done(api.request("POST", f"/api/v1/statuses/{ids['r']}/favourite", fan))
    done(api.request("PATCH", _UPDATE, host, json={"locked": True}))
    api.act(people["late"], "follow", host)
    done(api.request("PATCH", _UPDATE, host, json={"locked": False}))
    passwords = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    done(api.request("POST", "/api/pleroma/change_password", host, json=passwords))
    done(api.request("POST", "/api/v1/recovery_code", ada, json={"password": PASSWORD}))
    done(api.request("POST", "/api/pleroma/delete_account", people["gone"], json={"password": PASSWORD}))
