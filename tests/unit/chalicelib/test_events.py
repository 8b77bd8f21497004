"""The stream functions, called with events as Lambda passes them."""

from typing import Any

import pytest

from chalicelib.events import fan_out, on_relationship, views
from fstream_app import tables
from fstream_app.repository import batch, heads
from tests.support.people import Api, Person, stored
from tests.support.records import Record, followed, posted, run

TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
Contents = dict[str, list[str]]


def without_log(everything: Contents) -> Contents:
    return {name: items for name, items in everything.items() if name != "LogItem"}


def deliver(*records: Record) -> list[str]:
    """Call both functions that read the stream of messages; return the sequence numbers that either reports."""
    return sorted({*run(fan_out, *records), *run(views, *records)})


def notifications(of: Person) -> list[tuple[str, str]]:
    """Return kind and actor of a user's notifications."""
    items = tables.NotificationItem.query(of.id)
    return [(item.kind, item.id[10:23]) for item in items if item.kind]


def test_each_function_writes_its_own_part(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "#one @bob", in_reply_to_id=api.post(bob, "?")["id"])
    before = stored()
    assert run(fan_out, posted(status)) == []
    after = stored()
    assert {name for name in after if after[name] != before[name]} == {"HeadItem", "LogItem"}
    assert run(views, posted(status)) == []
    assert {name for name, items in stored().items() if items != after[name]} == {
        "TimelineItem",
        "NotificationItem",
        "MessageItem",  # counts, and the time of the notifications
    }


def test_an_insert_brings_a_message_into_its_views(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    status = api.post(ada, "#one #two @bob")
    assert deliver(posted(status)) == []
    everything = stored()
    assert {name: len(everything[name]) for name in ("HeadItem", "LogItem", "TimelineItem", "NotificationItem")} == {
        "HeadItem": 1, "LogItem": 1, "TimelineItem": 5, "NotificationItem": 1,
    }  # fmt: skip
    assert notifications(bob) == [("mention", ada.id)]


def test_only_public_messages_come_into_public_views(api: Api) -> None:
    ada = api.sign_up("ada")
    for visibility in ("unlisted", "private", "direct"):
        assert deliver(posted(api.post(ada, "#one", visibility=visibility))) == []
    assert [item for item in stored()["TimelineItem"] if f'"direct#{ada.id}"' not in item] == []


def test_removals_by_ttl_and_changes_are_let_pass(api: Api) -> None:
    ada = api.sign_up("ada")
    status = api.post(ada, "#one")
    before = stored()
    assert deliver(posted(status, "REMOVE", userIdentity=TTL), posted(status, "MODIFY")) == []
    assert run(on_relationship, followed(ada, ada, "MODIFY"), followed(ada, ada, "REMOVE")) == []
    assert stored() == before


def test_a_removal_by_the_author_takes_the_message_out_of_the_head(api: Api) -> None:
    ada = api.sign_up("ada")
    first, second = api.post(ada, "1"), api.post(ada, "2")
    deliver(posted(first), posted(second, sequence="2"))
    api.delete(ada, first)
    assert deliver(posted(first, "REMOVE", "3")) == []
    assert len(heads.get(ada.id)) == 12
    api.delete(ada, second)
    assert deliver(posted(second, "REMOVE", "4")) == []
    assert stored()["HeadItem"] == []


def test_a_malformed_record_is_reported_alone(api: Api) -> None:
    ada = api.sign_up("ada")
    first, last = posted(api.post(ada, "1")), posted(api.post(ada, "2"), sequence="3")
    ids: list[object] = [{"S": "x"}, {"S": "u" * 26}, {"S": None}, {"N": "1"}, "0" * 26, None]
    broken: list[object] = [{}, None, [], *({"id": each} for each in ids)]
    for keys in broken:
        bad = posted({"account": {"id": ada.id}, "id": "x"}, sequence="2")
        bad["dynamodb"]["Keys"] = keys
        for function in (fan_out, views):
            assert run(function, first, bad, last) == ["2"], keys
        assert run(on_relationship, bad) == ["2"], keys
    assert len(heads.get(ada.id)) == 24


def test_a_record_without_a_name_or_keys_is_reported_alone(api: Api) -> None:
    status = api.post(api.sign_up("ada"), "x")
    nameless, empty = posted(status, sequence="2"), posted(status, sequence="3")
    del nameless["eventName"]
    empty["dynamodb"] = {"SequenceNumber": "3"}
    for function in (fan_out, views):
        assert run(function, nameless, posted(status), empty) == ["2", "3"]
    assert len(stored()["HeadItem"]) == 1


def test_the_trouble_of_one_author_does_not_keep_the_others(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    statuses, put = [api.post(ada, "1"), api.post(bob, "2"), api.post(ada, "3")], heads.put

    def fail_for_ada(author_id: str, *more: Any) -> bytes:
        if author_id == ada.id:
            raise TimeoutError
        return put(author_id, *more)

    monkeypatch.setattr(heads, "put", fail_for_ada)
    records = [posted(status, sequence=str(number)) for number, status in enumerate(statuses)]
    assert run(fan_out, *records) == ["0", "2"]
    assert (len(heads.get(ada.id)), len(heads.get(bob.id))) == (0, 12)
    monkeypatch.undo()
    assert deliver(records[0], records[2]) == []
    assert len(heads.get(ada.id)) == 24


def test_repeats_change_nothing_but_the_log(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    first, second = (
        api.post(ada, "#one @bob"),
        api.post(
            bob,
            "#one",
        ),
    )
    pair = [posted(first), posted(second, sequence="2")]
    deliver(*pair)
    run(on_relationship, followed(bob, ada))
    before = stored()
    api.clock.advance(1)
    for records in (pair, pair[::-1], pair + pair, pair[:1]):
        assert deliver(*records) == []
        assert run(on_relationship, followed(bob, ada), followed(bob, ada, sequence="2")) == []
    assert without_log(stored()) == without_log(before)
    api.clock.advance(1.5)
    assert api.home(bob) == sorted([first["id"], second["id"]], reverse=True)


def test_a_late_insert_of_what_is_gone_brings_nothing_back(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    deleted, expired = api.post(ada, "#one @bob"), api.post(ada, "#one @bob", expires_in=60)
    api.delete(ada, deleted)
    api.clock.advance(60)
    assert deliver(posted(deleted), posted(expired, sequence="2")) == []
    assert not any(deleted["id"] in item for item in stored()["TimelineItem"] + stored()["NotificationItem"])
    api.clock.advance(40)
    for path in ("home", "public", "tag/one"):
        assert api.read(f"/api/v1/timelines/{path}", bob) == []
    assert api.get("/api/v1/notifications", bob).json == []


def test_a_follow_is_notified_once_while_it_lasts(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    for _ in range(2):
        assert run(on_relationship, followed(bob, ada)) == []
    assert notifications(ada) == [("follow", bob.id)]
    assert notifications(bob) == []
    for verb in ("unfollow", "follow", "unfollow"):
        api.act(bob, verb, ada)
        assert run(on_relationship, followed(bob, ada, "MODIFY")) == []
        api.act(bob, "follow", ada)
        assert run(on_relationship, followed(bob, ada)) == []
    assert notifications(ada) == [("follow", bob.id)]
    api.act(ada, "follow", bob)
    api.act(ada, "unfollow", bob)
    assert run(on_relationship, followed(ada, bob)) == []
    assert notifications(bob) == []


def test_other_relations_cause_no_writes(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    before = stored()
    records = [followed(bob, ada, kind=kind) for kind in ("block", "blocked_by", "mute")]
    assert run(on_relationship, *records, followed(bob, ada, "REMOVE")) == []
    assert stored() == before


def test_muted_and_blocked_users_cause_no_notifications(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    api.act(bob, "follow", ada)
    api.act(ada, "mute", bob, duration=60)
    api.act(ada, "block", cyd)
    asked = api.post(ada, "?")
    mention, reply = api.post(bob, "@ada"), api.post(bob, "!", in_reply_to_id=asked["id"])
    blocked = api.post(cyd, "@ada")
    deliver(*(posted(each, sequence=str(n)) for n, each in enumerate((mention, reply, blocked))))
    run(on_relationship, followed(bob, ada))
    assert notifications(ada) == []
    api.clock.advance(60)
    assert deliver(posted(mention)) == []
    assert notifications(ada) == [("mention", bob.id)]


def test_a_mute_without_notifications_lets_them_through(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(ada, "mute", bob, notifications=False)
    deliver(posted(api.post(bob, "@ada")))
    assert notifications(ada) == [("mention", bob.id)]


def test_mentions_and_replies_are_notified_once_to_each_who_may_see_them(api: Api) -> None:
    ada, bob, cyd = (api.sign_up(name) for name in ("ada", "bob", "cyd"))
    asked = api.post(ada, "?")
    reply = api.post(bob, "@cyd @ada @bob @cyd!", in_reply_to_id=asked["id"])
    direct = api.post(bob, "for ada", in_reply_to_id=asked["id"], visibility="direct")
    private = api.post(bob, "@cyd not for ada", visibility="direct")
    own = api.post(ada, "!", in_reply_to_id=asked["id"])
    deliver(*(posted(each, sequence=str(n)) for n, each in enumerate((asked, reply, direct, private, own))))
    assert notifications(ada) == [("mention", bob.id)] * 2
    assert notifications(cyd) == [("mention", bob.id)] * 2
    assert notifications(bob) == []


def test_the_text_is_in_the_messages_table_alone(api: Api) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)
    headers = {"idempotency-key": "key"}
    fields = {"status": "unspeakable #tag @bob", "spoiler_text": "ineffable"}
    status = api.request("POST", "/api/v1/statuses", ada, json=fields, headers=headers).json
    api.post(bob, "unspeakable too", in_reply_to_id=status["id"])
    api.deliver()
    api.home(bob)

    def holding(word: str) -> list[str]:
        return [name for name, items in stored().items() if any(word in item for item in items)]

    assert [holding(word) for word in ("unspeakable", "ineffable")] == [["MessageItem"]] * 2
    api.delete(ada, status)
    api.deliver()
    assert holding("ineffable") == []


def test_the_functions_report_what_the_domain_could_not_do(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = api.sign_up("ada"), api.sign_up("bob")
    api.act(bob, "follow", ada)

    def fail(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(batch, "put", fail)
    assert run(on_relationship, followed(bob, ada, sequence="7")) == ["7"]
