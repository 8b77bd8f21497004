"""/api/v1/trends and suggestions of accounts: what apps show under Explore."""

from typing import Literal

import msgspec
from chalice.app import Response

from chalicelib import entities, pages, rendering, shapes
from chalicelib.api import Access, Blueprint, Call
from chalicelib.tag_entities import Tag
from fstream_app.feed import suggestions, trends
from fstream_app.feed.suggestions import Source
from fstream_app.messages.paging import MAX_LIMIT
from fstream_app.people import tags

api = Blueprint(__name__)


class TrendingTags(msgspec.Struct, frozen=True):
    """The part of a list of trends."""

    limit: shapes.Limit = 10
    """Maximum number of results: 1 to 40. Larger values count as 40."""
    offset: shapes.Number = 0
    """Number of results to skip."""


class TrendingStatuses(TrendingTags, frozen=True):
    """The part of a list of trends."""

    limit: shapes.Limit = trends.MOST


class Suggestions(msgspec.Struct, frozen=True):
    """How many accounts to suggest."""

    limit: shapes.Limit = MAX_LIMIT
    """Maximum number of results: 1 to 40. Larger values count as 40."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """An account that the user might follow."""

    source: Literal["past_interactions", "global"]
    """The first of `sources`, as older clients know it."""
    sources: tuple[Literal["friends_of_friends", "most_interactions"], ...]
    """`friends_of_friends`: accounts that the user follows follow it. `most_interactions`: it has posted lately."""
    account: entities.Account


_OLDER_SOURCES: dict[Source, Literal["past_interactions", "global"]] = {
    Source.FRIENDS_OF_FRIENDS: "past_interactions",
    Source.ACTIVE: "global",
}
_SOURCES: dict[Source, Literal["friends_of_friends", "most_interactions"]] = {
    Source.FRIENDS_OF_FRIENDS: "friends_of_friends",
    Source.ACTIVE: "most_interactions",
}


@api.declare("GET", "/api/v1/trends/tags", access=Access.READER, parameters=TrendingTags)
def trending_tags(call: Call[TrendingTags]) -> list[Tag]:
    """List hashtags that several accounts have used in public messages of the last day."""
    return _trending_tags(call)


@api.declare("GET", "/api/v1/trends", access=Access.READER, parameters=TrendingTags)
def trending(call: Call[TrendingTags]) -> list[Tag]:
    """List trending hashtags, under their older address."""
    return _trending_tags(call)


def _trending_tags(call: Call[TrendingTags]) -> list[Tag]:
    part = pages.by_offset(call.parameters.limit, call.parameters.offset)
    found = trends.tags(call.reader_id, call.now)[part]
    standing = tags.standing(call.reader_id if found else None)
    return [rendering.tag(name, history, standing) for name, history in found]


@api.declare(
    "GET",
    "/api/v1/trends/statuses",
    access=Access.READER,
    parameters=TrendingStatuses,
    answer=list[entities.Status],
)
def trending_statuses(call: Call[TrendingStatuses]) -> Response:
    """List public messages of the last day, those with most favourites first."""
    part = pages.by_offset(call.parameters.limit, call.parameters.offset)
    page = trends.statuses(call.reader_id, call.now)
    return Response(rendering.statuses(msgspec.structs.replace(page, messages=page.messages[part]), call.now))


@api.declare("GET", "/api/v2/suggestions", scope="read:accounts", parameters=Suggestions)
def suggest(call: Call[Suggestions]) -> list[Suggestion]:
    """List accounts that the user might follow."""
    found = _suggestions(call)
    shown = rendering.accounts([each.user for each in found], call.now)
    return [
        Suggestion(source=_OLDER_SOURCES[each.source], sources=(_SOURCES[each.source],), account=account)
        for each, account in zip(found, shown, strict=True)
    ]


@api.declare("GET", "/api/v1/suggestions", scope="read:accounts", parameters=Suggestions)
def suggest_accounts(call: Call[Suggestions]) -> list[entities.Account]:
    """List accounts that the user might follow, without the reasons."""
    return rendering.accounts([each.user for each in _suggestions(call)], call.now)


def _suggestions(call: Call[Suggestions]) -> list[suggestions.Suggestion]:
    return suggestions.of(call.user_id, pages.by_offset(call.parameters.limit, 0).stop, call.now)


@api.declare("DELETE", "/api/v1/suggestions/{id}", scope="read:accounts")
def dismiss(call: Call[msgspec.Struct]) -> entities.Empty:
    """Do not suggest an account for thirty days."""
    suggestions.dismiss(call.user_id, call.path["id"], call.now)
    return entities.Empty()
