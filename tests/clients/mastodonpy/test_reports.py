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


def test_errors_in_a_report_are_shown(ada: Mastodon, bob: Mastodon) -> None:
    posted = bob.status_post("hello")
    with pytest.raises(mastodon.MastodonAPIError, match="must be by the reported account"):
        bob.report(ada.me(), posted)
