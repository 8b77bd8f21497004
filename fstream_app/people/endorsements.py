"""Endorsements: accounts that a user follows and shows on the profile.

An endorsement is in the follow, as membership in a list is, under an id that no list has. So whatever ends the follow
ends it, a new follow has none, and home reads nothing more.
"""

from functools import partial

from fstream_app.core.entities import Part, User
from fstream_app.core.errors import Invalid
from fstream_app.core.lists import ENDORSED
from fstream_app.core.relations import Relations
from fstream_app.people import relationships
from fstream_app.people.relationships import People
from fstream_app.repository import lists
from fstream_app.repository import relationships as edges_of


def endorse(user_id: str, other_id: str, now: int) -> Relations:
    """Show an account that the user follows on the user's profile; 1 WRU, 0.5 RRU, and 7 for the relations. Idempotent.

    Raises:
        Invalid: the user does not follow the account, or it is the user's own.
        NotFound: no such account.
    """
    relationships.require_other(user_id, other_id, "endorse")
    if not lists.endorse(user_id, other_id):
        raise Invalid("Validation failed: You must be already following the person you want to endorse")
    return edges_of.with_users(user_id, other_id, now)[0]


def end(user_id: str, other_id: str, now: int) -> Relations:
    """Show an account on the user's profile no longer; 1 WRU, and 7 RRU for the relations. Idempotent.

    Raises:
        Invalid: it is the user's own.
        NotFound: no such account.
    """
    relationships.require_other(user_id, other_id, "endorse")
    lists.remove(user_id, ENDORSED, [other_id])
    return edges_of.with_users(user_id, other_id, now)[0]


def of_user(user: User, reader_id: str | None, part: Part, now: int) -> People:
    """Return a page of the accounts that a user endorses, by id, without those whom the reader does not see.

    1 RRU per 136 accounts that the user follows, 1 for each, and 1 per 136 edges of the reader. Readers whom the user
    blocks get an empty page.
    """
    read = partial(lists.members, user.id, ENDORSED, part)
    return relationships.people(read, reader_id, part, now, owner_id=user.id)
