"""Counts that are exact although no request writes them.

A counter that every follow or favourite updates is a hot item: concurrent transactions on it cancel each other. So a
request writes only the *thing* that is counted (a follow, a favourite, a reply), in one write of its own. A stream
function then brings the counts up to date with `settle`: one update for all things of a batch that share a counter.

Two marks on each thing say what is left to do, whatever happened before:

| pending | ended | what it is                   | what `settle` does                              |
|---------|-------|------------------------------|-------------------------------------------------|
| yes     | no    | new                          | adds it to its counts and removes the mark      |
| no      | no    | counted                      | nothing                                         |
| no      | yes   | ended                        | subtracts it from its counts and deletes it     |
| yes     | yes   | ended before it was counted  | deletes it                                      |

A mark and the counts change in one transaction, on condition that the marks are still as they were read. The counts are
therefore exact when records are repeated, late, out of order or in parallel batches, and after any interruption.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from fstream_app.core.errors import Unavailable
from fstream_app.core.retry import attempts
from fstream_app.repository import batch, conditional
from fstream_app.repository.transactions import ACTIONS, Writes
from fstream_app.tables import CountedTable, CountingTable

logger = logging.getLogger(__name__)

Key = tuple[str, str]
"""The hash key and the range key of a thing."""


class Owner(NamedTuple):
    """The item that holds a count."""

    model: type[CountingTable]
    hash_key: str
    range_key: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """Its keys."""
        return self.hash_key, self.range_key

    def item(self) -> CountingTable:
        """Return the item, with its keys only."""
        return self.model(*self.key)


class Share(NamedTuple):
    """What a thing adds to a count: 1 to a number, or a member to a set."""

    owner: Owner
    attribute: str
    member: bytes | None = None
    limit: int = 0
    """The largest size of the set. Things beyond it are not counted."""


class Thing(NamedTuple):
    """Something that is counted, as it was read (consistently)."""

    item: CountedTable
    """The item, with its keys only."""
    key: Key
    pending: bool
    ended: bool
    shares: tuple[Share, ...]
    when_counted: tuple[Action, ...] = ()
    """Further changes to the thing, made when it is counted."""
    also: Condition | None = None
    """A further condition that it is still as it was read."""

    @property
    def unchanged(self) -> Condition:
        """The condition that its marks are still as they were read."""
        model = type(self.item)
        pending = model.pending.exists() if self.pending else model.pending.does_not_exist()
        ended = model.ended.exists() if self.ended else model.ended.does_not_exist()
        condition: Condition = pending & ended
        return condition if self.also is None else condition & self.also


Read = Callable[[Collection[Key]], Iterable[Thing]]
"""Reads the things with these keys that exist, consistently."""


class _Changed(Exception):
    """A thing changed since it was read."""


class _NotAdded(Exception):
    """The item with the count no longer exists, or its set is full."""

    def __init__(self, owner: Owner) -> None:
        super().__init__("not added")
        self.owner = owner


def settle(things: Iterable[Thing], read: Read) -> set[Key]:
    """Bring all counts up to date with these things. Repeats change nothing.

    WRU: 2 for each thing and 2 for each item with a count, per transaction of at most 100 items; 1 for a thing that
    ended before it was counted, or whose counts no longer exist. No RRU, unless things changed since they were read.

    Args:
        things: as they were just read.
        read: reads those again that have changed.

    Returns:
        The keys of the things to be tried again: they kept changing, or a transaction failed.
    """
    failed, lost = set[Key](), _Lost()
    for _ in attempts():
        left = set[Key]()
        for together in _transactions([thing for thing in things if thing.pending or thing.ended], lost):
            try:
                done = _commit(together, lost)
            except Exception as error:  # noqa: BLE001
                # The other transactions go on; these things are retried with their records.
                logger.warning("counting to be tried again: %s", type(error).__name__)
                failed |= {thing.key for thing in together}
            else:
                left |= set() if done else {thing.key for thing in together}
        if not left:
            return failed
        things = read(left)
    return failed | left


def start(item: CountedTable, resumed: Sequence[Action] = ()) -> bool:
    """Put a thing that is not counted yet, or resume one that has ended but is still stored. Idempotent.

    Its keys, absent or ended; 1 WRU, and what its indexes take. 1 WRU more if it is stored, and 1 RRU if it has not
    ended.

    Args:
        item: the thing.
        resumed: further changes to the thing if it is resumed.

    Returns:
        Whether the thing is new or resumed.

    Raises:
        Unavailable: the thing changed at every attempt.
    """
    model, absent = type(item), Path(item.key_names()[0]).does_not_exist()
    for _ in attempts():
        if conditional.put(item, absent):
            return True
        if conditional.update(item, [model.ended.remove(), *resumed], model.ended.exists()):
            return True
        if any(not stored.ended for stored in batch.get(model, [item.keys()], consistent=True)):
            return False
    raise Unavailable("Too many changes at once. Try again in a moment.")


def end(item: CountedTable, *more: Action) -> bool:
    """End a thing: its keys, present and not ended; 1 WRU, and what its indexes take. Idempotent.

    Args:
        item: the item, with its keys only.
        more: further changes to the thing, made when it ends.

    Returns:
        Whether the thing existed and had not ended.
    """
    model = type(item)
    lasting = Path(item.key_names()[0]).exists() & model.ended.does_not_exist()
    return conditional.update(item, [model.ended.set(True), *more], lasting)


class _Lost:
    """The counts that some things are not added to or subtracted from, because the transaction would fail."""

    def __init__(self) -> None:
        self._pairs: set[tuple[Key, Owner]] = set()
        self.crowded: set[Owner] = set()
        """Items with a set that has no room for all things of a transaction, so each is tried in its own."""

    def shares(self, thing: Thing) -> list[Share]:
        """Return the shares of a thing that can still be counted; none if it ended before it was counted."""
        if thing.pending and thing.ended:
            return []
        return [share for share in thing.shares if (thing.key, share.owner) not in self._pairs]

    def note(self, owner: Owner, together: Sequence[Thing]) -> None:
        """Note that the update of an item failed in the transaction of these things."""
        concerned = [thing for thing in together if any(share.owner == owner for share in thing.shares)]
        if len(concerned) > 1 and any(share.limit for thing in concerned for share in thing.shares):
            self.crowded.add(owner)
        else:
            self._pairs |= {(thing.key, owner) for thing in concerned}


def _transactions(unsettled: Sequence[Thing], lost: _Lost) -> Iterator[list[Thing]]:
    """Divide things into transactions, those that share a counter together as far as possible.

    A transaction has room for 100 items, and for each item once. It either adds or subtracts.
    """
    shares = [share for thing in unsettled for share in lost.shares(thing)]
    counters = Counter(share.owner for share in shares)
    crowded = lost.crowded | {share.owner for share in shares if share.limit and counters[share.owner] > share.limit}

    def place(thing: Thing) -> tuple[bool, int, str, Key]:
        hottest = max((share.owner for share in lost.shares(thing)), key=lambda each: counters[each], default=None)
        return (thing.ended, -counters[hottest] if hottest else 0, str(hottest and hottest.key), thing.key)

    together, keys, owners = list[Thing](), set[Key](), set[Owner]()
    for thing in sorted(unsettled, key=place):
        its = {share.owner for share in lost.shares(thing)}
        more = owners | its
        is_full = len(keys) + 1 + len(more) > ACTIONS
        meets = thing.key in {owner.key for owner in owners} or keys & {owner.key for owner in its}
        alone = not its or bool(its & crowded)
        if together and (is_full or meets or alone or together[-1].ended != thing.ended):
            yield together
            together, keys, more = [], set(), its
        together, keys, owners = [*together, thing], keys | {thing.key}, more
        if alone:
            yield together
            together, keys, owners = [], set(), set()
    if together:
        yield together


def _commit(together: Sequence[Thing], lost: _Lost) -> bool:
    """Settle things in one transaction; return False if they must be read again."""
    shares = [share for thing in together for share in lost.shares(thing)]
    if not shares:
        return _alone(*together)
    writes = Writes()
    for thing in together:
        if thing.ended:
            writes.delete(thing.item, thing.unchanged, otherwise=_Changed)
        else:
            writes.update(thing.item, _counted(thing), thing.unchanged, otherwise=_Changed)
    by_owner: dict[Owner, list[Share]] = defaultdict(list)
    for share in shares:
        by_owner[share.owner].append(share)
    for owner, theirs in by_owner.items():
        actions, condition = _sum(owner, theirs, ended=together[0].ended)
        writes.update(owner.item(), actions, condition, otherwise=_NotAdded(owner))
    failures = writes.attempt()
    for failure in failures:
        if isinstance(failure, _NotAdded):
            lost.note(failure.owner, together)
    return not failures


def _alone(thing: Thing) -> bool:
    if thing.ended:
        return conditional.delete(thing.item, thing.unchanged)
    return conditional.update(thing.item, _counted(thing), thing.unchanged)


def _counted(thing: Thing) -> list[Action]:
    return [type(thing.item).pending.remove(), *thing.when_counted]


def _sum(owner: Owner, shares: Sequence[Share], *, ended: bool) -> tuple[list[Action], Condition]:
    """Return the update of an item by all shares of its counts, and its condition."""
    actions: list[Action] = [owner.model.revision.add(1)]
    condition: Condition = Path(owner.model.key_names()[0]).exists()
    by_attribute: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        by_attribute[share.attribute].append(share)
    for name, theirs in by_attribute.items():
        attribute = getattr(owner.model, name)
        members = {share.member for share in theirs if share.member is not None}
        if not members:
            actions.append(attribute.add(-len(theirs) if ended else len(theirs)))
        elif ended:
            actions.append(attribute.delete(members))
        else:
            actions.append(attribute.add(members))
            room = size(attribute) <= theirs[0].limit - len(members)  # type: ignore[no-untyped-call]
            condition &= attribute.does_not_exist() | room
    return actions, condition
