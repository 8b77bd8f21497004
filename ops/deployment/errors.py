"""What goes wrong in a deployment."""


class DeploymentError(Exception):
    """The deployment stops here; the message says why, and what to do next."""
