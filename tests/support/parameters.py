"""Systems Manager's parameters in memory: moto's take two seconds to load."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any


class Parameters:
    """A client of Systems Manager, with the calls that FSTREAM makes."""

    class exceptions:  # noqa: N801  # botocore's name
        ParameterNotFound = type("ParameterNotFound", (Exception,), {})

    def __init__(self) -> None:
        self.history: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def client(self, name: str) -> "Parameters":
        """Be a session, too."""
        assert name == "ssm"
        return self

    def put_parameter(self, *, Name: str, Value: str, Type: str, Overwrite: bool, Description: str) -> None:  # noqa: N803
        assert (Type, Overwrite) == ("SecureString", True)
        assert Description
        self.history[Name].append({"Version": len(self.history[Name]) + 1, "Value": Value})

    def get_paginator(self, operation: str) -> "Parameters":
        assert operation == "get_parameter_history"
        return self

    def paginate(self, *, Name: str, WithDecryption: bool) -> Iterator[dict[str, Any]]:  # noqa: N803
        """Yield pages of one version, the oldest first, as AWS does."""
        assert WithDecryption
        if not self.history[Name]:
            raise self.exceptions.ParameterNotFound
        yield from ({"Parameters": [version]} for version in self.history[Name])

    def delete_parameter(self, *, Name: str) -> None:  # noqa: N803
        if not self.history.pop(Name, None):
            raise self.exceptions.ParameterNotFound
