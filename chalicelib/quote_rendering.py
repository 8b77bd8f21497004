"""Rendering quotes: who may quote a message, what a reader sees of a quoted one, and a link for older clients."""

from html import escape

from chalicelib.quote_entities import QuoteApproval
from fstream_app.core.entities import Message, Reactions
from fstream_app.core.quoting import QuotePolicy
from fstream_app.messages.quoting import may_quote


def approval(message: Message, known: Reactions) -> QuoteApproval:
    """Render who may quote a message, and whether its reader may."""
    policy = message.quote_policy
    return QuoteApproval(
        automatic=() if policy is QuotePolicy.NOBODY else (policy.value,),
        current_user="automatic" if may_quote(message, known.reader_id, known.relations.following) else "denied",
    )


def with_link(content: str, url: str) -> str:
    """Return a message's HTML with a link to the message that it quotes, unless it has one.

    For clients without quotes. Others recognise the link by its class and leave it out.
    """
    if f'href="{escape(url)}"' in content:
        return content
    return f'<p class="quote-inline">RE: <a href="{escape(url)}" rel="nofollow noopener">{escape(url)}</a></p>{content}'
