"""Private notes about other users. Nobody but their writer ever sees them."""

from functools import partial

import msgspec

from fstream_app.core import cleaning
from fstream_app.core.entities import Part
from fstream_app.core.relations import Relations
from fstream_app.people import relationships, users
from fstream_app.people.relationships import Valued
from fstream_app.repository import notes
from fstream_app.repository import relationships as edges_of
from fstream_app.repository import users as user_items
from fstream_app.text import limits

MAX_NOTE = 2000
"""Maximum characters of a note."""


def write(user_id: str, other_id: str, text: str, now: int) -> Relations:
    """Write a note about another user, or remove it with an empty text; return the relations with the note.

    10 RRU; 1 WRU per KB. A user's first note takes 1 WRU more, for a mark at the user. Only with this do reads look for
    notes.

    Raises:
        Invalid: the note is too long, or about the user.
        NotFound: no such account.
    """
    relationships.check(user_id, other_id, "write a note about")
    cleaned = cleaning.clean(text)
    limits.check("A note", "comment", MAX_NOTE, cleaned)
    found = {user.id: user for user in users.existing([user_id, other_id])}
    if found.keys() != {user_id, other_id}:
        raise relationships.not_found()
    if cleaned:
        if not found[user_id].writes_notes:
            user_items.note_notes(user_id)
        notes.put(user_id, other_id, cleaned)
    elif found[user_id].writes_notes:
        notes.delete(user_id, other_id)
    relations, present = edges_of.with_users(user_id, other_id, now)
    if not relationships.stay(present, user_id, other_id):
        notes.delete(user_id, other_id)
        raise relationships.not_found()
    return msgspec.structs.replace(relations, notes={other_id: cleaned} if cleaned else {})


def of_user(user_id: str, part: Part, now: int) -> Valued[str]:
    """Return a page of the accounts about which a user has written notes, by id, with the notes.

    1 RRU per 4 KB of notes, and 1 for each account.
    """
    return relationships.with_values(partial(notes.all_of, user_id, part), None, part, now)
