"""Where a stage is deployed: the account, and what the data stack has made in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """Where it is deployed."""

    id: str
    region: str
    partition: str
    concurrency: int
    """How many functions may run at the same time, all together."""


@dataclass(frozen=True, slots=True)
class State:
    """What the data stack has made, by ARN."""

    messages_stream: str
    relationships_stream: str
    dead_letters: str
