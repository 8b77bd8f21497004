"""Recounts: counts that are corrected by what they count, while they change.

A count is compared with the things that are counted: those without the mark `pending`. It is corrected only if no
transaction has changed it since (`revision`), so the result is exact whatever happens meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain, islice
from typing import NamedTuple

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from fstream_app.core import packing
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.entities import Message, ReactionKind, Window
from fstream_app.core.errors import Unavailable
from fstream_app.core.retry import attempts
from fstream_app.repository import conditional, follows, messages, quotes, reactors, replies, timelines, wire
from fstream_app.repository.counting import Owner
from fstream_app.repository.follows import Follow
from fstream_app.repository.wire import WireItem
from fstream_app.tables import EdgeItem, MessageItem, UserItem

Counts = Mapping[str, int | frozenset[bytes]]
"""Attribute → count, or the members of a set."""
_MANY = 10_000
"""The largest thread whose replies are counted."""


def of_user(user_id: str, wait: Callable[[], None]) -> bool:
    """Correct the numbers of a user's followers and followed accounts; return whether one was wrong.

    1 RRU for the user, 1 per 136 edges, 1 per follower; twice, and 1 WRU, if one is wrong.

    Args:
        user_id: the user.
        wait: waits longer than an index lags behind its table. Called before a count is corrected.

    Raises:
        Unavailable: the counts changed at every attempt.
    """
    return _correct(Owner(UserItem, user_id), lambda _: _follows(user_id), wait)


def _follows(user_id: str) -> Counts:
    prefix = edge(EdgeKind.FOLLOW, "")
    own = wire.query(EdgeItem, user_id, range_key_condition=EdgeItem.edge.startswith(prefix), consistent_read=True)
    indexed = EdgeItem.by_edge.query(edge(EdgeKind.FOLLOW, user_id))
    found = follows.read(Follow(item.user_id, user_id) for item in indexed)
    return {
        "following_count": sum(str(EdgeItem.pending.attr_name) not in item for item in own),
        "followers_count": sum(not each.pending for each in found),
    }


def of_message(message: Message, now: int, wait: Callable[[], None]) -> bool:
    """Correct a message's numbers of favourites, boosts, replies and quotes, as `of_user`.

    1 RRU for the message, 1 per favourite and boost, 0.5 per 4 KB of its thread and quotes, 1 per reply and quote.
    """
    owner = Owner(MessageItem, *messages.key(message.id))
    return _correct(owner, partial(_reactions, message, now), wait)


def _reactions(message: Message, now: int, stored: WireItem) -> Counts:
    found = [each for each in reactors.to_message(message.id) if not each.pending]
    thread = timelines.thread(message.thread or message.id)
    # Of all ids, because clocks differ: a reply's may be below that of the message that it answers.
    in_thread = chain.from_iterable(timelines.thread_pages(thread, Window(oldest_first=True), now, most=_MANY))
    below = [reply_id for reply_id, ancestors in in_thread if packing.unpack_ids(ancestors)[-1:] == [message.id]]
    counted = [reply for reply in messages.get_many(below).values() if reply.is_counted and not reply.uncounted]
    left = [each for each in found if each.answered]
    shares = [each.brief for each in left if not each.is_quote] + [replies.brief(reply) for reply in counted]
    quoting = [each.brief for each in left if each.is_quote] + list(map(quotes.brief, _quotes(message, now)))
    return {
        "favourites_count": sum(each.kind is ReactionKind.FAVOURITE for each in found),
        "boosts_count": sum(each.kind is ReactionKind.BOOST for each in found),
        "lasting_replies": shares.count(None),
        "lasting_quotes": quoting.count(None),
        "brief_quotes": _brief(frozenset(wire.value(stored, "brief_quotes") or ()), filter(None, quoting), now),
        "brief_replies": _brief(frozenset(wire.value(stored, "brief_replies") or ()), filter(None, shares), now),
    }


def _quotes(message: Message, now: int) -> list[Message]:
    """Read the quotes that a message counts; 0.5 RRU per 4 KB of their view, 1 per quote."""
    pages = timelines.pages(timelines.quotes(message.id), Window(oldest_first=True), now)
    found = messages.get_many(list(islice(chain.from_iterable(pages), _MANY)))
    return [each for each in found.values() if each.is_counted_quote and not each.uncounted]


def _brief(stored: frozenset[bytes], shares: Iterable[bytes], now: int) -> frozenset[bytes]:
    """Return the members that a set of brief replies or quotes should have; what has expired makes it no less right.

    Args:
        stored: the members that it has.
        shares: those of all replies or quotes that are counted, also those that did not fit into the set.
        now: milliseconds.
    """
    is_live = partial(packing.is_live_in_log, now=now)
    live, right = set(filter(is_live, stored)), set(filter(is_live, shares))
    kept = live & right
    room = max(0, replies.MAX_BRIEF_REPLIES - len(kept))
    kept.update(sorted(right - kept)[:room])
    return stored if kept == live else frozenset(kept)


def _correct(owner: Owner, count: Callable[[WireItem], Counts], wait: Callable[[], None]) -> bool:
    for _ in attempts():
        found = _compare(owner, count)
        if not found.wrong:
            return False
        wait()
        if _compare(owner, count) != found:
            continue
        if conditional.update(owner.item(), _corrections(owner, found.wrong), _unchanged(owner, found.revision)):
            return True
    raise Unavailable("The counts changed at every attempt")


class _Compared(NamedTuple):
    revision: int | None
    wrong: Counts
    """The right values of those that are wrong."""


def _compare(owner: Owner, count: Callable[[WireItem], Counts]) -> _Compared:
    stored = wire.get(owner.model, owner.hash_key, owner.range_key, consistent=True)
    if stored is None:
        return _Compared(None, {})
    value = partial(wire.value, stored)
    revision = value("revision")  # read before the things that are counted
    wrong = {name: right for name, right in count(stored).items() if _stored(stored, name, right) != right}
    return _Compared(int(revision) if revision else None, wrong)


def _stored(stored: WireItem, name: str, right: int | frozenset[bytes]) -> int | frozenset[bytes]:
    value = wire.value(stored, name)
    return int(value or 0) if isinstance(right, int) else frozenset(value or ())


def _corrections(owner: Owner, right: Counts) -> list[Action]:
    actions: list[Action] = [owner.model.revision.add(1)]
    for name, value in right.items():
        attribute = getattr(owner.model, name)
        # DynamoDB has no empty sets.
        actions.append(attribute.set(value) if value != frozenset() else attribute.remove())
    return actions


def _unchanged(owner: Owner, revision: int | None) -> Condition:
    stored = owner.model.revision
    same: Condition = stored.does_not_exist() if revision is None else stored == revision
    condition: Condition = Path(owner.model.key_names()[0]).exists() & same
    return condition
