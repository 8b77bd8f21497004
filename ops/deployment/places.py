"""Where a stage is deployed: the account, and the resources that the data stack has created in it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account and region."""

    id: str
    region: str
    partition: str
    unreserved: int
    """Concurrency that no function in the account has reserved."""
    boundary: str = ""
    """ARN of the permissions boundary for roles; empty if the account has none."""


@dataclass(frozen=True, slots=True)
class State:
    """Resources in the data stack."""

    streams: Mapping[str, str]
    """Table (its base name) → ARN of its stream."""
    dead_letters: str
    """ARN of the queue for dead letters."""
    sockets: str = ""
    """Id of the WebSocket API; empty without live streaming."""
    live_queue: str = ""
    """URL of the queue of live events; empty without live streaming."""


@dataclass(frozen=True, slots=True)
class Front:
    """How requests come to the functions."""

    base_url: str
    """The instance's address."""
    secret: str
    """The secret that CloudFront adds to requests."""
    report_key: str
    """The public key of the copies of reported messages; empty if the stage keeps no copies and never has."""
