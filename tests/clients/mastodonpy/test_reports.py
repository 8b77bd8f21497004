"""Reporting with Mastodon.py."""

import mastodon
import pytest
from mastodon import Mastodon


def test_somebody_is_reported_with_messages_and_a_comment(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    report = bob.report(ada.me(), [posted], comment="rude", category="spam", forward=True)
    assert (report.category, report.comment, report.forwarded, report.action_taken) == ("spam", "rude", False, False)
    assert [str(each) for each in report.status_ids] == [str(posted.id)]
    assert report.target_account.id == ada.me().id


def test_a_report_names_rules_of_the_instance(ada: Mastodon, bob: Mastodon) -> None:
    rules = bob.instance_rules()
    assert [(rule.text, rule.hint) for rule in rules] == [
        ("Be kind.", ""),
        ("No advertising.", "Not even for a good cause."),
    ]
    assert [rule.id for rule in bob.instance_v1().rules] == [rule.id for rule in bob.instance_v2().rules]
    report = bob.report(ada.me(), [ada.status_post("buy!")], rule_ids=[rules[1].id], category="violation")
    assert (report.category, [str(each) for each in report.rule_ids]) == ("violation", [rules[1].id])


def test_errors_in_a_report_are_shown(ada: Mastodon, bob: Mastodon) -> None:
    posted = bob.status_post("hello")
    with pytest.raises(mastodon.MastodonAPIError, match="must be by the reported account"):
        bob.report(ada.me(), posted)
