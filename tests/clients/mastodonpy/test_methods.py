"""The methods of Mastodon.py that FSTREAM supports, and how the others fail."""

import ast
import inspect
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import SignUp

SUPPORTED = """
    account account_block account_familiar_followers account_featured_tags account_follow account_followers
    account_following account_lists account_lookup account_mute account_note_set account_relationships
    account_endorse account_pin account_remove_from_followers account_search account_statuses account_unendorse
    account_unpin endorsements scheduled_status scheduled_status_delete scheduled_status_update scheduled_statuses
    account_unblock account_unfollow account_unmute account_update_credentials account_verify_credentials accounts
    conversations conversations_read markers_get markers_set status_pin status_unpin
    status_reblog status_reblogged_by status_unreblog
    add_filter_keyword_v2 add_filter_status_v2 app_verify_credentials auth_request_url blocks bookmarks
    create_account create_app create_filter_v2 delete_filter_keyword_v2 delete_filter_status_v2 delete_filter_v2
    favourites featured_tag_create featured_tag_delete featured_tag_suggestions featured_tags fetch_next
    fetch_previous fetch_remaining filter filter_create filter_delete filter_keywords_v2 filter_status_v2
    filter_statuses_v2 filter_update filter_v2 filters filters_apply filters_v2 follow_request_authorize
    follow_request_reject follow_requests followed_tags
    follows poll poll_vote get_approx_server_time get_pagination_info instance instance_nodeinfo instance_rules
    instance_v1 instance_v2 list list_accounts list_accounts_add list_accounts_delete list_create list_delete
    list_update lists log_in me mutes notifications notifications_clear notifications_dismiss
    accept_multiple_notification_requests accept_notification_request dismiss_grouped_notification
    dismiss_multiple_notification_requests dismiss_notification_request grouped_notification
    grouped_notification_accounts grouped_notifications notification_request notification_requests
    notifications_merged notifications_policy unread_grouped_notifications_count
    update_notifications_policy
    notifications_unread_count oauth_authorization_server_info pagination_iterator pagination_page_iterator
    persistable_login_credentials preferences report retrieve_mastodon_version revoke_access_token search search_v2
    status status_bookmark status_context status_delete status_favourite status_favourited_by status_mute
    status_quote_revoke status_quotes status_update_quote_approval_policy
    status_history status_post status_reply status_source status_unbookmark status_unfavourite status_unmute
    status_update statuses
    suggestion_delete suggestions suggestions_v1 suggestions_v2 tag tag_feature tag_follow tag_unfeature
    tag_unfollow timeline timeline_hashtag timeline_home timeline_is_available timeline_list timeline_local
    timeline_public toot trending_statuses trending_tags trends update_filter_v2 verify_minimum_version
""".split()
"""Methods that FSTREAM supports."""

EMPTY = """
    announcements custom_emojis domain_blocks instance_peers instance_translation_languages
    status_card trending_links
""".split()
"""Methods that always return an empty result."""

REFUSED = """
    domain_block domain_unblock media media_post media_update push_subscription_delete
    push_subscription_set push_subscription_update status_translate
""".split()
"""Methods that are refused with 422 and a message that suggests an alternative."""

STREAMS = """
    stream_direct stream_hashtag stream_list stream_local stream_public stream_user stream_user_notifications
""".split()
"""Methods for server-sent events, which are not supported: Mastodon.py reports only the status."""

WEBSOCKETS = "stream_healthy stream_open_websocket".split()
"""Methods for WebSockets."""

OWN = """
    await_async_refresh clear_caches decode_blurhash generate_media_edit_attributes get_async_refresh_info
    get_status_length get_supported_version make_poll push_subscription_decrypt_push push_subscription_generate_keys
    reports set_language
""".split()
"""Methods that make no request to the server."""

HTTPS_ONLY = {"oauth_userinfo"}
"""Methods that Mastodon.py refuses to call without HTTPS, which the local server does not have."""

VALUES: dict[str, Any] = {
    "choices": [0],
    "context": ["home"],
    "encrypt_params": {"pubkey": b"key", "auth": b"secret"},
    "end_at": datetime(2026, 1, 2, tzinfo=UTC),
    "ip": "192.0.2.1",
    "listener": None,
    "mime_type": "image/png",
    "quote_approval_policy": "public",
    "scheduled_at": datetime(2026, 1, 1, tzinfo=UTC),
    "severity": "no_access",
    "start_at": datetime(2026, 1, 1, tzinfo=UTC),
    "url": "https://fstream.example",
    "year": 2026,
}
"""Arguments for parameters that do not accept an arbitrary text."""
MORE: dict[str, dict[str, Any]] = {
    "admin_create_canonical_email_block": {"email": "ada@example.org"},
    "admin_dimensions": {"languages": True},
    "admin_measures": {"active_users": True},
}
"""Arguments that methods require although they have a default."""


def methods() -> dict[str, Callable[..., Any]]:
    """Return all public methods by name."""
    return {name: method for name, method in inspect.getmembers(Mastodon, callable) if not name.startswith("_")}


def missing() -> list[str]:
    """Return the names of all other methods: FSTREAM returns 404 for their paths."""
    return sorted(set(methods()).difference(SUPPORTED, EMPTY, REFUSED, STREAMS, WEBSOCKETS, OWN, HTTPS_ONLY))


@pytest.fixture(scope="module")
def client(join: SignUp) -> Mastodon:
    return join("ada")


@pytest.fixture(scope="module")
def entities(client: Mastodon) -> dict[str, Any]:
    """Ids of existing entities: a message, and the client's own account."""
    return {"status": str(client.status_post("hello").id), "account": str(client.me().id)}


@pytest.fixture
def call(client: Mastodon, entities: dict[str, Any]) -> Callable[[str], Any]:
    """Return a function that calls a method by name, with suitable arguments."""

    def arguments(name: str) -> dict[str, Any]:
        existing = entities["account" if name.startswith(("account", "report", "suggestion")) else "status"]
        values = VALUES | {"id": existing, "account_id": entities["account"], "media_file": io.BytesIO(b"picture")}
        values |= {"ids": [existing], "account_ids": [entities["account"]], "status_id": entities["status"]}
        parameters = list(inspect.signature(getattr(client, name)).parameters.values())
        wanted = {each.name for each in parameters if each.default is each.empty} - {"args", "kwargs"}
        wanted |= {"mime_type"} if name == "media_post" else set()
        return {each: values.get(each, "text") for each in wanted} | MORE.get(name, {})

    return lambda name: getattr(client, name)(**arguments(name))


def refusal(call: Callable[[str], Any], name: str) -> int:
    """Call a method that the server must refuse; return the HTTP status."""
    with pytest.raises(mastodon.MastodonAPIError) as caught:
        call(name)
    return int(caught.value.args[1])


def test_no_method_is_listed_twice_and_each_that_is_listed_is_there() -> None:
    listed = [*SUPPORTED, *EMPTY, *REFUSED, *STREAMS, *WEBSOCKETS, *OWN, *HTTPS_ONLY]
    assert len(set(listed)) == len(listed)
    assert set(listed) <= set(methods())


def test_each_supported_method_is_called_by_a_test() -> None:
    trees = [ast.parse(path.read_text()) for path in Path(__file__).parent.glob("*.py")]
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert set(SUPPORTED) - used == set()


@pytest.mark.parametrize("name", EMPTY)
def test_what_there_is_none_of_is_answered_as_empty(call: Callable[[str], Any], name: str) -> None:
    assert not call(name)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_never_done_is_refused_with_a_sentence(call: Callable[[str], Any], name: str) -> None:
    assert refusal(call, name) == 422


@pytest.mark.parametrize("name", missing())
def test_what_has_no_path_is_not_found(call: Callable[[str], Any], name: str) -> None:
    assert refusal(call, name) == 404


@pytest.mark.parametrize("name", STREAMS)
def test_events_that_the_server_sends_have_no_path(call: Callable[[str], Any], name: str) -> None:
    with pytest.raises(mastodon.MastodonError, match="Not Found"):
        call(name)


def test_streaming_is_healthy_and_opens_a_websocket(call: Callable[[str], Any]) -> None:
    assert call("stream_healthy") is True
    call("stream_open_websocket").close()
