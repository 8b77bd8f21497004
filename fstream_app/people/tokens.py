"""Ending a user's access tokens."""

from collections.abc import Collection

from fstream_app.people import sockets
from fstream_app.repository import oauth


def end(user_id: str | None, token_hashes: Collection[str]) -> None:
    """Delete tokens and codes, and close the WebSockets that were opened with them; 2 WRU each, and as `close_of`.

    Args:
        user_id: the tokens' user; None for an application's own token, which opens no WebSockets.
        token_hashes: the keys of the tokens and codes.
    """
    oauth.delete_tokens(token_hashes)
    if user_id is not None:
        sockets.close_of(user_id, token_hashes)
