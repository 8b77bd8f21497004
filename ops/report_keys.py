"""The keys of the copies of reported messages, in a SecureString parameter of Systems Manager.

The functions get the public key as a setting. The private key is only in the parameter, which no function may read. A
deploy only writes it, so people and workflows that deploy need not be able to open copies. Former keys remain in the
parameter's history, so copies that were sealed with them can be opened until they expire.
"""

from functools import cached_property
from typing import Any, Protocol

from fstream_app.core import sealing


class Session(Protocol):
    """A session of boto3."""

    def client(self, service_name: str, /) -> Any:  # noqa: ANN401  # boto3's clients have no types
        """Return a client of a service."""


class ReportKeys:
    """The keys of an instance."""

    def __init__(self, session: Session, prefix: str) -> None:
        """Use the parameter of the stage with the prefix `<app>-<stage>`."""
        self._session = session
        self.parameter = f"/{prefix}/report-key"

    def create(self) -> str:
        """Store a new private key, and return its public key."""
        keys = sealing.new_keys()
        self._client.put_parameter(
            Name=self.parameter,
            Value=keys.private,
            Type="SecureString",
            Overwrite=True,
            Description="FSTREAM: opens the copies of reported messages",
        )
        return keys.public

    def private(self) -> list[str]:
        """Return all private keys, the newest first; empty if none was stored."""
        pages = self._client.get_paginator("get_parameter_history")
        try:
            versions = [
                version
                for page in pages.paginate(Name=self.parameter, WithDecryption=True)
                for version in page["Parameters"]
            ]
        except self._client.exceptions.ParameterNotFound:
            return []
        newest_first = sorted(versions, key=lambda version: int(version["Version"]), reverse=True)
        return [str(version["Value"]) for version in newest_first]

    def delete(self) -> None:
        """Delete the parameter with its history. Idempotent."""
        try:
            self._client.delete_parameter(Name=self.parameter)
        except self._client.exceptions.ParameterNotFound:
            return

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401  # boto3's clients have no types
        return self._session.client("ssm")
