"""Errors of the commands that operate a stage."""


class OperationError(Exception):
    """The command failed; the message says why, and what to do next."""
