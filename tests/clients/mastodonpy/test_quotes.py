"""Quotes with Mastodon.py."""

import mastodon
import pytest
from mastodon import Mastodon

from tests.clients.mastodonpy.clients import MakeClient, SignUp, ids
from tests.support.site import Site, eventually, unique


@pytest.fixture
def quoter(site: Site, make_client: MakeClient) -> Mastodon:
    """A client that calls its methods whatever version the server reports."""
    return make_client(access_token=site.sign_up(unique("quoter")), version_check_mode="none")


def test_a_quote_is_posted_listed_and_revoked(quoter: Mastodon, join: SignUp) -> None:
    quoted = quoter.status_post("hello")
    made = quoter.status_post("look", quoted_status_id=quoted, quote_approval_policy="followers")
    assert (made.quote.state, made.quote.quoted_status.id) == ("accepted", quoted.id)
    assert (made.quote_approval.automatic, made.quote_approval.current_user) == (["followers"], "automatic")
    eventually(lambda: ids(quoter.status_quotes(quoted)) == [str(made.id)])
    assert quoter.status(quoted).quotes_count == 1
    changed = quoter.status_update_quote_approval_policy(quoted, "nobody")
    assert changed.quote_approval.automatic == []
    with pytest.raises(mastodon.MastodonNotFoundError):
        join("bob").status_post("x", quoted_status_id=quoted)
    revoked = quoter.status_quote_revoke(quoted, made)
    assert (revoked.id, revoked.quote.state, revoked.quote.quoted_status) == (made.id, "revoked", None)
    assert quoter.status_quotes(quoted) == []
