"""What can go wrong while one looks after a stage."""


class OperationError(Exception):
    """It could not be done; the message says why, and what to do next."""
