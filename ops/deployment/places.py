"""Where a stage is deployed: the account, and the resources that the data stack has created in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account and region."""

    id: str
    region: str
    partition: str
    concurrency: int
    """Maximum number of concurrent functions in the account."""


@dataclass(frozen=True, slots=True)
class State:
    """ARNs of resources in the data stack."""

    messages_stream: str
    relationships_stream: str
    reactions_stream: str
    dead_letters: str
