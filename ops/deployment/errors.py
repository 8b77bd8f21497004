"""Errors of a deployment."""


class DeploymentError(Exception):
    """The deployment cannot continue; the message says why, and what to do next."""
