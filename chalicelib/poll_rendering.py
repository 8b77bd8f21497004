"""Rendering polls."""

from collections.abc import Callable

from chalicelib import poll_entities
from fstream_app.core import polls
from fstream_app.core.entities import Message, Reactions


def poll(message: Message, known: Reactions, now: int, date: Callable[[int], str]) -> poll_entities.Poll | None:
    """Render a message's poll, if it has one, with the reader's own votes; `date` formats times."""
    made = message.poll
    if made is None:
        return None
    result = polls.result(made, message.id, known.votes)
    ends_at = made.ends_at(message.expires_at)
    expired = now >= ends_at
    hidden = made.hides_totals and not expired
    return poll_entities.Poll(
        id=str(message.id),
        expires_at=date(ends_at),
        expired=expired,
        multiple=made.multiple,
        votes_count=sum(result.votes),
        voters_count=result.voters,
        options=tuple(
            poll_entities.PollOption(title=title, votes_count=None if hidden else number)
            for title, number in zip(made.options, result.votes, strict=True)
        ),
        voted=bool(result.own) or known.reader_id == message.author_id,
        own_votes=result.own,
    )
