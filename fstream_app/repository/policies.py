"""Policies for notifications: an edge `policy#` of a user, which every page reads; a user who has none pays nothing."""

from fstream_app.core import policies
from fstream_app.core.edges import EdgeKind, edge
from fstream_app.core.errors import Unauthenticated
from fstream_app.core.policies import OPEN, Policy
from fstream_app.repository import users, wire
from fstream_app.repository.transactions import Writes
from fstream_app.tables import EdgeItem, UserItem

_POLICY = str(EdgeItem.policy.attr_name)


def read(user_id: str) -> Policy:
    """Read a user's policy: key `user_id`, `policy#`, consistent; 1 RRU."""
    item = wire.get(EdgeItem, *_key(user_id), consistent=True)
    return policies.parse(wire.value(item, _POLICY) or "") if item else OPEN


class _Changed(Exception):
    """Another request has changed the policy since it was read."""


def put(user_id: str, before: Policy, policy: Policy) -> bool:
    """Replace a user's policy, which is `before`: key as above; 4 WRU, 1 in the index.

    The policy that accepts everything is not stored. One transaction with a check of the user, so that a user who is
    leaving gets no policy.

    Returns:
        Whether it was replaced; False if it has changed.

    Raises:
        Unauthenticated: the user is leaving or gone.
    """
    writes = Writes()
    gone = Unauthenticated("The access token is invalid")
    writes.check(UserItem, user_id, condition=users.present(), otherwise=gone)
    same = EdgeItem.edge.does_not_exist() if before == OPEN else EdgeItem.policy == policies.pack(before)
    if policy == OPEN:
        writes.delete(EdgeItem(*_key(user_id)), same, otherwise=_Changed)
    else:
        writes.save(EdgeItem(*_key(user_id), policy=policies.pack(policy)), same, otherwise=_Changed)
    try:
        writes.commit()
    except _Changed:
        return False
    return True


def _key(user_id: str) -> tuple[str, str]:
    return user_id, edge(EdgeKind.POLICY, user_id)
