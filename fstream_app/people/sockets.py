"""Closing a user's WebSockets, because a token has ended or because the user is suspended or leaves.

A socket that is being opened at the same time is refused: `fstream_app.access.sockets` reads the token again once the
socket can be found here. If API Gateway cannot be reached, the socket stays open, but gets nothing any more, because
the function that sends reads the tokens of all sockets.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from fstream_app.core import connections, settings
from fstream_app.core.parallel import gather_all
from fstream_app.core.streams import Socket
from fstream_app.repository import sockets


def close(closed: Sequence[Socket]) -> None:
    """Close sockets, and forget them; 1 WRU each, 1 per topic. Idempotent."""
    if closed:
        sockets.remove(closed)
        gather_all([partial(connections.close, socket.id) for socket in closed])


def close_all(user_id: str, but: str | None = None) -> int:
    """Close a user's sockets, except those of one token; 1 RRU, 1 each, as `close`. Nothing without a WebSocket API.

    Args:
        user_id: the user's id.
        but: the hash of the token whose sockets stay open, if any.

    Returns:
        The number of sockets.
    """
    return _close(user_id, lambda token_hash: token_hash != but)


def close_of(user_id: str, token_hashes: Collection[str]) -> int:
    """Close those of a user's sockets that were opened with these tokens, as `close_all`; nothing without tokens."""
    return _close(user_id, token_hashes.__contains__) if token_hashes else 0


def leave(user_id: str) -> Iterator[int]:
    """Close all sockets of a leaving user, as a step of `fstream_app.people.departures`; yield the number of items.

    What leads from the user to sockets goes as well; 1 WRU each.
    """
    if settings.get().connections:
        found = sockets.names(user_id)
        close(sockets.named(found))
        sockets.forget_names(found)
        yield len(found)


def _close(user_id: str, ends: Callable[[str], bool]) -> int:
    if not settings.get().connections:
        return 0
    closed = sockets.named(each for each in sockets.names(user_id) if ends(each.token_hash))
    close(closed)
    return len(closed)
