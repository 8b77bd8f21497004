"""The timelines of lists: home's pipeline with a list's members as authors, and its rule for replies."""

from collections.abc import Collection
from functools import partial
from typing import assert_never

from fstream_app.core.entities import Page, Window
from fstream_app.core.lists import RepliesPolicy, UserList
from fstream_app.core.parallel import gather
from fstream_app.core.relations import Relations
from fstream_app.feed import home, soon, tail
from fstream_app.messages.viewer import Viewer
from fstream_app.messages.visibility import Why, why_not_boosted, why_not_followed
from fstream_app.people import lists
from fstream_app.people.lists import GOING_SOON
from fstream_app.repository import relationships


def read(reader_id: str, list_id: str, window: Window, now: int) -> Page:
    """Read a page of a list's timeline, as `home.read` without own messages, and 1 RRU in its first round trip.

    `soon.read` describes the list that everybody has.

    Raises:
        NotFound: the reader has no such list.
    """
    if list_id == GOING_SOON.id:
        return soon.read(reader_id, window, now)
    relations, shown, is_fresh = gather(
        partial(relationships.of, reader_id, now),
        partial(lists.get, reader_id, list_id),
        partial(tail.shared().refresh, now),
    )
    authors = relations.members(list_id) - relations.muting
    viewer = Viewer(reader_id, relations, now, rule(shown, relations), why_boost=why_not_boosted)
    return home.fill(viewer, authors, home.remembered(authors, now, is_fresh=is_fresh), window)


def rule(shown: UserList, relations: Relations) -> Why:
    """Return why a list's timeline does not show a message of a member."""
    return partial(why_not_followed, answering=_answering(shown.replies_policy, shown.id, relations))


def _answering(policy: RepliesPolicy, list_id: str, relations: Relations) -> Collection[str]:
    """Return the accounts that members' replies may answer, besides the member and the reader."""
    match policy:
        case RepliesPolicy.LIST:
            return relations.members(list_id)
        case RepliesPolicy.FOLLOWED:
            return relations.following
        case RepliesPolicy.NONE:
            return ()
        case _:
            assert_never(policy)
