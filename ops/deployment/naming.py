"""Names in templates whose stage is a parameter."""

from typing import Any

Template = dict[str, Any]
"""A template, or a part of one."""
PREFIX = "${App}-${Stage}"
"""How the names of all that belongs to a stage begin, for `Fn::Sub`."""


def named(name: str) -> dict[str, str]:
    """Return a physical name: `<app>-<stage>-<name>`."""
    return {"Fn::Sub": f"{PREFIX}-{name}"}
