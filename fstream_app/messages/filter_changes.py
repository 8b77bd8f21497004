"""Changes of filters, and the rules that a filter must obey. Pure functions."""

import secrets
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from fstream_app.core import cleaning
from fstream_app.core.errors import Invalid, NotFound
from fstream_app.core.filters import Filter, FilterAction, FilterContext, Keyword
from fstream_app.text import limits

NO_KEYWORD = "Keyword not found"
MAX_KEYWORDS = 100
"""Limit of keywords per filter."""
MAX_TITLE, MAX_KEYWORD = 256, 256
"""Limits of characters."""
MAX_SECONDS = 10 * 365 * 86_400
"""The longest time after which a filter can expire."""
_MAX_ID = 2**32 - 1


class KeywordChange(msgspec.Struct, frozen=True):
    """A new keyword, or a change to the one with this id."""

    id: str | None = None
    text: str | None = None
    whole_word: bool | None = None
    """None: unchanged; in a new keyword, true."""
    destroy: bool = False


class Change(msgspec.Struct, frozen=True):
    """A new filter, or a change to one. None and UNSET keep what there is."""

    title: str | None = None
    contexts: Sequence[str] | None = None
    action: FilterAction | None = None
    lifetime: int | UnsetType | None = UNSET
    """Seconds until the filter expires; None or 0: never; if negative, it has expired."""
    keywords: Sequence[KeywordChange] = ()


def changed(filters: Iterable[Filter], old: Filter, change: Change, now: int) -> Filter:
    """Return a filter, one of a user's, as a change makes it."""
    contexts = old.contexts if change.contexts is None else _contexts(change.contexts)
    title = old.title if change.title is None else cleaning.one_line(change.title)
    new = msgspec.structs.replace(
        old,
        title=title,
        contexts=contexts,
        action=change.action or old.action,
        expires_at=old.expires_at if change.lifetime is UNSET else _expiry(change.lifetime, now),
        keywords=_keywords(filters, old.keywords, change.keywords),
    )
    _validate(new)
    return new


def _contexts(names: Iterable[str]) -> frozenset[FilterContext]:
    """Return the contexts with these names; none if one of them is unknown, which is refused like none at all."""
    try:
        return frozenset(map(FilterContext, names))
    except ValueError:
        return frozenset()


def _expiry(lifetime: int | None, now: int) -> int | None:
    """Return when a filter expires (ms): in the past if an app keeps the expiry of a filter that has expired."""
    if not lifetime:
        return None
    if abs(lifetime) > MAX_SECONDS:
        raise Invalid(f"A filter can expire at most {MAX_SECONDS} seconds from now (expires_in)", "expires_in")
    return now + 1000 * lifetime


def _keywords(
    filters: Iterable[Filter], old: Sequence[Keyword], changes: Iterable[KeywordChange]
) -> tuple[Keyword, ...]:
    """Return changed keywords in their order, with new ones at the end."""
    kept = {str(each.id): each for each in old}
    used = {one.id for each in filters for one in each.keywords}
    for change in changes:
        if change.id:
            if change.id not in kept:
                raise NotFound(NO_KEYWORD)
            if change.destroy:
                del kept[change.id]
            else:
                kept[change.id] = _keyword(kept[change.id], change)
        elif not change.destroy:
            new = _keyword(Keyword(new_id(filters, used), "", whole_word=True), change)
            used.add(new.id)
            kept[str(new.id)] = new
    return tuple(kept.values())


def _keyword(old: Keyword, change: KeywordChange) -> Keyword:
    text = old.text if change.text is None else cleaning.one_line(change.text)
    whole_word = old.whole_word if change.whole_word is None else change.whole_word
    return Keyword(old.id, text, whole_word)


def _validate(new: Filter) -> None:
    problems = [("title", "Title can't be blank")] if not new.title else []
    if not new.contexts:
        problems += [("context", "Context can't be blank"), ("context", "Context None or invalid context supplied")]
    if not all(each.text for each in new.keywords):
        problems.append(("keyword", "Keyword can't be blank"))
    if problems:
        said = ", ".join(problem for _, problem in problems)
        raise Invalid(f"Validation failed: {said}", problems[0][0], "ERR_BLANK")
    limits.check("Title", "title", MAX_TITLE, new.title)
    for each in new.keywords:
        limits.check("Keyword", "keyword", MAX_KEYWORD, each.text)
    if len(new.keywords) > MAX_KEYWORDS:
        raise Invalid(f"A filter can have at most {MAX_KEYWORDS} keywords", "keyword", "ERR_TOO_MANY")


def reach_of(each: Filter) -> tuple[object, ...]:
    """Return what applies to all keywords of a filter."""
    return each.contexts, each.action, each.expires_at


def new_id(filters: Iterable[Filter], more: Iterable[int] = ()) -> int:
    """Return an id that none of a user's filters, keywords and single messages has."""
    used = set(more)
    for each in filters:
        used |= {each.id, *(one.id for one in each.keywords), *(one.id for one in each.messages)}
    while (new := 1 + secrets.randbelow(_MAX_ID)) in used:
        pass
    return new
