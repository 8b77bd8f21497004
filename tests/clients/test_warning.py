"""A moderation warning among the notifications: clients that do not know the type still show the others."""

from typing import Any

import pytest
import toot.entities
from mastodon.return_types import AccountWarning, Notification
from mastodon.types_base import try_cast
from toot.entities import from_dict
from toot.output import print_notification

from fstream_app.moderation import removal
from tests.support.people import Api


@pytest.fixture
def returned(api: Api) -> dict[str, Any]:
    """The notification as the API returns it."""
    ada = api.sign_up("ada")
    removal.remove(api.post(ada, "hello")["id"], "against the rules", api.clock.now)
    api.clock.advance(2)
    (notification,) = api.get("/api/v1/notifications", ada).json
    found: dict[str, Any] = notification
    return found


def test_mastodonpy_reads_the_warning(returned: dict[str, Any]) -> None:
    notification = try_cast(Notification, returned)
    warning = notification.moderation_warning
    assert isinstance(warning, AccountWarning)
    assert (warning.action, warning.text) == ("delete_statuses", "against the rules")
    assert warning.target_account.username == notification.account.username == "ada"


def test_toot_says_that_there_is_something_it_does_not_know(
    returned: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    print_notification(from_dict(toot.entities.Notification, returned))
    assert "moderation_warning" in capsys.readouterr().err
