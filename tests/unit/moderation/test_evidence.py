"""The copy in a report: of what the reporter saw, sealed, deleted with the decision, and gone after 14 days."""

from typing import Any

import pytest

from fstream_app.core import sealing
from fstream_app.core.entities import Message
from fstream_app.core.errors import NotFound
from fstream_app.core.ids import MessageId
from fstream_app.moderation import evidence, reports
from fstream_app.moderation.evidence import Copy, Unreadable
from fstream_app.repository import clearings
from fstream_app.repository import reports as report_items
from fstream_app.tables import ReportItem
from ops.deployment import functions
from ops.report_keys import ReportKeys
from tests.support import forensics
from tests.support.parameters import Parameters
from tests.support.people import PASSWORD, Answer, Api, Person, stored
from tests.support.permissions import grants, others

DAY = 86_400


class Scene:
    """Bob reports Ada, and the moderators have the key."""

    def __init__(self, api: Api, key: sealing.KeyPair) -> None:
        self.api, self.key = api, key
        self.ada, self.bob = api.sign_up("ada"), api.sign_up("bob")

    def report(self, *statuses: dict[str, Any], by: Person | None = None, **fields: Any) -> Answer:
        fields |= {"account_id": self.ada.id, "status_ids": [status["id"] for status in statuses]}
        answer = self.api.request("POST", "/api/v1/reports", by or self.bob, json=fields)
        assert answer.status == 200
        return answer

    def opened(self, report_id: str, *keys: str) -> tuple[Copy, ...]:
        return reports.copy_of(report_id, keys or [self.key.private], self.api.clock.now)

    def copies(self) -> int:
        return sum("COPY" in item.upper() and "sealed" in item for item in map(str, items()))


def items() -> list[dict[str, Any]]:
    return [item.serialize() for item in ReportItem.scan()]


@pytest.fixture
def scene(api: Api, configure: Any) -> Scene:
    key = sealing.new_keys()
    configure(report_key=key.public)
    return Scene(api, key)


def test_a_copy_has_what_a_moderator_needs_of_the_messages_and_nothing_else(scene: Scene) -> None:
    api, ada = scene.api, scene.ada
    text = "x \N{GRINNING FACE}" * 20
    long = api.post(ada, text, spoiler_text="odd", visibility="unlisted", language="de")
    fields = {"in_reply_to_id": long["id"], "quoted_status_id": long["id"], "expires_in": 60, "sensitive": True}
    answer = api.post(ada, "brief", **fields)
    made = scene.report(answer, long).json["id"]
    api.clock.advance(61)
    posted = api.clock.now - 61_000
    assert scene.opened(made) == (
        Copy(answer["id"], "brief", "public", posted + 60_000, sensitive=True, is_reply=True, quote_of=long["id"]),
        Copy(long["id"], text, "unlisted", posted + 1000 * DAY, "odd", sensitive=True, language="de"),
    )


def test_only_what_the_reporter_could_see_is_copied(scene: Scene) -> None:
    api, ada = scene.api, scene.ada
    hidden = [api.post(ada, "secret", visibility=each) for each in ("private", "direct")]
    seen, gone, over = api.post(ada, "seen"), api.post(ada, "gone"), api.post(ada, "over", expires_in=60)
    to_bob = api.post(ada, "to @bob", visibility="direct")
    api.clock.advance(60)
    api.delete(ada, gone)
    made = scene.report(*hidden, seen, gone, over, to_bob).json["id"]
    assert [copy.text for copy in scene.opened(made)] == ["seen", "to @bob"]
    assert scene.copies() == 1
    scene.report(*hidden)
    scene.report()
    assert scene.copies() == 1  # a report without a visible message has none


def test_who_blocks_first_can_still_report_but_nobody_gets_around_a_block_or_a_deletion(scene: Scene) -> None:
    api, ada, bob = scene.api, scene.ada, scene.bob
    api.act(bob, "follow", ada)
    statuses = [api.post(ada, f"{each} @bob", visibility=each) for each in ("public", "direct")]
    statuses.append(api.post(ada, "to followers", visibility="private"))
    assert len(scene.report(*statuses).json["status_ids"]) == 3
    api.act(bob, "block", ada)  # which ends the follow
    made = scene.report(*statuses).json["id"]
    assert [copy.text for copy in scene.opened(made)] == ["public @bob", "direct @bob"]
    api.act(ada, "block", bob)
    assert scene.report(*statuses).json["status_ids"] == []
    for by, whom in ((bob, ada), (ada, bob)):
        api.act(by, "unblock", whom)
    clearings.begin(ada.id, api.clock.now + 1)  # an interrupted deletion of all messages
    assert scene.report(*statuses).json["status_ids"] == []
    assert not any(each.messages for each in reports.listed(9, api.clock.now))


def test_the_copy_survives_the_message_but_not_the_decision(scene: Scene) -> None:
    status = scene.api.post(scene.ada, "unspeakable")
    made = scene.report(status).json["id"]
    scene.api.delete(scene.ada, status)
    (shown,) = reports.listed(9, scene.api.clock.now)
    assert (shown.messages, shown.report.copied_until) == ([], scene.api.clock.now + 14 * DAY * 1000)
    assert [copy.text for copy in scene.opened(made)] == ["unspeakable"]
    reports.resolve(made)
    assert scene.copies() == 0
    with pytest.raises(NotFound):
        scene.opened(made)
    assert reports.listed(9, scene.api.clock.now, resolved=True)[0].report.copied_until is None


def test_the_copy_is_gone_after_fourteen_days_and_the_report_stays(scene: Scene) -> None:
    made = scene.report(scene.api.post(scene.ada, "unspeakable", expires_in=60)).json["id"]
    scene.api.clock.advance(14 * DAY - 0.001)
    assert scene.opened(made)
    forensics.expire(scene.api.clock.now)
    assert scene.copies() == 1
    scene.api.clock.advance(0.001)
    with pytest.raises(NotFound):
        scene.opened(made)
    forensics.expire(scene.api.clock.now)
    assert scene.copies() == 0
    (listed,) = reports.listed(9, scene.api.clock.now)
    assert (str(listed.report.id), listed.report.copied_until) == (made, None)
    reports.resolve(made)


@pytest.mark.parametrize("who", ["ada", "bob"])
def test_the_copy_goes_with_either_account(scene: Scene, who: str) -> None:
    for _ in range(2):
        scene.report(scene.api.post(scene.ada, "unspeakable"))
    assert scene.copies() == 2
    person = getattr(scene, who)
    leave = {"password": PASSWORD}
    assert scene.api.request("POST", "/api/pleroma/delete_account", person, json=leave).status == 200
    assert stored()["ReportItem"] == []


def test_what_the_reported_account_has_only_boosted_is_not_copied(scene: Scene) -> None:
    cyd = scene.api.sign_up("cyd")
    others, own = scene.api.post(cyd, "of a third user"), scene.api.post(scene.ada, "unspeakable")
    boosts = [
        scene.api.request("POST", f"/api/v1/statuses/{each['id']}/reblog", scene.ada).json for each in (others, own)
    ]
    made = scene.report(*boosts).json
    assert made["status_ids"] == [others["id"], own["id"]]
    assert [copy.text for copy in scene.opened(made["id"])] == ["unspeakable"]


def test_no_copy_is_made_if_it_is_switched_off_or_there_is_no_key(scene: Scene, configure: Any) -> None:
    status = scene.api.post(scene.ada, "unspeakable")
    for values in ({"report_evidence": "off"}, {"report_evidence": "on", "report_key": ""}):
        configure(**values)
        scene.report(status)
        assert "kept" not in scene.api.get("/api/v2/instance").json["description"]
    assert scene.copies() == 0
    assert len(reports.listed(9, scene.api.clock.now)) == 2


def test_nothing_but_the_private_key_opens_a_copy_and_no_copy_passes_for_another(scene: Scene) -> None:
    first, second = (scene.report(scene.api.post(scene.ada, text)).json["id"] for text in ("one", "two"))
    for keys in ([], [sealing.new_keys().private], [scene.key.public]):
        with pytest.raises(Unreadable):
            reports.copy_of(first, keys, scene.api.clock.now)
    assert scene.opened(first, sealing.new_keys().private, scene.key.private)[0].text == "one"
    parsed = MessageId.parse(first)
    content = report_items.copy(parsed, scene.api.clock.now)
    assert content is not None
    with pytest.raises(Unreadable, match="another"):
        evidence.opened(MessageId.parse(second), content, [scene.key.private])
    for place in (0, 40, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        with pytest.raises(Unreadable):
            evidence.opened(parsed, bytes(changed), [scene.key.private])
    with pytest.raises(Unreadable, match="not a copy"):
        evidence.opened(parsed, sealing.seal(b"nonsense", scene.key.public), [scene.key.private])


def test_a_copy_fits_into_an_item_whatever_the_messages_are(configure: Any) -> None:
    key = sealing.new_keys()
    configure(report_key=key.public)
    report = MessageId.new("0" * 13, 0)
    for size, copied in ((8000, 20), (80_000, 3), (400_000, 0)):
        messages = [Message(MessageId.new("0" * 13, each), "x" * size, 60) for each in range(20)]
        content = evidence.sealed(report, messages)
        assert content is not None
        assert len(content) < 400_000 - 1000
        found = evidence.opened(report, content, [key.private])
        assert [each.id for each in found] == [str(message.id) for message in messages[:copied]]


def test_the_reporter_sees_that_it_is_decided_and_the_author_sees_nothing(scene: Scene) -> None:
    api = scene.api
    made = []
    for _ in range(2):
        made.append(scene.report(api.post(scene.ada, "hm")).json["id"])
        api.clock.advance(1)
    reports.resolve(made[0])
    answer = api.get("/api/v1/reports", scene.bob)
    assert [(each["id"], each["action_taken"]) for each in answer.json] == [(made[1], False), (made[0], True)]
    assert {name for each in answer.json for name in each} == {"id", "created_at", "action_taken"}
    assert api.get("/api/v1/reports", scene.ada).json == []
    assert api.get("/api/v1/notifications", scene.ada).json == []
    api.clock.advance(90 * DAY - 1.5)
    assert [each["id"] for each in api.get("/api/v1/reports", scene.bob).json] == [made[1]]


@pytest.mark.parametrize("function", functions.ALL)
def test_no_function_may_read_a_copy_or_the_key(function: str) -> None:
    on_reports = {(grant.action, grant.resource) for grant in grants(function) if grant.resource.startswith("reports")}
    on_table = {action for action, resource in on_reports if resource == "reports"}
    assert on_table <= {f"dynamodb:{action}" for action in ("PutItem", "DeleteItem", "BatchWriteItem")}
    assert {action for action, resource in on_reports - {(each, "reports") for each in on_table}} <= {"dynamodb:Query"}
    services = {action.partition(":")[0] for action, _ in others(function)}
    assert services <= {"dynamodb", "execute-api", "logs", "sqs", "xray"}


def test_keys_of_before_still_open_and_are_deleted_with_the_instance() -> None:
    keys = ReportKeys(Parameters(), "fstream-prod")
    keys.delete()
    assert keys.private() == []
    public = [keys.create(), keys.create()]
    assert len(set(public)) == 2
    for each in public:
        assert sealing.unseal(sealing.seal(b"text", each), keys.private()) == b"text"
    assert sealing.unseal(sealing.seal(b"text", public[1]), keys.private()[:1]) == b"text"  # the newest comes first
    keys.delete()
    assert keys.private() == []
