"""Reporting with Mastodon.py."""

import mastodon
import pytest
from mastodon import Mastodon


def test_somebody_is_reported_with_messages_and_a_comment(ada: Mastodon, bob: Mastodon) -> None:
    posted = ada.status_post("hello")
    told = bob.report(ada.me(), [posted], comment="rude", category="spam", forward=True)
    assert (told.category, told.comment, told.forwarded, told.action_taken) == ("spam", "rude", False, False)
    assert [str(each) for each in told.status_ids] == [str(posted.id)]
    assert told.target_account.id == ada.me().id


def test_what_is_wrong_with_a_report_is_told(ada: Mastodon, bob: Mastodon) -> None:
    posted = bob.status_post("hello")
    with pytest.raises(mastodon.MastodonAPIError, match="must be by the reported account"):
        bob.report(ada.me(), posted)
