"""Messages as HTML: text, remaining time, counts, and the name of the person whom a reply answers."""

from collections.abc import Iterable
from string import Template

from chalicelib import images, relative, rendering, times
from chalicelib.layout import Html, Markup, fill, joined
from chalicelib.words import linked, say
from fstream_app.core.entities import Message, Page, Reactions, User
from fstream_app.core.quoting import QuoteState
from fstream_app.messages import quoting

_ARTICLE = Markup("""<article class="message$here">
<svg class="water$hot" aria-hidden="true"><rect y="$sunk%" width="4" height="$share%"/></svg>
<img class="avatar" src="$avatar" alt="" width="44" height="44">
<div>
<header><b><a href="$root/@$name"><bdi>$display</bdi></a></b>
<span class="left$hot"><svg class="ring" viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7.5"/>\
<circle class="share" cx="10" cy="10" r="7.5" pathLength="100" stroke-dasharray="$share 100"/></svg>\
<time datetime="$expires" title="${message.gone_on}">$left</time></span>
<span class="by">@$name · <a href="$url"><time datetime="$posted" title="$posted_exactly">$ago</time></a>$edited</span>
</header>
$answered$content
$quoted$poll$counts</div>
</article>
""")
_TEXT = Template('<div class="text" dir="auto"$language>$text</div>')
_WARNING = Template('<p class="warning"><bdi>$warning</bdi></p>\n$text')
_FOLDED = Markup('<p class="fold"><a href="$address" rel="nofollow">${message.unfold}</a></p>')
_ANSWERED = Markup('<p class="re">${message.answers}</p>\n')
_POLL = Template('<ul class="poll">\n$options</ul>\n<p class="counts">$votes · $state</p>\n')
_OPTION = Template("<li><bdi>$title</bdi>$votes</li>\n")
_VOTES = Template(' <b>$share%</b><svg aria-hidden="true"><rect width="$share%" height="100%"/></svg>')
_EDITED = Markup(' · <time datetime="$edited" title="${message.edited_on}">${message.edited}</time>')
_QUOTED = Template("""<blockquote class="quoted"><p class="by"><a href="$url">@$name</a></p>
$content</blockquote>
""")
_NOT_QUOTED = Template('<p class="re">$why</p>\n')
_WHY = {
    QuoteState.REVOKED: "quote.revoked",
    QuoteState.DELETED: "quote.gone",
}
_BOOSTED = Markup('<p class="re boosted">${message.boosted}</p>\n$article')
_COUNTS = Template('<p class="counts">$counts</p>\n')
_LANGUAGE = Template(' lang="$language"')
_HOT_MILLISECONDS, _HOT_SHARE = 600_000, 10
"""A message is about to go when it has ten minutes or a tenth (per cent) of its lifetime left."""


def articles(page: Page, now: int) -> Html:
    """Render the messages of a page."""
    return joined(_article(message, page, now) for message in page.messages)


def _article(message: Message, page: Page, now: int) -> Html:
    """Render a message; a boost as its original, with the booster's name."""
    author = page.users[message.author_id]
    original = page.originals.get(message.boost_of) if message.boost_of else None
    if not isinstance(original, Message):
        return article(message, page, now)
    shown = article(original, page, now)
    return fill(_BOOSTED, name=author.name, article=shown)


def article(message: Message, page: Page, now: int, *, here: bool = False, unfolded: bool = False) -> Html:
    """Render a message. The text below a content warning is left out unless it is unfolded.

    It is not merely folded, because previews of links, reader views and text browsers show what is in a page.

    Args:
        message: the message.
        page: the page that has its author, and the message that it quotes.
        now: milliseconds.
        here: whether it is the message that the page is about.
        unfolded: whether the person has asked for the text below the content warning.
    """
    author, left = page.users[message.author_id], message.expires_at - now
    url = f"{relative.root()}/{place(message, author)}"
    share = max(1, min(100, left // (10 * message.lifetime)))  # per cent; ms per 1000 * s / 100
    hot = left <= _HOT_MILLISECONDS or share <= _HOT_SHARE
    return fill(
        _ARTICLE,
        here=" here" if here else "",
        hot=" hot" if hot else "",
        share=str(share),
        sunk=str(100 - share),
        avatar=avatar(author),
        name=author.name,
        display=author.display_name or author.name,
        url=url,
        posted=rendering.date(message.id.time),
        posted_exactly=times.exact(message.id.time),
        ago=times.ago(message.id.time, now),
        edited=_edited(message),
        expires=rendering.date(message.expires_at),
        expires_exactly=times.exact(message.expires_at),
        left=times.left(message.expires_at, now),
        answered=_answered(message),
        content=_content(message, url, unfolded=unfolded),
        poll=_poll(message, now) if unfolded or not message.spoiler else Html(),
        quoted=_quoted(message, page),
        counts=_counts(message, author, now),
    )


def avatar(user: User) -> str:
    """Return the address of a user's picture, relative to the page."""
    return relative.root() + images.avatar(user.id)


def place(message: Message, author: User) -> str:
    """Return the path of a message's page, without a slash at its beginning."""
    return f"@{author.name}/{message.id}"


def expiries(pages: Iterable[Page]) -> list[int]:
    """Return the expiry times of the pages' messages, and of those that they quote (ms)."""
    shown = [each for page in pages for each in (*page.messages, *page.originals.values())]
    return [each.expires_at for each in shown if isinstance(each, Message)]


def _content(message: Message, url: str, *, unfolded: bool) -> Html:
    if not message.spoiler:
        return _text(message)
    text = fill(_FOLDED, address=linked(f"{url}?unfold=true")) if message.text and not unfolded else _text(message)
    return fill(_WARNING, warning=message.spoiler, text=text)


def _text(message: Message) -> Html:
    if not message.text:
        return Html()
    language = fill(_LANGUAGE, language=message.language) if message.language else Html()
    return fill(_TEXT, language=language, text=Html(rendering.content(message, relative.root())))


def _poll(message: Message, now: int) -> Html:
    """Render a message's poll: its options, each with its share of the voters unless totals are hidden, and its end."""
    poll = message.poll
    if poll is None:
        return Html()
    ends_at = poll.ends_at(message.expires_at)
    shares = [round(100 * number / max(1, poll.voters)) for number in poll.votes]
    hidden = poll.hides_totals and now < ends_at
    options = (
        fill(_OPTION, title=title, votes=Html() if hidden else fill(_VOTES, share=str(share)))
        for title, share in zip(poll.options, shares, strict=True)
    )
    voters = say("poll.voters", n=poll.voters)
    state = times.left(ends_at, now) if now < ends_at else say("poll.ended")
    return fill(_POLL, options=joined(options), votes=voters, state=state)


def _edited(message: Message) -> Html:
    if message.edited_at is None:
        return Html()
    return fill(_EDITED, edited=rendering.date(message.edited_at), exactly=times.exact(message.edited_at))


def _answered(message: Message) -> Html:
    """Name the author of the answered message, if the reply mentions them: then the name needs no read."""
    if message.in_reply_to is None:
        return Html()
    answered = message.in_reply_to.author_id
    names = [mention.name for mention in message.mentions if mention.user_id == answered]
    return fill(_ANSWERED, name=names[0]) if names else Html()


def _quoted(message: Message, page: Page) -> Html:
    """Render the message that a message quotes, or why it is not shown."""
    if message.quote is None:
        return Html()
    state = quoting.state(message.quote, page.originals, page.reactions)
    quoted = page.originals.get(message.quote.of)
    if not state.is_shown or not isinstance(quoted, Message):
        return fill(_NOT_QUOTED, why=say(_WHY.get(state, "quote.hidden")))
    author = page.users[quoted.author_id]
    url = f"{relative.root()}/{place(quoted, author)}"
    return fill(_QUOTED, url=url, name=author.name, content=_content(quoted, url, unfolded=False))


def _counts(message: Message, author: User, now: int) -> Html:
    figures = {
        "count.replies": message.replies_count(now),
        "count.boosts": Reactions().boosts_count(message, author),
        "count.favourites": Reactions().favourites_count(message, author),
    }
    shown = " · ".join(say(key, n=figure) for key, figure in figures.items() if figure)
    return fill(_COUNTS, counts=shown) if shown else Html()
