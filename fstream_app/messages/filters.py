"""A user's filters: making, changing and deleting them, by filter or by keyword.

Filters belong to their user alone: nobody else's request reads or changes them, and ids of somebody else's are unknown.
Each change reads all of a user's filters and replaces them, if they are still the same, or tries again. So concurrent
requests lose no change.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

import msgspec

from fstream_app.core.errors import Invalid, NotFound, Unavailable
from fstream_app.core.filters import Filter, FilterAction, FilteredMessage, Filters, Keyword
from fstream_app.core.retry import attempts
from fstream_app.messages import reading
from fstream_app.messages.filter_changes import NO_KEYWORD, Change, KeywordChange, changed, new_id, reach_of
from fstream_app.repository import filters as repository
from fstream_app.repository import messages as message_items

MAX_FILTERS = 100
"""Limit of filters per user."""
MAX_MESSAGES = 60
"""Limit of single messages in all filters of a user."""
MAX_BYTES = 4000
"""Limit of a user's packed filters, without single messages: a page then reads them for half a read unit, and CPU time
is bounded whatever the keywords are."""

_NO_FILTER, _NO_ENTRY = "Filter not found", "The filter has no such message"

T = TypeVar("T")


class Found(NamedTuple):
    """A keyword and its filter."""

    filter: Filter
    keyword: Keyword


def all_of(user_id: str, now: int) -> list[Filter]:
    """Return a user's filters, also those that have expired, oldest first; 2 RRU, and 1 for each single message."""
    return _shown(repository.read(user_id).all, now)


def get(user_id: str, filter_id: str, now: int) -> Filter:
    """Return a filter; RRU as for `all_of`.

    Raises:
        NotFound: the user has no such filter.
    """
    return _shown([_by_id(repository.read(user_id).all, filter_id)], now)[0]


def create(user_id: str, change: Change, now: int) -> Filter:
    """Make a filter; 2 RRU, 2 WRU per KB of all filters and 4 more.

    Raises:
        Invalid: it breaks a rule, or there is no room for it.
    """

    def made(filters: list[Filter]) -> tuple[list[Filter], Filter]:
        if len(filters) >= MAX_FILTERS:
            raise Invalid(f"You can have at most {MAX_FILTERS} filters. Delete some first.", "title", "ERR_TOO_MANY")
        empty = Filter(new_id(filters), "", frozenset(), FilterAction.WARN)
        new = changed([*filters, empty], empty, change, now)
        return [*filters, new], new

    return _edit(user_id, now, made)


def update(user_id: str, filter_id: str, change: Change, now: int) -> Filter:
    """Change a filter; cost as for `create`.

    Raises:
        NotFound: the user has no such filter, or the filter no such keyword.
        Invalid: it would break a rule, or there is no room for it.
    """

    def edited(filters: list[Filter]) -> tuple[list[Filter], Filter]:
        old = _by_id(filters, filter_id)
        new = changed(filters, old, change, now)
        return _replaced(filters, new), new

    return _shown([_edit(user_id, now, edited)], now)[0]


def delete(user_id: str, filter_id: str, now: int) -> None:
    """Delete a filter; cost as for `create`.

    Raises:
        NotFound: the user has no such filter.
    """

    def without(filters: list[Filter]) -> tuple[list[Filter], None]:
        old = _by_id(filters, filter_id)
        return [each for each in filters if each is not old], None

    _edit(user_id, now, without)


def find_keyword(user_id: str, keyword_id: str) -> Found:
    """Return a keyword with its filter; 2 RRU.

    Raises:
        NotFound: the user has no such keyword.
    """
    return _by_keyword(repository.read(user_id).all, keyword_id)


def add_keyword(user_id: str, filter_id: str, new: KeywordChange, now: int) -> Keyword:
    """Add a keyword to a filter; cost and errors as for `update`."""
    added = msgspec.structs.replace(new, id=None, destroy=False)
    return update(user_id, filter_id, Change(keywords=[added]), now).keywords[-1]


def change_keyword(user_id: str, keyword_id: str, change: KeywordChange, now: int) -> Keyword:
    """Change a keyword; cost and errors as for `update`."""
    return change_by_keyword(user_id, keyword_id, Change(keywords=[change]), now).keyword


def change_by_keyword(user_id: str, keyword_id: str, change: Change, now: int) -> Found:
    """Change a keyword and its filter, as clients do that know only keywords; cost and errors as for `update`.

    Args:
        user_id: the user.
        keyword_id: the keyword.
        change: of the filter, and of at most one keyword, which is this one whatever its id says. The title changes
            only if the filter has no other keyword.
        now: milliseconds.

    Raises:
        Invalid: it would change context, action or expiry of a filter that has other keywords.
    """

    def edited(filters: list[Filter]) -> tuple[list[Filter], Found]:
        old = _by_keyword(filters, keyword_id).filter
        own = [msgspec.structs.replace(each, id=keyword_id, destroy=False) for each in change.keywords]
        title = change.title if len(old.keywords) == 1 else None
        new = changed(filters, old, msgspec.structs.replace(change, title=title, keywords=own), now)
        if len(old.keywords) > 1 and reach_of(new) != reach_of(old):
            raise Invalid(
                "Context, action and expiry can't be changed with this app, because they apply to all keywords of a "
                "filter that has several. Use an app that shows filters with their keywords."
            )
        return _replaced(filters, new), _by_keyword([new], keyword_id)

    return _edit(user_id, now, edited)


def remove_keyword(user_id: str, keyword_id: str, now: int, *, with_empty_filter: bool = False) -> None:
    """Remove a keyword; cost as for `create`.

    Args:
        user_id: the user.
        keyword_id: the keyword.
        now: milliseconds.
        with_empty_filter: whether to delete its filter if nothing else is in it.

    Raises:
        NotFound: the user has no such keyword.
    """

    def without(filters: list[Filter]) -> tuple[list[Filter], None]:
        old, keyword = _by_keyword(filters, keyword_id)
        new = msgspec.structs.replace(old, keywords=tuple(each for each in old.keywords if each is not keyword))
        if with_empty_filter and not new.keywords and not new.messages:
            return [each for each in filters if each is not old], None
        return _replaced(filters, new), None

    _edit(user_id, now, without)


def find_message(user_id: str, entry_id: str, now: int) -> FilteredMessage:
    """Return a single message of a filter; RRU as for `all_of`.

    Raises:
        NotFound: the user has no such entry, or its message is gone.
    """
    return _by_message(all_of(user_id, now), entry_id)[1]


def add_message(user_id: str, filter_id: str, message_id: str, now: int) -> FilteredMessage:
    """Add a single message to a filter, as long as it lives; cost as for `create`, and 1 to 4 RRU for the message.

    At the limit, also 1 RRU for each single message that there is, to forget those that are gone.

    Raises:
        NotFound: the user has no such filter, or may not see the message.
        Invalid: the filter has this message already, or there is no room for it.
    """
    message = reading.get(message_id, user_id, now)

    def added(filters: list[Filter]) -> tuple[list[Filter], FilteredMessage]:
        if _is_full(filters):
            filters = _shown(filters, now)  # messages that are gone leave room
        old = _by_id(filters, filter_id)
        if any(each.message_id == message.id for each in old.messages):
            raise Invalid("Validation failed: Status has already been taken", "status_id", "ERR_TAKEN")
        if _is_full(filters):
            raise Invalid(
                f"Your filters can have at most {MAX_MESSAGES} messages that are live. Remove some first.",
                "status_id",
                "ERR_TOO_MANY",
            )
        entry = FilteredMessage(new_id(filters), old.id, message.id, message.expires_at)
        return _replaced(filters, msgspec.structs.replace(old, messages=(*old.messages, entry))), entry

    return _edit(user_id, now, added)


def remove_message(user_id: str, entry_id: str, now: int) -> None:
    """Remove a single message from its filter; cost as for `create`.

    Raises:
        NotFound: the user has no such entry.
    """

    def without(filters: list[Filter]) -> tuple[list[Filter], None]:
        old, entry = _by_message(filters, entry_id)
        left = tuple(each for each in old.messages if each is not entry)
        return _replaced(filters, msgspec.structs.replace(old, messages=left)), None

    _edit(user_id, now, without)


def _edit(user_id: str, now: int, change: Callable[[list[Filter]], tuple[list[Filter], T]]) -> T:
    """Replace a user's filters with changed ones, without single messages that have expired.

    Args:
        user_id: the user.
        now: milliseconds.
        change: takes the filters, and returns the changed ones and the result.

    Raises:
        Invalid: the filters take more room than there is.
        Unavailable: the filters kept changing.
    """
    for _ in attempts():
        before = repository.read(user_id)
        after, result = change([_current(each, now) for each in before.all])
        _require_room(before, after)
        if repository.put(before, after, max(now, before.version + 1)):
            return result
    raise Unavailable("Too many changes at once. Try again in a moment.")


def _is_full(filters: Iterable[Filter]) -> bool:
    return sum(len(each.messages) for each in filters) >= MAX_MESSAGES


def _require_room(before: Filters, after: Iterable[Filter]) -> None:
    size = len(repository.pack(after))
    if size > MAX_BYTES and size > len(repository.pack(before.all)):
        raise Invalid(
            f"Your filters can take at most {MAX_BYTES} bytes: the titles and keywords, and about 10 bytes for each of "
            "these. Remove some first.",
            code="ERR_TOO_LONG",
        )


def _current(each: Filter, now: int) -> Filter:
    return msgspec.structs.replace(each, messages=tuple(one for one in each.messages if now < one.expires_at))


def _shown(filters: Iterable[Filter], now: int) -> list[Filter]:
    """Return filters without single messages that are gone; 1 RRU for each that has not expired."""
    current = [_current(each, now) for each in filters]
    wanted = {one.message_id for each in current for one in each.messages}
    found = message_items.get_many(wanted) if wanted else {}
    there = {message_id for message_id, message in found.items() if message.is_live(now) and not message.hidden}
    return [
        msgspec.structs.replace(each, messages=tuple(one for one in each.messages if one.message_id in there))
        for each in current
    ]


def _replaced(filters: Iterable[Filter], new: Filter) -> list[Filter]:
    return [new if each.id == new.id else each for each in filters]


def _by_id(filters: Iterable[Filter], filter_id: str) -> Filter:
    found = next((each for each in filters if str(each.id) == filter_id), None)
    if found is None:
        raise NotFound(_NO_FILTER)
    return found


def _by_keyword(filters: Iterable[Filter], keyword_id: str) -> Found:
    found = (Found(each, one) for each in filters for one in each.keywords if str(one.id) == keyword_id)
    if (first := next(found, None)) is None:
        raise NotFound(NO_KEYWORD)
    return first


def _by_message(filters: Iterable[Filter], entry_id: str) -> tuple[Filter, FilteredMessage]:
    found = ((each, one) for each in filters for one in each.messages if str(one.id) == entry_id)
    if (first := next(found, None)) is None:
        raise NotFound(_NO_ENTRY)
    return first
