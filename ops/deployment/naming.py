"""Names of resources in templates that take app and stage as parameters."""

from typing import Any

Template = dict[str, Any]
"""A template, or a part of one."""
PREFIX = "${App}-${Stage}"
"""Prefix of the names of a stage's resources, for `Fn::Sub`."""


def named(name: str) -> dict[str, str]:
    """Return the template's expression for the physical name `<app>-<stage>-<name>`."""
    return {"Fn::Sub": f"{PREFIX}-{name}"}


def named_worldwide(name: str) -> dict[str, str]:
    """Return the expression for a physical name that must differ between the regions of an account."""
    return {"Fn::Sub": f"{PREFIX}-${{AWS::Region}}-{name}"}
