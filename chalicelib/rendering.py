"""Rendering the domain's users and messages as the client API's accounts and statuses."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec

from chalicelib import entities, images, quote_rendering
from chalicelib.entities import Account, CredentialAccount, MutedAccount, Relationship, Status
from chalicelib.filter_entities import AppliedFilter, FilterResult
from chalicelib.poll_rendering import poll
from chalicelib.tag_entities import FeaturedTag, Tag, TagDay
from fstream_app import text
from fstream_app.core import settings, tagging
from fstream_app.core.entities import Mention, Message, Page, Reactions, User
from fstream_app.core.filters import Filter, FilterContext, Match
from fstream_app.core.lists import ENDORSED
from fstream_app.core.packing import Activity
from fstream_app.core.quoting import Quote
from fstream_app.core.relations import Relations
from fstream_app.feed import featured, hashtags, tail
from fstream_app.messages import quoting
from fstream_app.messages.filtering import Matcher
from fstream_app.messages.notifications import NotificationPage
from fstream_app.people.tags import NO_STANDING, Standing


def date(milliseconds: int) -> str:
    """Format a time as the client API does: UTC with milliseconds."""
    seconds, thousandths = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{thousandths:03}Z"


@lru_cache(maxsize=4096)  # pages repeat the times of accounts
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _date_or_none(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else date(milliseconds)


def base_url() -> str:
    """Return the origin of all links."""
    return settings.get().base_url


def visibility(value: int) -> entities.Visibility:
    """Return the client API's name of a visibility."""
    names: tuple[entities.Visibility, ...] = ("public", "unlisted", "private", "direct")
    return names[value]


def account(user: User, active: Activity) -> Account:
    """Render a user."""
    return Account(**_account(user, active))


def own_account(user: User, active: Activity, requests: int) -> CredentialAccount:
    """Render the user's own account, with the number of requests to follow it."""
    source = entities.Source(
        privacy=visibility(user.default_visibility),
        sensitive=user.default_sensitive,
        language=user.default_language,
        quote_policy=user.default_quote_policy.value,
        note=user.note,
        expires_in=user.default_lifetime,
        expires_in_by_visibility=entities.DefaultLifetimes(
            public=user.public_lifetime,
            unlisted=user.unlisted_lifetime,
            private=user.private_lifetime,
            direct=user.direct_lifetime,
        ),
        lifetime_in_text=user.lifetime_in_text,
        private_counts=user.private_counts,
        thread_ends_together=user.ends_threads,
        discoverable=user.discoverable,
        hide_collections=user.hide_collections,
        follow_requests_count=requests,
        fields=tuple(entities.Field(name=field.name, value=field.value) for field in user.fields),
    )
    return CredentialAccount(**_account(user, active), source=source)


def preferences(user: User) -> entities.Preferences:
    """Render the user's preferences."""
    return entities.Preferences(
        posting_default_visibility=visibility(user.default_visibility),
        posting_default_sensitive=user.default_sensitive,
        posting_default_language=user.default_language or settings.get().language,
        posting_default_quote_policy=user.default_quote_policy.value,
        posting_default_expires_in=user.lifetime_of(user.default_visibility),
    )


def note(user: User, root: str = "") -> str:
    """Render a user's note as HTML; its links begin with `root`, or else with the origin."""
    if not user.note:
        return ""
    base = root or base_url()
    return text.to_html(user.note, base_url=base, mentions=user.note_mentions, host=settings.get().host)


def fields(user: User, root: str = "") -> tuple[entities.Field, ...]:
    """Render a profile's fields: names as they are, values as a line of HTML, with links as those of `note`."""
    if not user.fields:
        return ()
    host, base = settings.get().host, root or base_url()
    return tuple(
        entities.Field(
            name=field.name,
            value=text.line_to_html(field.value, base_url=base, mentions=user.field_mentions, host=host),
        )
        for field in user.fields
    )


def content(message: Message, root: str = "") -> str:
    """Render a message's text as HTML, with links as those of `note`."""
    names = {mention.name: mention.user_id for mention in message.mentions}
    return text.to_html(message.text, base_url=root or base_url(), mentions=names, host=settings.get().host)


def _account(user: User, active: Activity) -> dict[str, Any]:
    base = base_url()
    page = f"{base}/@{user.name}"
    avatar, header = base + images.avatar(user.id), base + images.header(user.id)
    return {
        "id": user.id,
        "username": user.name,
        "acct": user.name,
        "display_name": user.display_name,
        "locked": user.locked,
        "bot": user.bot,
        "discoverable": user.discoverable,
        "hide_collections": user.hide_collections,
        "created_at": date(user.created_at),
        "note": note(user),
        "fields": fields(user),
        "url": page,
        "uri": page,
        "avatar": avatar,
        "avatar_static": avatar,
        "header": header,
        "header_static": header,
        "followers_count": user.followers_count,
        "following_count": user.following_count,
        "statuses_count": active.messages,
        "last_status_at": None if active.last is None else date(active.last)[:10],
    }


def _active(user: User, now: int) -> Activity:
    return tail.shared().activity(user.id, now, user.cleared_until)


def accounts(users: list[User], now: int) -> list[Account]:
    """Render users in a list; activity counts only the messages in this function's memory."""
    return [account(user, _active(user, now)) for user in users]


def muted_accounts(users: list[User], until: Mapping[str, int], now: int) -> list[MutedAccount]:
    """Render users in a list of mutes; `until` are the times (ms) at which timed mutes end."""
    return [
        MutedAccount(**_account(user, _active(user, now)), mute_expires_at=_date_or_none(until.get(user.id)))
        for user in users
    ]


def statuses(page: Page, now: int, *, with_text: bool = False) -> list[Status]:
    """Render the messages of a page; with their texts as typed only in an export of the author's own."""
    matcher = Matcher(page.filters, now)
    return [shown_on(each, page, now, matcher, with_text=with_text) for each in page.messages]


def shown_on(
    message: Message,
    page: Page | NotificationPage,
    now: int,
    matcher: Matcher,
    *,
    with_text: bool = False,
    shallow: bool = False,
) -> Status:
    """Render a message with what it boosts or quotes, which the page has."""
    author = page.users[message.author_id]
    original = page.originals.get(message.boost_of) if message.boost_of else None
    if isinstance(original, Message):
        return _boost(message, author, shown_on(original, page, now, matcher), now)
    rendered = status(message, author, page.reactions, now, matcher, with_text=with_text)
    if message.quote is None:
        return rendered
    return _with_quote(rendered, message.quote, page, now, matcher, shallow=shallow)


def _with_quote(
    rendered: Status, quote: Quote, page: Page | NotificationPage, now: int, matcher: Matcher, *, shallow: bool
) -> Status:
    """Add what a status quotes, in a quoted status (`shallow`) its id only; and a link for old clients."""
    state, quoted = quoting.state(quote, page.originals, page.reactions), page.originals.get(quote.of)
    shown = quoted if state.is_shown and isinstance(quoted, Message) else None
    if shallow:
        made = entities.Quote(state=state.value, quoted_status_id=str(shown.id) if shown else None)
        return msgspec.structs.replace(rendered, quote=made)
    inner = shown_on(shown, page, now, matcher, shallow=True) if shown else None
    content = quote_rendering.with_link(rendered.content, inner.url) if inner else rendered.content
    made = entities.Quote(state=state.value, quoted_status=inner)
    return msgspec.structs.replace(rendered, content=content, quote=made)


def _boost(message: Message, booster: User, original: Status, now: int) -> Status:
    """Render a boost: without text, and with the other fields of its original, because clients look in both."""
    return msgspec.structs.replace(
        original,
        id=str(message.id),
        created_at=date(message.id.time),
        account=accounts([booster], now)[0],
        visibility=visibility(message.visibility),
        content="",
        spoiler_text="",
        in_reply_to_id=None,
        in_reply_to_account_id=None,
        application=None,
        pinned=False,
        reblog=original,
    )


def status(
    message: Message, author: User, own: Reactions, now: int, matcher: Matcher | None = None, *, with_text: bool = False
) -> Status:
    """Render a message; with its text as typed only for its author. The reader's own need no matcher."""
    return Status(
        id=str(message.id),
        created_at=date(message.id.time),
        in_reply_to_id=str(answered) if (answered := message.answers(now)) else None,
        in_reply_to_account_id=answered.author_id if answered else None,
        sensitive=message.sensitive,
        spoiler_text=message.spoiler,
        visibility=visibility(message.visibility),
        language=message.language or settings.get().language,
        uri=(url := f"{base_url()}/@{author.name}/{message.id}"),
        url=url,
        replies_count=message.replies_count(now),
        reblogs_count=own.boosts_count(message, author),
        favourites_count=own.favourites_count(message, author),
        quotes_count=message.quotes_count(now),
        edited_at=_date_or_none(message.edited_at),
        favourited=message.id in own.favourites,
        reblogged=message.id in own.boosts,
        bookmarked=message.id in own.bookmarks,
        muted=message.root in own.muted,
        pinned=message.pinned and message.author_id == own.reader_id,
        content=content(message),
        text=message.text if with_text else None,
        filtered=_filtered(message, matcher),
        application=_posted_with(message),
        account=accounts([author], now)[0],
        mentions=tuple(map(_mention, message.mentions)),
        tags=tuple(entities.StatusTag(name=name, url=tag_url(name)) for name in message.tags),
        poll=poll(message, own, now, date),
        quote_approval=quote_rendering.approval(message, own),
        pleroma=entities.Pleroma(expires_at=date(message.expires_at), thread_ends_together=message.thread_lifetime > 0),
    )


def _mention(each: Mention) -> entities.Mention:
    return entities.Mention(id=each.user_id, username=each.name, acct=each.name, url=f"{base_url()}/@{each.name}")


def _filtered(message: Message, matcher: Matcher | None) -> tuple[FilterResult, ...]:
    return tuple(_filter_result(match, message) for match in matcher.matches(message)) if matcher else ()


def _filter_result(match: Match, message: Message) -> FilterResult:
    return FilterResult(
        filter=applied_filter(match.filter),
        keyword_matches=None if match.keyword is None else (match.keyword,),
        status_matches=(str(message.id),) if match.is_single else None,
    )


def applied_filter(made: Filter) -> AppliedFilter:
    """Render a filter without its keywords and messages."""
    return AppliedFilter(
        id=str(made.id),
        title=made.title,
        context=tuple(context.value for context in FilterContext if context in made.contexts),
        expires_at=_date_or_none(made.expires_at),
        filter_action=made.action.value,
    )


def _posted_with(message: Message) -> entities.StatusApplication | None:
    if message.application is None:
        return None
    return entities.StatusApplication(name=message.application, website=message.application_website)


def tag(name: str, history: Sequence[hashtags.Day], standing: Standing = NO_STANDING) -> Tag:
    """Render a hashtag with its use by day, and with what it is to the user."""
    return Tag(
        id=tagging.id_of(name),
        name=name,
        url=tag_url(name),
        history=tuple(map(_day, history)),
        following=name in standing.followed,
        featuring=name in standing.featured,
    )


def featured_tag(use: featured.Use, user: User) -> FeaturedTag:
    """Render a hashtag that a user's profile features."""
    return FeaturedTag(
        id=tagging.id_of(use.name),
        name=use.name,
        url=f"{base_url()}/@{user.name}/tagged/{quote(use.name)}",
        statuses_count=str(use.messages),
        last_status_at=None if use.last is None else date(use.last)[:10],
    )


def _day(day: hashtags.Day) -> TagDay:
    return TagDay(day=str(day.start), uses=str(day.uses), accounts=str(day.people))


def tag_url(name: str) -> str:
    """Return the URL of a hashtag's page."""
    return f"{base_url()}/tags/{quote(name)}"


def relationship(other_id: str, relations: Relations) -> Relationship:
    """Render the relationship between the user and another account."""
    following, requested = other_id in relations.following, other_id in relations.requested
    options = relations.options(other_id)
    return Relationship(
        id=other_id,
        following=following,
        showing_reblogs=(following or requested) and options.shows_boosts,
        notifying=(following or requested) and options.notifies_from is not None,
        languages=options.languages or None,
        followed_by=other_id in relations.followed_by,
        blocking=other_id in relations.blocking,
        blocked_by=other_id in relations.blocked_by,
        muting=other_id in relations.muting,
        muting_notifications=other_id in relations.muting_notifications,
        muting_expires_at=_date_or_none(relations.muted_until.get(other_id)),
        requested=requested,
        requested_by=other_id in relations.requested_by,
        endorsed=ENDORSED in relations.lists.get(other_id, ()),
        note=relations.notes.get(other_id, ""),
    )
