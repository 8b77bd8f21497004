"""The quotes of a message: their list, and taking the message out of one."""

from collections.abc import Iterator
from functools import partial

from fstream_app.core.entities import Message, Page, Window
from fstream_app.core.errors import NotFound
from fstream_app.core.ids import MessageId
from fstream_app.core.parallel import gather, gather_all
from fstream_app.core.relations import Relations
from fstream_app.messages import paging, quoting, reading
from fstream_app.messages.sources import Candidate, Merge, Pages, Source, id_of
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import why_not_listed
from fstream_app.people import relationships
from fstream_app.repository import messages as message_items
from fstream_app.repository import timelines as views


def of_message(message_id: str, user_id: str, window: Window, now: int) -> Page:
    """Read a page of the quotes of a message that are not revoked, newest first.

    As in threads, quotes that not everybody may see are in views of those who may, and those of muted authors are left
    out. RRU: as `reading.get`; 1 per 136 edges, 0.5 per 4 KB (some 50 entries) of each of up to three views, and as
    `paging.collect`.

    Raises:
        NotFound: the message does not exist, or the user may not see it.
    """
    message, relations = gather(
        partial(reading.get, message_id, user_id, now), partial(relationships.of_reader, user_id, now)
    )
    shown = window.narrowed(before=message_items.not_scheduled_before(now))
    sources = [Pages[Candidate](pages, shown) for pages in _pages(message, user_id, relations, shown, now)]
    gather_all([source.advance for source in sources])
    candidates = Merge[Candidate](list[Source[Candidate]](sources), window)
    viewer = Viewer(user_id, relations, now, why_not_listed)
    return paging.collect(candidates, window, viewer, partial(_quotes, message.id))


def _quotes(quoted: MessageId, message: Message) -> bool:
    return message.quote is not None and message.quote.of == quoted and not message.quote.revoked


def _pages(
    message: Message, user_id: str, relations: Relations, window: Window, now: int
) -> Iterator[Iterator[list[Candidate]]]:
    yield _listed(views.pages(views.quotes(message.id), window, now))
    yield _listed(views.pages(views.quotes(message.id, user_id), window, now))
    if followed := relations.following:
        private = views.pages(views.quotes(message.id, views.FOLLOWERS), window, now)
        yield ([each for each in page if id_of(each).author_id in followed] for page in private)


def _listed(pages: Iterator[list[MessageId]]) -> Iterator[list[Candidate]]:
    yield from (list[Candidate](page) for page in pages)


def revoke(user_id: str, message_id: str, quoting_id: str, now: int) -> Page:
    """Take one of the user's own messages out of a quote: see `quoting.revoke`.

    Return the quoting message as a page of one; the user's own message if the user may not see that.
    """
    quoting.revoke(user_id, message_id, quoting_id, now)
    try:
        return reading.show(quoting_id, user_id, now)
    except NotFound:
        return reading.show(message_id, user_id, now)
